"""The run that the window trains: its states, from the press of Train to the last event."""

from enum import Enum, auto
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.engine.messages import Cancel, Pause, Resume, SaveCheckpoint, StartRun, Stop
from workbench.gui.engines import Engines
from workbench.gui.trainer_thread import TrainerThread
from workbench.runs.events import (
    BatchBlock,
    CheckpointSaved,
    EpochEnd,
    Event,
    Notice,
    Paused,
    Progress,
    Resumed,
    RunEnded,
    RunStarted,
)
from workbench.runs.store import Run
from workbench.spec.experiment import Experiment

GRACE = 15_000
"""Milliseconds an engine has to obey Stop or Cancel before it is killed."""


class State(Enum):
    """Where the window's run stands."""

    IDLE = auto()
    PREPARING = auto()
    RUNNING = auto()
    PAUSED = auto()
    ENDING = auto()


class Training(QObject):
    """At most one run at a time. Lives in the GUI thread."""

    state_changed = Signal(State)
    event_came = Signal(Run, object)
    """The run and its next event, of one of the types of ``runs.events``."""
    refused = Signal(str)
    """The run could not start or was broken off; a sentence for the user."""
    engine_died = Signal(Run, str)
    """The run's engine ended without a word; how, in words. The run can be resumed from its last checkpoint."""

    def __init__(self, engines: Engines, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engines = engines
        self._trainer: TrainerThread | None = None
        self.run: Run | None = None
        """The run that goes on, or the last one."""
        self.experiment: Experiment | None = None
        """What ``run`` trains."""
        self.state = State.IDLE
        self._grace = QTimer(self)
        self._grace.setSingleShot(True)
        self._grace.setInterval(GRACE)
        self._grace.timeout.connect(self._kill)

    @property
    def is_live(self) -> bool:
        """Whether a run goes on."""
        return self.state is not State.IDLE

    @property
    def engine_process(self) -> int | None:
        """The process id of the run's engine, where there is one."""
        return self._trainer.engine_process if self._trainer else None

    def start(
        self, experiment: Experiment, run: Run, device: str, threads: int, checkpoint: Path | None = None
    ) -> None:
        """Train ``experiment`` in ``run``, from ``checkpoint`` where given. Only while no run goes on."""
        assert not self.is_live
        self.run, self.experiment = run, experiment
        self._trainer = trainer = self._engines.take()
        trainer.progressed.connect(self._pass_on)
        trainer.run_started.connect(self._pass_on)
        trainer.batches_trained.connect(self._pass_on)
        trainer.epoch_ended.connect(self._pass_on)
        trainer.checkpoint_saved.connect(self._pass_on)
        trainer.paused.connect(self._pass_on)
        trainer.resumed.connect(self._pass_on)
        trainer.noticed.connect(self._pass_on)
        trainer.run_ended.connect(self._pass_on)
        trainer.run_refused.connect(self._note_refusal)
        trainer.engine_died.connect(self._note_death)
        trainer.train(StartRun(experiment, run.folder, device, threads, checkpoint))
        self._enter(State.PREPARING)

    @Slot()
    def pause_or_resume(self) -> None:
        """Hold the run still after the current batch, or go on."""
        if self._trainer and self.state is State.RUNNING:
            self._trainer.send(Pause())
        elif self._trainer and self.state is State.PAUSED:
            self._trainer.send(Resume())

    @Slot()
    def stop(self) -> None:
        """End the run after the current batch and keep everything."""
        self._end(Stop())

    @Slot()
    def cancel(self) -> None:
        """End the run after the current batch and keep nothing of it."""
        self._end(Cancel())

    def save_checkpoint(self, path: Path) -> None:
        """Write a checkpoint of the live run's current state to ``path``."""
        if self._trainer:
            self._trainer.send(SaveCheckpoint(path))

    def _end(self, request: Stop | Cancel) -> None:
        if self._trainer and self.is_live:
            self._trainer.send(request)
            self._grace.start()
            self._enter(State.ENDING)

    @Slot()
    def _kill(self) -> None:
        if self._trainer:
            self._trainer.kill()

    def _enter(self, state: State) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)

    @Slot(Progress)
    @Slot(RunStarted)
    @Slot(BatchBlock)
    @Slot(EpochEnd)
    @Slot(CheckpointSaved)
    @Slot(Paused)
    @Slot(Resumed)
    @Slot(Notice)
    @Slot(RunEnded)
    def _pass_on(self, event: Event) -> None:
        assert self.run is not None
        if isinstance(event, RunEnded):
            self._finish()
        elif self.state is not State.ENDING:
            match event:
                case RunStarted() | Resumed():
                    self._enter(State.RUNNING)
                case Paused():
                    self._enter(State.PAUSED)
        self.event_came.emit(self.run, event)

    @Slot(str)
    def _note_refusal(self, sentence: str) -> None:
        self._finish()
        self.refused.emit(sentence)

    @Slot(str)
    def _note_death(self, how: str) -> None:
        assert self.run is not None
        self._finish()
        self.engine_died.emit(self.run, how)

    def _finish(self) -> None:
        self._grace.stop()
        self._trainer = None
        self._enter(State.IDLE)
