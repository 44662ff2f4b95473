"""Small histograms of a dataset's columns of numbers, with mean, spread and range."""

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.engine.messages import ColumnSummary
from workbench.gui.theme.palette import LIGHT, Theme
from workbench.gui.theme.series import series_style
from workbench.gui.theme.typography import TypeSize, font

_BARS_WIDTH = 112
_BARS_HEIGHT = 36
_WIDEST_BAR = 24
_GAP = 12
_ROW_GAP = 10
_SPOKEN = 100
"""Columns that are told to a screen reader."""


class ColumnHistograms(QWidget):
    """A row a column: its name, a bar for each bin, and its numbers. GUI thread only."""

    def __init__(self, series: int, parent: QWidget | None = None) -> None:
        """``series`` chooses the colour of the bars, see ``theme.series``."""
        super().__init__(parent)
        self._series = series
        self._theme = LIGHT
        self._columns: tuple[ColumnSummary, ...] = ()
        self.setFont(font(TypeSize.SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Values of each column"))

    def show_columns(self, columns: Sequence[ColumnSummary]) -> None:
        """Show ``columns``."""
        self._columns = tuple(columns)
        told = min(len(self._columns), _SPOKEN)
        self.setAccessibleDescription("\n".join(self.row_text(row) for row in range(told)))
        self.setFixedHeight(self._row_height() * len(self._columns))
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self._theme = theme
        self.update()

    def row_text(self, row: int) -> str:
        """What a row says, in words."""
        column = self._columns[row]
        text = self.tr("{name}: mean {mean}, standard deviation {std}, from {minimum} to {maximum}")
        return text.format(
            name=column.name,
            mean=_number(column.mean),
            std=_number(column.std),
            minimum=_number(column.minimum),
            maximum=_number(column.maximum),
        )

    def bar_rects(self, row: int) -> list[QRectF]:
        """Where the bars of a row are painted; a bin without samples has an empty one."""
        column, area = self._columns[row], self._bars_rect(row)
        counts, most = column.counts, max(int(column.counts.max(initial=0)), 1)
        edges = np.asarray(column.edges, np.float64)
        span = float(edges[-1] - edges[0])
        places = (edges - edges[0]) / span if span > 0 else np.linspace(0, 1, len(edges))
        rects = []
        for left, right, count in zip(places[:-1], places[1:], counts.tolist(), strict=True):
            height = max(area.height() * count / most, 1.0) if count else 0.0
            x = round(area.left() + left * area.width())
            room = max(round(area.left() + right * area.width()) - x - 1, 1)
            width = min(room, _WIDEST_BAR)
            x += (room - width) // 2
            rects.append(QRectF(x, area.bottom() + 1 - round(height), width, round(height)))
        return rects

    def sizeHint(self) -> QSize:
        return QSize(_BARS_WIDTH * 2, self._row_height() * len(self._columns))

    def event(self, event: QEvent) -> bool:
        """Tell a row in full where the mouse rests on it."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = event.pos().y() // self._row_height()
            if 0 <= row < len(self._columns):
                place = QRect(0, row * self._row_height(), self.width(), self._row_height())
                QToolTip.showText(event.globalPos(), self.row_text(row), self, place)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        height = self._row_height()
        first = max(event.rect().top() // height, 0)
        last = min(event.rect().bottom() // height, len(self._columns) - 1)
        for row in range(first, last + 1):
            self._paint_row(painter, row)
        painter.end()

    def _paint_row(self, painter: QPainter, row: int) -> None:
        column, theme = self._columns[row], self._theme
        line = self._line()
        top = row * self._row_height()
        painter.setFont(font(TypeSize.SMALL, bold=True))
        painter.setPen(QColor(theme.text))
        name = painter.fontMetrics().elidedText(column.name, Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(QRect(0, top, self.width(), line), Qt.AlignmentFlag.AlignVCenter, name)
        area = self._bars_rect(row)
        painter.fillRect(QRect(area.left(), area.bottom() + 1, area.width(), 1), QColor(theme.border))
        color = series_style(self._series, theme)[0]
        for rect in self.bar_rects(row):
            painter.fillRect(rect, color)
        self._paint_numbers(painter, column, QPoint(area.right() + _GAP, area.top()))

    def _paint_numbers(self, painter: QPainter, column: ColumnSummary, corner: QPoint) -> None:
        """Mean, deviation and range beside the bars: captions at the left, numbers at the right of two columns."""
        line = self._line()
        half = (self.width() - corner.x() - _GAP) // 2
        cells = (
            (self.tr("mean"), column.mean),
            (self.tr("std"), column.std),
            (self.tr("min"), column.minimum),
            (self.tr("max"), column.maximum),
        )
        painter.setFont(font(TypeSize.SMALL))
        below = max((_BARS_HEIGHT - 2 * line) // 2, 0)
        for place, (caption, value) in enumerate(cells):
            left = corner.x() + (place % 2) * (half + _GAP)
            cell = QRect(left, corner.y() + below + (place // 2) * line, half, line)
            painter.setPen(QColor(self._theme.muted_text))
            painter.drawText(cell, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, caption)
            painter.setPen(QColor(self._theme.text))
            painter.drawText(cell, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _number(value))

    def _bars_rect(self, row: int) -> QRect:
        return QRect(0, row * self._row_height() + self._line() + 2, _BARS_WIDTH, _BARS_HEIGHT)

    def _row_height(self) -> int:
        return self._line() + 2 + _BARS_HEIGHT + 1 + _ROW_GAP

    def _line(self) -> int:
        return QFontMetrics(font(TypeSize.SMALL)).height()


def _number(value: float) -> str:
    """``value`` with four significant digits at most."""
    if not math.isfinite(value):
        return "\u2013"
    if value and not 1e-3 <= abs(value) < 1e6:
        return f"{value:.2e}".replace("e+0", "e").replace("e-0", "e\u2212").replace("-", "\u2212")
    return (f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}").replace("-", "\u2212")
