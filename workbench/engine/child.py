"""The engine: the child process that owns torch. Answers questions, then trains one run and ends."""

import contextlib
import logging
import os
import queue
import signal
import threading
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection

import torch

from workbench.core import build, checkpoint
from workbench.core.control import Control
from workbench.core.loop import train
from workbench.core.optimizers import build_optimizer
from workbench.core.progress import Cancelled
from workbench.engine import questions
from workbench.engine.messages import (
    Answer,
    Ask,
    Cancel,
    CancelQuestion,
    Pause,
    QuestionFailed,
    QuestionProgress,
    Quit,
    Ready,
    Report,
    Request,
    Resume,
    RunEvent,
    RunRefused,
    SaveCheckpoint,
    StartRun,
    Stop,
)
from workbench.errors import DataMissing, WorkbenchError
from workbench.folders import Folders
from workbench.runs.events import Progress
from workbench.runs.recorder import record
from workbench.runs.store import Run
from workbench.spec.experiment import first_experiment

_log = logging.getLogger(__name__)


def main(connection: "Connection[Report, Request]", folders: Folders) -> None:
    """Serve the owner at the other end of ``connection`` until it quits, is gone, or the run has ended.

    A run that goes on then is stopped and keeps everything; SIGTERM does the same.
    """
    child = _Child(connection, folders)
    signal.signal(signal.SIGTERM, lambda number, frame: child.end())
    child.serve()


class _Child:
    """The two threads of an engine: one reads requests, the main one works."""

    def __init__(self, connection: "Connection[Report, Request]", folders: Folders) -> None:
        self._connection = connection
        self._folders = folders
        self._work: queue.SimpleQueue[Ask | StartRun | Quit] = queue.SimpleQueue()
        self._control = Control()
        self._cancelled: set[int] = set()
        self._is_ending = False

    def serve(self) -> None:
        _warm_up()
        self._send(Ready(os.getpid(), str(torch.__version__)))
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        while True:
            match self._work.get():
                case Ask() as ask:
                    self._answer(ask)
                case StartRun() as start:
                    self._train(start)
                    return
                case Quit():
                    return

    def _listen(self) -> None:
        """Take requests as they come, also while the main thread works."""
        controls: dict[type, Callable[[], None]] = {
            Pause: self._control.pause,
            Resume: self._control.resume,
            Stop: self._control.stop,
            Cancel: self._control.cancel,
        }
        while True:
            try:
                request = self._connection.recv()
            except (EOFError, OSError):
                break
            match request:
                case Ask() | StartRun():
                    self._work.put(request)
                case CancelQuestion():
                    self._cancelled.add(request.ticket)
                case SaveCheckpoint():
                    self._control.save_copy(request.path)
                case Quit():
                    break
                case _:
                    controls[type(request)]()
        self.end()

    def end(self) -> None:
        """Give up what is being done, a run after its checkpoint."""
        self._is_ending = True
        self._control.stop()
        self._work.put(Quit())

    def _answer(self, ask: Ask) -> None:
        def progress(stage: str, done: int, total: int) -> None:
            if ask.ticket in self._cancelled or self._is_ending:
                raise Cancelled
            self._send(QuestionProgress(ask.ticket, stage, done, total))

        try:
            if ask.ticket in self._cancelled:
                raise Cancelled
            self._send(Answer(ask.ticket, questions.answer(ask.question, self._folders, progress)))
        except Cancelled:
            self._send(QuestionFailed(ask.ticket, ""))
        except WorkbenchError as error:
            self._send(QuestionFailed(ask.ticket, str(error), can_download=isinstance(error, DataMissing)))
        except Exception as error:
            _log.exception("question %s", ask)
            self._send(QuestionFailed(ask.ticket, _own_fault(error)))

    def _train(self, request: StartRun) -> None:
        run = Run(request.run_folder)
        try:
            start = checkpoint.load(request.start) if request.start else None
            events = train(
                request.experiment,
                run.checkpoints,
                self._folders,
                device_name=request.device,
                threads=request.threads,
                control=self._control,
                start=start,
                progress=self._tell_progress,
            )
            parent = str(request.start) if request.start and not run.record_file.exists() else ""
            for event in record(events, run, request.experiment, parent=parent, torch_version=str(torch.__version__)):
                self._send(RunEvent(event))
        except WorkbenchError as error:
            self._send(RunRefused(str(error), traceback.format_exc()))
        except Exception as error:
            details = f" {run.log_file} has the details." if run.log_file.exists() else ""
            self._send(RunRefused(_own_fault(error) + details, traceback.format_exc()))

    def _tell_progress(self, stage: str, done: int, total: int) -> None:
        self._send(RunEvent(Progress(stage, done, total)))

    def _send(self, report: Report) -> None:
        """Tell the owner; when it is gone the run is on its way to a checkpoint and goes there untold."""
        with contextlib.suppress(OSError):
            self._connection.send(report)


def _own_fault(error: Exception) -> str:
    """The sentence for what should not have happened; running out of memory is the likeliest such thing."""
    without_memory = ("not enough memory", "can't allocate memory")  # torch on Windows and elsewhere
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or any(words in str(error) for words in without_memory):
        return "There is not enough memory for this run: choose a smaller batch size or model."
    return f"The engine failed: {type(error).__name__}: {error}."


def _warm_up() -> None:
    """Take one training step of a small model, so that the first step of a run finds everything loaded."""
    experiment = first_experiment()
    info = experiment.dataset.info()
    assert info is not None
    model = build.build_model(experiment, info)
    optimizer = build_optimizer(experiment.optimizer, model)
    images = torch.zeros(2, *info.shape, dtype=torch.uint8).float()
    loss = build.build_objective(experiment.loss, info)(model(images), torch.zeros(2, dtype=torch.int64))
    loss.backward()
    optimizer.step()
    build.step_work(model, info, len(images))
