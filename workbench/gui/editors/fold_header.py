"""The line that folds and unfolds what is below it."""

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from workbench.gui.theme.typography import TypeSize, font

_MARGIN = 8
_MARK = 16
"""Width of the arrow and of the warning mark."""


class FoldHeader(QAbstractButton):
    """A title with an arrow; checked is unfolded. Folded it shows a summary and, where needed, a warning mark.

    ``prominent`` headers are bold with a line above. Space and Return fold. GUI thread only.
    """

    def __init__(self, title: str, *, prominent: bool) -> None:
        super().__init__()
        self._prominent = prominent
        self._summary = ""
        self._warning = ""
        self._body: QWidget | None = None
        self.setText(title)
        self.setFont(font(TypeSize.BODY if prominent else TypeSize.SMALL, bold=prominent))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        self.toggled.connect(self._fold)

    def set_body(self, body: QWidget) -> None:
        """``body`` is what is folded."""
        self._body = body
        body.setVisible(self.isChecked())

    def set_summary(self, summary: str) -> None:
        """What the fold hides, in one line."""
        self._summary = summary
        self._describe()

    def set_warning(self, warning: str) -> None:
        """Why what the fold hides needs a look; empty for no reason."""
        self._warning = warning
        self._describe()

    @property
    def warning(self) -> str:
        """What ``set_warning`` was told."""
        return self._warning

    def sizeHint(self) -> QSize:
        height = self.fontMetrics().height() + (2 * _MARGIN if self._prominent else _MARGIN)
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 2 * _MARGIN + 2 * _MARK, height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self.palette()
        painter = QPainter(self)
        if self.underMouse():
            painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Midlight))
        if self._prominent:
            painter.setPen(palette.color(QPalette.ColorRole.Mid))
            painter.drawLine(self.rect().topLeft(), self.rect().topRight())
        color = palette.color(QPalette.ColorRole.WindowText if self._prominent else QPalette.ColorRole.PlaceholderText)
        left = _MARGIN if self._prominent else 0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_arrow(painter, QRectF(left, (self.height() - _MARK) / 2, _MARK, _MARK), color)
        room = self.rect().adjusted(left + _MARK + _MARGIN // 2, 0, -_MARGIN, 0)
        if self._warning and not self.isChecked():
            self._paint_warning(painter, QRectF(room.right() - _MARK, (self.height() - _MARK) / 2, _MARK, _MARK))
            room.setRight(room.right() - _MARK - _MARGIN // 2)
        self._paint_texts(painter, room, color)
        if self.hasFocus():
            painter.setPen(palette.color(QPalette.ColorRole.Highlight))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 1.5, -0.5, -0.5), 3, 3)
        painter.end()

    def _paint_texts(self, painter: QPainter, room: QRect, color: QColor) -> None:
        line = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setPen(color)
        painter.setFont(self.font())
        painter.drawText(room, line, self.text())
        if self.isChecked() or not self._summary:
            return
        room = room.adjusted(self.fontMetrics().horizontalAdvance(self.text()) + _MARGIN, 0, 0, 0)
        small = font(TypeSize.SMALL)
        small.setWeight(QFont.Weight.Normal)
        painter.setFont(small)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        shown = painter.fontMetrics().elidedText(self._summary, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, line, shown)

    def _paint_arrow(self, painter: QPainter, area: QRectF, color: QColor) -> None:
        middle = area.center()
        if self.isChecked():
            points = [QPointF(-4, -2), QPointF(0, 2), QPointF(4, -2)]
        elif self.layoutDirection() == Qt.LayoutDirection.RightToLeft:
            points = [QPointF(2, -4), QPointF(-2, 0), QPointF(2, 4)]
        else:
            points = [QPointF(-2, -4), QPointF(2, 0), QPointF(-2, 4)]
        painter.setPen(QPen(color, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPolyline(QPolygonF([middle + point for point in points]))

    def _paint_warning(self, painter: QPainter, area: QRectF) -> None:
        color = self.palette().color(QPalette.ColorRole.BrightText)
        middle = area.center()
        painter.setPen(QPen(color, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.drawPolygon(QPolygonF([middle + QPointF(0, -6), middle + QPointF(7, 6), middle + QPointF(-7, 6)]))
        painter.drawLine(middle + QPointF(0, -1.5), middle + QPointF(0, 1.5))
        painter.drawPoint(middle + QPointF(0, 4))

    @Slot(bool)
    def _fold(self, unfolded: bool) -> None:
        if self._body is not None:
            self._body.setVisible(unfolded)
        self._describe()

    def _describe(self) -> None:
        told = self.tr("unfolded") if self.isChecked() else self.tr("folded")
        self.setAccessibleDescription(", ".join(filter(None, [told, self._warning, self._summary])))
        self.setToolTip("" if self.isChecked() else self._warning or self._summary)
        self.update()
