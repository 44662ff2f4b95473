"""What the user sets for the program: kept in one file, never part of an experiment."""

from pathlib import Path
from typing import Literal

from workbench import files
from workbench.folders import Folders
from workbench.spec.component import Spec, parameter
from workbench.spec.yaml_io import build, dump_fields, read_document


class Settings(Spec):
    """The program's settings."""

    device: str = parameter(
        "auto",
        "Device",
        "Where runs are computed: auto takes the first GPU, or the CPU where there is none.",
        pattern=r"^(auto|cpu|mps|cuda(:[0-9]+)?)$",
    )
    threads: int = parameter(
        0, "Threads", "Processor threads of a run; 0 chooses by the size of the work.", ge=0, le=1024
    )
    workspace: str = parameter("", "Workspace", "The folder of runs; empty for the usual one.")
    theme: Literal["system", "light", "dark"] = parameter("system", "Theme", "Colours of the window.")

    def workspace_folder(self, folders: Folders) -> Path:
        """The folder of runs."""
        return Path(self.workspace).expanduser() if self.workspace else folders.workspace


def settings_file(folders: Folders) -> Path:
    """Where the settings are kept."""
    return folders.settings / "settings.yaml"


def load_settings(folders: Folders) -> Settings:
    """The user's settings; the defaults where none were saved.

    Raises:
        FileError, ExperimentError: the file is there and wrong; the message names the field.
    """
    path = settings_file(folders)
    return build(Settings, read_document(path)) if path.exists() else Settings()


def save_settings(settings: Settings, folders: Folders) -> None:
    """Keep ``settings``. Raises FileError."""
    files.make_folder(folders.settings)
    files.write_text(settings_file(folders), dump_fields(settings))
