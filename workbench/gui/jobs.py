"""Short background work: one shape for files read on a worker thread and questions put to an engine."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue

from PySide6.QtCore import QObject, Qt, Signal, Slot

from workbench.errors import WorkbenchError

_log = logging.getLogger(__name__)


class Job(QObject):
    """Work that goes on elsewhere. Exactly one of ``succeeded`` and ``failed`` is sent, in the GUI thread."""

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

    def succeed(self, value: object) -> None:
        """Send ``succeeded``, and go. In the GUI thread."""
        self.succeeded.emit(value)
        self.deleteLater()

    def fail(self, sentence: str) -> None:
        """Send ``failed``, and go. In the GUI thread."""
        self.failed.emit("" if self.is_cancelled else sentence)
        self.deleteLater()


class Background(QObject):
    """Runs functions that only read and write files on worker threads. Lives in the GUI thread."""

    _done = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="background")
        self._finished: SimpleQueue[tuple[Job, Future[object]]] = SimpleQueue()
        self._done.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(self, work: Callable[[], object]) -> Job:
        """Call ``work``, which touches no widget, on a worker thread."""
        job = Job(self)
        future = self._pool.submit(work)

        def note(done: Future[object]) -> None:
            # The value does not travel in the signal: queued between threads, one was seen to arrive as None.
            self._finished.put((job, done))
            self._done.emit()

        future.add_done_callback(note)
        return job

    def wait(self) -> None:
        """Drop what has not begun and wait for the rest; for the end of the program."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    @Slot()
    def _deliver(self) -> None:
        """Hand out one result."""
        job, future = self._finished.get_nowait()
        if future.cancelled() or job.is_cancelled:
            job.fail("")
            return
        error = future.exception()
        if error is None:
            job.succeed(future.result())
        elif isinstance(error, WorkbenchError):
            job.fail(str(error))
        else:
            _log.error("background work failed", exc_info=error)
            job.fail(f"{type(error).__name__}: {error}")
