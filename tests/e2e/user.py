"""A user of the real window: moves the pointer, presses buttons and types through the X server, looks at the screen.

Nothing here calls a method that changes the window; what is asked of it directly is only where a widget lies.
"""

import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEventLoop, QPoint, QRect, QTimer
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from workbench.folders import user_folders
from workbench.gui.application import open_window
from workbench.gui.editors.component_chooser import ChoiceList, ComponentChooser
from workbench.gui.main_window import MainWindow

Story = Callable[["User"], None]


class User:
    """Acts through xdotool, so that events come the way a person's do."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window

    def wait_for(self, condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
        """Watch until ``condition`` holds; fails after ``seconds``, saying that ``what`` did not happen."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"in {seconds} s it did not happen that {what}")
            _let_events_come(20)

    def rest(self, seconds: float) -> None:
        """Do nothing for a while."""
        _let_events_come(round(1000 * seconds))

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Press the left button on ``widget``, in its middle or at a point of it."""
        assert widget.isVisible() and widget.isEnabled(), f"{widget.accessibleName()} cannot be clicked"
        place = widget.mapToGlobal(at or widget.rect().center())
        _xdotool("mousemove", str(place.x()), str(place.y()))
        self.rest(0.05)
        _xdotool("click", "1")
        self.rest(0.15)

    def press(self, *keys: str) -> None:
        """Press keys one after the other, such as ``ctrl+a`` or ``Return``."""
        for key in keys:
            _xdotool("key", "--clearmodifiers", key)
            self.rest(0.08)

    def type(self, text: str) -> None:
        """Type ``text``."""
        _xdotool("type", "--delay", "15", "--clearmodifiers", text)
        self.rest(0.2)

    def search(self, chooser: ComponentChooser, text: str) -> None:
        """Open ``chooser``, type ``text`` into its search line and take what is marked then."""
        self.click(chooser)
        self.wait_for(lambda: isinstance(QApplication.activePopupWidget(), ChoiceList), "the list of choices opened")
        self.type(text)
        self.press("Return")

    def choose(self, box: QComboBox, text: str) -> None:
        """Open ``box`` and click the entry ``text``."""
        self.click(box)
        view = box.view()
        self.wait_for(view.isVisible, "the list of choices opened")
        index = box.model().index(box.findText(text), 0)
        assert index.isValid(), f"{text} is not offered"
        self.click(view.viewport(), view.visualRect(index).center())

    def screen(self, widget: QWidget) -> NDArray[np.uint8]:
        """What the screen shows where ``widget`` is: ``(height, width, 3)``, red, green and blue."""
        origin = widget.mapToGlobal(QPoint(0, 0))
        rect = QRect(origin, widget.size())
        image = widget.screen().grabWindow(0, rect.x(), rect.y(), rect.width(), rect.height()).toImage()
        image = image.convertToFormat(QImage.Format.Format_RGB888)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()

    def pixels_of(self, color: QColor, widget: QWidget) -> int:
        """How many pixels of ``widget`` on the screen have exactly this colour."""
        wanted = np.array([color.red(), color.green(), color.blue()], np.uint8)
        return int((self.screen(widget) == wanted).all(axis=2).sum())


def _let_events_come(milliseconds: int) -> None:
    """Handle events for a while. QTest.qWait would do so without letting go of the GIL, and starve the threads."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _xdotool(*arguments: str) -> None:
    subprocess.run(["xdotool", *arguments], check=True, stdout=subprocess.DEVNULL)


def tell(story: Story) -> None:
    """Open the real window and let ``story`` happen in it; ends the process with 0 when it went well."""
    application = QApplication(sys.argv[:1])
    window = open_window(application, user_folders())
    window.move(0, 0)
    window.showMaximized()
    failures: list[BaseException] = []
    sys.excepthook = lambda kind, error, trace: failures.append(error.with_traceback(trace))

    def play() -> None:
        window.begin()
        user = User(window)
        try:
            user.wait_for(lambda: window.isActiveWindow(), "the window came to the front")
            story(user)
        except BaseException as error:
            failures.append(error)
            picture = Path(os.environ["WORKBENCH_PICTURES"]) / "failure.png"
            window.screen().grabWindow(0).save(str(picture))
        finally:
            window.close()
            end = time.monotonic() + 30
            while window.isVisible() and time.monotonic() < end:
                _let_events_come(50)
            application.quit()

    QTimer.singleShot(0, play)
    application.exec()
    for failure in failures:
        traceback.print_exception(failure)
    sys.exit(1 if failures else 0)
