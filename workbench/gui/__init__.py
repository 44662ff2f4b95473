"""The window. Importing this package chooses PySide6 before pyqtgraph and qtawesome look for a binding."""

import os

os.environ.setdefault("QT_API", "pyside6")

import PySide6  # noqa: F401
