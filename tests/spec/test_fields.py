"""Every field of every component: what it takes, what it refuses, and what an editor can show of it."""

import math
from typing import Any

import pytest
from pydantic import ValidationError

from tests.spec import dataset_fields, optimizer_fields, own_data_fields, table_fields
from workbench.spec.component import Component, Spec, format_value, hint
from workbench.spec.datasets import FashionMNIST
from workbench.spec.experiment import SECTIONS, Experiment, choices
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
from workbench.spec.optimizers import SGD
from workbench.spec.parameter_groups import ParameterGroup
from workbench.spec.schedulers import Constant
from workbench.spec.training import Training

FLAGS = ([True, False], [None, 1, 0, "true"])
FLAGS_OR_AUTOMATIC = ([True, False, None], [1, "auto"])
RATES = ([0, 0.0, 1e-3, 10.0, 1e9], [-1e-9, math.nan, math.inf, "0.1", None, True])
WEIGHTS = ([(), (1e-6, 1, 1e6)], [None, 0.5, (0.0,), (-1.0,), (1e7,), (math.nan,), ("1",), [1.0]])
SEEDS = ([0, 2**32 - 1], [-1, 2**32, 1.0, "1", None, True])
WHOLE_FROM_ONE = ([1, 1_000_000], [0, -1, 1_000_001, 1.5, "3", None, True])

FIELDS: dict[type[Spec], dict[str, tuple[list[Any], list[Any]]]] = {
    **dataset_fields.FIELDS,
    **table_fields.FIELDS,
    **own_data_fields.FIELDS,
    **optimizer_fields.FIELDS,
    LeNet5: {},
    Linear: {},
    CNN: {
        "channels": ([(1,), (32, 64, 128), (4096,) * 12], [(), (0,), (4097,), (8,) * 13, (8.0,), ("8",), 8, None]),
        "batch_norm": FLAGS,
        "dropout": ([0, 0.0, 0.5, 0.999], [1.0, -0.1, math.nan, "0.5", None]),
    },
    CNN2c2d: {},
    CNN3c3d: {},
    ResNet: {
        "depth": ([8, 14, 20, 26, 32, 44, 56, 110], [2, 10, 18, "20", None]),
        "width": ([1, 16, 1024], [0, -1, 1025, 1.5, "16", None, True]),
    },
    Torchvision: {
        "architecture": (["resnet18", "vgg16_bn", "vit_b_16"], ["ResNet18", "resnet", "", None, 18]),
        "weights": (["", "~/weights/ä 1.pth", "a" * 4096], ["a" * 4097, 3, None]),
    },
    EmbeddingBag: {
        "dim": ([1, 64, 65_536], [0, -1, 65_537, 1.5, "64", None, True]),
        "mode": (["mean", "sum"], ["max", "", None]),
        "sparse": FLAGS,
    },
    MLP: {
        "hidden": ([(), (1,), (65_536,), (8,) * 32], [(0,), (-1,), (65_537,), (8,) * 33, (8.0,), ("8",), 8, None]),
        "activation": (
            ["ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Tanh", "Sigmoid"],
            ["relu", "Softmax", "", None, 3],
        ),
        "dropout": ([0, 0.0, 0.5, 0.999], [1.0, -0.1, math.nan, "0.5", None]),
    },
    CrossEntropyLoss: {"label_smoothing": ([0, 0.1, 1.0], [-0.1, 1.1, math.nan, "0", None]), "weight": WEIGHTS},
    NLLLoss: {"weight": WEIGHTS},
    MultiMarginLoss: {
        "p": ([1, 2], [0, 3, 1.5, "1", None]),
        "margin": ([1e-9, 1, 1e6], [0, -1.0, 1e7, math.nan, "1", None]),
        "weight": WEIGHTS,
    },
    BCEWithLogitsLoss: {"weight": WEIGHTS, "pos_weight": WEIGHTS},
    MultiLabelSoftMarginLoss: {"weight": WEIGHTS},
    MSELoss: {},
    L1Loss: {},
    HuberLoss: {"delta": ([1e-9, 1, 1e6], [0, -1.0, 1e7, math.inf, "1", None])},
    SmoothL1Loss: {"beta": ([0, 0.5, 1e6], [-0.1, 1e7, math.nan, "1", None])},
    Training: {
        "epochs": WHOLE_FROM_ONE,
        "batch_size": ([1, 1_000_000, "all"], [0, -1, 1_000_001, 1.5, "3", "ALL", None, True]),
        "shuffle": FLAGS,
        "seed": SEEDS,
        "best_by": (["val_loss", "val_accuracy"], ["train_loss", "", None]),
        "checkpoint_minutes": ([1e-6, 1, 1440.0], [0.0, -1.0, 1440.1, math.nan, None]),
        "keep_every": ([0, 7], [-1, 0.5, None]),
        "accumulate": ([1, 100_000], [0, -1, 100_001, 1.5, "3", None, True]),
        "clip_norm": RATES,
        "clip_value": RATES,
        "l1_penalty": RATES,
        "l2_penalty": RATES,
        "gradient_noise": RATES,
        "noise_decay": RATES,
        "ema_decay": ([0, 0.5, 0.9999], [-0.1, 1, 1.0, math.nan, "0.9", None]),
        "groups": (
            [(), (ParameterGroup(pattern="*.bias"), ParameterGroup(pattern="b", lr=0, weight_decay=1.0))],
            [
                None,
                "*.bias",
                ({},),
                ({"pattern": ""},),
                ({"pattern": "a", "lr": -1.0},),
                ({"pattern": "a", "eps": 1.0},),
            ],
        ),
    },
    Experiment: {
        "version": ([1], [0, 2, "1", None]),
        "title": (["a", "é" * 120], ["", "a" * 121, 3, None]),
        "source": (["", "a" * 2000], ["a" * 2001, 3, None]),
        "expected": (["", "a" * 2000], ["a" * 2001, 3, None]),
    },
}

