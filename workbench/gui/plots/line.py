"""A line through many points, drawn one pixel wide."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from workbench.gui.plots.series import Floats


class Line(QGraphicsItem):
    """Cheaper than pyqtgraph's curve item, which finds its bounds in Python several times a frame. GUI thread only."""

    def __init__(self, z: float) -> None:
        super().__init__()
        self._path = QPainterPath()
        self._bounds = QRectF()
        self._pen = QPen(Qt.PenStyle.NoPen)
        self.setZValue(z)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def set_points(self, x: Floats, y: Floats) -> None:
        """Draw through these points, shape ``(n,)``; NaN in ``y`` is a gap."""
        gaps = np.isnan(y)
        if gaps.all():
            self._path = QPainterPath()
        else:
            whole = not gaps.any()
            self._path = pg.arrayToQPath(x, y, connect="all" if whole else "finite", finiteCheck=not whole)
        self.prepareGeometryChange()
        self._bounds = self._path.controlPointRect()

    def set_pen(self, pen: QPen) -> None:
        """Draw with ``pen``, which should be cosmetic and one pixel wide: wider ones are many times slower."""
        self._pen = pen
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        painter.setPen(self._pen)
        painter.drawPath(self._path)
