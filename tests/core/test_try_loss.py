"""Trying a loss: the figure of random outputs, and what knowing nothing costs."""

import math
from typing import Any

import pytest
import torch

from workbench.core.try_loss import try_loss
from workbench.spec.experiment import Experiment, ExperimentError
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
from workbench.spec.tasks import DatasetInfo, Task
from workbench.spec.training import Training

ROOT = math.sqrt(2 / math.pi)
"""The mean absolute value of a standard normal number."""


def trial(experiment: Experiment, loss: Any, task: Task, targets: int, seed: int = 0) -> Any:
    info = DatasetInfo(
        task=task,
        kind="table",
        shape=(4,),
        targets=tuple(map(str, range(targets))),
        train_samples=100,
        validation_samples=20,
    )
    return try_loss(experiment.model_copy(update={"loss": loss, "training": Training(seed=seed)}), info)


@pytest.mark.parametrize(
    ("loss", "task", "targets", "chance"),
    [
        (CrossEntropyLoss(), "multiclass", 10, math.log(10)),
        (CrossEntropyLoss(label_smoothing=0.1, weight=(1.0, 2.0, 3.0)), "multiclass", 3, math.log(3)),
        (CrossEntropyLoss(), "binary", 2, math.log(2)),
        (NLLLoss(), "multiclass", 100, math.log(100)),
        (MultiMarginLoss(), "multiclass", 10, 9 / 10),
        (MultiMarginLoss(p=2, margin=0.5), "binary", 2, 0.25 / 2),
        (BCEWithLogitsLoss(), "binary", 2, math.log(2)),
        (BCEWithLogitsLoss(pos_weight=(3.0,)), "binary", 2, 2 * math.log(2)),
        (BCEWithLogitsLoss(), "multilabel", 5, math.log(2)),
        (MultiLabelSoftMarginLoss(), "multilabel", 5, math.log(2)),
        (MSELoss(), "regression", 1, 1.0),
        (L1Loss(), "regression", 3, ROOT),
        (HuberLoss(delta=1e6), "regression", 1, 0.5),
        (SmoothL1Loss(beta=0), "regression", 1, ROOT),
    ],
)
def test_knowing_nothing_costs_what_the_formula_says(
    experiment: Experiment, loss: Any, task: Task, targets: int, chance: float
) -> None:
    assert trial(experiment, loss, task, targets).chance == pytest.approx(chance, rel=1e-5)


@pytest.mark.parametrize(
    ("loss", "task", "targets", "value"),
    [
        (MSELoss(), "regression", 1, 2.0),  # the variance of a difference of two standard normal numbers
        (L1Loss(), "regression", 2, math.sqrt(2) * ROOT),
        (CrossEntropyLoss(), "multiclass", 1_000, math.log(1_000) + 0.5),  # ln of a sum of log-normal numbers
    ],
)
def test_random_outputs_cost_about_what_theory_says(
    experiment: Experiment, loss: Any, task: Task, targets: int, value: float
) -> None:
    values = [trial(experiment, loss, task, targets, seed).value for seed in range(5)]
    assert sum(values) / 5 == pytest.approx(value, abs=0.12)
    assert len(set(values)) == 5


def test_a_trial_is_a_function_of_the_seed_and_leaves_torchs_generator_alone(experiment: Experiment) -> None:
    state = torch.get_rng_state()
    first = trial(experiment, CrossEntropyLoss(), "multiclass", 10)
    assert torch.equal(torch.get_rng_state(), state)
    assert trial(experiment, CrossEntropyLoss(), "multiclass", 10) == first


@pytest.mark.parametrize(
    ("loss", "task", "targets", "words"),
    [
        (
            CrossEntropyLoss(),
            "multiclass",
            10,
            "Random outputs (1,000 × 10) give {value:.4f}; a model that takes all 10 classes alike gets 2.3026 (ln 10)."
            " A first loss far above that means outputs that are far too sure.",
        ),
        (BCEWithLogitsLoss(), "binary", 2, "a model that takes both classes alike gets 0.6931 (ln 2)."),
        (BCEWithLogitsLoss(pos_weight=(3.0,)), "binary", 2, "takes both classes alike gets 1.3863."),
        (BCEWithLogitsLoss(), "multilabel", 4, "takes every label as likely as not gets 0.6931 (ln 2)."),
        (
            L1Loss(),
            "regression",
            1,
            "always giving the targets' mean costs 0.7979 where their standard deviation is 1. "
            "The training's first loss is in the targets' own unit.",
        ),
    ],
)
def test_a_trial_is_told_in_words(experiment: Experiment, loss: Any, task: Task, targets: int, words: str) -> None:
    told = trial(experiment, loss, task, targets)
    assert words.format(value=told.value) in told.sentence


def test_a_loss_that_does_not_fit_is_not_tried(experiment: Experiment) -> None:
    with pytest.raises(ExperimentError, match=r"^loss\.name is for predicting numbers, and the dataset is for "):
        trial(experiment, MSELoss(), "multilabel", 3)
