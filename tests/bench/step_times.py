"""What a stretch of a run's events says about its speed."""

import numpy as np

from tests.bench.arithmetic import step_rate
from workbench.runs.events import BatchBlock, EpochEnd, Event


class StepTimes:
    """Collects events; counts the steps in them."""

    def __init__(self) -> None:
        self.steps = 0
        self._blocks: list[BatchBlock] = []
        self._epoch_seconds: list[float] = []

    def take(self, event: Event) -> None:
        """Take in the next event of the run."""
        if isinstance(event, BatchBlock):
            self._blocks.append(event)
            self.steps += len(event.losses)
        elif isinstance(event, EpochEnd):
            self._epoch_seconds.append(event.seconds)

    def summary(self) -> dict[str, object]:
        """Steps a second by the run's own clock, pauses left out, and the seconds of the epochs that ended."""
        seconds = np.concatenate([block.seconds for block in self._blocks])
        epochs = np.repeat([block.epoch for block in self._blocks], [len(block.losses) for block in self._blocks])
        return {"steps_per_second": step_rate(epochs, seconds), "epoch_seconds": self._epoch_seconds}
