"""The answer to ``DrawSchedule``: the learning rate of enough batches to draw a whole run."""

import numpy as np
from numpy.typing import NDArray

from workbench.core.schedulers import learning_rates
from workbench.engine.messages import DrawSchedule, ScheduleCurve

_MOST = 4_000
"""Batches that are drawn, apart from the first and last of each epoch."""
_MOST_EPOCHS = 1_000
"""Up to so many epochs have their first and last batch drawn, so that what changes between them falls straight."""


def draw_schedule(question: DrawSchedule) -> ScheduleCurve:
    """The curve of ``question``, drawn without training."""
    chosen = _chosen(question.experiment.training.epochs, question.batches_per_epoch)
    rates = learning_rates(question.experiment, question.batches_per_epoch, batches=chosen)
    return ScheduleCurve((chosen + 1).astype(np.float64), rates)


def _chosen(epochs: int, batches_per_epoch: int) -> NDArray[np.int64]:
    """Which batches to draw, from 0."""
    total = epochs * batches_per_epoch
    if total <= _MOST:
        return np.arange(total)
    spread = np.linspace(0, total - 1, _MOST).astype(np.int64)
    if epochs > _MOST_EPOCHS:
        return np.unique(spread)
    starts = np.arange(epochs) * batches_per_epoch
    return np.unique(np.concatenate([spread, starts, starts + batches_per_epoch - 1]))
