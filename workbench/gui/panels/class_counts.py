"""A bar chart of how many samples each class has for training and for validation."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.gui.theme.palette import LIGHT, Theme
from workbench.gui.theme.series import series_style
from workbench.gui.theme.typography import TypeSize, font

_GAP = 8
_SWATCH = 9
_MOST_NAME = 96
"""Pixels that the longest class name may take."""
_MOST_ROW = 26
_LEAST_BARS = 40


class ClassCounts(QWidget):
    """Two bars and two numbers a class, on one scale that starts at 0. GUI thread only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._classes: tuple[str, ...] = ()
        self._training: list[int] = []
        self._validation: list[int] = []
        self.setFont(font(TypeSize.SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Samples of each class"))

    def show_counts(self, classes: tuple[str, ...], training: Sequence[int], validation: Sequence[int]) -> None:
        """Show the samples of each of ``classes``."""
        self._classes = classes
        self._training, self._validation = [int(count) for count in training], [int(count) for count in validation]
        self.setAccessibleDescription("\n".join(self.row_text(row) for row in range(len(classes))))
        self.updateGeometry()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self._theme = theme
        self.update()

    def row_text(self, row: int) -> str:
        """What a row says, in words."""
        return self.tr("{name}: {training} for training, {validation} for validation").format(
            name=self._classes[row], training=f"{self._training[row]:,}", validation=f"{self._validation[row]:,}"
        )

    def bar_rects(self, row: int) -> tuple[QRect, QRect]:
        """Where the bars of a row are painted: training, validation. A class without samples has an empty one."""
        names, training, validation = self._widths()
        left = names + _GAP
        width = max(self.width() - left - training - validation - 3 * _GAP, 0)
        most = max([1, *self._training, *self._validation])
        area = self._row_rect(row)
        thickness = max(min(area.height() // 2 - 2, 7), 2)
        middle = area.center().y() + 1
        rects = []
        for count, top in ((self._training[row], middle - thickness), (self._validation[row], middle)):
            length = max(round(width * count / most), 1) if count else 0
            rects.append(QRect(left, top, length, thickness))
        return rects[0], rects[1]

    def minimumSizeHint(self) -> QSize:
        names, training, validation = self._widths()
        width = names + training + validation + 4 * _GAP + _LEAST_BARS
        return QSize(width, self._heading_height() + len(self._classes) * self._least_row())

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def event(self, event: QEvent) -> bool:
        """Tell a row in full where the mouse rests on it."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._row_at(event.pos())
            if row is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.row_text(row), self, self._row_rect(row))
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colors = self._colors()
        self._paint_heading(painter, colors)
        names, training, validation = self._widths()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        metrics = painter.fontMetrics()
        for row, name in enumerate(self._classes):
            area = self._row_rect(row)
            painter.setPen(QColor(self._theme.text))
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, names)
            painter.drawText(QRect(0, area.top(), names, area.height()), right, shown)
            for rect, color in zip(self.bar_rects(row), colors, strict=True):
                painter.fillRect(rect, color)
            last = self.width() - validation
            painter.drawText(QRect(last, area.top(), validation, area.height()), right, f"{self._validation[row]:,}")
            first = last - _GAP - training
            painter.drawText(QRect(first, area.top(), training, area.height()), right, f"{self._training[row]:,}")

    def _paint_heading(self, painter: QPainter, colors: tuple[QColor, QColor]) -> None:
        """The names of both columns, each with its colour."""
        _, training, validation = self._widths()
        height = self._heading_height()
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        last = self.width() - validation
        columns = ((last - _GAP - training, training), (last, validation))
        painter.setPen(QColor(self._theme.muted_text))
        for (left, width), text, color in zip(columns, self._headings(), colors, strict=True):
            painter.drawText(QRect(left, 0, width, height), right, text)
            start = left + width - painter.fontMetrics().horizontalAdvance(text) - 4 - _SWATCH
            painter.fillRect(QRect(start, (height - _SWATCH) // 2 + 1, _SWATCH, _SWATCH), color)

    def _colors(self) -> tuple[QColor, QColor]:
        return series_style(0, self._theme)[0], series_style(1, self._theme)[0]

    def _headings(self) -> tuple[str, str]:
        return self.tr("Training"), self.tr("Validation")

    def _widths(self) -> tuple[int, int, int]:
        """Pixels of the three columns of text: names, training counts, validation counts."""
        metrics = QFontMetrics(self.font())
        names = max((metrics.horizontalAdvance(name) for name in self._classes), default=0)
        columns = []
        for heading, counts in zip(self._headings(), (self._training, self._validation), strict=True):
            number = metrics.horizontalAdvance(f"{max(counts, default=0):,}")
            columns.append(max(metrics.horizontalAdvance(heading) + _SWATCH + 4, number) + 1)
        return min(names + 1, _MOST_NAME), columns[0], columns[1]

    def _heading_height(self) -> int:
        return QFontMetrics(self.font()).height() + 4

    def _least_row(self) -> int:
        return QFontMetrics(self.font()).height() + 1

    def _row_height(self) -> int:
        share = (self.height() - self._heading_height()) // max(len(self._classes), 1)
        return max(self._least_row(), min(share, _MOST_ROW))

    def _row_rect(self, row: int) -> QRect:
        height = self._row_height()
        return QRect(0, self._heading_height() + row * height, self.width(), height)

    def _row_at(self, place: QPoint) -> int | None:
        row = (place.y() - self._heading_height()) // self._row_height()
        return row if 0 <= row < len(self._classes) else None
