"""Engines that end with their test, folders with the digits already decoded, and small experiments."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from workbench.core.data import datasets
from workbench.engine.client import Engine, EngineDied
from workbench.engine.messages import Ready, Report, Request, RunEvent
from workbench.folders import Folders
from workbench.runs.events import Event
from workbench.spec.datasets import Digits
from workbench.spec.experiment import Experiment
from workbench.spec.losses import CrossEntropyLoss
from workbench.spec.models import MLP
from workbench.spec.optimizers import Adam
from workbench.spec.training import Training


class Owner:
    """An engine with the ways a test talks to it."""

    def __init__(self, folders: Folders) -> None:
        self.engine = Engine(folders)
        self.is_closed = False

    @property
    def process_id(self) -> int:
        return self.engine.process_id

    def send(self, *requests: Request) -> None:
        for request in requests:
            self.engine.send(request)

    def receive(self) -> Report:
        return self.engine.receive()

    def wait_ready(self) -> Ready:
        report = self.receive()
        assert isinstance(report, Ready)
        return report

    def next_event(self) -> Event:
        """The run's next event; fails on any other report."""
        report = self.receive()
        assert isinstance(report, RunEvent), report
        return report.event

    def events_until(self, is_last: Callable[[Event], bool]) -> list[Event]:
        """The run's events up to the first for which ``is_last``."""
        events = [self.next_event()]
        while not is_last(events[-1]):
            events.append(self.next_event())
        return events

    def exit_code(self) -> int | None:
        """How the engine ended; fails if it still reports."""
        with pytest.raises(EngineDied) as death:
            self.receive()
        return death.value.exit_code

    def close(self, grace: float = 5.0) -> None:
        self.is_closed = True
        self.engine.close(grace)


@pytest.fixture(scope="session")
def decoded_digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds the digits, so that an engine does not import scikit-learn first."""
    cache = tmp_path_factory.mktemp("cache")
    datasets.load(Digits(), Folders(cache, cache, cache, cache, ()))
    return cache


@pytest.fixture
def folders(tmp_path: Path, decoded_digits: Path) -> Folders:
    """Folders without any dataset of the system's."""
    return Folders(tmp_path / "settings", tmp_path / "data", decoded_digits, tmp_path / "workspace", ())


@pytest.fixture
def start_engine(folders: Folders) -> Iterator[Callable[..., Owner]]:
    """Starts an engine; all are closed when the test ends."""
    owners: list[Owner] = []

    def start(own_folders: Folders = folders) -> Owner:
        owners.append(Owner(own_folders))
        return owners[-1]

    yield start
    for owner in owners:
        if not owner.is_closed:
            owner.close()


@pytest.fixture
def owner(start_engine: Callable[..., Owner]) -> Owner:
    """The owner of an engine that is ready."""
    owner = start_engine()
    owner.wait_ready()
    return owner


@pytest.fixture
def small() -> Experiment:
    """Two short epochs in which momentum, dropout and order all matter."""
    return Experiment(
        title="Small",
        dataset=Digits(),
        model=MLP(hidden=(16,), dropout=0.2),
        loss=CrossEntropyLoss(),
        optimizer=Adam(lr=0.003),
        training=Training(epochs=2, batch_size=32, seed=3),
    )


@pytest.fixture
def long(small: Experiment) -> Experiment:
    """An experiment that no test waits for; its epochs are long beside the time between two checkpoints."""
    return with_training(small, epochs=100_000, batch_size=1, checkpoint_minutes=0.001)


def with_training(experiment: Experiment, **changes: object) -> Experiment:
    training = Training.model_validate({**experiment.training.model_dump(), **changes})
    return experiment.model_copy(update={"training": training})


@pytest.fixture
def wait_until_gone() -> Callable[..., None]:
    """Fails where processes still run after some seconds."""

    def wait(process_ids: list[int], seconds: float = 15.0) -> None:
        deadline = time.monotonic() + seconds
        while alive := [process_id for process_id in process_ids if is_running(process_id)]:
            assert time.monotonic() < deadline, f"still running: {alive}"
            time.sleep(0.02)

    return wait


def is_running(process_id: int) -> bool:
    try:
        return psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Bomb:
    """A pickle of this makes a folder when it is loaded without care."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.path),)
