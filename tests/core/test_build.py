"""Declarations and what torch offers under the same names; the networks; the work of a step."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from workbench.core import build, models
from workbench.spec.component import Component
from workbench.spec.datasets import FashionMNIST
from workbench.spec.experiment import Experiment, choices
from workbench.spec.losses import CrossEntropyLoss
from workbench.spec.models import MLP, LeNet5
from workbench.spec.optimizers import SGD, Adam
from workbench.spec.schedulers import Constant, StepLR
from workbench.spec.training import Training

LEFT_OUT: dict[str, dict[str, str]] = {
    "optimizer": {
        "params": "the model's, given by the builder",
        "differentiable": "keeps the graph of the step itself, which a training loop never follows",
        "capturable": "for CUDA graphs, which the loop does not record",
    },
    "scheduler": {
        "optimizer": "given by the builder",
        "last_epoch": "part of the state a checkpoint restores",
    },
    "loss": {
        "weight": "a tensor with a number a class, of no use where classes are as frequent as here",
        "size_average": "deprecated in favour of reduction",
        "reduce": "deprecated in favour of reduction",
        "reduction": "the loop needs the mean",
        "ignore_index": "every sample here has a class",
    },
}
"""Torch's parameters that no declaration has, and why."""

OWN_DEFAULTS = {("StepLR", "step_size"): "torch has none"}


def torch_class(component: type[Component]) -> Any:
    for module in (torch.optim, torch.optim.lr_scheduler, nn):
        if found := getattr(module, component.__name__, None):
            return found
    raise AssertionError(f"torch has no {component.__name__}")


DECLARED = [
    (section, component)
    for section in ("optimizer", "loss", "scheduler")
    for component in choices(section)
    if component is not Constant
]


@pytest.mark.parametrize(("section", "component"), DECLARED, ids=[component.__name__ for _, component in DECLARED])
def test_a_declaration_has_the_parameters_of_the_installed_torch(section: str, component: type[Component]) -> None:
    parameters = inspect.signature(torch_class(component)).parameters
    declared = set(component.model_fields) - {"name"}
    assert declared - set(parameters) == set()
    assert set(parameters) - declared - set(LEFT_OUT[section]) == set()
    assert declared & set(LEFT_OUT[section]) == set()


@pytest.mark.parametrize(("section", "component"), DECLARED, ids=[component.__name__ for _, component in DECLARED])
def test_a_declaration_has_the_defaults_of_the_installed_torch(section: str, component: type[Component]) -> None:
    parameters = inspect.signature(torch_class(component)).parameters
    for name, field in component.model_fields.items():
        if name == "name":
            continue
        default = parameters[name].default
        if (component.__name__, name) in OWN_DEFAULTS:
            assert default is inspect.Parameter.empty
        else:
            assert field.default == default, name
            assert (field.default is None) == (default is None), name


def test_every_reason_for_leaving_a_parameter_out_is_needed() -> None:
    for section, reasons in LEFT_OUT.items():
        known = [set(inspect.signature(torch_class(kind)).parameters) for part, kind in DECLARED if part == section]
        assert set(reasons) <= set().union(*known)


@pytest.mark.parametrize(
    "spec",
    [
        SGD(lr=0.5, momentum=0.9, dampening=0.1, weight_decay=0.01, maximize=True, foreach=False),
        SGD(lr=0.5, momentum=0.9, nesterov=True, fused=True),
        Adam(lr=0.5, betas=(0.8, 0.9), eps=1e-3, weight_decay=0.1, amsgrad=True, decoupled_weight_decay=True),
        Adam(lr=0.5, maximize=True, foreach=True),
    ],
)
def test_an_optimizer_is_torchs_with_every_field_of_its_declaration(spec: Any) -> None:
    optimizer = build.build_optimizer(spec, nn.Linear(2, 2))
    assert type(optimizer) is getattr(torch.optim, spec.name)
    (group,) = optimizer.param_groups
    fields = spec.model_dump(exclude={"name"})
    assert {field: group[field] for field in fields} == fields
    assert len(group["params"]) == 2


def test_a_loss_is_torchs_and_averages() -> None:
    loss = build.build_loss(CrossEntropyLoss(label_smoothing=0.1))
    assert isinstance(loss, nn.CrossEntropyLoss)
    assert (loss.label_smoothing, loss.reduction) == (0.1, "mean")


def test_a_schedule_is_torchs_and_constant_is_none() -> None:
    optimizer = build.build_optimizer(SGD(lr=1.0), nn.Linear(2, 2))
    assert build.build_scheduler(Constant(), optimizer) is None
    scheduler = build.build_scheduler(StepLR(step_size=3, gamma=0.5), optimizer)
    assert isinstance(scheduler, torch.optim.lr_scheduler.StepLR)
    assert (scheduler.step_size, scheduler.gamma) == (3, 0.5)


def with_model(experiment: Experiment, **changes: Any) -> Experiment:
    return experiment.model_copy(update=changes)


def parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_lenet_5_is_that_of_the_tutorial(experiment: Experiment) -> None:
    model = build.build_model(with_model(experiment, model=LeNet5(), dataset=FashionMNIST()))
    assert parameters(model) == 44_426
    assert model(torch.zeros(3, 1, 28, 28)).shape == (3, 10)


@pytest.mark.parametrize("side", [16, 17, 28, 32])
def test_lenet_5_takes_every_size_its_declaration_allows(side: int) -> None:
    assert models.LeNet5(3, side, side, 7)(torch.zeros(2, 3, side, side)).shape == (2, 7)


def test_the_mlp_is_that_of_the_tutorial(experiment: Experiment) -> None:
    model = build.build_model(with_model(experiment, model=MLP(), dataset=FashionMNIST()))
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
    deep = build.build_model(with_model(experiment, model=MLP(hidden=(5, 4), activation="Tanh", dropout=0.5)))
    kinds = ["Flatten", "Linear", "Tanh", "Dropout", "Linear", "Tanh", "Dropout", "Linear"]
    assert [type(layer).__name__ for layer in deep.layers] == kinds
    assert deep.layers[3].p == 0.5
    linear = build.build_model(with_model(experiment, model=MLP(hidden=())))
    assert [type(layer).__name__ for layer in linear.layers] == ["Flatten", "Linear"]


def test_the_seed_alone_decides_the_initial_weights_and_the_first_dropout(
    experiment: Experiment, is_same: Callable[..., bool]
) -> None:
    def first(seed: int, noise: int) -> tuple[Any, torch.Tensor]:
        torch.manual_seed(noise)
        model = build.build_model(with_model(experiment, training=Training(seed=seed)))
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
    model = build.build_model(asked)
    state = torch.get_rng_state()
    assert build.step_work(model, asked) == 3 * per_sample * 32
    assert torch.equal(torch.get_rng_state(), state)
    assert model.training
