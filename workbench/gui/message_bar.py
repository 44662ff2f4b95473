"""What the window has to say, shown in place: no dialogs, nothing lost, each with what to do about it."""

from enum import Enum

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from workbench.gui.theme.icons import icon
from workbench.gui.theme.palette import LIGHT, Theme

_MOST = 3
"""Messages shown at once; the oldest goes when there are more."""


class Kind(Enum):
    """How much a message matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Message(QFrame):
    """One message with its buttons and a cross to close it."""

    triggered = Signal(str)
    """The id of the button that was pressed; the message then closes."""
    closed = Signal()

    def __init__(self, kind: Kind, text: str, buttons: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = kind
        self.text = text
        self._image = QLabel()
        self._words = QLabel(text)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._words.setAccessibleName(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        row.setSpacing(8)
        row.addWidget(self._image, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._words, 1)
        for name, label in buttons.items():
            button = QPushButton(label)
            button.setObjectName(name)
            button.setAccessibleName(label)
            button.clicked.connect(self._press)
            row.addWidget(button)
        self._cross = QToolButton()
        self._cross.setAutoRaise(True)
        self._cross.setAccessibleName(self.tr("Close this message"))
        self._cross.setToolTip(self._cross.accessibleName())
        self._cross.clicked.connect(self.close_message)
        row.addWidget(self._cross)
        self.setAccessibleName(text)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        colors = {Kind.INFO: theme.accent, Kind.WARNING: theme.warning, Kind.ERROR: theme.danger}
        color = colors[self.kind]
        self._image.setPixmap(icon(self.kind.value, theme, color=color).pixmap(QSize(18, 18)))
        self._cross.setIcon(icon("close", theme))
        self.setStyleSheet(
            f"Message {{ background: {theme.surface}; border: none; border-left: 3px solid {color};"
            f" border-bottom: 1px solid {theme.border}; }}"
        )

    @Slot()
    def close_message(self) -> None:
        """Take the message away."""
        self.closed.emit()

    @Slot()
    def _press(self) -> None:
        sender = self.sender()
        assert sender is not None
        self.triggered.emit(sender.objectName())
        self.closed.emit()


class MessageBar(QWidget):
    """The messages under the tool bar, the newest at the bottom. Takes no room while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Messages"))
        self._theme = LIGHT
        self._messages: dict[str, Message] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.hide()

    def show_message(self, topic: str, kind: Kind, text: str, **buttons: str) -> Message:
        """Show ``text``, in place of what was said about the same ``topic``.

        ``buttons`` maps ids to labels; connect to the returned message's ``triggered``.
        """
        self.clear(topic)
        while len(self._messages) >= _MOST:
            self.clear(next(iter(self._messages)))
        message = Message(kind, text, buttons, self)
        message.setObjectName(topic)
        message.set_theme(self._theme)
        message.closed.connect(self._close)
        self._messages[topic] = message
        self._column.addWidget(message)
        self.show()
        return message

    def clear(self, topic: str) -> None:
        """Take away what was said about ``topic``."""
        message = self._messages.pop(topic, None)
        if message is not None:
            self._column.removeWidget(message)
            message.hide()
            message.deleteLater()
        self.setVisible(bool(self._messages))

    def text(self, topic: str) -> str:
        """What is said about ``topic``; empty where nothing is."""
        message = self._messages.get(topic)
        return message.text if message else ""

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of ``theme``."""
        self._theme = theme
        for message in self._messages.values():
            message.set_theme(theme)

    @Slot()
    def _close(self) -> None:
        sender = self.sender()
        assert sender is not None
        self.clear(sender.objectName())
