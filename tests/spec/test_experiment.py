"""Fields that are valid each and do not go together, and which experiments can go on from which."""

from typing import Any

import pytest

from workbench.spec import datasets
from workbench.spec.component import Conflict
from workbench.spec.datasets import Digits, FashionMNIST
from workbench.spec.experiment import FREE_TO_CHANGE, SECTIONS, Experiment, choices, first_experiment
from workbench.spec.losses import (
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    L1Loss,
    MSELoss,
    MultiLabelSoftMarginLoss,
    MultiMarginLoss,
    NLLLoss,
    SmoothL1Loss,
)
from workbench.spec.models import CNN, MLP, CNN2c2d, CNN3c3d, EmbeddingBag, LeNet5, Linear, ResNet, Torchvision
from workbench.spec.optimizers import (
    ASGD,
    LBFGS,
    SGD,
    Adadelta,
    Adafactor,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Muon,
    NAdam,
    RAdam,
    RMSprop,
    Rprop,
    SparseAdam,
)
from workbench.spec.schedulers import (
    Constant,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    StepLR,
)
from workbench.spec.training import Training


def experiment(**changes: Any) -> Experiment:
    sections = {"dataset": Digits(), "model": MLP(), "loss": CrossEntropyLoss(), "optimizer": SGD(), **changes}
    return Experiment(**sections)


CONFLICTS = [
    ({"optimizer": SGD(nesterov=True)}, "optimizer.nesterov", "needs momentum above 0"),
    ({"optimizer": SGD(nesterov=True, momentum=0.9, dampening=0.1)}, "optimizer.nesterov", "and dampening 0"),
    ({"optimizer": SGD(foreach=True, fused=True)}, "optimizer.fused", "does not go with foreach"),
    ({"optimizer": Adam(foreach=True, fused=True)}, "optimizer.fused", "does not go with foreach"),
    ({"optimizer": AdamW(foreach=True, fused=True)}, "optimizer.fused", "does not go with foreach"),
    ({"optimizer": Adagrad(foreach=True, fused=True)}, "optimizer.fused", "does not go with foreach"),
    ({"optimizer": Rprop(step_sizes=(1.0, 0.5))}, "optimizer.step_sizes", "smallest step above the largest"),
    ({"optimizer": SparseAdam()}, "optimizer.name", "takes sparse gradients alone, and those of MLP are not"),
    ({"optimizer": Muon(), "model": MLP(hidden=())}, "optimizer.name", "matrices of hidden layers, and MLP as it is"),
    (
        {"optimizer": Rprop(), "scheduler": OneCycleLR()},
        "scheduler.cycle_momentum",
        "needs an optimizer with momentum or betas, and Rprop has neither: switch it off.",
    ),
    ({"scheduler": OneCycleLR(base_momentum=0.96)}, "scheduler.base_momentum", "is above max_momentum (0.95)"),
    ({"scheduler": OneCycleLR(three_phase=True, pct_start=0.6)}, "scheduler.pct_start", "set 0.5 or less"),
    (
        {"scheduler": OneCycleLR(total_steps=100)},
        "scheduler.total_steps",
        "is 100, and the run has 115 steps: set it to automatic, or to 115 or more.",
    ),
    (
        {"scheduler": OneCycleLR(pct_start=0.005, total_steps=200)},
        "scheduler.pct_start",
        "makes a climb of exactly one of 200 steps",
    ),
    ({"model": LeNet5()}, "model.name", "input 8×8 is too small"),
    ({"training": Training(batch_size=1_439)}, "training.batch_size", "larger than the 1,438 training samples"),
    (
        {"model": Torchvision(), "training": Training(batch_size=479)},
        "training.batch_size",
        "leaves a batch of 1, and batch normalisation on images of this size needs 2 samples or more: choose 480.",
    ),
    ({"dataset": Digits(mixup=0.2), "loss": NLLLoss()}, "loss.name", "mixup and cutmix blend several"),
    ({"dataset": Digits(cutmix=1.0), "loss": MultiMarginLoss()}, "loss.name", "choose CrossEntropyLoss or set both"),
    ({"model": Torchvision(), "training": Training(batch_size=1)}, "training.batch_size", "choose 2."),
    ({"dataset": Digits(mean=(0.5, 0.5))}, "dataset.mean", "has 2 numbers"),
    ({"dataset": Digits(std=())}, "dataset.std", "has 0 numbers"),
    ({"dataset": Digits(validation=0.005)}, "dataset.validation", "leaves 1788 samples to train and 9 to validate"),
    (
        {"dataset": Digits(validation=0.996), "training": Training(batch_size=1)},
        "dataset.validation",
        "leaves 7 samples to train",
    ),
]


