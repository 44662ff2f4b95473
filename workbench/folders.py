"""Where settings, data, runs and the bundled files lie."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

HOME_VARIABLE = "WORKBENCH_HOME"
SYSTEM_DATASETS = (Path("/usr/share/datasets"), Path("/usr/local/share/datasets"))
"""Folders where systems install datasets, one sub-folder a dataset."""


@dataclass(frozen=True)
class Folders:
    """The user's folders. None is made before something is written to it."""

    settings: Path
    data: Path
    cache: Path
    workspace: Path
    system_datasets: tuple[Path, ...] = SYSTEM_DATASETS


def user_folders(environ: Mapping[str, str] = os.environ) -> Folders:
    """The folders of this user; ``WORKBENCH_HOME`` in ``environ`` moves them all into one place."""
    if home := environ.get(HOME_VARIABLE):
        root = Path(home).expanduser().absolute()
        return Folders(root / "settings", root / "data", root / "cache", root / "workspace")
    dirs = platformdirs.PlatformDirs("workbench", appauthor=False)
    return Folders(
        settings=Path(dirs.user_config_dir),
        data=Path(dirs.user_data_dir) / "data",
        cache=Path(dirs.user_cache_dir),
        workspace=Path(dirs.user_documents_dir) / "Workbench",
    )


def resources() -> Path:
    """The folder of bundled files: inside the installed package, or beside it in a source tree."""
    package = Path(__file__).resolve().parent
    installed = package / "resources"
    return installed if installed.is_dir() else package.parent / "resources"
