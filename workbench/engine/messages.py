"""What passes between an engine and its owner: frozen dataclasses, builtins and numpy arrays. Imports no torch."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.runs.events import Event
from workbench.spec.datasets import Dataset
from workbench.spec.experiment import Experiment

# ---- questions, each answered by the type that its docstring names ----


@dataclass(frozen=True)
class PreviewDataset:
    """Some samples and the statistics of a dataset. Answer: DatasetPreview."""

    dataset: Dataset
    samples: int = 200
    """Training samples to send, the first of an order that ``seed`` gives."""
    seed: int = 0
    may_download: bool = False


@dataclass(frozen=True, eq=False)
class DatasetPreview:
    """What the Data tab shows."""

    dataset: Dataset
    images: NDArray[np.uint8]
    """``(N, H, W, C)`` as shown, before normalisation."""
    labels: NDArray[np.int64]
    """``(N,)`` indices into ``classes``."""
    indices: NDArray[np.int64]
    """``(N,)`` places in the training part."""
    classes: tuple[str, ...]
    train_counts: NDArray[np.int64]
    """Samples of each class."""
    validation_counts: NDArray[np.int64]
    mean: tuple[float, ...]
    """Of each channel over the training part, pixels scaled to 0–1."""
    std: tuple[float, ...]


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


Question = PreviewDataset | DescribeCheckpoint | ListDevices

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
