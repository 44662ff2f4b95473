"""Which part of x a plot shows: all of it as it grows, or what the user chose."""

_LEAST = 2.0
"""No zooming in below this length: two steps."""
_HEADROOM = 0.04
"""The share of x left free on the right while it grows: until it is filled, the axis stands still, which looks calmer
and halves the cost of a frame."""


class XWindow:
    """The visible part of x. ``extent`` is always the first and last x there is."""

    def __init__(self) -> None:
        self._chosen: tuple[float, float] | None = None
        self._all: tuple[float, float] | None = None

    @property
    def chosen(self) -> tuple[float, float] | None:
        """What the user zoomed to; None while all of x is in sight."""
        return self._chosen

    def shown(self, extent: tuple[float, float]) -> tuple[float, float]:
        """What is to be in sight: the user's choice, or all of x with some room where it has grown since last time."""
        if self._chosen is not None:
            return self._chosen
        low, high = extent
        if self._all is None or self._all[0] != low or high < self._all[1] - 2 * _HEADROOM * (self._all[1] - low):
            self._all = extent
        elif high > self._all[1]:
            self._all = (low, high + _HEADROOM * (high - low))
        return self._all

    def fit(self) -> None:
        """Show all of x, without room to grow, and follow it."""
        self._chosen = self._all = None

    def zoom(self, factor: float, center: float, shown: tuple[float, float], extent: tuple[float, float]) -> None:
        """Make the window ``factor`` times as long, with ``center`` staying where it is in ``shown``."""
        low, high = shown
        whole = extent[1] - extent[0]
        length = max((high - low) * factor, min(_LEAST, whole))
        if length >= whole:
            self.fit()
            return
        share = (center - low) / (high - low)
        self._place(center - share * length, length, extent)

    def pan(self, distance: float, extent: tuple[float, float]) -> None:
        """Move the window by ``distance``, as far as there is data."""
        if self._chosen is not None:
            low, high = self._chosen
            self._place(low + distance, high - low, extent)

    def _place(self, low: float, length: float, extent: tuple[float, float]) -> None:
        low = max(extent[0], min(low, extent[1] - length))
        self._chosen = (low, low + length)
