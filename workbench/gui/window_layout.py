"""Size and place of the window and its splitters, kept from one start to the next."""

from collections.abc import Mapping

from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtWidgets import QMainWindow, QSplitter

from workbench.folders import Folders


class WindowLayout:
    """Keeps the layout of a window in the user's settings folder. GUI thread only."""

    def __init__(self, window: QMainWindow, splitters: Mapping[str, QSplitter], folders: Folders) -> None:
        self._window = window
        self._splitters = splitters
        self._path = str(folders.settings / "window.ini")

    def keep(self) -> None:
        """Remember how everything lies now."""
        kept = QSettings(self._path, QSettings.Format.IniFormat)
        kept.setValue("geometry", self._window.saveGeometry())
        for name, splitter in self._splitters.items():
            kept.setValue(name, splitter.saveState())

    def restore(self) -> None:
        """Lay everything as it was; what was never kept stays."""
        kept = QSettings(self._path, QSettings.Format.IniFormat)
        if isinstance(geometry := kept.value("geometry"), QByteArray):
            self._window.restoreGeometry(geometry)
        for name, splitter in self._splitters.items():
            if isinstance(state := kept.value(name), QByteArray):
                splitter.restoreState(state)
