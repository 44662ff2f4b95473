"""Min/max decimation: a long curve drawn with about as many points as the screen has columns.

The slice to draw is cut into buckets of equal length; each gives its smallest and its largest value, so no peak is
lost. Buckets lie at fixed multiples of their length, so a growing or panned curve does not flicker.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from workbench.gui.plots.series import Floats, GrowingArray

_BASE_SHIFT = 4
"""The finest level of the pyramid holds buckets of 2**4 values; shorter ones are found from the values."""

_Reduce = Callable[[Floats], Floats]


def _lowest(rows: Floats) -> Floats:
    """The smallest of each row, NaN only where a row is all NaN."""
    lowest: Floats = np.fmin.reduce(rows, axis=1)
    return lowest


def _highest(rows: Floats) -> Floats:
    """The largest of each row, NaN only where a row is all NaN."""
    highest: Floats = np.fmax.reduce(rows, axis=1)
    return highest


class Pyramid:
    """The extremes of every aligned bucket of 16, 32, 64 ... values of a growing array.

    It takes a quarter of the array's memory and O(n) time for n new values. Reading W buckets costs O(W).
    """

    def __init__(self) -> None:
        self._levels: list[tuple[GrowingArray, GrowingArray]] = []

    def update(self, values: Floats) -> None:
        """Take in what was appended to ``values`` (all of them, shape ``(n,)``) since the call before."""
        source = (values, values)
        fold = 1 << _BASE_SHIFT
        level = 0
        while len(source[0]) >= fold:
            if level == len(self._levels):
                self._levels.append((GrowingArray(), GrowingArray()))
            low, high = self._levels[level]
            start, stop = len(low), len(source[0]) // fold
            if stop > start:
                new = slice(start * fold, stop * fold)
                low.extend(_lowest(source[0][new].reshape(-1, fold)))
                high.extend(_highest(source[1][new].reshape(-1, fold)))
            source = (low.values, high.values)
            fold = 2
            level += 1

    def truncate(self, size: int) -> None:
        """Forget all but the first ``size`` values."""
        for level, (low, high) in enumerate(self._levels):
            low.truncate(size >> (level + _BASE_SHIFT))
            high.truncate(size >> (level + _BASE_SHIFT))

    def buckets(self, values: Floats, shift: int, first: int, stop: int) -> tuple[Floats, Floats]:
        """The smallest and largest value of the whole buckets ``first`` to ``stop`` of ``2**shift`` values."""
        level = shift - _BASE_SHIFT
        if level < 0:
            rows = values[first << shift : stop << shift].reshape(-1, 1 << shift)
            return _lowest(rows), _highest(rows)
        low, high = self._levels[level]
        return low.values[first:stop], high.values[first:stop]


def decimate(x: Floats, y: Floats, pyramid: Pyramid, start: int, stop: int, columns: int) -> tuple[Floats, Floats]:
    """The points ``start`` to ``stop`` of a curve, reduced to ``3 * columns`` or few more.

    Args:
        x: Sorted, shape ``(n,)``.
        y: Shape ``(n,)``; NaN is a gap and survives only where a whole bucket is NaN.
        pyramid: Up to date with ``y``.
        start: First point.
        stop: One past the last point.
        columns: Width of the screen area in pixels, at least 1.

    Returns:
        New or viewed arrays ``(x, y)``: the points themselves if there are ``3 * columns`` or fewer, else a minimum
        and a maximum for each bucket, the bucket's first and last ones cut at ``start`` and ``stop``.
    """
    count = stop - start
    if count <= 3 * columns:
        return x[start:stop], y[start:stop]
    # Buckets are 2/3 to 4/3 of a pixel wide: finer ones cost painting time and show nothing more.
    shift = (4 * count // (3 * columns)).bit_length() - 1
    length = 1 << shift
    first = -(-start // length)
    last = stop // length
    if first >= last:  # no whole bucket lies between them
        return _extremes(x, y, start, stop)
    low, high = pyramid.buckets(y, shift, first, last)
    centers = x[first * length + length // 2 : last * length : length]
    pieces_x: list[Floats] = [np.repeat(centers, 2)]
    pieces_y: list[Floats] = [_interleave(low, high)]
    if start < first * length:
        edge_x, edge_y = _extremes(x, y, start, first * length)
        pieces_x.insert(0, edge_x)
        pieces_y.insert(0, edge_y)
    if last * length < stop:
        edge_x, edge_y = _extremes(x, y, last * length, stop)
        pieces_x.append(edge_x)
        pieces_y.append(edge_y)
    return np.concatenate(pieces_x), np.concatenate(pieces_y)


def _interleave(low: Floats, high: Floats) -> Floats:
    """``low`` and ``high`` of each bucket in turn, every second bucket the other way round.

    So the line between two buckets joins two maxima or two minima and adds no stroke of its own across the curve.
    """
    pairs = np.empty((len(low), 2))
    pairs[:, 0] = low
    pairs[:, 1] = high
    pairs[1::2, 0] = high[1::2]
    pairs[1::2, 1] = low[1::2]
    return pairs.reshape(-1)


def _extremes(x: Floats, y: Floats, start: int, stop: int) -> tuple[Floats, Floats]:
    """The smallest and the largest of a short stretch, at its two ends."""
    values: NDArray[np.float64] = y[start:stop]
    return (
        np.array([x[start], x[stop - 1]]),
        np.array([np.fmin.reduce(values), np.fmax.reduce(values)]),
    )
