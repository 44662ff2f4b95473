"""Workbench trains PyTorch models by clicking, and from the command line."""

import os

__version__ = "0.1.0"

# How often torch's threads look for work before they sleep; libgomp reads it when torch is imported. With its default,
# 300,000, a run on as many threads as cores becomes many times slower as soon as another program wants a core;
# with none, two threads are slower than one. `python -m tests.bench --calibrate` shows all three.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