@pytest.mark.parametrize(("changes", "field", "reason"), CONFLICTS)
def test_fields_that_do_not_go_together_are_named(changes: dict[str, Any], field: str, reason: str) -> None:
    (conflict,) = experiment(**changes).conflicts()
    assert conflict.field == field
    assert reason in conflict.reason


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": SGD(nesterov=True, momentum=0.9)},
        {"optimizer": Adam(foreach=True, fused=False)},
        {"optimizer": Muon()},
        {"scheduler": OneCycleLR(total_steps=115)},
        {"optimizer": Adam(), "scheduler": OneCycleLR()},
        {"optimizer": Rprop(), "scheduler": OneCycleLR(cycle_momentum=False)},
        {"scheduler": OneCycleLR(three_phase=True, pct_start=0.5, base_momentum=0.0, max_momentum=0.0)},
        {"training": Training(batch_size=1_438)},
        {"dataset": Digits(validation=10 / 1_797)},
        {"dataset": FashionMNIST(), "model": LeNet5(), "training": Training(batch_size=60_000)},
    ],
)
def test_fields_that_go_together_are_no_conflict(changes: dict[str, Any]) -> None:
    assert experiment(**changes).conflicts() == []


def test_all_conflicts_are_told_at_once() -> None:
    broken = experiment(dataset=Digits(mean=()), optimizer=SGD(nesterov=True), training=Training(batch_size=5_000))
    assert [conflict.field for conflict in broken.conflicts()] == [
        "dataset.mean",
        "optimizer.nesterov",
        "training.batch_size",
    ]


def test_a_conflict_of_a_whole_section_is_named_by_the_section() -> None:
    assert Conflict(field="", reason="is wrong.").within("model") == Conflict(field="model", reason="is wrong.")


def test_the_first_experiment_can_be_trained() -> None:
    assert first_experiment().conflicts() == []


@pytest.mark.parametrize(
    ("dataset", "sizes"),
    [
        (FashionMNIST(), (60_000, 10_000)),
        (FashionMNIST(validation=0.1), (54_000, 6_000)),
        (Digits(), (1_438, 359)),
        (Digits(validation=0.5), (899, 898)),
    ],
)
def test_the_sizes_of_a_split_are_known_before_any_file_is_read(dataset: Any, sizes: tuple[int, int]) -> None:
    assert dataset.split_sizes() == sizes


def test_equal_experiments_have_no_differences() -> None:
    assert experiment().differences(experiment(title="Another title", source="elsewhere")) == []


def test_differences_are_told_by_path_also_between_components() -> None:
    original = experiment(optimizer=SGD(momentum=0.9))
    changed = experiment(optimizer=Adam(), training=Training(seed=1))
    differences = original.differences(changed)
    assert {"optimizer.name", "optimizer.momentum", "optimizer.betas", "training.seed"} <= set(differences)
    assert "optimizer.lr" not in differences
    assert len(differences) == len(set(differences))


OTHER = {
    "dataset.split_seed": {"dataset": Digits(split_seed=1)},
    "dataset.validation": {"dataset": Digits(validation=0.3)},
    "model.dropout": {"model": MLP(dropout=0.1)},
    "loss.label_smoothing": {"loss": CrossEntropyLoss(label_smoothing=0.1)},
    "optimizer.lr": {"optimizer": SGD(lr=0.5)},
    "scheduler.gamma": {"scheduler": StepLR(gamma=0.5)},
    "training.batch_size": {"training": Training(batch_size=32)},
    "training.shuffle": {"training": Training(shuffle=False)},
    "training.seed": {"training": Training(seed=1)},
}


