"""Layers with settings of their own, found by the names of their parameters."""

from typing import Any

import pytest
import torch
from torch import nn

from workbench.core.optimizers import build_optimizer
from workbench.core.parameter_groups import parameter_groups
from workbench.runs.events import RunStarted
from workbench.spec.experiment import Experiment, ExperimentError
from workbench.spec.optimizers import SGD, Adam
from workbench.spec.parameter_groups import ParameterGroup
from workbench.spec.training import Training


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
        self.classifier = nn.Linear(4, 2)


def names(model: nn.Module, group: dict[str, Any]) -> list[str]:
    """The names of a group's parameters."""
    return [
        name for name, parameter in model.named_parameters() if any(parameter is member for member in group["params"])
    ]


def test_the_first_pattern_that_matches_counts_and_the_rest_comes_first() -> None:
    model = Network()
    made = parameter_groups(
        model,
        (
            ParameterGroup(pattern="*.bias", weight_decay=0.0),
            ParameterGroup(pattern="features.?.*", lr=0.5),
            ParameterGroup(pattern="classifier.[vw]*"),
        ),
    )
    assert [names(model, group) for group in made] == [
        ["features.0.bias", "features.1.bias", "classifier.bias"],
        ["features.0.weight", "features.1.weight"],
        ["classifier.weight"],
    ]
    assert [{key: value for key, value in group.items() if key != "params"} for group in made] == [
        {"weight_decay": 0.0},
        {"lr": 0.5},
        {},
    ]
    rest, biases = parameter_groups(model, (ParameterGroup(pattern="*.bias"),))
    assert names(model, rest) == ["features.0.weight", "features.1.weight", "classifier.weight"]
    assert len(biases["params"]) == 3


def test_what_a_group_leaves_open_is_the_optimizers() -> None:
    optimizer = build_optimizer(
        Adam(lr=0.25, weight_decay=0.125, betas=(0.5, 0.75)), Network(), (ParameterGroup(pattern="*.bias", lr=2.0),)
    )
    rest, biases = optimizer.param_groups
    assert (rest["lr"], rest["weight_decay"], rest["betas"]) == (0.25, 0.125, (0.5, 0.75))
    assert (biases["lr"], biases["weight_decay"], biases["betas"]) == (2.0, 0.125, (0.5, 0.75))


@pytest.mark.parametrize(
    ("patterns", "sentence"),
    [
        (
            ("*.bias", "head.*"),
            "training.groups[1].pattern head.* matches no parameter of the model, which has features.0.weight, "
            "features.0.bias, features.1.weight, features.1.bias, classifier.weight, classifier.bias: choose a "
            "pattern that does.",
        ),
        (("Classifier.*",), "training.groups[0].pattern Classifier.* matches no parameter"),
        (("classifier",), "training.groups[0].pattern classifier matches no parameter"),
        (
            ("*", "*.bias"),
            "training.groups[1].pattern *.bias matches only parameters that an earlier group has: remove the group or "
            "put it first.",
        ),
    ],
)
def test_a_pattern_that_has_no_parameter_of_its_own_is_refused(patterns: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(ExperimentError) as caught:
        parameter_groups(Network(), tuple(ParameterGroup(pattern=pattern) for pattern in patterns))
    assert sentence in str(caught.value)


def test_a_large_networks_names_are_not_all_told() -> None:
    model = nn.Sequential(*(nn.Linear(1, 1) for _ in range(30)))
    with pytest.raises(ExperimentError, match=r"19\.weight, 19\.bias and 20 more: choose"):
        parameter_groups(model, (ParameterGroup(pattern="head.*"),))


def test_a_pattern_without_a_parameter_is_refused_before_the_run_begins(experiment: Experiment, trainer: Any) -> None:
    asked = experiment.model_copy(update={"training": Training(groups=(ParameterGroup(pattern="conv*"),))})
    seen: list[object] = []
    with pytest.raises(ExperimentError, match=r"training\.groups\[0\]\.pattern conv\* matches no parameter.*layers\.1"):
        trainer(asked, lambda event, control: seen.append(event))
    assert seen == []


def test_steps_of_two_groups_are_those_of_sgd_by_hand() -> None:
    torch.manual_seed(0)
    model = nn.Linear(3, 2).double()
    weight, bias = (parameter.detach().clone() for parameter in model.parameters())
    groups = (ParameterGroup(pattern="bias", lr=0.5, weight_decay=0.25),)
    optimizer = build_optimizer(SGD(lr=0.1), model, groups)
    inputs = torch.randn(5, 3, dtype=torch.float64)
    for _ in range(4):
        optimizer.zero_grad()
        model(inputs).square().mean().backward()
        optimizer.step()
        outputs = inputs @ weight.T + bias
        weight, bias = (
            weight - 0.1 * 2 * outputs.T @ inputs / outputs.numel(),
            bias - 0.5 * (2 * outputs.sum(dim=0) / outputs.numel() + 0.25 * bias),
        )
    torch.testing.assert_close(model.weight.detach(), weight, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(model.bias.detach(), bias, rtol=1e-12, atol=1e-14)


def test_a_layer_with_learning_rate_0_stays_as_it_was(experiment: Experiment, trainer: Any) -> None:
    frozen = ParameterGroup(pattern="layers.1.*", lr=0.0, weight_decay=0.0)
    asked = experiment.model_copy(
        update={"optimizer": SGD(lr=0.1), "training": Training(epochs=1, batch_size=256, seed=3, groups=(frozen,))}
    )
    told = trainer(asked)
    assert any(isinstance(event, RunStarted) for event in told.events)
    assert set(told.rates) == {0.1}, "the rate that is told is the optimizer's own"
    trained = trainer.load().model
    torch.manual_seed(3)
    first = nn.Linear(64, 12)
    assert torch.equal(trained["layers.1.weight"], first.weight)
    assert torch.equal(trained["layers.1.bias"], first.bias)
    assert not torch.equal(trained["layers.4.weight"], nn.Linear(12, 10).weight)
