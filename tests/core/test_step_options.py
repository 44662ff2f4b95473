"""A step's options in a whole run: what is told, validated and saved."""

from typing import Any

import pytest
import torch

from workbench.core import build, loop
from workbench.core.data import datasets
from workbench.core.data.batches import EVALUATION_BATCH, Batches
from workbench.core.evaluate import Evaluation, evaluate
from workbench.folders import Folders
from workbench.spec.experiment import Experiment
from workbench.spec.models import MLP
from workbench.spec.optimizers import SGD
from workbench.spec.schedulers import StepLR
from workbench.spec.training import Training

CPU = torch.device("cpu")


def with_options(experiment: Experiment, **options: Any) -> Experiment:
    return experiment.model_copy(
        update={
            "model": MLP(hidden=(12,)),
            "optimizer": SGD(lr=0.1),
            "training": Training(**{"epochs": 3, "batch_size": 256, "seed": 5, **options}),
        }
    )


def evaluation_of(weights: Any, experiment: Experiment, folders: Folders) -> Evaluation:
    data = datasets.load(experiment.dataset, folders)
    model = build.build_model(experiment, data.info)
    model.load_state_dict(weights)
    batches = Batches(data.validation, EVALUATION_BATCH, data.normalisation, CPU)
    objective = build.build_objective(experiment.loss, data.info)
    result = evaluate(model, objective, batches, data.info.task, lambda: False)
    assert result is not None
    return result


def test_a_batch_of_all_samples_is_one_step_an_epoch(experiment: Experiment, trainer: Any) -> None:
    told = trainer(with_options(experiment, batch_size="all", shuffle=False))
    assert told.started.batches_per_epoch == 1
    assert told.steps == [1, 2, 3]
    assert [end.train_loss for end in told.epochs] == told.losses
    spelt_out = trainer(with_options(experiment, batch_size=1_438, shuffle=False))
    assert spelt_out.losses == told.losses


def test_every_batch_of_an_accumulated_step_is_told(experiment: Experiment, trainer: Any) -> None:
    told = trainer(with_options(experiment, accumulate=4))
    assert told.started.batches_per_epoch == 6
    assert told.steps == list(range(1, 19))
    sizes = [256] * 5 + [158]
    for number, end in enumerate(told.epochs):
        losses = told.losses[6 * number : 6 * number + 6]
        weighed = sum(loss * size for loss, size in zip(losses, sizes, strict=True))
        assert end.train_loss == pytest.approx(weighed / 1_438, rel=1e-12)


def test_an_accumulated_run_ends_where_the_larger_batch_does(experiment: Experiment, trainer: Any) -> None:
    changes = {"scheduler": StepLR(step_size=1, gamma=0.5)}
    small = trainer(with_options(experiment, batch_size=100, accumulate=4).model_copy(update=changes))
    weights = trainer.load().model
    large = trainer(with_options(experiment, batch_size=400).model_copy(update=changes))
    for name, weight in trainer.load().model.items():
        torch.testing.assert_close(weights[name], weight, rtol=1e-4, atol=1e-6)
    assert [end.train_loss for end in small.epochs] == pytest.approx([end.train_loss for end in large.epochs], rel=1e-5)
    assert [end.learning_rate for end in small.epochs] == [end.learning_rate for end in large.epochs]


def test_a_schedule_is_stepped_once_a_step_of_the_optimizer(
    experiment: Experiment, trainer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []
    seen: list[int] = []
    monkeypatch.setattr(loop.Schedule, "step_batch", lambda schedule: batches.append(len(seen)))
    learn = loop.Stepper.learn
    monkeypatch.setattr(loop.Stepper, "learn", lambda *given: (seen.append(given[3]), learn(*given))[1])
    trainer(with_options(experiment, accumulate=4, epochs=2))
    assert batches == [4, 6, 10, 12]


def test_figures_and_the_checkpoints_weights_are_those_of_the_average(
    experiment: Experiment, trainer: Any, folders: Folders
) -> None:
    asked = with_options(experiment, ema_decay=0.9, best_by="val_loss")
    told = trainer(asked)
    last, best = trainer.load(), trainer.load("best")
    assert last.ema is not None
    assert last.weights is last.ema
    assert any(not torch.equal(last.ema[name], weight) for name, weight in last.model.items())
    averaged, raw = (evaluation_of(weights, asked, folders) for weights in (last.ema, last.model))
    assert (told.epochs[-1].val_loss, told.epochs[-1].metrics) == (averaged.loss, averaged.metrics)
    assert raw.loss != averaged.loss
    assert told.end.best["val_loss"] == evaluation_of(best.weights, asked, folders).loss


def test_averaging_changes_neither_the_training_nor_its_losses(experiment: Experiment, trainer: Any) -> None:
    told = trainer(with_options(experiment, ema_decay=0.9))
    weights = trainer.load().model
    plain = trainer(with_options(experiment))
    assert told.losses == plain.losses
    assert trainer.load().ema is None
    assert all(torch.equal(weights[name], weight) for name, weight in trainer.load().model.items())
    assert [end.val_loss for end in told.epochs] != [end.val_loss for end in plain.epochs]


def test_a_shown_loss_is_without_penalties(experiment: Experiment, trainer: Any) -> None:
    plain = trainer(with_options(experiment, epochs=1))
    penalised = trainer(with_options(experiment, epochs=1, l1_penalty=0.01, l2_penalty=0.1))
    assert penalised.losses[0] == plain.losses[0]
    assert penalised.losses[1:] != plain.losses[1:]


def test_a_strong_l1_penalty_drives_weights_to_0(experiment: Experiment, trainer: Any) -> None:
    trainer(with_options(experiment, epochs=10, batch_size=64, l1_penalty=0.05))
    weights = trainer.load().model["layers.1.weight"]
    # each step moves a weight that nothing else pulls by 0.1 · 0.05 at most beyond 0
    assert (weights.abs() <= 0.006).float().mean() > 0.9
