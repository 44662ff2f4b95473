"""What is known of a dataset before any file is read."""

from typing import Any

import pytest

from tests.spec.dataset_fields import FIELDS
from workbench.spec.component import Conflict
from workbench.spec.datasets import (
    CIFAR10,
    EMNIST,
    SVHN,
    BreastCancer,
    Diabetes,
    DigitProperties,
    Digits,
    Iris,
    KnownDataset,
    Linnerud,
    Moons,
    Spirals,
    Tokens,
    TwoClassSum,
)
from workbench.spec.tasks import DatasetInfo

KINDS = [kind for kind in FIELDS if issubclass(kind, KnownDataset)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_dataset_is_told_apart_and_can_be_trained_as_it_is(kind: type[KnownDataset]) -> None:
    dataset = kind()
    assert dataset.conflicts() == []
    info = dataset.info()
    assert info.train_samples > info.validation_samples > 0 or kind.__name__ in ("QMNIST", "STL10")
    assert len(set(info.targets)) == len(info.targets)
    assert kind.about.endswith(".")
    assert len(kind.about) <= 130
    assert kind.documentation.startswith("http") or kind.__name__ in ("TwoClassSum", "Tokens")
    assert len({other.label for other in KINDS}) == len(KINDS)


@pytest.mark.parametrize(
    ("dataset", "task", "kind", "shape", "targets", "sizes"),
    [
        (Iris(), "multiclass", "table", (4,), 3, (120, 30)),
        (BreastCancer(), "binary", "table", (30,), 2, (455, 114)),
        (Diabetes(validation=0.5), "regression", "table", (10,), 1, (221, 221)),
        (Linnerud(), "regression", "table", (3,), 3, (16, 4)),
        (TwoClassSum(), "binary", "table", (20,), 2, (800, 200)),
        (TwoClassSum(samples=50, features=3), "binary", "table", (3,), 2, (40, 10)),
        (Moons(), "binary", "table", (2,), 2, (800, 200)),
        (Spirals(), "multiclass", "table", (2,), 3, (800, 200)),
        (Spirals(classes=2), "binary", "table", (2,), 2, (800, 200)),
        (DigitProperties(), "multilabel", "image", (1, 8, 8), 4, (1_438, 359)),
        (EMNIST(), "multiclass", "image", (1, 28, 28), 47, (112_800, 18_800)),
        (EMNIST(split="letters"), "multiclass", "image", (1, 28, 28), 26, (124_800, 20_800)),
        (EMNIST(split="byclass"), "multiclass", "image", (1, 28, 28), 62, (697_932, 116_323)),
        (CIFAR10(validation=0.1), "multiclass", "image", (3, 32, 32), 10, (45_000, 5_000)),
        (SVHN(), "multiclass", "image", (3, 32, 32), 10, (73_257, 26_032)),
        (Tokens(), "multiclass", "tokens", (30,), 4, (1_600, 400)),
        (Tokens(classes=2, length=9), "binary", "tokens", (9,), 2, (1_600, 400)),
    ],
)
def test_its_task_shape_targets_and_sizes_are_known(
    dataset: KnownDataset, task: str, kind: str, shape: tuple[int, ...], targets: int, sizes: tuple[int, int]
) -> None:
    info = dataset.info()
    assert (info.task, info.kind, info.shape, len(info.targets)) == (task, kind, shape, targets)
    assert (info.train_samples, info.validation_samples) == sizes


def test_tokens_tell_their_vocabulary() -> None:
    assert Tokens(vocabulary=77).info() == DatasetInfo(
        task="multiclass",
        kind="tokens",
        shape=(30,),
        targets=("topic 1", "topic 2", "topic 3", "topic 4"),
        train_samples=1_600,
        validation_samples=400,
        vocabulary=77,
    )


@pytest.mark.parametrize(
    ("dataset", "field", "reason"),
    [
        (
            Iris(validation=0.01),
            "validation",
            "leaves 148 samples to train and 2 to validate: each needs one of each class.",
        ),
        (
            Linnerud(validation=0.02),
            "validation",
            "leaves 20 samples to train and 0 to validate: each needs one at least.",
        ),
        (DigitProperties(validation=1e-6), "validation", "and 0 to validate: each needs one at least."),
        (Spirals(samples=20, classes=10), "validation", "leaves 16 samples to train and 4 to validate"),
        (Tokens(classes=9, vocabulary=9), "vocabulary", "has no token for each of the 9 topics: choose 10 or more."),
        (
            TwoClassSum(samples=100_001, features=500),
            "samples",
            "makes 50,000,500 numbers with 500 each: choose 100,000 or",
        ),
        (Tokens(samples=60_000, length=1_000), "samples", "makes 60,000,000 numbers with 1,000 each: choose 50,000 or"),
        (CIFAR10(mean=(0.5, 0.5)), "mean", "has 2 numbers, not one for all or one for each of the 3 channels."),
        (CIFAR10(std=()), "std", "has 0 numbers"),
    ],
)
def test_fields_that_do_not_go_together_are_named(dataset: KnownDataset, field: str, reason: str) -> None:
    (conflict,) = dataset.conflicts()
    assert isinstance(conflict, Conflict)
    assert conflict.field == field
    assert reason in conflict.reason


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"mean": (0.5,), "std": (0.25,)},
        {"mean": (0.49, 0.48, 0.45), "std": (0.25, 0.24, 0.26)},
        {"mean": "measured", "std": "measured"},
    ],
)
def test_colours_take_one_number_for_all_channels_or_one_each_or_what_is_measured(fields: dict[str, Any]) -> None:
    assert CIFAR10(**fields).conflicts() == []


def test_only_published_sets_are_downloaded() -> None:
    assert {kind.__name__: kind.download_megabytes for kind in KINDS if kind.download_megabytes} == {
        "FashionMNIST": 30,
        "MNIST": 12,
        "KMNIST": 21,
        "QMNIST": 20,
        "EMNIST": 562,
        "USPS": 8,
        "CIFAR10": 170,
        "CIFAR100": 169,
        "SVHN": 246,
        "STL10": 2_640,
    }
    assert Digits.download_megabytes == 0