@pytest.mark.parametrize("path", OTHER)
def test_what_changes_a_step_may_not_change_when_a_run_goes_on(path: str) -> None:
    original = experiment(scheduler=StepLR())
    changed = experiment(**{"scheduler": StepLR(), **OTHER[path]})
    assert changed.continues(original, 2) == [
        Conflict(field=path, reason="differs from the checkpoint: set it as it was, or start anew.")
    ]


def test_what_changes_no_step_may_change_when_a_run_goes_on() -> None:
    free = {"epochs": 9, "best_by": "val_loss", "checkpoint_minutes": 3.0, "keep_every": 2}
    assert {f"training.{field}" for field in free} == FREE_TO_CHANGE
    assert experiment(title="Longer", training=Training(**free)).continues(experiment(), 5) == []


@pytest.mark.parametrize(("epochs", "done", "goes_on"), [(5, 4, True), (5, 5, False), (3, 5, False), (6, 5, True)])
def test_a_run_goes_on_only_where_epochs_are_left(epochs: int, done: int, goes_on: bool) -> None:
    conflicts = experiment(training=Training(epochs=epochs)).continues(experiment(), done)
    assert [conflict.field for conflict in conflicts] == ([] if goes_on else ["training.epochs"])
    assert all(f"{done} are done already" in conflict.reason for conflict in conflicts)


DATASETS = (
    "FashionMNIST", "Digits", "MNIST", "KMNIST", "EMNIST", "QMNIST", "USPS", "CIFAR10", "CIFAR100", "SVHN", "STL10",
    "DigitProperties", "Iris", "Wine", "BreastCancer", "Diabetes", "Linnerud", "TwoClassSum", "Moons", "Circles",
    "Spirals", "Tokens", "Table", "ImageFolder", "ImageTable", "Arrays", "IDXFiles",
)  # fmt: skip


@pytest.mark.parametrize(
    ("schedule", "field"),
    [(OneCycleLR(), "total_steps"), (CosineAnnealingLR(), "T_max"), (PolynomialLR(total_iters=None), "total_iters")],
)
def test_a_schedule_that_took_the_runs_length_keeps_it(schedule: Any, field: str) -> None:
    original = experiment(scheduler=schedule, training=Training(epochs=4))
    assert original.continues(original, 2) == []
    (conflict,) = experiment(scheduler=schedule, training=Training(epochs=6)).continues(original, 2)
    assert conflict.field == "training.epochs"
    assert f"laid out over 4 epochs, because scheduler.{field} is automatic: set 4" in conflict.reason


@pytest.mark.parametrize(
    "schedule",
    [OneCycleLR(total_steps=999), CosineAnnealingLR(T_max=4), PolynomialLR(), StepLR(), CosineAnnealingWarmRestarts()],
)
def test_other_schedules_go_on_in_a_longer_run(schedule: Any) -> None:
    original = experiment(scheduler=schedule, training=Training(epochs=4))
    assert experiment(scheduler=schedule, training=Training(epochs=6)).continues(original, 2) == []


def test_each_section_offers_its_components() -> None:
    assert {section: choices(section) for section in SECTIONS} == {
        "dataset": tuple(getattr(datasets, name) for name in DATASETS),
        "model": (LeNet5, MLP, Linear, CNN, CNN2c2d, CNN3c3d, ResNet, Torchvision, EmbeddingBag),
        "loss": (
            CrossEntropyLoss,
            NLLLoss,
            MultiMarginLoss,
            BCEWithLogitsLoss,
            MultiLabelSoftMarginLoss,
            MSELoss,
            L1Loss,
            HuberLoss,
            SmoothL1Loss,
        ),
        "optimizer": (
            SGD,
            Adam,
            AdamW,
            RMSprop,
            Adagrad,
            Adadelta,
            Adamax,
            NAdam,
            RAdam,
            ASGD,
            Rprop,
            LBFGS,
            Muon,
            Adafactor,
            SparseAdam,
        ),
        "scheduler": (
            Constant,
            StepLR,
            MultiStepLR,
            ExponentialLR,
            PolynomialLR,
            CosineAnnealingLR,
            CosineAnnealingWarmRestarts,
            OneCycleLR,
            ReduceLROnPlateau,
        ),
        "training": (Training,),
    }
