"""What ``workbench check`` prints."""

import importlib.metadata
import os
import platform
import sys

from workbench import __version__
from workbench.core import device
from workbench.core.data import sources
from workbench.folders import Folders
from workbench.settings import Settings, settings_file
from workbench.spec.datasets import FashionMNIST

PACKAGES = ("torch", "torchvision", "numpy", "pydantic", "PySide6-Essentials", "pyqtgraph", "scikit-learn")


def facts(folders: Folders, settings: Settings) -> dict[str, str]:
    """Versions, devices and folders, in the order they are printed."""
    found = sources.find(FashionMNIST, folders)
    display = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or "none"
    return {
        "workbench": __version__,
        "Python": f"{platform.python_version()} ({sys.executable})",
        "system": platform.platform(),
        **{package: _version(package) for package in PACKAGES},
        "cores": str(device.cores()),
        "devices": "; ".join(f"{found.name} ({found.label})" for found in device.devices()),
        "device setting": settings.device,
        "display": display if sys.platform.startswith("linux") else "the system's",
        "settings": str(settings_file(folders)),
        "data": str(folders.data),
        "cache": str(folders.cache),
        "workspace": str(settings.workspace_folder(folders)),
        "Fashion-MNIST": str(next(iter(found.values())).parent) if found else "not on this computer",
    }


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "missing"
