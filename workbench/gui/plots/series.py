"""A growing series of points, sorted by x."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

_FIRST_CAPACITY = 1024


class GrowingArray:
    """A one-dimensional float64 array that grows at its end at amortised constant cost a value."""

    def __init__(self) -> None:
        self._buffer: Floats = np.empty(_FIRST_CAPACITY)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    @property
    def values(self) -> Floats:
        """A view of shape ``(len(self),)``, valid until the next change. Do not write to it."""
        return self._buffer[: self._size]

    def extend(self, values: Floats) -> None:
        """Append ``values``, shape ``(n,)``."""
        size = self._size + len(values)
        if size > len(self._buffer):
            grown = np.empty(max(size, 2 * len(self._buffer)))
            grown[: self._size] = self.values
            self._buffer = grown
        self._buffer[self._size : size] = values
        self._size = size

    def truncate(self, size: int) -> None:
        """Keep the first ``size`` values."""
        self._size = min(size, self._size)


class Series:
    """Points ``(x, y)`` sorted by x, such as a loss over steps. Both are float64.

    Values of y that are not finite are kept as NaN: they are gaps.
    """

    def __init__(self) -> None:
        self._x = GrowingArray()
        self._y = GrowingArray()

    def __len__(self) -> int:
        return len(self._x)

    @property
    def x(self) -> Floats:
        """The sorted x, a read-only view of shape ``(n,)`` valid until the next change."""
        return self._x.values

    @property
    def y(self) -> Floats:
        """The y of each x, a read-only view of shape ``(n,)`` valid until the next change."""
        return self._y.values

    def append(self, x: ArrayLike, y: ArrayLike) -> int:
        """Append points, ``x`` and ``y`` of shape ``(n,)`` or scalars, ``x`` increasing.

        Points already there at or after the first new x are replaced: they belong to steps done again.

        Returns:
            How many of the earlier points are still there.

        Raises:
            ValueError: the shapes differ or ``x`` does not increase.
        """
        xs = np.atleast_1d(np.asarray(x, np.float64))
        ys = np.atleast_1d(np.asarray(y, np.float64))
        if xs.shape != ys.shape or xs.ndim != 1:
            raise ValueError(f"x and y must be one-dimensional and equally long, not {xs.shape} and {ys.shape}")
        if len(xs) == 0:
            return len(self)
        if len(xs) > 1 and not (xs[1:] > xs[:-1]).all():
            raise ValueError("x must increase")
        if len(self) and xs[0] <= self._x.values[-1]:
            self.truncate(int(np.searchsorted(self.x, xs[0], side="left")))
        kept = len(self)
        finite = np.isfinite(ys)
        self._x.extend(xs)
        self._y.extend(ys if finite.all() else np.where(finite, ys, np.nan))
        return kept

    def truncate(self, size: int) -> None:
        """Keep the first ``size`` points."""
        self._x.truncate(size)
        self._y.truncate(size)

    def count_until(self, x: float) -> int:
        """How many points lie at or before ``x``."""
        return int(np.searchsorted(self.x, x, side="right"))

    def truncate_after(self, x: float) -> int:
        """Cut the points after ``x``, as when a run resumes from there. Returns how many are left."""
        self.truncate(self.count_until(x))
        return len(self)
