"""Training from the command line: a progress bar or JSON lines, and an interrupt that keeps everything."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import torch
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from workbench.cli.json_lines import json_line
from workbench.core import checkpoint, loop
from workbench.core.checkpoint import Checkpoint
from workbench.core.control import Control
from workbench.errors import CheckpointError, WorkbenchError
from workbench.folders import Folders
from workbench.runs.events import BatchBlock, CheckpointKind, EpochEnd, Event, Notice, RunEnded, RunStarted, Status
from workbench.runs.figures import METRIC_NAMES, metric_text
from workbench.runs.recorder import record
from workbench.runs.store import LIVE, Run
from workbench.spec.experiment import Experiment
from workbench.spec.yaml_io import Document, experiment_from

INTERRUPTED = 130


class TrainingFailed(WorkbenchError):
    """The run started and could not be finished; the message says why and what to change."""


def train(
    experiment: Experiment,
    run: Run,
    folders: Folders,
    device: str,
    threads: int,
    *,
    as_json: bool,
    start: Checkpoint | None = None,
) -> int:
    """Train ``experiment`` in ``run`` and print how it goes; returns the exit code.

    Raises:
        WorkbenchError: the run cannot start or failed.
    """
    control = Control()
    output: _JsonLines | _ProgressBar = _JsonLines(run) if as_json else _ProgressBar(run)
    with _interrupts(control), output:
        events = loop.train(
            experiment,
            run.checkpoints,
            folders,
            device_name=device,
            threads=threads,
            control=control,
            start=start,
            progress=output.prepare,
        )
        ended = None
        for event in record(events, run, experiment, torch_version=str(torch.__version__)):
            output.show(event)
            ended = event if isinstance(event, RunEnded) else None
    assert ended is not None, "the last event of a run is RunEnded"
    if ended.status is Status.FAILED:
        raise TrainingFailed(ended.message)
    return 0 if ended.status is Status.FINISHED else INTERRUPTED


def resume(run: Run, folders: Folders, device: str, threads: int, epochs: int | None, *, as_json: bool) -> int:
    """Go on with ``run`` from its last checkpoint, up to ``epochs`` where given; returns the exit code.

    Raises:
        WorkbenchError: it is being trained, has no checkpoint, is finished, or fails.
    """
    if run.read().status in LIVE:
        raise WorkbenchError(f"{run.id} is being trained by another program: stop it there first.")
    path = run.checkpoint(CheckpointKind.LAST)
    if not path.exists():
        raise CheckpointError(f"{run.id} ended before its first checkpoint: train its experiment.yaml anew.")
    start = checkpoint.load(path)
    experiment = start.experiment if epochs is None else _with_epochs(start.experiment, epochs)
    done = start.position.epoch - 1
    if done >= experiment.training.epochs:
        raise CheckpointError(f"{run.id} has finished {done} epochs: --epochs {done + 1} or more trains it further.")
    return train(experiment, run, folders, device, threads, as_json=as_json, start=start)


def _with_epochs(experiment: Experiment, epochs: int) -> Experiment:
    """``experiment`` up to ``epochs``. Raises ExperimentError where that is out of range."""
    fields = experiment.model_dump()
    return experiment_from(Document("--epochs", {**fields, "training": {**fields["training"], "epochs": epochs}}))


@contextmanager
def _interrupts(control: Control) -> Iterator[None]:
    """Within the block, Ctrl-C and SIGTERM ask the run to stop; a second one ends the program at once."""

    def ask(number: int, frame: FrameType | None) -> None:
        if control.ending:
            raise KeyboardInterrupt
        control.stop()

    numbers = [signal.SIGINT, signal.SIGTERM]
    before = [signal.signal(number, ask) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


class _JsonLines:
    """One JSON object a line: notices, the epochs, and at last how the run ended."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def __enter__(self) -> "_JsonLines":
        return self

    def __exit__(self, *exception: object) -> None:
        sys.stdout.flush()

    def prepare(self, stage: str, done: int, total: int) -> None:
        """Preparation is not told."""

    def show(self, event: Event) -> None:
        match event:
            case EpochEnd():
                figures = {"train_loss": event.train_loss, "val_loss": event.val_loss, **event.metrics}
                self._print({"event": "epoch", "epoch": event.epoch, **figures, "seconds": event.seconds})
            case Notice():
                self._print({"event": "notice", "message": event.message, "detail": event.detail})
            case RunEnded():
                best = dict(event.best)
                self._print({"event": "finished", "run": str(self._run.folder), "best": best, "status": event.status})

    def _print(self, line: dict[str, object]) -> None:
        print(json_line(line), flush=True)


class _ProgressBar:
    """A progress bar where there is a terminal, a line an epoch, and where everything lies."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._console = Console(highlight=False)
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            disable=not self._console.is_interactive,
        )
        self._task = self._progress.add_task("Preparing", total=None, detail="")

    def __enter__(self) -> "_ProgressBar":
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def prepare(self, stage: str, done: int, total: int) -> None:
        self._progress.update(self._task, description=stage, completed=done, total=total or None)

    def show(self, event: Event) -> None:
        match event:
            case RunStarted():
                steps = event.epochs * event.batches_per_epoch
                self._print(
                    f"{event.title}: {event.train_samples:,} samples, {event.parameters:,} parameters, "
                    f"on {event.device}" + (f", from step {event.step:,}" if event.step else "")
                )
                self._progress.reset(self._task, description="Training", total=steps, completed=event.step, detail="")
            case BatchBlock():
                detail = f"epoch {event.epoch} · loss {event.losses[-1]:.4f}"
                self._progress.update(self._task, completed=event.last_step, detail=detail)
            case EpochEnd():
                self._print(_epoch_line(event))
            case Notice():
                self._print(event.message)
            case RunEnded():
                self._progress.stop()
                self._end(event)

    def _end(self, event: RunEnded) -> None:
        if event.status is Status.FAILED:
            return
        if event.status is Status.CANCELLED:
            self._print("Cancelled before training began.")
            return
        words = {Status.FINISHED: "Finished", Status.STOPPED: "Stopped; 'workbench resume' goes on from here"}
        self._print(words[event.status])
        if event.best:
            best = ", ".join(
                f"{_words(key)} {_figure(key, value)}" for key, value in event.best.items() if key != "epoch"
            )
            self._print(f"Best epoch:       {event.best['epoch']:.0f} ({best})")
        self._print(f"Run:              {self._run.folder}")
        for kind, name in ((CheckpointKind.BEST, "Best checkpoint:"), (CheckpointKind.LAST, "Last checkpoint:")):
            if (path := self._run.checkpoint(kind)).exists():
                self._print(f"{name}  {path}")

    def _print(self, text: str) -> None:
        self._progress.print(text, soft_wrap=True, markup=False)


def _epoch_line(event: EpochEnd) -> str:
    figures = {"train_loss": event.train_loss, "val_loss": event.val_loss, **event.metrics}
    words = " · ".join(f"{_words(key)} {_figure(key, value)}" for key, value in figures.items())
    return f"Epoch {event.epoch:3}: {words} · {event.seconds:.1f} s"


def _words(figure: str) -> str:
    """``val_accuracy`` as ``validation accuracy``."""
    if figure in METRIC_NAMES:
        return f"validation {METRIC_NAMES[figure]}"
    return {"train_loss": "training loss", "val_loss": "validation loss"}[figure]


def _figure(name: str, value: float) -> str:
    return metric_text(name, value) if name in METRIC_NAMES else f"{value:.4f}"
