"""Events written down in a run's folder, one after the other, while they are passed on."""

import contextlib
import traceback
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime

from workbench import files
from workbench.errors import FileError, WorkbenchError
from workbench.runs.events import (
    BatchBlock,
    CheckpointKind,
    CheckpointSaved,
    EpochEnd,
    Event,
    Notice,
    Paused,
    Resumed,
    RunEnded,
    RunStarted,
    Status,
)
from workbench.runs.metrics import MetricsWriter
from workbench.runs.store import LIVE, Run, RunRecord, this_process, versions
from workbench.spec.experiment import Experiment


def record(
    events: Generator[Event, None, None], run: Run, experiment: Experiment, *, parent: str = "", torch_version: str = ""
) -> Iterator[Event]:
    """Pass ``events`` on, each after it is written down in ``run``.

    The folder is made at RunStarted: a run that cannot start leaves nothing. A cancelled run's folder is removed,
    but for a resumed run, which stays as its last checkpoint left it.

    Raises:
        WorkbenchError: the run cannot start or its folder cannot be written.
    """
    recorder = _Recorder(run, experiment, parent, torch_version)
    with contextlib.closing(events):
        try:
            for event in events:
                recorder.write(event)
                yield event
        except (GeneratorExit, KeyboardInterrupt):
            recorder.end_early(Status.INTERRUPTED, "The run was broken off. Resume goes on from its last checkpoint.")
            raise
        except BaseException as error:
            sentence = str(error) if isinstance(error, WorkbenchError) else f"{type(error).__name__}: {error}"
            recorder.end_early(Status.FAILED, sentence)
            raise


class _Recorder:
    """The state of a run's folder while its events come in."""

    def __init__(self, run: Run, experiment: Experiment, parent: str, torch_version: str) -> None:
        self._run = run
        self._experiment = experiment
        self._parent = parent
        self._torch_version = torch_version
        self._record: RunRecord | None = None
        self._kept: RunRecord | None = None
        """The record as of the start or the last checkpoint in the folder."""
        self._metrics: MetricsWriter | None = None
        self._is_resumed = run.record_file.exists()

    def write(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._start(event)
            case BatchBlock():
                if self._metrics:
                    self._metrics.write(event)
                self._update(save=False, epoch=event.epoch, step=event.last_step, seconds=float(event.seconds[-1]))
            case EpochEnd():
                if self._metrics:
                    self._metrics.write(event)
                figures = {"train_loss": event.train_loss, "val_loss": event.val_loss, **event.metrics}
                self._update(epoch=event.epoch, step=event.step, last=figures)
                self._log(f"epoch {event.epoch}: " + ", ".join(f"{key} {value:.6g}" for key, value in figures.items()))
            case CheckpointSaved():
                if event.kind is CheckpointKind.BEST and self._record:
                    self._update(best={"epoch": event.epoch, **self._record.last})
                if event.kind is not CheckpointKind.COPY:
                    self._kept = self._record
                self._log(f"step {event.step}: {event.kind} checkpoint {event.path.name}")
            case Paused():
                self._update(status=Status.PAUSED, step=event.step)
                self._log(f"step {event.step}: paused")
            case Resumed():
                self._update(status=Status.RUNNING)
                self._log(f"step {event.step}: resumed")
            case Notice():
                self._log(f"{event.message}\n{event.detail}")
            case RunEnded():
                self._end(event)

    def end_early(self, status: Status, message: str) -> None:
        """Close the books of a run that was broken off, if it had begun and has not ended."""
        if self._metrics is None:
            return
        with contextlib.suppress(WorkbenchError):
            self._log(traceback.format_exc())
            self._update(status=status, message=message, process=None, ended=datetime.now(UTC))
        with contextlib.suppress(WorkbenchError):
            self._close_metrics()

    def _start(self, event: RunStarted) -> None:
        before = self._run.read() if self._is_resumed else None
        if before and before.status in LIVE:
            raise FileError(f"{self._run.folder} is being trained at this moment: stop it there before you resume it.")
        started = {
            "title": before.title if before else event.title,
            "status": Status.RUNNING,
            "created": before.created if before else datetime.now(UTC),
            "parent": before.parent if before else self._parent,
            "device": event.device,
            "threads": event.threads,
            "parameters": event.parameters,
            "versions": versions(torch=self._torch_version),
            "process": this_process(),
            "epochs": event.epochs,
            "epoch": before.epoch if before else 0,
            "step": event.step,
            "seconds": before.seconds if before else 0.0,
            "last": before.last if before else {},
            "best": before.best if before else {},
        }
        record = RunRecord.model_validate(started)
        try:
            files.make_folder(self._run.checkpoints)
            self._metrics = MetricsWriter(self._run.metrics_file, after_step=event.step)
            self._run.create(self._experiment, record)
        except FileError:
            self._close_metrics()
            if before is None:
                self._run.discard()
            raise
        self._record = self._kept = record
        self._log(f"started at step {event.step} on {event.device} with {event.threads} threads")

    def _end(self, event: RunEnded) -> None:
        if event.status is not Status.CANCELLED:
            self._log(f"step {event.step}: {event.status} {event.message}")
            self._close_metrics()
            self._update(
                status=event.status,
                message=event.message,
                epoch=event.epoch,
                step=event.step,
                best=dict(event.best),
                process=None,
                ended=datetime.now(UTC),
            )
        elif not self._is_resumed:
            self._close_metrics()
            self._run.discard()
        elif self._kept is not None:
            self._log(f"step {event.step}: cancelled, back to step {self._kept.step}")
            if self._metrics:
                self._metrics.drop_after(self._kept.step)
            self._close_metrics()
            self._record = self._kept
            self._update(status=Status.STOPPED, process=None, ended=datetime.now(UTC))

    def _close_metrics(self) -> None:
        metrics, self._metrics = self._metrics, None
        if metrics:
            metrics.close()

    def _update(self, *, save: bool = True, **changes: object) -> None:
        if self._record is None:
            return
        self._record = self._record.model_copy(update=changes)
        if save:
            with contextlib.suppress(FileError):  # the user may have renamed the run meanwhile
                self._record = self._record.model_copy(update={"title": self._run.read().title})
            self._run.write(self._record)

    def _log(self, line: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        with contextlib.suppress(OSError), self._run.log_file.open("a", encoding="utf-8") as file:
            file.write(f"{now():%Y-%m-%d %H:%M:%S} {line.rstrip()}\n")
