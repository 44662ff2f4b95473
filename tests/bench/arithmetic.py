"""The bench's arithmetic: step rates, paired ratios, lateness of timers, latency of pixels."""

from collections.abc import Sequence
from statistics import median

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def step_rate(epochs: Ints, seconds: Floats) -> float:
    """Steps a second of consecutive steps.

    The first tenth is left out, in which caches fill and threads wake, and so is the time between two epochs, which
    belongs to validation.

    Args:
        epochs: The epoch of each step, shape ``(n,)``.
        seconds: The run's seconds at each step's end, shape ``(n,)``.
    """
    intervals = np.diff(seconds)
    inside = np.diff(epochs) == 0
    intervals = intervals[len(seconds) // 10 :][inside[len(seconds) // 10 :]]
    return float(len(intervals) / intervals.sum())


def paired_ratio(over: Sequence[float], under: Sequence[float]) -> float:
    """The median of ``over / under``, pair by pair: what slows the computer down for seconds hits both of a pair."""
    return median(one / other for one, other in zip(over, under, strict=True))


def lateness(fired: Floats, interval: float) -> Floats:
    """How late each tick of an ideal clock was served by a timer that fired at ``fired``; seconds.

    A loop that stalls fires once for all ticks that were due meanwhile. Each of them counts, or a stall would be one
    sample among thousands.
    """
    due = np.arange(fired[0], fired[-1] + interval / 2, interval)
    served = np.searchsorted(fired, due - interval * 1e-6)
    return np.maximum(fired[np.minimum(served, len(fired) - 1)] - due, 0.0)


def first_seen(steps: Ints, ends: Floats, frames: Floats, newest: Ints) -> Floats:
    """Seconds from each step's end to the first frame that shows it; steps after the last frame are left out.

    Args:
        steps: Step numbers, shape ``(n,)``.
        ends: When each ended, shape ``(n,)``, on the clock of ``frames``.
        frames: When each frame was on the screen, shape ``(m,)``.
        newest: The newest step in each frame, shape ``(m,)``, not falling.
    """
    found = np.searchsorted(newest, steps)
    shown = found < len(frames)
    latency: Floats = frames[found[shown]] - ends[shown]
    return latency
