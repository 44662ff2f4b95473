"""What every measurement shares: folders, experiments and how long to measure."""

import gzip
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.processes import BenchError, ask_once, environment
from workbench.folders import SYSTEM_DATASETS, Folders, user_folders
from workbench.spec.datasets import Digits, FashionMNIST
from workbench.spec.experiment import Experiment, first_experiment
from workbench.spec.losses import CrossEntropyLoss
from workbench.spec.models import MLP, LeNet5
from workbench.spec.optimizers import SGD
from workbench.spec.training import Training
from workbench.spec.yaml_io import save_experiment

ENDLESS = 100_000


@dataclass(frozen=True)
class Extent:
    """How much is measured."""

    rounds: int = 8
    """Stretches of each loop, per start of its process."""
    starts: int = 2
    """Starts of the processes whose loops are compared."""
    steps: Mapping[str, int] | None = None
    """Steps of a stretch by the experiment's name; None for those of EXPERIMENTS."""
    seconds: float = 20.0
    """Of training, where lateness and latency are observed."""
    repetitions: int = 5
    """Starts of the program, and clicks on Train."""
    points: int = 1_000_000
    curve_points: int = 100_000
    redraws: int = 100


QUICK = Extent(1, 1, {"mlp": 120, "lenet5": 200}, 3.0, 1, 20_000, 2_000, 5)
"""To see that everything works; the figures mean nothing."""


def experiments() -> dict[str, Experiment]:
    """What is trained, for so many epochs that no run comes to its end."""
    return {
        "mlp": Experiment(
            title="Bench, MLP",
            dataset=FashionMNIST(mean=(0.5,), std=(0.5,)),
            model=MLP(hidden=(512, 512)),
            loss=CrossEntropyLoss(),
            optimizer=SGD(lr=0.001),
            training=Training(epochs=ENDLESS, batch_size=64),
        ),
        "lenet5": Experiment(
            title="Bench, LeNet-5",
            dataset=FashionMNIST(mean=(0.5,), std=(0.5,)),
            model=LeNet5(),
            loss=CrossEntropyLoss(),
            optimizer=SGD(lr=0.001, momentum=0.9),
            training=Training(epochs=ENDLESS, batch_size=4),
        ),
        "digits": Experiment(
            title="Bench, digits",
            dataset=Digits(),
            model=MLP(hidden=(64, 32)),
            loss=CrossEntropyLoss(),
            optimizer=SGD(lr=0.01),
            training=Training(epochs=ENDLESS, batch_size=16),
        ),
        "first": first_experiment(),
    }


STEPS = {"mlp": 938, "lenet5": 1500}
"""Steps of a stretch: an epoch of the one, two seconds or so of the other."""


class Laboratory:
    """A folder for the whole bench: the program's home, experiment files, and the display's variables."""

    def __init__(self, folder: Path, variables: Mapping[str, str], extent: Extent) -> None:
        self.folder = folder
        self.extent = extent
        self.home = folder / "home"
        self._variables = dict(variables)
        self.experiments = experiments()
        for name, experiment in self.experiments.items():
            save_experiment(experiment, self.file(name))

    def file(self, name: str) -> Path:
        """The experiment's YAML file."""
        return self.folder / f"{name}.yaml"

    def env(self, **changes: str) -> dict[str, str]:
        """The variables of a measured process."""
        return environment(self.home, self._variables | changes)

    def open_next(self, name: str) -> None:
        """Have the next window show the experiment called ``name``, as the last session left it."""
        from workbench.gui.documents import session_file  # Qt, which not every process that imports this needs

        path = session_file(self._folders)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.file(name), path)

    def scene(self, name: str, scene: str, *numbers: float, **changes: str) -> dict[str, Any]:
        """What ``scene``, played with the experiment called ``name``, answers. Raises BenchError."""
        self.open_next(name)
        arguments = [scene, *(str(number) for number in numbers)]
        return ask_once(f"scene {scene}", "tests.bench.window", arguments, self.env(**changes))

    @property
    def _folders(self) -> Folders:
        return user_folders({"WORKBENCH_HOME": str(self.home)})

    def steps(self, name: str) -> int:
        """Steps of a stretch of the experiment called ``name``."""
        return (self.extent.steps or STEPS)[name]

    @property
    def fashion_mnist(self) -> Path:
        """The folder with the dataset's compressed files. Raises BenchError where the system has none."""
        for folder in SYSTEM_DATASETS:
            if (folder / "fashion-mnist" / "train-images-idx3-ubyte.gz").exists():
                return folder / "fashion-mnist"
        raise BenchError("Fashion-MNIST is not installed: the bench needs Debian's package dataset-fashion-mnist.")

    def unpacked_fashion_mnist(self) -> Path:
        """The dataset as torchvision lays it out; the folder that it takes as root."""
        root = self.folder / "torchvision"
        raw = root / "FashionMNIST" / "raw"
        if not raw.exists():
            raw.mkdir(parents=True)
            for packed in self.fashion_mnist.glob("*-ubyte.gz"):
                with gzip.open(packed) as source, (raw / packed.stem).open("wb") as target:
                    shutil.copyfileobj(source, target)
        return root
