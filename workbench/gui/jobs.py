"""Short background work: one shape for files read on a worker thread and questions put to an engine."""

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from workbench.errors import WorkbenchError

_log = logging.getLogger(__name__)


class Job(QObject):
    """Work that goes on elsewhere. Exactly one of ``succeeded`` and ``failed`` comes, in the GUI thread.

    Connect to slots of QObjects: anything else would run in the thread that does the work.
    """

    progressed = Signal(str, int, int)
    """Stage, done, total; total is 0 where it is unknown."""
    succeeded = Signal(object)
    failed = Signal(str)
    """A sentence for the user; empty when the job was cancelled."""

    def __init__(self, parent: QObject, on_cancel: Callable[[], None] | None = None) -> None:
        super().__init__(parent)
        self._on_cancel = on_cancel
        self.is_cancelled = False
        self.can_download = False
        """Whether the job failed only because a download was not asked for."""

    def cancel(self) -> None:
        """Ask the work to end; ``failed`` comes with an empty sentence, or the work is done already."""
        self.is_cancelled = True
        if self._on_cancel is not None:
            self._on_cancel()


class Background(QObject):
    """Runs functions that only read and write files on worker threads. Lives in the GUI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(2)

    def run(self, work: Callable[[], object]) -> Job:
        """Call ``work``, which touches no widget, on a worker thread."""
        job = Job(self)
        job.succeeded.connect(job.deleteLater)
        job.failed.connect(job.deleteLater)
        self._pool.start(_Task(work, job))
        return job

    def wait(self) -> None:
        """Wait until all work is done; for the end of the program."""
        self._pool.clear()
        self._pool.waitForDone()


class _Task(QRunnable):
    """One function on its way through the pool."""

    def __init__(self, work: Callable[[], object], job: Job) -> None:
        super().__init__()
        self._work = work
        self._job = job

    def run(self) -> None:
        if self._job.is_cancelled:
            self._job.failed.emit("")
            return
        try:
            value = self._work()
        except WorkbenchError as error:
            self._job.failed.emit(str(error))
        except Exception as error:
            _log.exception("background work failed")
            self._job.failed.emit(f"{type(error).__name__}: {error}")
        else:
            self._job.succeeded.emit(value)
