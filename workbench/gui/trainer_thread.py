"""The trainer: a QThread that owns an engine process, and tells the window what it reports."""

import itertools
import threading
from queue import SimpleQueue

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from workbench.engine.client import Engine, EngineDied
from workbench.engine.messages import (
    Answer,
    Ask,
    CancelQuestion,
    DescribeModel,
    DescribeTable,
    DrawSchedule,
    PreviewDataset,
    Question,
    QuestionFailed,
    QuestionProgress,
    Quit,
    Ready,
    Report,
    Request,
    RunEvent,
    RunRefused,
    StartRun,
    TryLoss,
)
from workbench.folders import Folders
from workbench.gui.jobs import Job
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


class TrainerThread(QThread):
    """Starts an engine, listens to it until it ends, and trains at most one run with it.

    The thread itself only waits for the engine's reports. They are handed to the GUI thread in their order, where the
    signals below are sent and every method is to be called.
    """

    ready = Signal()
    """The engine can answer and train without delay."""
    progressed = Signal(Progress)
    run_started = Signal(RunStarted)
    batches_trained = Signal(BatchBlock)
    """Every batch's loss, in blocks of about 33 ms."""
    epoch_ended = Signal(EpochEnd)
    """An epoch is trained and validated."""
    checkpoint_saved = Signal(CheckpointSaved)
    paused = Signal(Paused)
    resumed = Signal(Resumed)
    noticed = Signal(Notice)
    run_ended = Signal(RunEnded)
    run_refused = Signal(str)
    """The run could not start or was broken off; a sentence for the user."""
    engine_died = Signal(str)
    """The engine ended without having been asked to; how, in words."""

    _reported = Signal()

    def __init__(self, folders: Folders, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folders = folders
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._waiting: list[Request] = []
        self._tickets = itertools.count(1)
        self._jobs: dict[int, Job] = {}
        self._deferrable: set[int] = set()
        self._is_ending = False
        self._is_killed = False
        self.is_ready = False
        self._reports: SimpleQueue[Report | EngineDied] = SimpleQueue()
        self._reported.connect(self._take_next, Qt.ConnectionType.QueuedConnection)

    # Called in the GUI thread

    def ask(self, question: Question) -> Job:
        """Put ``question`` to the engine; the job succeeds with its answer. Fails when the engine dies."""
        ticket = next(self._tickets)
        job = Job(self, on_cancel=lambda: self.send(CancelQuestion(ticket)))
        self._jobs[ticket] = job
        is_download = isinstance(question, PreviewDataset) and question.may_download
        if is_download or isinstance(question, DescribeModel | DrawSchedule | TryLoss | DescribeTable):
            self._deferrable.add(ticket)
        self.send(Ask(ticket, question))
        return job

    def make_way(self) -> None:
        """Break off downloads and the questions that can be put again, so that a run can start."""
        for ticket in self._deferrable & self._jobs.keys():
            self._jobs[ticket].cancel()

    def train(self, request: StartRun) -> None:
        """Start the one run of this engine."""
        self.send(request)

    def send(self, request: Request) -> None:
        """Send ``request`` now, or as soon as the engine's process is there."""
        with self._lock:
            if self._engine is None:
                self._waiting.append(request)
            else:
                self._engine.send(request)

    @property
    def engine_process(self) -> int | None:
        """The process id of the engine; None before it is there."""
        return self._engine.process_id if self._engine else None

    def end(self) -> None:
        """Let the engine end by itself; a run that goes on is stopped and keeps everything."""
        self._is_ending = True
        self.send(Quit())

    def kill(self) -> None:
        """End the engine's process at once. The checkpoints on disk stay whole."""
        with self._lock:
            self._is_killed = True
            if self._engine is not None:
                self._engine.kill()

    # The thread itself

    def run(self) -> None:
        """Start the engine and pass its reports on until it ends."""
        engine = Engine(self._folders)
        with self._lock:
            self._engine = engine
            if self._is_killed:
                engine.kill()
            for request in self._waiting:
                engine.send(request)
            self._waiting.clear()
        while True:
            try:
                self._report(engine.receive())
            except EngineDied as death:
                self._report(death)
                break
        with self._lock:
            self._engine = None
        engine.close()

    def _report(self, report: Report | EngineDied) -> None:
        """Hand ``report`` to the GUI thread; not in the signal, for the reason ``jobs.Background`` gives."""
        self._reports.put(report)
        self._reported.emit()

    # Back in the GUI thread

    @Slot()
    def _take_next(self) -> None:
        """Take the oldest report; each has sent the signal once."""
        self._take(self._reports.get_nowait())

    def _take(self, report: Report | EngineDied) -> None:
        match report:
            case RunEvent(event):
                self._tell(event)
            case RunRefused(sentence):
                self._is_ending = True
                self.run_refused.emit(sentence)
            case Answer(ticket, value):
                if (job := self._jobs.pop(ticket, None)) is not None:
                    job.succeed(value)
            case QuestionFailed():
                self._fail(report)
            case QuestionProgress():
                if (job := self._jobs.get(report.ticket)) is not None:
                    job.progressed.emit(report.stage, report.done, report.total)
            case Ready():
                self.is_ready = True
                self.ready.emit()
            case EngineDied():
                for ticket in list(self._jobs):
                    self._fail(QuestionFailed(ticket, f"The engine ended {report}. Try again."))
                if not self._is_ending:
                    self.engine_died.emit(str(report))

    def _fail(self, report: QuestionFailed) -> None:
        job = self._jobs.pop(report.ticket, None)
        if job is not None:
            job.can_download = report.can_download
            job.fail(report.sentence)

    def _tell(self, event: Event) -> None:
        match event:
            case BatchBlock():
                self.batches_trained.emit(event)
            case EpochEnd():
                self.epoch_ended.emit(event)
            case CheckpointSaved():
                self.checkpoint_saved.emit(event)
            case RunStarted():
                self.run_started.emit(event)
            case Progress():
                self.progressed.emit(event)
            case Paused():
                self.paused.emit(event)
            case Resumed():
                self.resumed.emit(event)
            case Notice():
                self.noticed.emit(event)
            case RunEnded():
                self._is_ending = True
                self.run_ended.emit(event)
