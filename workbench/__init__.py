"""Workbench trains PyTorch models by clicking, and from the command line."""

import os

__version__ = "0.1.0"

# Read by torch when it is imported: its threads sleep while they wait for work. Spinning, their default, makes a run
# with as many threads as cores many times slower as soon as another program wants one of the cores.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
