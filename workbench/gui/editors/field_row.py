"""One field of a form: its title, its editor, and what is wrong with it."""

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QLabel

from workbench.gui.editors.factory import editor_for
from workbench.gui.editors.help_text import default_of, title_of, tooltip, value_text
from workbench.spec.component import hint


class FieldRow(QObject):
    """Title and editor of the field ``name``; a form lays them out. GUI thread only."""

    edited = Signal(str)
    """The name of the field whose editor the user changed."""

    def __init__(self, name: str, field: FieldInfo, parent: QObject) -> None:
        super().__init__(parent)
        self.name = name
        self.title = title_of(name, field)
        self.advanced = bool(hint(field, "advanced"))
        self._field = field
        self._error = ""
        self._conflict = ""
        self.editor = editor_for(name, field)
        self.label = QLabel(self.title)
        self.label.setWordWrap(True)
        self.label.setBuddy(self.editor.controls()[0])
        self.label.setToolTip(tooltip(name, field))
        self.editor.edited.connect(self._tell)
        self.editor.left.connect(self.show_reason)
        self._offer_reset()

    @property
    def reason(self) -> str:
        """What is wrong with what is shown, or why it does not go with other fields; empty where all is well."""
        return self._error or self._conflict

    def set_error(self, reason: str) -> None:
        """What is shown is no value of the field."""
        self._error = reason
        self.show_reason()

    def set_conflict(self, reason: str) -> None:
        """The value does not go with other fields."""
        self._conflict = reason
        self.show_reason()

    @Slot()
    def show_reason(self) -> None:
        """Show the reason under the field, unless the user is still typing."""
        reason = "" if self._error and self.editor.is_unfinished() else self.reason
        self.editor.show_error(reason[:1].upper() + reason[1:])

    def _offer_reset(self) -> None:
        default = default_of(self._field)
        if default is PydanticUndefined:
            self.editor.reset_action.setVisible(False)
            return
        self.editor.reset_action.setText(self.tr("Reset to %1").replace("%1", value_text(default) or self.tr("none")))
        self.editor.reset.connect(self._reset)
        self.label.addAction(self.editor.reset_action)
        self.label.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    @Slot()
    def _reset(self) -> None:
        self.editor.set_value(default_of(self._field))
        self.edited.emit(self.name)

    @Slot()
    def _tell(self) -> None:
        self.edited.emit(self.name)
