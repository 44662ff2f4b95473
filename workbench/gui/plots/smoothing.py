"""Exponential moving average without the bias towards zero, as TensorBoard smooths its curves.

With weight w, 0 <= w < 1: ``e_t = w e_(t-1) + (1 - w) y_t``, ``e_0 = 0``, and the smoothed value is ``e_t / (1 - w^t)``
(the bias correction of Kingma and Ba, "Adam", 2015, section 3). Values that are not finite do not move the average and
stay gaps.
"""

import numpy as np

from workbench.gui.plots.series import Floats

_BLOCK = 32
"""Values averaged by one matrix row; short blocks cost fewer multiplications, long ones fewer carries."""
_ROWS = 256
"""Matrix rows multiplied at once: so few that the product uses one thread and leaves the others to training."""


def _average(values: Floats, weight: float, start: float) -> Floats:
    """``e_1 .. e_n`` of shape ``(n,)`` with ``e_0 = start``, without bias correction.

    Each block of values is averaged from zero by one triangular matrix. What a block hands to the next obeys
    the same recursion, with the weight ``weight ** _BLOCK``, so it is found by calling this function again.
    """
    averaged = np.empty(len(values))
    count = len(values) // _BLOCK
    whole = count * _BLOCK
    blocks, results = values[:whole].reshape(count, _BLOCK), averaged[:whole].reshape(count, _BLOCK)
    lags = np.arange(_BLOCK) - np.arange(_BLOCK)[:, np.newaxis]
    matrix = np.triu((1 - weight) * weight ** np.maximum(lags, 0))
    for row in range(0, count, _ROWS):
        np.matmul(blocks[row : row + _ROWS], matrix, out=results[row : row + _ROWS])
    rest = len(values) - whole
    averaged[whole:] = values[whole:] @ matrix[:rest, :rest]

    handed_on = np.full(1, start)
    if count:
        block_weight = float(weight**_BLOCK)
        # The call multiplies by (1 - block_weight), which the blocks' ends are not to be.
        ends = _average(results[:, -1] / (1 - block_weight), block_weight, start)
        handed_on = np.concatenate((handed_on, ends))
    decay = weight ** np.arange(1.0, _BLOCK + 1)
    results += handed_on[:-1, np.newaxis] * decay
    averaged[whole:] += handed_on[-1] * decay[:rest]
    return averaged


class MovingAverage:
    """The debiased moving average of a sequence that arrives in blocks."""

    def __init__(self, weight: float) -> None:
        """``weight`` of the past, 0 (no smoothing) up to but without 1. Raises ValueError outside."""
        if not 0 <= weight < 1:
            raise ValueError(f"the smoothing weight must be at least 0 and less than 1, not {weight}")
        self._weight = weight
        self._average = 0.0
        self._count = 0

    def extend(self, values: Floats) -> Floats:
        """The smoothed ``values``, shape ``(n,)``, that follow those of the calls before. Costs O(n)."""
        if self._weight == 0 or len(values) == 0:
            return values.copy()
        finite = np.isfinite(values)
        if not finite.all():
            smoothed = np.full(len(values), np.nan)
            smoothed[finite] = self.extend(values[finite])
            return smoothed
        averaged = _average(values, self._weight, self._average)
        self._average = float(averaged[-1])
        self._debias(averaged)
        self._count += len(values)
        return averaged

    def _debias(self, averaged: Floats) -> None:
        """Divide ``averaged`` in place by ``1 - w^t`` as far as that differs from 1 in float64."""
        log_weight = np.log(self._weight)
        negligible = int(-40 / log_weight) + 1
        biased = min(max(negligible - self._count, 0), len(averaged))
        steps = np.arange(self._count + 1, self._count + 1 + biased, dtype=np.float64)
        averaged[:biased] /= -np.expm1(steps * log_weight)
