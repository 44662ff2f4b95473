"""The runs of the workspace, read and changed on worker threads."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, SignalInstance

from workbench.errors import WorkbenchError
from workbench.gui.jobs import Background, Job
from workbench.runs.events import EpochEnd
from workbench.runs.metrics import BatchCurve, read_batches, read_epochs
from workbench.runs.store import Run, RunRecord, Workspace


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A run with its curves."""

    run: Run
    record: RunRecord
    batches: BatchCurve
    epochs: list[EpochEnd]


class History(QObject):
    """Reads runs without holding up the window. Lives in the GUI thread."""

    listed = Signal(object)
    """``list[tuple[Run, RunRecord]]``, the newest first."""
    updated = Signal(object)
    """``list[tuple[Run, RunRecord]]`` of the one run that was read again; empty where it is gone by now."""
    loaded = Signal(object)
    """``StoredRun`` that was asked for."""
    deleted = Signal(str)
    """The id of a run that is in the trash now."""
    failed = Signal(str)
    """A sentence for the user."""

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background

    def list_runs(self, workspace: Workspace) -> None:
        """Read the records of all runs; ``listed`` follows."""
        self._watch(self._background.run(lambda: _readable(workspace)), self.listed)

    def update(self, run: Run) -> None:
        """Read the record of ``run``; ``updated`` follows."""
        self._watch(self._background.run(lambda: _read_again(run)), self.updated)

    def load(self, run: Run) -> None:
        """Read the curves of ``run``; ``loaded`` follows."""
        self._watch(self._background.run(lambda: _stored(run)), self.loaded)

    def rename(self, run: Run, title: str) -> None:
        """Give ``run`` another title; ``updated`` follows."""

        def work() -> list[tuple[Run, RunRecord]]:
            run.rename(title)
            return _read_again(run)

        self._watch(self._background.run(work), self.updated)

    def delete(self, run: Run) -> None:
        """Move ``run`` to the trash; ``deleted`` follows."""

        def work() -> str:
            run.move_to_trash()
            return run.id

        self._watch(self._background.run(work), self.deleted)

    def _watch(self, job: Job, done: SignalInstance) -> None:
        job.succeeded.connect(done)
        job.failed.connect(self.failed)


def _readable(workspace: Workspace) -> list[tuple[Run, RunRecord]]:
    """Every run whose record can be read; a damaged one must not hide the others."""
    found = []
    for run in workspace.runs():
        try:
            found.append((run, run.read()))
        except WorkbenchError:
            continue
    return found


def _read_again(run: Run) -> list[tuple[Run, RunRecord]]:
    return [(run, run.read())] if run.folder.exists() else []


def _stored(run: Run) -> StoredRun:
    return StoredRun(run, run.read(), read_batches(run.metrics_file), read_epochs(run.metrics_file))
