"""The interface that every field's editor has."""

from PySide6.QtCore import QEvent, QObject, Signal, Slot
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from workbench.gui.editors.captions import Caption

_PADDING = 10
"""Above and below a control's text together, in pixels."""


class FieldEditor(QWidget):
    """Shows one field's value and lets the user change it. GUI thread only.

    It knows the field's type alone: whether a value is allowed is decided by the field's class.
    Subclasses put their controls in with ``add_control``.
    """

    edited = Signal()
    """The user changed what is shown; ``value`` may now raise."""
    left = Signal()
    """The keyboard focus left, or Return was pressed: what is shown is meant."""
    reset = Signal()
    """The user asked for the default."""

    def __init__(self) -> None:
        super().__init__()
        self.error_label = Caption(QPalette.ColorRole.BrightText)
        """Holds the sentence of ``show_error``; who lays the editor out places it."""
        self.error_label.setProperty("role", "error")
        self.error_label.hide()
        self.reset_action = QAction(self)
        self.reset_action.triggered.connect(self.reset)
        self.below: QWidget | None = None
        """Controls that need a form's whole width; who lays the editor out places them under the row."""
        self._description = ""
        self._controls: list[QWidget] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)

    def value(self) -> object:
        """What is shown, as the field's type.

        Raises:
            ValueError: it is not of that type; the message is the end of a sentence that starts with the field's name.
        """
        raise NotImplementedError

    def set_value(self, value: object) -> None:
        """Show ``value``, without ``edited``. What already means ``value`` stays as it was typed."""
        raise NotImplementedError

    def text(self) -> str:
        """What was typed; empty where nothing can be typed."""
        return ""

    def set_text(self, text: str) -> None:
        """Show what was typed, be it a value or not, without ``edited``."""

    def is_unfinished(self) -> bool:
        """Whether the user is in the middle of typing a value, so that it is too early to call it wrong."""
        return False

    def show_error(self, sentence: str) -> None:
        """Show under the field why its value is wrong; an empty ``sentence`` takes the error away."""
        self.error_label.setText(sentence)
        self.error_label.setVisible(bool(sentence))
        for control in self._controls:
            control.setAccessibleDescription(" ".join(filter(None, [sentence, self._description])))
        # Where a chooser stands before a number, only the number can be wrong.
        self.mark(self._controls[-1], bool(sentence))

    def mark(self, control: QWidget, is_wrong: bool) -> None:
        """Draw ``control`` as one whose value is wrong, or as any other."""
        if bool(control.property("invalid")) != is_wrong:
            control.setProperty("invalid", is_wrong)
            control.style().unpolish(control)  # a style sheet looks at a property only while it polishes
            control.style().polish(control)

    def controls(self) -> list[QWidget]:
        """The widgets that take the keyboard, in reading order."""
        return self._controls

    def describe(self, name: str, description: str, tooltip: str) -> None:
        """Say what the field is to the eye and to assistive technology."""
        self._description = description
        self.setToolTip(tooltip)
        for control in self.controls():
            control.setAccessibleName(name)
            control.setAccessibleDescription(description)

    def add_control(self, control: QWidget) -> None:
        """Put ``control`` into the row."""
        self.adopt(control)
        self._row.addWidget(control, 1)

    def adopt(self, control: QWidget) -> None:
        """Treat ``control``, which lies elsewhere, as one of the editor's."""
        # No focus proxy: with one, QWidget.setTabOrder (Qt 6.11) leaves controls out of the ring.
        self._controls.append(control)
        control.addAction(self.reset_action)
        control.installEventFilter(self)
        # Qt's own heights differ between a combo box, a line and a spin box.
        control.setMinimumHeight(control.fontMetrics().height() + _PADDING)

    def add_unit(self, unit: str) -> None:
        """Put ``unit`` behind the value."""
        if unit:
            label = QLabel(unit)
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            label.setProperty("role", "muted")
            self._row.addWidget(label)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice that a control lost the focus."""
        if event.type() == QEvent.Type.FocusOut:
            self.left.emit()
        return super().eventFilter(watched, event)

    @Slot()
    def take_edit(self) -> None:
        """Tell that the user changed something; controls' signals are connected here."""
        self.edited.emit()
