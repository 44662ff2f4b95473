"""The events a run tells, in the order ARCHITECTURE.md's table gives for each ending.

Epochs and steps count from 1; step *n* is the *n*-th batch of the whole run, over all its resumptions. It is a step of
the optimizer, or a part of one where ``training.accumulate`` makes a step of several batches.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.spec.tasks import Task


class Status(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    """Its engine ended without a word (killed, crashed, power cut); the last checkpoint is there."""


class CheckpointKind(StrEnum):
    """Why a checkpoint was written."""

    LAST = "last"
    BEST = "best"
    EPOCH = "epoch"
    COPY = "copy"
    """On demand, to a place the user chose."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A stage of the preparation moved on. ``total`` is 0 where it is unknown."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Everything is ready; the next event comes from the first batch."""

    title: str
    epochs: int
    batches_per_epoch: int
    train_samples: int
    validation_samples: int
    parameters: int
    """Trainable parameters of the model."""
    device: str
    """Torch's name, such as ``cpu`` or ``cuda:0``."""
    threads: int
    """Torch's intra-operation threads; part of what makes a run exact."""
    step: int = 0
    """Steps done before this start: 0, or more for a resumed run."""
    task: Task | None = None
    """Which metrics to expect; None where nobody knows before the first EpochEnd."""


@dataclass(frozen=True, slots=True, eq=False)
class BatchBlock:
    """Consecutive batches of one epoch, at most about 33 ms of them. All arrays have shape ``(n,)``."""

    epoch: int
    first_step: int
    losses: NDArray[np.float64]
    """The training loss of each batch."""
    learning_rates: NDArray[np.float64]
    """The learning rate each step was taken with."""
    seconds: NDArray[np.float64]
    """Seconds of training and validation in this run up to each batch's end, pauses left out."""

    @property
    def last_step(self) -> int:
        return self.first_step + len(self.losses) - 1


@dataclass(frozen=True, slots=True)
class EpochEnd:
    """An epoch is trained and validated."""

    epoch: int
    step: int
    train_loss: float
    """Mean over the epoch's samples of the losses the batches were trained with."""
    val_loss: float
    """Mean over the validation samples."""
    metrics: Mapping[str, float]
    """Validation metrics by name, such as ``val_accuracy`` (a fraction)."""
    learning_rate: float
    """The rate of the epoch's last step."""
    seconds: float
    """Seconds of training and validation in this epoch, pauses left out."""

    def value(self, name: str) -> float:
        """The figure called ``name``: ``train_loss``, ``val_loss`` or a metric."""
        if name in ("train_loss", "val_loss"):
            return float(getattr(self, name))
        return self.metrics[name]


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """A checkpoint is complete on disk."""

    kind: CheckpointKind
    path: Path
    epoch: int
    step: int


@dataclass(frozen=True, slots=True)
class Paused:
    """The run holds still after this step."""

    step: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """The run goes on after a pause."""

    step: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know that stops nothing; ``message`` is one sentence."""

    message: str
    detail: str = ""
    """What more there is to say, line by line; for the log."""


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The last event of a run."""

    status: Status
    epoch: int
    step: int
    message: str = ""
    """For a failed run: what happened and what to do, in one sentence."""
    best: Mapping[str, float] = field(default_factory=dict)
    """``epoch`` and the figures of the best epoch so far; empty before the first validation."""


Event = Progress | RunStarted | BatchBlock | EpochEnd | CheckpointSaved | Paused | Resumed | Notice | RunEnded
