"""One curve of a live plot: its data, smoothed and decimated, and the items that draw it."""

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from workbench.gui.plots.decimation import Pyramid, decimate
from workbench.gui.plots.line import Line
from workbench.gui.plots.series import Floats, GrowingArray, Series
from workbench.gui.plots.smoothing import MovingAverage
from workbench.gui.theme.palette import Theme, blend

_RAW_SHARE = 0.3
"""How strongly a raw curve stands out of the background below its smoothed one."""
_CROWDED_RAW_SHARE = 0.13
"""The same where several runs share the plot."""
_POINT_LINE_SHARE = 0.6
_POINT_SIZE = 7.0
_MOST_POINTS = 200
"""Markers in sight; where there are more, only the line is drawn."""
_MANY = 100
"""From so many values on, outliers of a raw curve below a smoothed one do not set the scale."""
_OUTLIERS = 0.005
"""The share of the values at either end that counts as outliers."""
_SAMPLE = 4096


@dataclass(frozen=True, slots=True)
class CurveKind:
    """A quantity that a plot shows of every run."""

    name: str
    """The key that data is appended under."""
    label: str
    """For the user, translated."""
    smoothed: bool = False
    """Draw the values faint and their moving average over them."""
    points: bool = False
    """Mark each value."""


class Curve:
    """A run's values of one kind, drawn into a view box. GUI thread only."""

    def __init__(self, kind: CurveKind, view: pg.ViewBox, weight: float) -> None:
        self.kind = kind
        self.series = Series()
        self._pyramid = Pyramid()
        self._average = MovingAverage(weight)
        self._smoothed = GrowingArray()
        self._smoothed_pyramid = Pyramid()
        self._weight = weight
        self._view = view
        self._crowded = False
        self._changes = 0
        self._drawn: tuple[int, ...] = ()
        self._limits: tuple[float, float] | None = None
        self._raw_pens: dict[bool, QPen] = {}
        self._raw_item = Line(25 if kind.points else 10)
        self._smoothed_item = Line(20)
        self._points_item = pg.ScatterPlotItem(size=_POINT_SIZE, symbol="o", pxMode=True)
        self._points_item.setZValue(30)
        self._items = [self._raw_item]
        if kind.smoothed:
            self._items.append(self._smoothed_item)
        if kind.points:
            self._items.append(self._points_item)
        for item in self._items:
            view.addItem(item, ignoreBounds=True)

    def append(self, x: ArrayLike, y: ArrayLike) -> bool:
        """Append points, replacing those at or after the first new x. Costs O(n) for n new points.

        Returns:
            Whether anything changed: nothing does where there is no new point.
        """
        before = len(self.series)
        self._changes += 1
        kept = self.series.append(x, y)
        if kept < before:
            self._forget_after(kept)
        return len(self.series) > kept

    def truncate_after(self, x: float) -> None:
        """Cut the points after ``x``."""
        before = len(self.series)
        kept = self.series.truncate_after(x)
        if kept < before:
            self._forget_after(kept)

    def clear(self) -> None:
        """Cut all points."""
        self.series.truncate(0)
        self._forget_after(0)

    def set_smoothing(self, weight: float) -> None:
        """Smooth with ``weight`` from the next ``update`` on."""
        self._weight = weight
        self._restart_smoothing()

    def set_visible(self, visible: bool) -> None:
        """Show or hide the curve; it keeps its data."""
        for item in self._items:
            item.setVisible(visible)

    def set_style(self, color: QColor, style: Qt.PenStyle, theme: Theme) -> None:
        """Draw in ``color`` and ``style`` on the background of ``theme``."""
        background = theme.plot_background
        if self.kind.smoothed:
            self._raw_pens = {
                crowded: _pen(blend(color, background, share), Qt.PenStyle.SolidLine)
                for crowded, share in ((False, _RAW_SHARE), (True, _CROWDED_RAW_SHARE))
            }
            self._raw_item.set_pen(self._raw_pens[self._crowded])
            self._smoothed_item.set_pen(_pen(color, style))
        elif self.kind.points:
            self._raw_item.set_pen(_pen(blend(color, theme.text, _POINT_LINE_SHARE), style))
            self._points_item.setPen(_pen(QColor(background), Qt.PenStyle.SolidLine))
            self._points_item.setBrush(blend(color, theme.text, _POINT_LINE_SHARE))
        else:
            self._raw_item.set_pen(_pen(color, style))

    def set_crowded(self, crowded: bool) -> None:
        """Whether other runs are in the plot: a raw curve below a smoothed one is fainter then."""
        if crowded != self._crowded:
            self._crowded = crowded
            if self._raw_pens:
                self._raw_item.set_pen(self._raw_pens[crowded])

    def remove(self) -> None:
        """Take the items out of the view."""
        for item in self._items:
            self._view.removeItem(item)

    def update(self) -> None:
        """Smooth and index what was appended since the call before. Costs O(new points)."""
        self._pyramid.update(self.series.y)
        if self.kind.smoothed:
            new = self.series.y[len(self._smoothed) :]
            if len(new):
                self._smoothed.extend(self._average.extend(new))
            self._smoothed_pyramid.update(self._smoothed.values)

    def value_at(self, x: float | None) -> float:
        """The value shown at the point next to ``x``, the last one for None; NaN where the curve has none.

        Of a smoothed curve, points appended since ``update`` are not there yet.
        """
        values = self._smoothed.values if self.kind.smoothed else self.series.y
        size = len(values)
        if size == 0:
            return float("nan")
        if x is None:
            return float(values[-1])
        xs = self.series.x[:size]
        margin = (xs[-1] - xs[0]) / max(size - 1, 1)
        if not xs[0] - margin <= x <= xs[-1] + margin:
            return float("nan")
        after = min(int(np.searchsorted(xs, x)), size - 1)
        before = max(after - 1, 0)
        return float(values[before if x - xs[before] < xs[after] - x else after])

    def draw(self, low: float, high: float, columns: int, logarithmic: bool) -> tuple[float, float] | None:
        """Give the items the points between ``low`` and ``high``, reduced to about ``columns`` pixels.

        Costs nothing where that gives the same points as the time before.

        Returns:
            The range of y (decimal logarithms if ``logarithmic``) that shows the curve; None for no point. Outliers of
            a raw curve below a smoothed one may lie outside.
        """
        xs = self.series.x
        start = max(int(np.searchsorted(xs, low, side="left")) - 1, 0)
        stop = min(int(np.searchsorted(xs, high, side="right")) + 1, len(xs))
        drawn = (start, stop, columns, logarithmic, self._changes)
        if drawn != self._drawn:
            self._drawn, self._limits = drawn, self._draw(start, stop, columns, logarithmic)
        return self._limits

    def _draw(self, start: int, stop: int, columns: int, logarithmic: bool) -> tuple[float, float] | None:
        raw_x, raw_y = self._points(self.series.y, self._pyramid, start, stop, columns, logarithmic)
        self._raw_item.set_points(raw_x, raw_y)
        ranges = [self._usual_range(start, stop, logarithmic) if self.kind.smoothed else _range(raw_y)]
        if self.kind.smoothed:
            x, y = self._points(self._smoothed.values, self._smoothed_pyramid, start, stop, columns, logarithmic)
            self._smoothed_item.set_points(x, y)
            ranges.append(_range(y))
        if self.kind.points:
            marked = ~np.isnan(raw_y) if len(raw_y) <= _MOST_POINTS else np.zeros(len(raw_y), bool)
            self._points_item.setData(raw_x[marked], raw_y[marked])
        known = [found for found in ranges if found is not None]
        return (min(found[0] for found in known), max(found[1] for found in known)) if known else None

    def _points(
        self, values: Floats, pyramid: Pyramid, start: int, stop: int, columns: int, logarithmic: bool
    ) -> tuple[Floats, Floats]:
        x, y = decimate(self.series.x, values, pyramid, start, stop, columns)
        if logarithmic:
            # Zero and below have no logarithm; NaN stays, as the gap it is.
            shown = ~(y <= 0)
            return x[shown], np.log10(y[shown])
        return x, y

    def _usual_range(self, start: int, stop: int, logarithmic: bool) -> tuple[float, float] | None:
        """The range that holds nearly all values between ``start`` and ``stop``, judged by a sample of them."""
        values = self.series.y[start : stop : max((stop - start) // _SAMPLE, 1)]
        values = values[values > 0] if logarithmic else values[~np.isnan(values)]
        if len(values) < _MANY:
            return _range(np.log10(values) if logarithmic else values)
        lowest = round(_OUTLIERS * (len(values) - 1))
        highest = len(values) - 1 - lowest
        low, high = np.partition(values, (lowest, highest))[[lowest, highest]]  # np.quantile takes four times as long
        return (float(np.log10(low)), float(np.log10(high))) if logarithmic else (float(low), float(high))

    def _forget_after(self, size: int) -> None:
        self._changes += 1
        self._pyramid.truncate(size)
        self._restart_smoothing()

    def _restart_smoothing(self) -> None:
        self._changes += 1
        self._average = MovingAverage(self._weight)
        self._smoothed.truncate(0)
        self._smoothed_pyramid.truncate(0)


def _pen(color: QColor, style: Qt.PenStyle) -> QPen:
    pen = QPen(color, 1.0, style)
    pen.setCosmetic(True)
    return pen


def _range(y: Floats) -> tuple[float, float] | None:
    finite = y[~np.isnan(y)]
    if len(finite) == 0:
        return None
    return float(finite.min()), float(finite.max())
