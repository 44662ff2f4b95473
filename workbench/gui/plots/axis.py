"""Round axis ticks, linear and logarithmic, and the axis that draws them."""

import math
from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QRectF

_STEPS = (1.0, 2.0, 5.0, 10.0)
_END_LABEL = 24
"""Pixels by which the label of the last tick may stand out."""
_MOST_WANTED = 8
_MINUS = "\u2212"


def linear_ticks(low: float, high: float, wanted: int, *, whole: bool = False) -> tuple[float, list[float]]:
    """About ``wanted`` round numbers from ``low`` to ``high``, and the distance between them.

    With ``whole`` they are whole numbers.
    """
    span = high - low
    if not (math.isfinite(span) and span > 0) or wanted < 1:
        return 1.0, []
    rough = span / wanted
    magnitude = 10.0 ** math.floor(math.log10(rough))
    spacing = next(step * magnitude for step in _STEPS if step * magnitude >= rough * 0.999)
    if whole:
        spacing = max(1.0, spacing)
    first, last = math.ceil(low / spacing - 1e-9), math.floor(high / spacing + 1e-9)
    if last <= first and wanted < _MOST_WANTED and not (whole and spacing == 1.0):
        # One number alone does not make a scale.
        return linear_ticks(low, high, wanted + 1, whole=whole)
    return spacing, [index * spacing for index in range(first, last + 1)]


def log_ticks(low: float, high: float, wanted: int) -> list[float]:
    """About ``wanted`` round numbers between ``10**low`` and ``10**high``, as their decimal logarithms."""
    decades = high - low
    if not (math.isfinite(decades) and decades > 0) or wanted < 1:
        return []
    if decades < 0.5:
        _, values = linear_ticks(10.0**low, 10.0**high, wanted)
        return [math.log10(value) for value in values if value > 0]
    every = max(1, math.ceil(decades / wanted))
    mantissas: Sequence[float] = (1.0,)
    if decades * 3 <= wanted * 1.5:
        mantissas = (1.0, 2.0, 5.0)
    exponents = range(math.floor(low), math.ceil(high) + 1)
    ticks = [e + math.log10(m) for e in exponents if e % every == 0 for m in mantissas]
    return [tick for tick in ticks if low <= tick <= high]


def number(value: float, spacing: float = 0.0) -> str:
    """``value`` as short as ticks ``spacing`` apart (0: four significant digits) can be told from each other."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e6 or size < 1e-4:
        mantissa, exponent = f"{value:.3g}".split("e") if "e" in f"{value:.3g}" else f"{value:.2e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}".replace(
            "-", _MINUS
        )
    if spacing > 0:
        digits = max(0, -math.floor(math.log10(spacing) + 1e-9))
        text = f"{value:,.{digits}f}"
    elif size >= 999.5:
        text = f"{value:,.0f}"
    else:
        text = f"{value:.4g}"
    return text.replace("-", _MINUS)


class Axis(pg.AxisItem):
    """An axis with one level of ticks at round numbers, as many as there is room for."""

    def __init__(self, orientation: str, *, percent: bool = False, whole: bool = False) -> None:
        """``orientation`` is ``left`` or ``bottom``; ``percent`` shows fractions as percent."""
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)
        self._percent = percent
        self._whole = whole
        self._logarithmic = False
        self.setStyle(tickLength=0, tickTextOffset=6, tickAlpha=255)
        self.setGrid(255)
        self.setZValue(-1000)

    def set_percent(self, percent: bool) -> None:
        """Whether fractions are shown as percent."""
        self._percent = percent
        self.picture = None
        self.update()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Whether the axis' coordinates are decimal logarithms of what it shows."""
        self._logarithmic = logarithmic
        self.picture = None
        self.update()

    def boundingRect(self) -> QRectF:
        # Labels at the ends stand out of the axis by half their size.
        bounds: QRectF = super().boundingRect()
        return bounds.adjusted(-_END_LABEL, -_END_LABEL, _END_LABEL, _END_LABEL)

    def tickValues(
        self,
        minVal: float,
        maxVal: float,
        size: float,
    ) -> list[tuple[float, list[float]]]:
        wanted = max(2, int(size / (28 if self.orientation == "left" else 60)))
        if self._logarithmic:
            return [(0.0, log_ticks(minVal, maxVal, wanted))]
        factor = 100.0 if self._percent else 1.0
        spacing, ticks = linear_ticks(minVal * factor, maxVal * factor, wanted, whole=self._whole)
        return [(spacing / factor, [tick / factor for tick in ticks])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self._logarithmic:
            return [number(float(f"{10.0**value:.6g}")) for value in values]
        if self._percent:
            return [f"{number(value * 100, spacing * 100)} %" for value in values]
        return [number(value, spacing) for value in values]
