"""How fast a run goes: samples a second for the plot, and the time it still needs."""

import numpy as np
from numpy.typing import NDArray

from workbench.runs.events import EpochEnd, RunStarted

Floats = NDArray[np.float64]

_WINDOW = 1.0
"""Seconds of training that one throughput value stands for."""
_MEMORY = 5.0
"""Seconds of training after which a step counts 1/e in the recent step time."""
_FORWARD_SHARE = 1 / 3
"""Part of a step's time that a forward pass alone takes, until the first validation is measured."""


class Pace:
    """Follows the times of a run's steps, in order; validation between epochs is told apart. No Qt."""

    def __init__(self, samples_per_step: float) -> None:
        self._samples_per_step = samples_per_step
        self._epoch: int | None = None
        self._last_second = 0.0
        self._window_steps = 0.0
        self._window_seconds = 0.0
        self._recent_steps = 0.0
        self._recent_seconds = 0.0
        self._epoch_steps = 0
        self._epoch_seconds = 0.0
        self._validation_seconds: float | None = None

    def add(self, epoch: int, steps: Floats, seconds: Floats) -> tuple[Floats, Floats]:
        """Take in consecutive steps of one epoch.

        Args:
            epoch: Their epoch.
            steps: Shape ``(n,)``.
            seconds: The run's seconds at the end of each step, validation included, shape ``(n,)``.

        Returns:
            The throughput values that are complete now: steps and samples a second, each of shape ``(m,)``.
        """
        if len(steps) == 0:
            return steps, seconds
        intervals = np.diff(seconds, prepend=self._last_second)
        counts = np.ones(len(steps))
        if epoch != self._epoch:
            # The time since the step before holds a validation, or nobody knows what.
            intervals[0] = counts[0] = 0.0
            self._epoch = epoch
            self._epoch_steps, self._epoch_seconds = 0, 0.0
        self._last_second = float(seconds[-1])
        intervals = np.maximum(intervals, 0.0)
        passed, taken = float(intervals.sum()), float(counts.sum())
        self._epoch_steps += int(taken)
        self._epoch_seconds += passed
        memory = float(np.exp(-passed / _MEMORY))
        self._recent_steps = self._recent_steps * memory + taken
        self._recent_seconds = self._recent_seconds * memory + passed

        times = self._window_seconds + np.cumsum(intervals)
        done = self._window_steps + np.cumsum(counts)
        ends = np.flatnonzero(np.diff(np.floor(times / _WINDOW), prepend=0.0) > 0)
        if len(ends) == 0:
            self._window_seconds, self._window_steps = float(times[-1]), float(done[-1])
            return steps[:0], seconds[:0]
        rates = np.diff(done[ends], prepend=0.0) / np.diff(times[ends], prepend=0.0) * self._samples_per_step
        self._window_seconds = float(times[-1] - times[ends[-1]])
        self._window_steps = float(done[-1] - done[ends[-1]])
        return steps[ends], rates

    def end_epoch(self, event: EpochEnd, batches_per_epoch: int) -> None:
        """Learn from ``event`` how long a validation takes."""
        # The first step's own time is not known, so one step less than the epoch has was timed.
        if self._epoch_steps == batches_per_epoch - 1 and self._epoch_steps > 0:
            training = self._epoch_seconds * batches_per_epoch / self._epoch_steps
            self._validation_seconds = max(event.seconds - training, 0.0)

    @property
    def step_seconds(self) -> float:
        """The recent mean time of a step; 0 while none is known."""
        return self._recent_seconds / self._recent_steps if self._recent_steps else 0.0

    @property
    def samples_per_second(self) -> float:
        """The recent throughput; 0 while none is known."""
        return self._samples_per_step / self.step_seconds if self.step_seconds else 0.0

    def remaining_seconds(self, started: RunStarted, step: int, epochs_done: int) -> float | None:
        """What the run still needs after ``step``, validations included; None while no step time is known."""
        if not self.step_seconds:
            return None
        validation = self._validation_seconds
        if validation is None:
            batches = started.validation_samples / max(self._samples_per_step, 1.0)
            validation = batches * self.step_seconds * _FORWARD_SHARE
        steps_left = max(started.epochs * started.batches_per_epoch - step, 0)
        return steps_left * self.step_seconds + max(started.epochs - epochs_done, 0) * validation
