"""Editor of the path of a file or folder: typed, chosen in a dialog, or dropped."""

from typing import Literal

from PySide6.QtCore import QCoreApplication, QFileInfo, QMimeData, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget

from workbench.gui.editors.controls import TextLine
from workbench.gui.editors.field_editor import FieldEditor


class PathEditor(FieldEditor):
    """A line with the path and a button that opens the system's dialog; what is dropped on the line is taken."""

    def __init__(self, kind: Literal["folder", "file"]) -> None:
        super().__init__()
        self._kind = kind
        self._given = ""
        """What was shown last; only what the user types is freed of blanks and quotation marks around it."""
        self.line = PathLine(kind)
        self.line.textEdited.connect(self.take_edit)
        self.line.editingFinished.connect(self.left)
        self.line.dropped.connect(self._take_path)
        self.add_control(self.line)
        self.button = QPushButton(QCoreApplication.translate("Editors", "Choose…"))
        self.button.setMinimumHeight(self.line.minimumHeight())
        self.button.clicked.connect(self.choose)
        # no control of add_control's: errors mark the line, and the line gets all of the width
        self._row.addWidget(self.button)
        self._title = ""

    def controls(self) -> list[QWidget]:
        return [*super().controls(), self.button]

    def value(self) -> object:
        text = self.line.text()
        return text if text == self._given else text.strip().strip('"')

    def set_value(self, value: object) -> None:
        if value != self.value():
            self._given = str(value)
            self.set_text(self._given)

    def text(self) -> str:
        return self.line.text()

    def set_text(self, text: str) -> None:
        if text != self.line.text():
            self.line.setText(text)

    def is_unfinished(self) -> bool:
        return self.line.hasFocus()

    def describe(self, name: str, description: str, tooltip: str) -> None:
        super().describe(name, description, tooltip)
        self._title = name
        self.button.setAccessibleName(QCoreApplication.translate("Editors", "Choose %1").replace("%1", name))

    @Slot()
    def choose(self) -> None:
        """Open the system's dialog, at what is there; its choice is an edit."""
        dialog = QFileDialog(self, self._title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        is_folder = self._kind == "folder"
        dialog.setFileMode(QFileDialog.FileMode.Directory if is_folder else QFileDialog.FileMode.ExistingFile)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly, is_folder)
        there = str(self.value())
        if there:
            dialog.setDirectory(there if is_folder else QFileInfo(there).path())
        dialog.fileSelected.connect(self._take_path)
        dialog.open()

    @Slot(str)
    def _take_path(self, path: str) -> None:
        self.set_text(path)
        self.edited.emit()
        self.left.emit()


class PathLine(TextLine):
    """A line that takes a dropped file or folder as its path."""

    dropped = Signal(str)
    """The path of what was dropped."""

    def __init__(self, kind: Literal["folder", "file"]) -> None:
        super().__init__()
        self._is_folder = kind == "folder"

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._path_of(event.mimeData()):
            event.acceptProposedAction()
        elif not event.mimeData().hasUrls():
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._path_of(event.mimeData()):
            event.acceptProposedAction()
        else:
            super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        path = self._path_of(event.mimeData())
        if path:
            event.acceptProposedAction()
            self.dropped.emit(path)
        else:
            super().dropEvent(event)

    def _path_of(self, data: QMimeData) -> str:
        """The one local file or folder, as this line wants it, that ``data`` holds; else empty."""
        urls = data.urls()
        path = urls[0].toLocalFile() if len(urls) == 1 else ""
        return path if path and QFileInfo(path).isDir() == self._is_folder else ""
