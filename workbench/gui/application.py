"""The start of the window, and the net under it: an error nobody caught is told and kept in a file."""

import logging
import os
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from workbench import __version__, files
from workbench.errors import WorkbenchError
from workbench.folders import Folders
from workbench.gui.documents import session_file
from workbench.gui.main_window import MainWindow
from workbench.gui.message_bar import Kind
from workbench.gui.theme.appearance import apply
from workbench.settings import Settings, load_settings
from workbench.spec.experiment import Experiment, first_experiment
from workbench.spec.yaml_io import load_experiment

_log = logging.getLogger(__name__)
T = TypeVar("T")
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
"""Environment variables, one of which says where Linux shows windows."""


def run(folders: Folders, document: Path | None = None) -> int:
    """Open the window, and ``document`` in it; returns when it is closed, with the exit code.

    Raises:
        WorkbenchError: there is no display. Qt would end the process without a word to act on.
    """
    if sys.platform.startswith("linux") and not any(map(os.environ.get, _DISPLAYS)):
        raise WorkbenchError(
            "There is no display for the window: start it on a desktop, or use 'workbench train digits-mlp'."
        )
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("workbench")
    application.setApplicationDisplayName("Workbench")
    application.setApplicationVersion(__version__)
    window = open_window(application, folders, document)
    faults = Faults(folders.cache / "reports", window)
    faults.told.connect(window.tell_fault)
    sys.excepthook = faults.take
    sys.setswitchinterval(0.001)  # a worker thread may keep the GIL from the window no longer than this
    window.installEventFilter(FirstPaint(window.begin, window))
    window.show()
    return application.exec()


def open_window(application: QApplication, folders: Folders, document: Path | None = None) -> MainWindow:
    """The window, not shown yet and without an engine. Wrong settings or a wrong last session are told in it."""
    complaints: list[str] = []
    settings = _or_complain(complaints, lambda: load_settings(folders)) or Settings()
    experiment = _or_complain(complaints, lambda: _last_experiment(folders)) or first_experiment()
    window = MainWindow(folders, settings, experiment, apply(application, settings.theme))
    for number, complaint in enumerate(complaints):
        window.messages.show_message(f"start-{number}", Kind.WARNING, complaint)
    if document is not None:
        window.documents.open_path(str(document))
    return window


class FirstPaint(QObject):
    """Calls a function once, in the first turn of the event loop after a widget was painted."""

    def __init__(self, then: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        self._then = then

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch for the first painting."""
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._then)
        return False


class Faults(QObject):
    """Takes the errors that nobody caught: keeps a report and tells the window."""

    told = Signal(str)
    """A sentence for the user."""

    def __init__(self, folder: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._folder = folder

    def take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """For ``sys.excepthook``."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        _log.error("an error nobody caught\n%s", text)
        path = self._folder / f"report-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.txt"
        try:
            files.make_folder(self._folder)
            files.write_text(path, f"workbench {__version__}, Python {sys.version}\n\n{text}")
        except WorkbenchError:
            self.told.emit(f"A fault of ours: {kind.__name__}: {error}.")
        else:
            self.told.emit(f"A fault of ours: {kind.__name__}: {error}. The report lies in {path}.")


def _last_experiment(folders: Folders) -> Experiment | None:
    path = session_file(folders)
    return load_experiment(path, trainable=False) if path.exists() else None


def _or_complain(complaints: list[str], read: Callable[[], T]) -> T | None:
    """What ``read`` returns; where it refuses, None and its sentence in ``complaints``."""
    try:
        return read()
    except WorkbenchError as error:
        complaints.append(str(error))
        return None
