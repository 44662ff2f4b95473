"""The clock of a run, and its losses on their way to the listener."""

import math
import time

import numpy as np
import torch

from workbench.runs.events import BatchBlock


class Clock:
    """Seconds of training and validation, pauses left out, over all resumptions of a run."""

    def __init__(self, total: float = 0.0, lap: float = 0.0) -> None:
        self._total = total
        self._lap_start = total - lap
        self._since: float | None = None

    def start(self) -> None:
        """Go on."""
        if self._since is None:
            self._since = time.perf_counter()

    def stop(self) -> None:
        """Hold still."""
        self._total = self.seconds()
        self._since = None

    def seconds(self) -> float:
        """Seconds so far."""
        return self._total if self._since is None else self._total + time.perf_counter() - self._since

    def lap_seconds(self) -> float:
        """Seconds of the current lap."""
        return self.seconds() - self._lap_start

    def lap(self) -> float:
        """The seconds since the last lap, which begins anew."""
        now = self.seconds()
        seconds, self._lap_start = now - self._lap_start, now
        return seconds


class LossBlocks:
    """The losses that were not told yet, in blocks of ``seconds``. On a GPU they stay there until they are taken."""

    def __init__(self, seconds: float) -> None:
        self._length = seconds
        self._epoch = 0
        self._next_step = 1
        self._values: list[float | torch.Tensor] = []
        self._rates: list[float] = []
        self._seconds: list[float] = []
        self._due = 0.0

    def begin_epoch(self, epoch: int, step: int) -> None:
        """What comes now belongs to ``epoch``, which begins or goes on after ``step``."""
        self._epoch, self._next_step = epoch, step + 1

    def add(self, loss: torch.Tensor, rate: float, now: float) -> None:
        """Note the loss of the next step, the rate it was taken with and when it was done."""
        loss = loss.detach()
        self._values.append(loss.item() if loss.device.type == "cpu" else loss)
        self._rates.append(rate)
        self._seconds.append(now)

    def is_due(self, now: float) -> bool:
        """Whether the block is long enough to be told; a loss on the CPU that is not finite is told at once."""
        last = self._values[-1]
        return now >= self._due or (isinstance(last, float) and not math.isfinite(last))

    def restart(self, now: float) -> None:
        """Begin the next block's time now."""
        self._due = now + self._length

    def take(self) -> BatchBlock | None:
        """Everything since the last call; None where that is nothing."""
        if not self._values:
            return None
        losses = [value if isinstance(value, float) else None for value in self._values]
        if None in losses:
            losses = torch.stack([value for value in self._values if isinstance(value, torch.Tensor)]).tolist()
        block = BatchBlock(
            self._epoch,
            self._next_step,
            np.array(losses, dtype=np.float64),
            np.array(self._rates),
            np.array(self._seconds),
        )
        self._next_step += len(self._values)
        self.restart(self._seconds[-1])
        self._values, self._rates, self._seconds = [], [], []
        return block
