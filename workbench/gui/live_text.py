"""A line of text that changes many times a second."""

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

Part = tuple[QColor | None, str]
"""A text and the colour of the dot before it, if there is one."""
_GAP = 12
_DOT = 7
_DOT_GAP = 5


class LiveText(QWidget):
    """Paints its text itself: a new text for a QLabel lays out the whole window again. GUI thread only.

    It is as wide as there is room. What does not fit is left out or cut, and the tool tip has all of it.
    """

    def __init__(self, alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft) -> None:
        """``alignment`` is left or right."""
        super().__init__()
        self._alignment = alignment
        self._parts: list[Part] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """All texts, two spaces between them."""
        return "  ".join(text for _, text in self._parts)

    def show_text(self, text: str) -> None:
        """Show one text."""
        self.show_parts([(None, text)])

    def show_parts(self, parts: Sequence[Part]) -> None:
        """Show several texts, in order of importance where there is little room."""
        if list(parts) != self._parts:
            self._parts = list(parts)
            self._explain()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(0, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetricsF(self.font())
        widths = self._widths()
        is_right = self._alignment == Qt.AlignmentFlag.AlignRight
        left = max(self.width() - sum(widths) - _GAP * (len(widths) - 1), 0) if is_right else 0
        for (color, text), width in zip(self._parts, widths, strict=False):
            if color is not None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color)
                painter.drawEllipse(left, (self.height() - _DOT) // 2, _DOT, _DOT)
            indent = 0 if color is None else _DOT + _DOT_GAP
            room = min(width, self.width() - left) - indent
            painter.setPen(self.palette().color(self.foregroundRole()))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRect(left + indent, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, shown)
            left += width + _GAP

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._explain()

    def _widths(self) -> list[int]:
        """The widths of the parts there is room for, at least the first."""
        metrics, widths, room = QFontMetricsF(self.font()), list[int](), self.width()
        for color, text in self._parts:
            width = ceil(metrics.horizontalAdvance(text)) + (0 if color is None else _DOT + _DOT_GAP)
            room -= width + (_GAP if widths else 0)
            if room < 0 and widths:
                break
            widths.append(width)
        return widths

    def _explain(self) -> None:
        widths = self._widths()
        is_whole = len(widths) == len(self._parts) and sum(widths) <= self.width()
        self.setToolTip("" if is_whole else self.text)
