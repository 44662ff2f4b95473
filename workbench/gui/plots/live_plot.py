"""A plot that follows running training: several runs, several kinds of curve, redrawn on demand."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from numpy.typing import ArrayLike
from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QColor, QResizeEvent, QShowEvent

from workbench.gui.plots.axis import number
from workbench.gui.plots.curve import Curve, CurveKind
from workbench.gui.plots.legend import LegendRow
from workbench.gui.plots.plot_frame import PlotFrame
from workbench.gui.plots.x_window import XWindow
from workbench.gui.plots.y_window import YWindow
from workbench.gui.theme.palette import LIGHT, Theme
from workbench.gui.theme.series import series_style

_SIDE_MARGIN = 6.0
"""Pixels left and right of the curves while all of x is in sight, so that markers are whole."""
_VALUES_MILLISECONDS = 200
"""The values in words change at most this often: nobody can read faster."""


@dataclass(slots=True)
class _Run:
    label: str
    style_index: int
    visible: bool = True
    curves: dict[str, Curve] = field(default_factory=dict)


class LivePlot(PlotFrame):
    """Curves of runs over steps or epochs. GUI thread only.

    Adding data only stores it; ``refresh`` redraws, and costs what is new plus about three points a pixel column for
    each curve, however long the curves are. Until the user zooms, all of x is in sight; y always fits what is.
    """

    changed = Signal()
    """Something new is to be drawn: the next ``refresh`` will do it. Sent once until then."""

    def __init__(
        self,
        title: str,
        kinds: Sequence[CurveKind],
        *,
        x_label: str,
        empty_text: str,
        percent: bool = False,
        whole_x: bool = True,
        from_zero: bool = False,
        legend: bool = False,
    ) -> None:
        """All texts are translated already.

        Args:
            title: The heading, with the unit if there is one.
            kinds: The kinds of curve; the first is the one read out where there is no legend.
            x_label: What x counts.
            empty_text: Shown while there is no data: what to do to see some.
            percent: The values are fractions, shown as percent.
            whole_x: x takes whole numbers only.
            from_zero: The linear y axis starts at zero.
            legend: Show runs and values in a legend, not only values in the header.
        """
        super().__init__(
            title,
            LIGHT,
            x_label=x_label if legend else "",
            empty_text=empty_text,
            percent=percent,
            whole_x=whole_x,
            legend=legend,
        )
        self._kinds = {kind.name: kind for kind in kinds}
        self._runs: dict[str, _Run] = {}
        self._percent = percent
        self._from_zero = from_zero
        self._x_label = x_label
        self._weight = 0.0
        self._logarithmic = False
        self._dirty = True
        self._window = XWindow()
        self._y_window = YWindow()
        self._values_pending = False
        self._values_timer = QTimer(self)
        self._values_timer.setSingleShot(True)
        self._values_timer.setInterval(_VALUES_MILLISECONDS)
        self._values_timer.timeout.connect(self._show_pending_values)
        self._hover_x: float | None = None
        self.box.zoom_asked.connect(self._zoom)
        self.box.pan_asked.connect(self._pan)
        self.box.fit_asked.connect(self.fit)
        self.box.hovered.connect(self._hover)
        self.fit_button.clicked.connect(self.fit)

    # Runs and their data

    def set_run(self, run: str, label: str, style_index: int, *, visible: bool = True) -> None:
        """Add the run, or change its name, style or visibility; its data stays."""
        entry = self._runs.setdefault(run, _Run(label, style_index))
        entry.label, entry.style_index, entry.visible = label, style_index, visible
        for curve in entry.curves.values():
            self._style(entry, curve)
        self._touch()

    def remove_run(self, run: str) -> None:
        """Take the run and its data away; nothing happens if it is not there."""
        entry = self._runs.pop(run, None)
        if entry is None:
            return
        for curve in entry.curves.values():
            curve.remove()
        self._touch()

    def append(self, run: str, name: str, x: ArrayLike, y: ArrayLike) -> None:
        """Append to the curve ``name`` of ``run``: scalars or arrays of shape ``(n,)``, x increasing.

        Points already there at or after the first new x are replaced. Raises KeyError for an unknown run or name.
        """
        if self._curve(run, name).append(x, y):
            self._touch()

    def replace(self, run: str, name: str, x: ArrayLike, y: ArrayLike) -> None:
        """Make ``x`` and ``y``, shape ``(n,)``, all the data of the curve. Raises KeyError as ``append``."""
        curve = self._curve(run, name)
        curve.clear()
        curve.append(x, y)
        self._touch()

    def truncate_after(self, run: str, x: float) -> None:
        """Cut the run's points after ``x``, which a resumed run will do again. Raises KeyError as ``append``."""
        for curve in self._runs[run].curves.values():
            curve.truncate_after(x)
        self._touch()

    def point_count(self, run: str, name: str) -> int:
        """How many points the curve holds; 0 if there is no such curve."""
        entry = self._runs.get(run)
        curve = entry.curves.get(name) if entry else None
        return len(curve.series) if curve else 0

    # How it is shown

    def set_smoothing(self, weight: float) -> None:
        """Smooth with ``weight``, 0 up to but without 1. Raises ValueError outside."""
        if not 0 <= weight < 1:
            raise ValueError(f"the smoothing weight must be at least 0 and less than 1, not {weight}")
        if weight == self._weight:
            return
        self._weight = weight
        for curve in self._curves(hidden=True):
            curve.set_smoothing(weight)
        self._touch()

    def set_quantity(self, title: str, *, percent: bool, empty_text: str) -> None:
        """Say that the values are those of another quantity from now on; the arguments are those of the constructor."""
        self._percent = percent
        self._y_window.forget()
        self.left_axis.set_percent(percent)
        self.set_title(title)
        self.set_empty_text(empty_text)
        self._touch()

    def set_log(self, logarithmic: bool) -> None:
        """Use a logarithmic y axis; values of zero and below are then not drawn."""
        self._logarithmic = logarithmic
        self._y_window.forget()
        self.left_axis.set_logarithmic(logarithmic)
        self._touch()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        super().set_theme(theme)
        if hasattr(self, "_runs"):
            for entry in self._runs.values():
                for curve in entry.curves.values():
                    self._style(entry, curve)
            self._touch()

    @property
    def zoomed(self) -> bool:
        """Whether the user chose a part of x; ``fit`` ends that."""
        return self._window.chosen is not None

    @Slot()
    def fit(self) -> None:
        """Show all of x, and follow it as it grows."""
        self._window.fit()
        self._y_window.forget()
        self._touch()

    def refresh(self) -> bool:
        """Redraw if something changed and the plot is visible. Returns whether it did."""
        if not self._dirty or not self.isVisible():
            return False
        self._dirty = False
        curves = self._curves()
        crowded = sum(run.visible for run in self._runs.values()) > 1
        for curve in curves:
            curve.set_crowded(crowded)
            curve.update()
        columns = max(int(self.box.width()), 1)
        low, high = self._window.shown(self._extent(curves))
        if not self.zoomed:
            side = (high - low) * _SIDE_MARGIN / columns
            low, high = low - side, high + side
        found = [curve.draw(low, high, columns, self._logarithmic) for curve in curves]
        ranges = [limits for limits in found if limits is not None]
        if ranges:
            bottom, top = min(limits[0] for limits in ranges), max(limits[1] for limits in ranges)
        else:
            bottom, top = 0.0, 1.0
        if self._from_zero and not self._logarithmic:
            bottom, top = min(bottom, 0.0), max(top, 0.0)
        self.set_range((low, high), self._y_window.shown(bottom, top))
        self.set_empty(not any(len(curve.series) for curve in curves))
        self.fit_button.setVisible(self.zoomed)
        self._values_pending = True
        if not self._values_timer.isActive():
            self._show_values()
        return True

    # What the user does

    @Slot(float, float)
    def _zoom(self, factor: float, center: float) -> None:
        self._window.zoom(factor, center, self.x_range, self._extent(self._curves()))
        self._touch()

    @Slot(float)
    def _pan(self, distance: float) -> None:
        self._window.pan(distance, self._extent(self._curves()))
        self._touch()

    @Slot(object)
    def _hover(self, x: float | None) -> None:
        self._hover_x = x
        self.set_cursor(x)
        self._show_values()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._touch()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._touch()

    # Inside

    def _curve(self, run: str, name: str) -> Curve:
        entry = self._runs[run]
        curve = entry.curves.get(name)
        if curve is None:
            curve = entry.curves[name] = Curve(self._kinds[name], self.box, self._weight)
            self._style(entry, curve)
        return curve

    def _curves(self, *, hidden: bool = False) -> list[Curve]:
        return [curve for run in self._runs.values() if run.visible or hidden for curve in run.curves.values()]

    def _style(self, entry: _Run, curve: Curve) -> None:
        color, style = series_style(entry.style_index, self.theme)
        curve.set_style(color, style, self.theme)
        curve.set_visible(entry.visible)

    def _touch(self) -> None:
        if not self._dirty:
            self._dirty = True
            self.changed.emit()

    @staticmethod
    def _extent(curves: Sequence[Curve]) -> tuple[float, float]:
        xs = [curve.series.x for curve in curves if len(curve.series)]
        if not xs:
            return 0.0, 1.0
        low, high = float(min(x[0] for x in xs)), float(max(x[-1] for x in xs))
        return (low, high) if high > low else (low - 0.5, high + 0.5)

    def _text(self, value: float) -> str:
        if math.isnan(value):
            return "\u2013"
        if self._percent:
            return f"{value * 100:.1f} %"
        return f"{value:.4f}" if self.legend and 1e-3 <= abs(value) < 1000 else number(value)

    @Slot()
    def _show_pending_values(self) -> None:
        if self._values_pending:
            self._show_values()

    def _show_values(self) -> None:
        """Bring the values in the legend or the header up to date, at the pointer or else the last ones."""
        self._values_pending = False
        self._values_timer.start()
        runs = [run for run in self._runs.values() if run.visible and run.curves]
        x = self._hover_x
        parts: list[tuple[QColor | None, str]] = []
        if x is not None and runs:
            parts.append((None, f"{self._x_label} {x:,.0f}"))
        if self.legend:
            kinds = list(self._kinds.values())
            rows = []
            for run in runs:
                color, style = series_style(run.style_index, self.theme)
                curves = [run.curves.get(kind.name) for kind in kinds]
                values = tuple(self._text(curve.value_at(x) if curve else math.nan) for curve in curves)
                rows.append(LegendRow(run.label, color, style, values))
            self.legend.show_rows(tuple(kind.label for kind in kinds), rows, self.legend_corner())
        else:
            first = next(iter(self._kinds))
            for run in reversed(runs):
                if (curve := run.curves.get(first)) is not None and len(curve.series):
                    color, _ = series_style(run.style_index, self.theme)
                    parts.append((color if len(runs) > 1 else None, self._text(curve.value_at(x))))
        self.set_readout(parts)
