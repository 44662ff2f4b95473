"""Qt's input widgets, taught the manners of a form: no wheel edits in passing, one undo for the whole window."""

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QKeyEvent,
    QKeySequence,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit, QSizePolicy

_NOTCH = 120
"""Qt's wheel units of one notch; touch pads send fractions of it."""


class TextLine(QLineEdit):
    """A line of text. Undo and redo are left to the window; the context menu has the widget's actions at its end."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def event(self, event: QEvent) -> bool:
        """Leave the undo keys to the window's undo."""
        return _is_undo(event) or super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        _open_menu(self, self.actions(), event.globalPos())


class NumberLine(QAbstractSpinBox):
    """A line for a number with arrows; it shows the text it is given and never rewrites it."""

    stepped = Signal(bool)
    """An arrow, an arrow key or the wheel asks for the next value: True for up."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.lineEdit().setTextMargins(4, 0, 0, 0)  # the style sheet's padding does not reach this line
        self._turned = 0

    def stepBy(self, steps: int) -> None:
        """Ask for ``steps`` steps, negative ones down."""
        for _ in range(abs(steps)):
            self.stepped.emit(steps > 0)
        self.selectAll()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Both arrows work always; at the end of the range nothing happens."""
        return QAbstractSpinBox.StepEnabledFlag.StepUpEnabled | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled

    def event(self, event: QEvent) -> bool:
        """Leave the undo keys to the window's undo."""
        return _is_undo(event) or super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step once a notch; without the focus the wheel belongs to what can be scrolled."""
        if not self.hasFocus():
            event.ignore()
            return
        event.accept()
        self._turned += event.angleDelta().y()
        notches = int(self._turned / _NOTCH)
        self._turned -= notches * _NOTCH
        self.stepBy(notches)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        _open_menu(self.lineEdit(), self.actions(), event.globalPos())


class Chooser(QComboBox):
    """A combo box that the wheel changes only while it has the focus, and that never widens its column."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Change the choice; without the focus the wheel belongs to what can be scrolled."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Switch(QCheckBox):
    """A check box that Return toggles too."""

    def __init__(self) -> None:
        super().__init__()
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


def _is_undo(event: QEvent) -> bool:
    """Whether ``event`` asks if a line claims the undo or redo keys; left unclaimed, they are the window's."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    claimed = event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
    if claimed:
        event.ignore()
    return claimed


def _open_menu(line: QLineEdit, actions: list[QAction], at: QPoint) -> None:
    menu = line.createStandardContextMenu()
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.addSeparator()
    menu.addActions(actions)
    menu.popup(at)
