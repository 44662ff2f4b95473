"""The engines of the window: one is kept warm for questions and for the next run."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.engine.messages import Question
from workbench.folders import Folders
from workbench.gui.jobs import Job
from workbench.gui.trainer_thread import TrainerThread

_WARM_NEXT_AFTER = 3000
"""Milliseconds after a run took the warm engine: importing torch would slow its first steps down."""


class Engines(QObject):
    """Keeps a warm engine. Lives in the GUI thread."""

    ready = Signal()
    """The warm engine has become ready."""

    def __init__(self, folders: Folders, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folders = folders
        self._spare: TrainerThread | None = None
        self._threads: set[TrainerThread] = set()
        self._is_closing = False
        self._warm_later = QTimer(self)
        self._warm_later.setSingleShot(True)
        self._warm_later.setInterval(_WARM_NEXT_AFTER)
        self._warm_later.timeout.connect(self.warm)

    @Slot()
    def warm(self) -> None:
        """Start an engine where none waits."""
        if self._spare is None and not self._is_closing:
            self._spare = TrainerThread(self._folders, self)
            self._spare.ready.connect(self.ready)
            self._spare.finished.connect(self._forget)
            self._threads.add(self._spare)
            self._spare.start()

    def ask(self, question: Question) -> Job:
        """Put ``question`` to the warm engine."""
        return self._warm_engine().ask(question)

    def take(self) -> TrainerThread:
        """The warm engine, for a run; another one is warmed a little later. What it is at makes way."""
        engine = self._warm_engine()
        engine.make_way()
        self._spare = None
        self._warm_later.start()
        return engine

    @property
    def is_warm(self) -> bool:
        """Whether an engine waits that is ready."""
        return self._spare is not None and self._spare.is_ready

    def close(self, grace_milliseconds: int = 5000) -> None:
        """End all engines and wait for them; what does not end in time is killed. For the end of the program."""
        self._is_closing = True
        self._warm_later.stop()
        for thread in self._threads:
            thread.end()
            if thread is self._spare:
                thread.kill()  # it has nothing to lose, and may still be importing torch
        for thread in list(self._threads):
            if not thread.wait(grace_milliseconds):
                thread.kill()
                thread.wait()

    def _warm_engine(self) -> TrainerThread:
        self.warm()
        assert self._spare is not None
        return self._spare

    @Slot()
    def _forget(self) -> None:
        """Drop the thread that has just finished."""
        thread = self.sender()
        if isinstance(thread, TrainerThread):
            self._threads.discard(thread)
            if thread is self._spare:
                self._spare = None
            thread.deleteLater()
