"""The run store: a workspace is a folder, a run a self-contained folder in it."""

import contextlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pydantic
from pydantic import BaseModel, ConfigDict, Field

from workbench import files
from workbench.errors import FileError
from workbench.runs.events import CheckpointKind, Status
from workbench.spec.experiment import Experiment
from workbench.spec.yaml_io import load_experiment, save_experiment

LIVE = (Status.RUNNING, Status.PAUSED)


class RunRecord(BaseModel):
    """``run.json``: how a run stands and what it was made with. Replaced as a whole at every change."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="constants")

    title: str
    status: Status
    created: datetime
    ended: datetime | None = None
    message: str = ""
    parent: str = ""
    """The checkpoint a run of its own goes on from, where there is one."""
    device: str = ""
    threads: int = 0
    parameters: int = 0
    versions: Mapping[str, str] = Field(default_factory=dict)
    process: tuple[int, float] | None = None
    """Id and start time of the process that trains; None when none does."""
    epochs: int = 0
    """Epochs the run should reach."""
    epoch: int = 0
    """The epoch the run is in or ended in."""
    step: int = 0
    seconds: float = 0.0
    """Seconds of training and validation, pauses left out."""
    last: Mapping[str, float] = Field(default_factory=dict)
    """Figures of the last epoch."""
    best: Mapping[str, float] = Field(default_factory=dict)
    """``epoch`` and figures of the best epoch."""


@dataclass(frozen=True)
class Run:
    """A run's folder. Makes no file before ``create``."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def experiment_file(self) -> Path:
        return self.folder / "experiment.yaml"

    @property
    def record_file(self) -> Path:
        return self.folder / "run.json"

    @property
    def metrics_file(self) -> Path:
        return self.folder / "metrics.sqlite"

    @property
    def log_file(self) -> Path:
        return self.folder / "log.txt"

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    def checkpoint(self, kind: CheckpointKind) -> Path:
        """The path of the last or best checkpoint."""
        return self.checkpoints / f"{kind}.pt"

    def create(self, experiment: Experiment, record: RunRecord) -> None:
        """Make the folder with its experiment and record. Raises FileError."""
        files.make_folder(self.checkpoints)
        save_experiment(experiment, self.experiment_file)
        self.write(record)

    def write(self, record: RunRecord) -> None:
        """Replace the record. Raises FileError."""
        text = json.dumps(record.model_dump(mode="json"), indent=1, ensure_ascii=False)
        files.write_text(self.record_file, text + "\n")

    def read(self) -> RunRecord:
        """The record as it stands; a run whose process is gone without a word is ``interrupted``.

        Raises:
            FileError: the record is missing or damaged.
        """
        text = files.read_text(self.record_file)
        try:
            record = RunRecord.model_validate_json(text)
        except pydantic.ValidationError as error:
            raise FileError(f"{self.record_file} is damaged: restore it or delete the run's folder.") from error
        if record.status in LIVE and not _is_alive(record.process):
            message = "The program that trained this run ended without a word. Resume goes on from the last checkpoint."
            return record.model_copy(update={"status": Status.INTERRUPTED, "message": message, "process": None})
        return record

    def experiment(self) -> Experiment:
        """What the run trains. Raises FileError or ExperimentError."""
        return load_experiment(self.experiment_file, trainable=False)

    def rename(self, title: str) -> None:
        """Give the run another title; the folder keeps its name. Raises FileError."""
        self.write(self.read().model_copy(update={"title": title}))

    def discard(self) -> None:
        """Remove the folder for good, as far as the system allows."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def move_to_trash(self) -> None:
        """Move the folder to the system's trash. Raises FileError where that cannot be done."""
        from send2trash import send2trash

        try:
            send2trash(self.folder)
        except OSError as error:
            raise FileError(
                f"Cannot move {self.folder} to the trash: {files.reason(error)}. Delete the folder yourself."
            ) from error


@dataclass(frozen=True)
class Workspace:
    """The folder of runs."""

    root: Path

    @property
    def runs_folder(self) -> Path:
        return self.root / "runs"

    def new_run(self, title: str, now: datetime | None = None) -> Run:
        """A run with a folder name of its own: UTC time, title and a short random id. Makes no file."""
        time = (now or datetime.now(UTC)).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        slug = re.sub(r"[\W_]+", "-", title.lower()).strip("-")[:40].rstrip("-") or "run"
        return Run(self.runs_folder / f"{time}-{slug}-{secrets.token_hex(3)}")

    def runs(self) -> list[Run]:
        """Every run in the workspace, the newest first."""
        with contextlib.suppress(OSError):
            return [
                Run(Path(entry.path))
                for entry in sorted(os.scandir(self.runs_folder), key=lambda entry: entry.name, reverse=True)
                if entry.is_dir() and os.path.exists(os.path.join(entry.path, "run.json"))
            ]
        return []

    def find(self, name: str) -> Run:
        """The run that ``name`` means: its folder's path, its folder's name, or the end of that name.

        Raises:
            FileError: there is no such run, or several.
        """
        path = os.path.abspath(os.path.expanduser(name))
        if os.path.isfile(os.path.join(path, "run.json")):
            return Run(Path(path))
        found = [run for run in self.runs() if run.id == name] or [
            run for run in self.runs() if run.id.endswith(f"-{name}")
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise FileError(f"{name} means {len(found)} runs: give the whole name of the run's folder.")
        raise FileError(f"There is no run {name} in {self.root}: 'workbench runs' lists them.")


def this_process() -> tuple[int, float]:
    """What ``RunRecord.process`` holds for the calling process."""
    return os.getpid(), psutil.Process().create_time()


def _is_alive(process: tuple[int, float] | None) -> bool:
    if process is None:
        return False
    pid, started = process
    try:
        return (
            abs(psutil.Process(pid).create_time() - started) < 1
            and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        )
    except psutil.Error:
        return False


def versions(**others: str) -> dict[str, str]:
    """The versions a record holds: the program's, Python's, and ``others``."""
    import platform

    from workbench import __version__

    return {"workbench": __version__, "python": platform.python_version(), **others}
