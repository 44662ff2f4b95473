"""What the mouse does in a live plot: the wheel zooms along x, dragging pans, a double click shows all."""

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal

_ZOOM_A_NOTCH = 0.8
_NOTCH = 120.0


class PlotView(pg.ViewBox):
    """A view box that asks for another range and leaves the decision to its plot. It has no menu."""

    zoom_asked = Signal(float, float)
    """The factor of the visible range's length, and the x that stays where it is."""
    pan_asked = Signal(float)
    """By how much x moves."""
    fit_asked = Signal()
    hovered = Signal(object)
    """The x below the mouse pointer, None when it has left."""

    def __init__(self) -> None:
        super().__init__(border=None, enableMenu=False, defaultPadding=0)
        self.setMouseEnabled(x=True, y=False)
        self.disableAutoRange()

    def wheelEvent(self, ev: Any, axis: int | None = None) -> None:
        delta = ev.delta()
        center = self.mapToView(ev.pos()).x()
        self.zoom_asked.emit(_ZOOM_A_NOTCH ** (delta / _NOTCH), center)
        ev.accept()

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        if ev.button() != Qt.MouseButton.LeftButton:
            ev.ignore()
            return
        ev.accept()
        moved = self.mapToView(ev.lastPos()).x() - self.mapToView(ev.pos()).x()
        self.pan_asked.emit(moved)

    def mouseClickEvent(self, ev: Any) -> None:
        if ev.double():
            ev.accept()
            self.fit_asked.emit()

    def hoverEvent(self, ev: Any) -> None:
        self.hovered.emit(None if ev.isExit() else self.mapToView(ev.pos()).x())
