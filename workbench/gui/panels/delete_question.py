"""The question, in place of a dialog, whether a run is to be moved to the trash."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from workbench.gui.theme.icons import icon
from workbench.gui.theme.palette import Theme

_MOST_TITLE = 60


class DeleteQuestion(QWidget):
    """A sentence and two buttons; Escape keeps the run. GUI thread only."""

    confirmed = Signal()
    kept = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sentence = QLabel()
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._confirm = QPushButton(self.tr("Move to trash"))
        self._confirm.setAccessibleName(self.tr("Move the run to the trash"))
        self._keep = QPushButton(self.tr("Keep"))
        self._keep.setAccessibleName(self.tr("Keep the run"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._sentence)
        row.addWidget(self._confirm)
        row.addWidget(self._keep)
        row.addStretch(1)
        leave = QAction(self.tr("Keep"), self)
        leave.setShortcut(QKeySequence(Qt.Key.Key_Escape))
        leave.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        leave.triggered.connect(self.kept)
        self.addAction(leave)
        self._confirm.clicked.connect(self.confirmed)
        self._keep.clicked.connect(self.kept)

    @property
    def text(self) -> str:
        """The sentence."""
        return self._sentence.text()

    @property
    def has_keyboard(self) -> bool:
        """Whether one of the buttons has the keyboard."""
        return self._confirm.hasFocus() or self._keep.hasFocus()

    def ask(self, title: str) -> None:
        """Ask about the run called ``title`` and take the keyboard. Call it when the question is visible."""
        shown = title if len(title) <= _MOST_TITLE else title[: _MOST_TITLE - 1] + "\u2026"
        self._sentence.setText(self.tr("Move \u201c{title}\u201d to the trash?").format(title=shown))
        self._confirm.setFocus()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self._confirm.setIcon(icon("trash", theme))
