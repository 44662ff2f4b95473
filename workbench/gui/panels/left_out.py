"""What of the data cannot be used: a line with a warning mark, and the whole list on demand."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from workbench.gui.theme.icons import icon
from workbench.gui.theme.palette import LIGHT, Theme

_MOST_LINES = 6
"""Lines of the list in sight at once."""
_TOLD = 3
"""Reasons in the line; more could not be read there."""
_AT_ONCE = 1_000
"""Lines put into the list in one go: many thousands would hold the window up."""


class _Line(QWidget):
    """A text cut where the room ends; the tool tip has it whole."""

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """Show ``text``."""
        self._text = text
        self.setAccessibleName(text)
        self.setToolTip(text)
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text), metrics.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        painter.end()


class LeftOut(QWidget):
    """Says how much is left out and why; takes no room where nothing is. GUI thread only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Left out of the data"))
        self._skipped: tuple[str, ...] = ()
        self._theme = LIGHT
        self._mark = QLabel()
        self._line = _Line()
        self._fold = QToolButton()
        self._fold.setCheckable(True)
        self._fold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._fold.setAccessibleName(self.tr("List all that is left out"))
        self._fold.setToolTip(self._fold.accessibleName())
        self._list = QPlainTextEdit()
        self._list.setAccessibleName(self.tr("All that is left out of the data"))
        self._list.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._list.setTabChangesFocus(True)
        self._list.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._list.hide()
        self._listed = 0
        self._filling = QTimer(self)
        self._filling.setInterval(0)
        self._filling.timeout.connect(self._fill)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self._mark)
        row.addWidget(self._line, 1)
        row.addWidget(self._fold)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._list)
        self._fold.toggled.connect(self._show_list)
        self._show_list(unfolded=False)
        self.hide()

    @property
    def text(self) -> str:
        """What the line says; empty where nothing is left out."""
        return self._line.accessibleName() if self._skipped else ""

    def show_skipped(self, skipped: Sequence[str]) -> None:
        """Show ``skipped``, each with its reason; the list stays open as long as it is the same."""
        if tuple(skipped) == self._skipped:
            return
        self._skipped = tuple(skipped)
        self._fold.setChecked(False)
        count = len(self._skipped)
        reasons = "; ".join(self._skipped[:_TOLD]) + ("; …" if count > _TOLD else "")
        if count == 1:
            self._line.show_text(self.tr("Left out of the data: {reasons}").format(reasons=reasons))
        else:
            text = self.tr("Left out of the data, {count} in all: {reasons}")
            self._line.show_text(text.format(count=f"{count:,}", reasons=reasons))
        self.setVisible(count > 0)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self._theme = theme
        self._mark.setPixmap(icon("warning", theme, color=theme.warning).pixmap(QSize(16, 16)))
        self._show_arrow()

    @Slot(bool)
    def _show_list(self, unfolded: bool) -> None:
        self._fold.setText(self.tr("Hide list") if unfolded else self.tr("Show list"))
        self._list.clear()
        self._listed = 0
        self._filling.stop()
        if unfolded:
            self._filling.start()
            self._fill()
        lines = min(max(len(self._skipped), 2), _MOST_LINES)
        self._list.setFixedHeight(lines * self._list.fontMetrics().lineSpacing() + 24)
        self._list.setVisible(unfolded)
        self._show_arrow()

    @Slot()
    def _fill(self) -> None:
        """Put the next lines into the list."""
        following = self._skipped[self._listed : self._listed + _AT_ONCE]
        cursor = QTextCursor(self._list.document())  # one of its own: the list does not scroll along
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(("\n" if self._listed else "") + "\n".join(following))
        self._listed += len(following)
        if self._listed == len(self._skipped):
            self._filling.stop()

    def _show_arrow(self) -> None:
        self._fold.setIcon(icon("fold" if self._fold.isChecked() else "unfold", self._theme))
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