WITHOUT_DEFAULT = {
    "dataset": {"name": "Digits"},
    "model": {"name": "MLP"},
    "loss": {"name": "CrossEntropyLoss"},
    "optimizer": {"name": "SGD"},
}

CASES = [(kind, field, *values) for kind, fields in FIELDS.items() for field, values in fields.items()]


def make(kind: type[Spec], **fields: Any) -> Spec:
    return kind.model_validate({**(WITHOUT_DEFAULT if kind is Experiment else {}), **fields})


def components() -> list[type[Spec]]:
    return [kind for section in SECTIONS for kind in choices(section)]


def test_this_table_has_every_field_of_every_component() -> None:
    assert {kind: set(kind.model_fields) - {"name"} for kind in components()} == {
        kind: set(fields) for kind, fields in FIELDS.items() if kind is not Experiment
    }
    assert set(Experiment.model_fields) - set(SECTIONS) == set(FIELDS[Experiment])


@pytest.mark.parametrize(("kind", "field", "good", "bad"), CASES, ids=lambda case: getattr(case, "__name__", None))
def test_a_field_takes_what_is_in_its_bounds_and_refuses_the_rest(
    kind: type[Spec], field: str, good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        assert getattr(make(kind, **{field: value}), field) == value
    for value in bad:
        with pytest.raises(ValidationError) as caught:
            make(kind, **{field: value})
        assert {error["loc"][0] for error in caught.value.errors()} == {field}, value


@pytest.mark.parametrize("kind", [*components(), Experiment])
def test_a_component_refuses_fields_it_does_not_have(kind: type[Spec]) -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        make(kind, learning_rate=0.1)


@pytest.mark.parametrize("kind", [*components(), Experiment])
def test_a_component_does_not_change(kind: type[Spec]) -> None:
    component = make(kind)
    for field in kind.model_fields:
        with pytest.raises(ValidationError, match="frozen_instance"):
            setattr(component, field, getattr(component, field))


@pytest.mark.parametrize("kind", components())
def test_a_component_tells_an_editor_all_it_needs(kind: type[Spec]) -> None:
    if issubclass(kind, Component):
        assert kind.label
        assert kind.about.endswith(".")
        assert kind.model_fields["name"].default == kind.__name__
    for name, field in kind.model_fields.items():
        if name != "name":
            assert field.title
            assert field.description
            assert field.description.endswith(".")
            assert hint(field, "scale") in ("linear", "log")
            assert isinstance(hint(field, "advanced"), bool)


def test_a_plain_field_has_the_hints_of_a_parameter_with_nothing_said() -> None:
    name = MLP.model_fields["name"]
    assert [hint(name, "scale"), hint(name, "unit"), hint(name, "advanced")] == ["linear", "", False]


def test_what_a_parameter_was_told_comes_back_as_a_hint() -> None:
    minutes = Training.model_fields["checkpoint_minutes"]
    assert [hint(minutes, "scale"), hint(minutes, "unit"), hint(minutes, "advanced")] == ["linear", "min", True]
    assert hint(SGD.model_fields["lr"], "scale") == "log"


@pytest.mark.parametrize(
    ("component", "summary"),
    [
        (Constant(), "Constant"),
        (SGD(), "SGD"),
        (SGD(lr=1e-5, nesterov=True, foreach=False), "SGD · lr=1e-05 · foreach=no · nesterov=yes"),
        (MLP(hidden=(8, 4), dropout=0.5), "MLP · hidden=8, 4 · dropout=0.5"),
        (FashionMNIST(validation=0.1), "Fashion-MNIST · validation=0.1"),
    ],
)
def test_a_summary_names_what_differs_from_the_defaults(component: Component, summary: str) -> None:
    named, *changed = summary.split(" · ")
    label, *fields = component.summary().split(" · ")
    assert (label, sorted(fields)) == (named, sorted(changed))


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "automatic"), (True, "yes"), (False, "no"), (0.001, "0.001"), (3, "3"), ((0.9, 1), "0.9, 1"), ("a", "a")],
)
def test_a_value_is_written_as_a_person_would(value: Any, text: str) -> None:
    assert format_value(value) == text
