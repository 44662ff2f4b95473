"""Which part of y a plot shows: all there is, with a margin, standing still while that stays a good fit."""

_MARGIN = 0.05
"""Room above and below the curves, as a share of their height."""
_LEAST_SHARE = 0.75
"""The curves fill at least this share of the height; below it the scale follows them."""
_CONSTANT = 1e-6
"""A curve that varies by less than this share of its size is drawn as a straight line."""


class YWindow:
    """The visible part of y, whatever it shows: values or their logarithms."""

    def __init__(self) -> None:
        self._shown: tuple[float, float] | None = None

    def forget(self) -> None:
        """Fit what comes next anew."""
        self._shown = None

    def shown(self, bottom: float, top: float) -> tuple[float, float]:
        """What is to be in sight for curves between ``bottom`` and ``top``: as the time before, if they fit well."""
        if self._shown is not None:
            low, high = self._shown
            if low <= bottom and top <= high and top - bottom >= _LEAST_SHARE * (high - low):
                return self._shown
        size = max(abs(bottom), abs(top))
        is_constant = top - bottom <= size * _CONSTANT
        margin = _MARGIN * ((size or 1.0) if is_constant else top - bottom)
        self._shown = (bottom - margin, top + margin)
        return self._shown
