"""A small experiment on the digits and a way to drive the loop batch by batch."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from workbench.core import checkpoint, loop
from workbench.core.checkpoint import Checkpoint
from workbench.core.control import Control
from workbench.folders import Folders
from workbench.runs.events import BatchBlock, CheckpointSaved, EpochEnd, Event, RunEnded, RunStarted
from workbench.spec.datasets import Digits
from workbench.spec.experiment import Experiment
from workbench.spec.losses import CrossEntropyLoss
from workbench.spec.models import MLP
from workbench.spec.optimizers import SGD
from workbench.spec.training import Training

BATCHES = 6
"""An epoch of ``experiment`` has: five of 256 samples and one of 158."""


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """One cache for all tests, so that scikit-learn is loaded once; no dataset of the system."""
    home = tmp_path_factory.mktemp("folders")
    return Folders(home / "settings", home / "data", home / "cache", home / "workspace", system_datasets=())


@pytest.fixture(scope="session")
def experiment() -> Experiment:
    return Experiment(
        title="Small",
        dataset=Digits(),
        model=MLP(hidden=(12,), dropout=0.25),
        loss=CrossEntropyLoss(),
        optimizer=SGD(lr=0.1, momentum=0.9),
        training=Training(epochs=3, batch_size=256, best_by="val_loss"),
    )


@pytest.fixture(autouse=True)
def torch_as_before() -> Iterator[None]:
    """The loop sets torch's threads and random state, which are the process's."""
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    yield
    torch.set_num_threads(threads)
    torch.set_rng_state(state)


@pytest.fixture(autouse=True)
def every_batch_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "BLOCK_SECONDS", 0.0)


@dataclass
class Told:
    """What a run told, in one stretch or several."""

    events: list[Event] = field(default_factory=list)

    @property
    def losses(self) -> list[float]:
        return [loss for block in self._blocks for loss in block.losses.tolist()]

    @property
    def rates(self) -> list[float]:
        return [rate for block in self._blocks for rate in block.learning_rates.tolist()]

    @property
    def steps(self) -> list[int]:
        return [step for block in self._blocks for step in range(block.first_step, block.last_step + 1)]

    @property
    def seconds(self) -> list[float]:
        return [second for block in self._blocks for second in block.seconds.tolist()]

    @property
    def epochs(self) -> list[EpochEnd]:
        """Without their seconds, which differ from run to run."""
        return [replace(event, seconds=0) for event in self.events if isinstance(event, EpochEnd)]

    @property
    def started(self) -> RunStarted:
        return next(event for event in self.events if isinstance(event, RunStarted))

    @property
    def end(self) -> RunEnded:
        end = self.events[-1]
        assert isinstance(end, RunEnded)
        return end

    @property
    def names(self) -> list[str]:
        """The events' names, those of the kind or status they carry, and one for batches that follow each other."""
        names: list[str] = []
        for event in self.events:
            name = type(event).__name__
            if isinstance(event, CheckpointSaved):
                name += f" {event.kind}"
            elif isinstance(event, RunEnded):
                name += f" {event.status}"
            if name != "BatchBlock" or names[-1:] != ["BatchBlock"]:
                names.append(name)
        return names

    @property
    def _blocks(self) -> list[BatchBlock]:
        return [event for event in self.events if isinstance(event, BatchBlock)]


Act = Callable[[Event, Control], Any]


@dataclass(frozen=True)
class Trainer:
    """Runs ``train`` in a folder of checkpoints, on the CPU."""

    checkpoints: Path
    folders: Folders

    def __call__(self, experiment: Experiment, act: Act = lambda event, control: None, **options: Any) -> Told:
        """Train to the end; ``act`` sees each event first and may ask for something, or return True to be gone."""
        control = options.setdefault("control", Control())
        options.setdefault("device_name", "cpu")
        told = Told()
        events = loop.train(experiment, self.checkpoints, self.folders, **options)
        for event in events:
            told.events.append(event)
            if act(event, control) is True:
                events.close()
        return told

    def load(self, name: str = "last") -> Checkpoint:
        return checkpoint.load(self.checkpoints / f"{name}.pt")


@pytest.fixture
def trainer(tmp_path: Path, folders: Folders) -> Trainer:
    return Trainer(tmp_path / "checkpoints", folders)


@pytest.fixture
def make_trainer(tmp_path_factory: pytest.TempPathFactory, folders: Folders) -> Callable[[], Trainer]:
    """Trainers with folders of their own, for tests that run the loop many times."""
    return lambda: Trainer(tmp_path_factory.mktemp("run") / "checkpoints", folders)


@pytest.fixture(scope="session")
def batches() -> int:
    return BATCHES


def same(one: Any, other: Any) -> bool:
    """Whether two states hold the same bits."""
    if isinstance(one, torch.Tensor):
        return (
            isinstance(other, torch.Tensor)
            and one.dtype == other.dtype
            and np.array_equal(one.numpy(), other.numpy(), equal_nan=one.is_floating_point())
        )
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


@pytest.fixture(scope="session")
def is_same() -> Callable[[Any, Any], bool]:
    return same
