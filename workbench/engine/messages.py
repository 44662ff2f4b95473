"""What passes between an engine and its owner: frozen dataclasses, builtins and numpy arrays. Imports no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.runs.events import Event
from workbench.spec.datasets import Dataset, Table
from workbench.spec.experiment import Experiment
from workbench.spec.tasks import DatasetInfo

# ---- questions, each answered by the type that its docstring names ----


@dataclass(frozen=True)
class PreviewDataset:
    """Some samples and the statistics of a dataset, whatever its kind. Answer: DatasetPreview."""

    dataset: Dataset
    samples: int = 200
    """Training samples to send, the first of an order that ``seed`` gives."""
    seed: int = 0
    may_download: bool = False


@dataclass(frozen=True, eq=False)
class ColumnSummary:
    """How the values of one column of numbers are spread over the training part: a feature, or a number to predict."""

    name: str
    mean: float
    std: float
    """Of the population: divided by the number of samples."""
    minimum: float
    maximum: float
    edges: NDArray[np.float64]
    """``(bins + 1,)``, rising: where the histogram's bins begin and end. A column of few whole numbers, or of codes,
    has one bin a value, any other 20 of equal width."""
    counts: NDArray[np.int64]
    """``(bins,)`` samples in each bin."""


@dataclass(frozen=True, eq=False)
class DatasetPreview:
    """What the Data tab shows; ``info.kind`` says what the samples are, ``info.task`` what their targets are."""

    dataset: Dataset
    info: DatasetInfo
    inputs: NDArray[Any]
    """The chosen training samples before normalisation.

    Images: uint8 ``(N, H, W, C)``. A table: float32 ``(N, features)``, the features in the order of ``columns``.
    Tokens: int64 ``(N, length)``; 0 pads.
    """
    targets: NDArray[Any]
    """Their targets. ``multiclass`` and ``binary``: int64 ``(N,)``, indices into ``info.targets``. ``multilabel``:
    float32 ``(N, labels)``, 0 or 1. ``regression``: float32 ``(N, outputs)``."""
    indices: NDArray[np.int64]
    """``(N,)`` places of the samples in the training part."""
    train_counts: NDArray[np.int64]
    """Training samples of each class, or with each label; empty for a regression. With labels they do not add up to
    the samples: those are ``info.train_samples``."""
    validation_counts: NDArray[np.int64]
    """Validation samples of each class, or with each label; empty for a regression."""
    mean: tuple[float, ...] = ()
    """Of images: of each channel over the training part, pixels scaled to 0–1. Else empty."""
    std: tuple[float, ...] = ()
    """Of images: as ``mean``. Else empty."""
    columns: tuple[ColumnSummary, ...] = ()
    """Of a table: its features. Of tokens: one column, how many tokens a sample has without the padding. Of images:
    none."""
    target_columns: tuple[ColumnSummary, ...] = ()
    """Of a regression: the numbers to predict, in the order of ``info.targets``. Else none."""
    skipped: tuple[str, ...] = ()
    """What is left out because it cannot be used, each with the reason: ``cats/7.jpg: it is damaged``."""

    @property
    def images(self) -> NDArray[np.uint8]:
        """``(N, H, W, C)``: ``inputs``, where they are images."""
        return self.inputs

    @property
    def labels(self) -> NDArray[np.int64]:
        """``(N,)``: ``targets``, where each sample has one class."""
        return self.targets

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes, the labels, or the names of the numbers to predict."""
        return self.info.targets


@dataclass(frozen=True)
class DescribeCheckpoint:
    """What a checkpoint holds. Answer: CheckpointSummary."""

    path: Path


@dataclass(frozen=True)
class CheckpointSummary:
    """A checkpoint without its tensors."""

    path: Path
    experiment: Experiment
    epochs_done: int
    step: int
    best: Mapping[str, float]


@dataclass(frozen=True)
class ListDevices:
    """The devices a run can be given. Answer: tuple of Device."""


@dataclass(frozen=True)
class Device:
    """A device of this computer."""

    name: str
    """As settings and ``--device`` take it."""
    label: str
    memory: int
    """Bytes of its own; 0 where it shares the system's."""


