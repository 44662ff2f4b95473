"""The answer to the latest of a kind of question; those before it are no longer waited for."""

from PySide6.QtCore import QObject, Signal, Slot

from workbench.engine.messages import Question
from workbench.gui.engines import Engines
from workbench.gui.jobs import Job


class LatestAnswer(QObject):
    """Puts a question to the warm engine; the same question is not put twice. Lives in the GUI thread."""

    came = Signal(object)
    failed = Signal(str)
    """There is none, for the reason that the sentence tells."""

    def __init__(self, engines: Engines, parent: QObject) -> None:
        super().__init__(parent)
        self._engines = engines
        self._question: Question | None = None
        self._job: Job | None = None

    def ask(self, question: Question) -> None:
        """Put ``question``, unless it is the latest one; the one before is no longer waited for."""
        if question == self._question:
            return
        self.forget()
        self._question = question
        self._job = self._engines.ask(question)
        self._job.succeeded.connect(self._take)
        self._job.failed.connect(self._fail)

    def forget(self) -> None:
        """Wait for no answer, and put even the same question anew next time."""
        job, self._job, self._question = self._job, None, None
        if job is not None:
            job.cancel()

    @Slot(object)
    def _take(self, value: object) -> None:
        if self.sender() is self._job:
            self._job = None
            self.came.emit(value)

    @Slot(str)
    def _fail(self, sentence: str) -> None:
        if self.sender() is not self._job:
            return
        self._job = None
        if sentence:
            self.failed.emit(sentence)
        else:
            self._question = None  # broken off for a run
