"""Fields that are valid each and do not go together, and which experiments can go on from which."""

from typing import Any

import pytest

from workbench.spec.component import Conflict
from workbench.spec.datasets import Digits, FashionMNIST
from workbench.spec.experiment import FREE_TO_CHANGE, SECTIONS, Experiment, choices, first_experiment
from workbench.spec.losses import CrossEntropyLoss
from workbench.spec.models import MLP, LeNet5
from workbench.spec.optimizers import SGD, Adam
from workbench.spec.schedulers import Constant, StepLR
from workbench.spec.training import Training


def experiment(**changes: Any) -> Experiment:
    sections = {"dataset": Digits(), "model": MLP(), "loss": CrossEntropyLoss(), "optimizer": SGD(), **changes}
    return Experiment(**sections)


CONFLICTS = [
    ({"optimizer": SGD(nesterov=True)}, "optimizer.nesterov", "needs momentum above 0"),
    ({"optimizer": SGD(nesterov=True, momentum=0.9, dampening=0.1)}, "optimizer.nesterov", "and dampening 0"),
    ({"optimizer": SGD(foreach=True, fused=True)}, "optimizer.fused", "does not go with foreach"),
    ({"optimizer": Adam(foreach=True, fused=True)}, "optimizer.fused", "does not go with foreach"),
    ({"model": LeNet5()}, "model.name", "input 8×8 is too small"),
    ({"training": Training(batch_size=1_439)}, "training.batch_size", "larger than the 1,438 training samples"),
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


def test_each_section_offers_its_components() -> None:
    assert {section: choices(section) for section in SECTIONS} == {
        "dataset": (FashionMNIST, Digits),
        "model": (LeNet5, MLP),
        "loss": (CrossEntropyLoss,),
        "optimizer": (SGD, Adam),
        "scheduler": (Constant, StepLR),
        "training": (Training,),
    }