@dataclass(frozen=True)
class DescribeModel:
    """The layers of the experiment's model and what they cost. Answer: ``spec.layer_table.ModelDescription``."""

    experiment: Experiment
    info: DatasetInfo
    batch_size: int


@dataclass(frozen=True)
class DrawSchedule:
    """The learning rate over a whole run, before it is started. Answer: ScheduleCurve."""

    experiment: Experiment
    batches_per_epoch: int


@dataclass(frozen=True, eq=False)
class ScheduleCurve:
    """The learning rate of every batch of the run, or of a few thousand that show its shape.

    A schedule that waits for the validation loss to stop falling is drawn as if it never did.
    """

    steps: NDArray[np.float64]
    """``(n,)`` batches of the whole run, counted from 1, rising."""
    rates: NDArray[np.float64]
    """``(n,)``"""


@dataclass(frozen=True)
class TryLoss:
    """What the experiment's loss gives without any training. Answer: LossTrial."""

    experiment: Experiment
    info: DatasetInfo


@dataclass(frozen=True)
class LossTrial:
    """The loss on random outputs, beside what knowing nothing costs."""

    value: float
    """Of random outputs on random targets."""
    chance: float
    """Of a model that takes all classes alike, each label as likely as not, or gives the targets' mean."""
    sentence: str
    """Both figures in words."""


@dataclass(frozen=True)
class DescribeTable:
    """The columns of a table's file, with the role that each has and why. Answer: tuple of ColumnFacts."""

    dataset: Table


Question = PreviewDataset | DescribeCheckpoint | ListDevices | DescribeModel | DrawSchedule | TryLoss | DescribeTable

# ---- from the owner to the engine ----


@dataclass(frozen=True)
class Ask:
    """A question; its answer carries the same ``ticket``."""

    ticket: int
    question: Question


@dataclass(frozen=True)
class CancelQuestion:
    """The answer to ``ticket`` is no longer wanted."""

    ticket: int


@dataclass(frozen=True)
class StartRun:
    """Train. The engine then answers no more questions and ends with the run."""

    experiment: Experiment
    run_folder: Path
    device: str
    threads: int = 0
    """0 for the rule, or the checkpoint's."""
    start: Path | None = None
    """The checkpoint to go on from."""


@dataclass(frozen=True)
class Pause:
    """Hold still after the current batch."""


@dataclass(frozen=True)
class Resume:
    """Go on after a pause."""


@dataclass(frozen=True)
class Stop:
    """End after the current batch and keep everything."""


@dataclass(frozen=True)
class Cancel:
    """End after the current batch and keep nothing."""


@dataclass(frozen=True)
class SaveCheckpoint:
    """Write a checkpoint of the current state to ``path``."""

    path: Path


@dataclass(frozen=True)
class Quit:
    """End when there is nothing to do."""


Request = Ask | CancelQuestion | StartRun | Pause | Resume | Stop | Cancel | SaveCheckpoint | Quit

# ---- from the engine to its owner ----


@dataclass(frozen=True)
class Ready:
    """Torch is imported and warm."""

    process: int
    """The engine's process id."""
    torch_version: str


@dataclass(frozen=True)
class Answer:
    """The answer to a question, of the type its docstring names."""

    ticket: int
    value: object


@dataclass(frozen=True)
class QuestionProgress:
    """How far the work on a question is."""

    ticket: int
    stage: str
    done: int
    total: int


@dataclass(frozen=True)
class QuestionFailed:
    """A question has no answer; ``sentence`` is for the user, empty when it was cancelled."""

    ticket: int
    sentence: str
    can_download: bool = False
    """Whether the same question with ``may_download`` could be answered."""


@dataclass(frozen=True)
class RunEvent:
    """The run's next event."""

    event: Event


@dataclass(frozen=True)
class RunRefused:
    """The run could not start or was broken off; ``sentence`` is for the user, ``detail`` for the log."""

    sentence: str
    detail: str = field(default="", repr=False)


Report = Ready | Answer | QuestionProgress | QuestionFailed | RunEvent | RunRefused
