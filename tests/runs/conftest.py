"""An experiment, a run and the events of a short training, made up."""

import contextlib
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from workbench.runs.events import BatchBlock, EpochEnd, RunStarted
from workbench.runs.store import Run, Workspace
from workbench.spec.datasets import Digits
from workbench.spec.experiment import Experiment
from workbench.spec.losses import CrossEntropyLoss
from workbench.spec.models import MLP
from workbench.spec.optimizers import SGD


@pytest.fixture
def experiment() -> Experiment:
    return Experiment(title="A run", dataset=Digits(), model=MLP(), loss=CrossEntropyLoss(), optimizer=SGD())


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.fixture
def run(workspace: Workspace) -> Run:
    return workspace.new_run("A run")


@pytest.fixture
def started() -> RunStarted:
    return RunStarted(
        title="A run",
        epochs=2,
        batches_per_epoch=3,
        train_samples=9,
        validation_samples=3,
        parameters=7,
        device="cpu",
        threads=1,
    )


@pytest.fixture
def block() -> Callable[..., BatchBlock]:
    """A block of batches with the given losses."""

    def make(first_step: int, *losses: float, epoch: int = 1, rate: float = 0.1) -> BatchBlock:
        steps = np.arange(first_step, first_step + len(losses), dtype=np.float64)
        return BatchBlock(epoch, first_step, np.array(losses), np.full(len(losses), rate), steps / 10)

    return make


@pytest.fixture
def epoch_end() -> Callable[..., EpochEnd]:
    def make(epoch: int, step: int, val_loss: float = 0.5, accuracy: float = 0.75) -> EpochEnd:
        return EpochEnd(epoch, step, 0.25, val_loss, {"val_accuracy": accuracy}, 0.1, 1.5)

    return make


@pytest.fixture
def read_only() -> Iterator[Callable[[Path], contextlib.AbstractContextManager[Path]]]:
    """A copy of a folder, in which and below which nothing can be written while the block lasts."""
    if sys.platform == "win32":
        pytest.skip("Windows keeps no folder from being written to by its mode")
    parent = Path(tempfile.mkdtemp(prefix="read-only-"))
    parent.chmod(0o755)

    @contextlib.contextmanager
    def make(folder: Path) -> Iterator[Path]:
        copied = parent / folder.name
        shutil.copytree(folder, copied)
        places = [copied, *copied.rglob("*")]
        for place in places:
            place.chmod(0o555 if place.is_dir() else 0o444)
        is_root = os.geteuid() == 0
        if is_root:  # whom modes do not keep from anything
            os.seteuid(65534)
        try:
            yield copied
        finally:
            if is_root:
                os.seteuid(0)
            for place in places:
                if place.exists():
                    place.chmod(stat.S_IRWXU)

    yield make
    shutil.rmtree(parent)
