"""The networks that declarations stand for; the work of a step."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from workbench.core import build, models
from workbench.spec.datasets import FashionMNIST
from workbench.spec.experiment import Experiment
from workbench.spec.models import MLP, LeNet5
from workbench.spec.tasks import DatasetInfo
from workbench.spec.training import Training


def with_model(experiment: Experiment, **changes: Any) -> Experiment:
    return experiment.model_copy(update=changes)


def info_of(experiment: Experiment) -> DatasetInfo:
    info = experiment.dataset.info()
    assert info is not None
    return info


def model_of(experiment: Experiment) -> Any:
    return build.build_model(experiment, info_of(experiment))


def parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_lenet_5_is_that_of_the_tutorial(experiment: Experiment) -> None:
    model = model_of(with_model(experiment, model=LeNet5(), dataset=FashionMNIST()))
    assert parameters(model) == 44_426
    assert model(torch.zeros(3, 1, 28, 28)).shape == (3, 10)


@pytest.mark.parametrize("side", [16, 17, 28, 32])
def test_lenet_5_takes_every_size_its_declaration_allows(side: int) -> None:
    assert models.LeNet5((3, side, side), 7)(torch.zeros(2, 3, side, side)).shape == (2, 7)


def test_the_mlp_is_that_of_the_tutorial(experiment: Experiment) -> None:
    model = model_of(with_model(experiment, model=MLP(), dataset=FashionMNIST()))
    assert parameters(model) == 669_706
    assert [str(layer) for layer in model.layers] == [
        "Flatten(start_dim=1, end_dim=-1)",
        "Linear(in_features=784, out_features=512, bias=True)",
        "ReLU()",
        "Linear(in_features=512, out_features=512, bias=True)",
        "ReLU()",
        "Linear(in_features=512, out_features=10, bias=True)",
    ]


def test_an_mlp_has_the_layers_its_declaration_says(experiment: Experiment) -> None:
    deep = model_of(with_model(experiment, model=MLP(hidden=(5, 4), activation="Tanh", dropout=0.5)))
    kinds = ["Flatten", "Linear", "Tanh", "Dropout", "Linear", "Tanh", "Dropout", "Linear"]
    assert [type(layer).__name__ for layer in deep.layers] == kinds
    assert deep.layers[3].p == 0.5
    linear = model_of(with_model(experiment, model=MLP(hidden=())))
    assert [type(layer).__name__ for layer in linear.layers] == ["Flatten", "Linear"]


def test_the_seed_alone_decides_the_initial_weights_and_the_first_dropout(
    experiment: Experiment, is_same: Callable[..., bool]
) -> None:
    def first(seed: int, noise: int) -> tuple[Any, torch.Tensor]:
        torch.manual_seed(noise)
        model = model_of(with_model(experiment, training=Training(seed=seed)))
        return dict(model.state_dict()), torch.rand(3)

    assert is_same(first(0, 1), first(0, 2))
    assert not is_same(first(0, 1)[0], first(1, 1)[0])
    assert not is_same(first(0, 1)[1], first(1, 1)[1])


@pytest.mark.parametrize(
    ("changes", "per_sample"),
    [
        ({"model": MLP(hidden=(), dropout=0.0)}, 64 * 10),
        ({"model": MLP(hidden=(12,), dropout=0.5)}, 64 * 12 + 12 * 10),
        (
            {"model": LeNet5(), "dataset": FashionMNIST()},
            24 * 24 * 6 * 25 + 8 * 8 * 16 * 6 * 25 + 256 * 120 + 120 * 84 + 84 * 10,
        ),
    ],
)
def test_the_work_of_a_step_is_three_times_the_forward_pass(
    experiment: Experiment, changes: dict[str, Any], per_sample: int
) -> None:
    asked = with_model(experiment, training=Training(batch_size=32), **changes)
    model = model_of(asked)
    state = torch.get_rng_state()
    assert build.step_work(model, info_of(asked), 32) == 3 * per_sample * 32
    assert torch.equal(torch.get_rng_state(), state)
    assert model.training
