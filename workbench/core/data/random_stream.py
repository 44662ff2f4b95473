"""Random numbers that stay the same for ever: made from the raw bits of Philox, not by numpy's changing methods."""

import math

import numpy as np
from numpy.typing import NDArray


class RandomStream:
    """A stream of random numbers that its seed fixes, in every release of numpy.

    numpy keeps the bits of its generators for ever, but not what ``Generator`` makes of them (NEP 19).
    """

    def __init__(self, seed: int) -> None:
        self._bits = np.random.Philox(seed)

    def uniform(self, *shape: int) -> NDArray[np.float64]:
        """Numbers from 0 to below 1, each a multiple of 2⁻⁵³."""
        raw = np.asarray(self._bits.random_raw(math.prod(shape)), dtype=np.uint64)
        return ((raw >> np.uint64(11)).astype(np.float64) * 2.0**-53).reshape(shape)

    def normal(self, *shape: int) -> NDArray[np.float64]:
        """Standard normal numbers, two uniform ones for each (Box and Muller 1958)."""
        radius, angle = self.uniform(2, *shape)
        result: NDArray[np.float64] = np.sqrt(-2 * np.log1p(-radius)) * np.cos(2 * np.pi * angle)
        return result

    def integers(self, bound: int, *shape: int) -> NDArray[np.int64]:
        """Whole numbers from 0 to below ``bound``, which is at most 2³²."""
        return (self.uniform(*shape) * bound).astype(np.int64)

    def permutation(self, count: int) -> NDArray[np.int64]:
        """The numbers from 0 to below ``count`` in random order."""
        return np.argsort(self.uniform(count), kind="stable")
