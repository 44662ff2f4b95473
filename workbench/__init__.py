"""Workbench trains PyTorch models by clicking, and from the command line."""

import os

__version__ = "0.1.0"

# How often torch's threads look for work before they go to sleep; libgomp reads it when torch is imported. Its default of
# 300,000 makes a run with as many threads as cores many times slower as soon as another program wants one of the cores;
# sleeping at once makes two threads slower than one. `python -m tests.bench --calibrate` shows all three.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
