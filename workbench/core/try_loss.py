"""A loss tried on random outputs, beside what a model that knows nothing gets."""

import copy
import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from workbench.core.build import build_objective
from workbench.core.objective import Objective
from workbench.spec.experiment import Experiment, ExperimentError
from workbench.spec.tasks import DatasetInfo

SAMPLES = 1_000
"""Enough for the value to be settled to about 0.05."""


@dataclass(frozen=True)
class Trial:
    """What a loss gives without any training."""

    value: float
    """Of outputs and targets that have nothing to do with each other."""
    chance: float
    """Of a model that knows nothing and says so: all classes alike, each label as likely as not, the mean."""
    sentence: str
    """Both figures in words."""


def try_loss(experiment: Experiment, info: DatasetInfo) -> Trial:
    """The experiment's loss on ``SAMPLES`` random outputs and targets of the shapes it is trained with.

    Outputs are drawn from a standard normal distribution, classes and labels evenly, the targets of a regression from a
    standard normal distribution too; all from the experiment's seed, leaving torch's own generator alone.

    Raises:
        ExperimentError: the loss does not fit the dataset.
    """
    if conflicts := experiment.loss.misfits(info):
        raise ExperimentError("; ".join(f"loss.{conflict.field} {conflict.reason}" for conflict in conflicts))
    objective = build_objective(experiment.loss, info)
    generator = torch.Generator().manual_seed(experiment.training.seed)
    outputs = torch.randn(SAMPLES, experiment.loss.outputs(info), generator=generator)
    with torch.inference_mode():
        value = objective(outputs, _random_targets(info, generator)).item()
        chance = _chance(objective, experiment, info)
    shape = " × ".join(f"{size:,}" for size in outputs.shape)
    sentence = f"Random outputs ({shape}) give {value:.4f}; {_in_words(experiment, info, chance)}"
    return Trial(value, chance, sentence)


def _random_targets(info: DatasetInfo, generator: torch.Generator) -> torch.Tensor:
    count = len(info.targets)
    match info.task:
        case "multiclass" | "binary":
            return torch.randint(count, (SAMPLES,), generator=generator)
        case "multilabel":
            return torch.randint(2, (SAMPLES, count), generator=generator).float()
        case "regression":
            return torch.randn(SAMPLES, count, generator=generator)


def _chance(objective: Objective, experiment: Experiment, info: DatasetInfo) -> float:
    """The loss of outputs that are all 0 on targets that are as even as can be."""
    count = len(info.targets)
    if info.task == "regression":
        return _of_standard_normal(objective.loss)
    targets = torch.arange(count) if info.is_classification else torch.tensor([[0.0] * count, [1.0] * count])
    return float(objective(torch.zeros(len(targets), experiment.loss.outputs(info)), targets))


def _of_standard_normal(loss: nn.Module) -> float:
    """The mean of ``loss`` of 0 over targets of mean 0 and standard deviation 1: an integral over their density."""
    single: Any = copy.deepcopy(loss)
    single.reduction = "none"
    targets = torch.linspace(-10, 10, 20_001, dtype=torch.float64)
    density = torch.exp(-targets.square() / 2) / math.sqrt(2 * math.pi)
    return float(torch.trapezoid(single(torch.zeros_like(targets), targets) * density, targets))


def _in_words(experiment: Experiment, info: DatasetInfo, chance: float) -> str:
    count = len(info.targets)
    if info.is_classification:
        guess = "both classes alike" if count == 2 else f"all {count:,} classes alike"
    else:
        guess = "every label as likely as not"
    if info.task == "regression":
        return (
            f"always giving the targets' mean costs {chance:.4f} where their standard deviation is 1. "
            "The training's first loss is in the targets' own unit."
        )
    figure = f"{chance:.4f}"
    if experiment.loss.name in ("CrossEntropyLoss", "NLLLoss"):
        figure += f" (ln {count:,})"
    elif math.isclose(chance, math.log(2), rel_tol=1e-6):
        figure += " (ln 2)"
    return f"a model that takes {guess} gets {figure}. A first loss far above that means outputs that are far too sure."
