"""The legend over a live plot: a row a run, with a line sample, its name and its values."""

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from workbench.gui.theme.palette import Theme
from workbench.gui.theme.typography import TypeSize, font

_SAMPLE = 22
_GAP = 8
_PADDING = 6
_LABEL_WIDTH = 180
_OPACITY = 225
"""Of 255: curves below the legend stay visible."""


@dataclass(frozen=True, slots=True)
class LegendRow:
    """A run in the legend."""

    label: str
    color: QColor
    style: Qt.PenStyle
    values: tuple[str, ...]
    """One text a column."""


class Legend(QWidget):
    """Draws its rows itself; lets the mouse through to the plot below."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._theme = theme
        self._headings: tuple[str, ...] = ()
        self._rows: list[LegendRow] = []
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self._theme = theme
        self.update()

    def show_rows(self, headings: tuple[str, ...], rows: list[LegendRow], corner: QPoint) -> None:
        """Show ``rows`` with the top right corner at ``corner``; hide the legend if there is none."""
        if rows != self._rows or headings != self._headings:
            self._headings, self._rows = headings, rows
            self.update()
        size = self.sizeHint()
        self.setGeometry(QRect(QPoint(corner.x() - size.width(), corner.y()), size))
        self.setVisible(bool(rows))

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(font(TypeSize.SMALL))
        label, columns = self._widths(metrics)
        lines = len(self._rows) + (1 if self._headings else 0)
        width = _SAMPLE + _GAP + label + sum(columns) + _GAP * len(columns) + 2 * _PADDING
        return QSize(width, lines * (metrics.height() + 2) + 2 * _PADDING)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(font(TypeSize.SMALL))
        metrics = painter.fontMetrics()
        label_width, columns = self._widths(metrics)
        painter.setPen(QColor(self._theme.border))
        background = QColor(self._theme.raised)
        background.setAlpha(_OPACITY)
        painter.setBrush(background)
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        height = metrics.height() + 2
        top = _PADDING
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        first_column = _PADDING + _SAMPLE + _GAP + label_width + _GAP
        if self._headings:
            painter.setPen(QColor(self._theme.muted_text))
            left = first_column
            for text, width in zip(self._headings, columns, strict=True):
                painter.drawText(QRect(left, top, width, height), right, text)
                left += width + _GAP
            top += height
        for row in self._rows:
            pen = QPen(row.color, 2.0, row.style)
            painter.setPen(pen)
            middle = top + height // 2
            painter.drawLine(_PADDING, middle, _PADDING + _SAMPLE, middle)
            painter.setPen(QColor(self._theme.text))
            text = metrics.elidedText(row.label, Qt.TextElideMode.ElideMiddle, label_width)
            label_rect = QRect(_PADDING + _SAMPLE + _GAP, top, label_width, height)
            painter.drawText(label_rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
            left = first_column
            for value, width in zip(row.values, columns, strict=True):
                painter.drawText(QRect(left, top, width, height), right, value)
                left += width + _GAP
            top += height

    def _widths(self, metrics: QFontMetrics) -> tuple[int, list[int]]:
        label = max((metrics.horizontalAdvance(row.label) for row in self._rows), default=0)
        least = metrics.horizontalAdvance("0.00000")
        columns = [max(least, metrics.horizontalAdvance(heading)) for heading in self._headings]
        return min(label + 2, _LABEL_WIDTH), columns
