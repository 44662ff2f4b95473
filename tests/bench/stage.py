"""The window that a scene plays in: opened as the program opens it, with a warm engine, and waited for."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from workbench.folders import user_folders
from workbench.gui.application import open_window
from workbench.gui.main_window import MainWindow
from workbench.gui.training import State
from workbench.runs.events import Event
from workbench.runs.store import Run

TIMEOUT = 120.0


class Stage(QObject):
    """The shown window, and what a person does with it. GUI thread only."""

    def __init__(self) -> None:
        super().__init__()
        self.application = QApplication.instance() or QApplication(sys.argv[:1])
        self.window: MainWindow = open_window(self.application, user_folders())
        self.take: Callable[[Event], None] | None = None
        """Hears every event of the run after the window has taken it in."""
        self._loop = QEventLoop()
        self._condition: Callable[[], bool] | None = None
        self._check_timer = QTimer(self)
        self._check_timer.setInterval(50)
        self._check_timer.timeout.connect(self.check)
        self.window.training.event_came.connect(self._take_event)
        self.window.show()
        QTest.qWaitForWindowExposed(self.window)

    def begin(self) -> None:
        """Start what the program starts with its window, and wait until it is done."""
        self.window.begin()
        self.wait(lambda: self.window.engines.is_warm and self.window.data_panel.preview is not None)

    def train(self) -> None:
        """Press Train and wait for the first losses."""
        self.click(self.window.controls.train)
        self.wait(lambda: self.window.train_panel.step > 0)

    def stop(self) -> None:
        """Press Stop and keep, wait for the end."""
        self.click(self.window.controls.stop)
        self.wait(lambda: self.window.training.state is State.IDLE)

    def close(self) -> None:
        """Close the window; its engines end."""
        if self.window.training.is_live:
            self.stop()
        self.window.close()

    def click(self, button: QWidget) -> None:
        """Press and release the left mouse button in the middle of ``button``."""
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def wait(self, condition: Callable[[], bool], timeout: float = TIMEOUT) -> None:
        """Let the window live until ``condition``, looked at after every event of a run and 20 times a second.

        Raises:
            TimeoutError: it did not come true.
        """
        if condition():
            return
        deadline = time.monotonic() + timeout
        self._condition = lambda: condition() or time.monotonic() > deadline
        self._check_timer.start()
        self._loop.exec()
        self._check_timer.stop()
        self._condition = None
        if not condition():
            raise TimeoutError(f"nothing came of it in {timeout:g} s: {self._messages()}")

    def live(self, seconds: float) -> None:
        """Let the window live for ``seconds``."""
        end = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() >= end, seconds + 1)

    @Slot()
    def check(self) -> None:
        """Stop waiting where the condition is met."""
        if self._condition is not None and self._condition():
            self._loop.quit()

    @Slot(Run, object)
    def _take_event(self, run: Run, event: Event) -> None:
        if self.take is not None:
            self.take(event)
        self.check()

    def _messages(self) -> str:
        return f"state {self.window.training.state}, step {self.window.train_panel.step}"


@contextmanager
def staged() -> Iterator[Stage]:
    """A stage whose window is closed in the end, whatever happens on it."""
    stage = Stage()
    try:
        yield stage
    finally:
        stage.close()
