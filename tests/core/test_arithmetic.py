"""The loop computes what a few lines of plain PyTorch compute, bit for bit."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from workbench.core.build import build_objective
from workbench.core.data import datasets
from workbench.core.data.batches import Batches
from workbench.core.data.parts import Normalisation, Part
from workbench.core.evaluate import evaluate
from workbench.core.objective import Objective
from workbench.core.rng import sample_order
from workbench.folders import Folders
from workbench.spec.datasets import Digits
from workbench.spec.experiment import Experiment
from workbench.spec.losses import CrossEntropyLoss
from workbench.spec.models import MLP
from workbench.spec.optimizers import SGD, Adam
from workbench.spec.schedulers import Constant, StepLR
from workbench.spec.training import Training

CPU = torch.device("cpu")
PLAIN = Normalisation((0.0,), (1.0,))
RECIPES: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "SGD": (
        {"optimizer": SGD(lr=0.1)},
        lambda weights: torch.optim.SGD(weights, lr=0.1),
        None,
    ),
    "SGD with momentum and a schedule": (
        {"optimizer": SGD(lr=0.1, momentum=0.9), "scheduler": StepLR(step_size=1, gamma=0.5)},
        lambda weights: torch.optim.SGD(weights, lr=0.1, momentum=0.9),
        lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.5),
    ),
    "Adam": (
        {"optimizer": Adam(lr=0.01), "scheduler": Constant()},
        lambda weights: torch.optim.Adam(weights, lr=0.01),
        None,
    ),
}


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_loop_is_the_bare_loop(recipe: str, experiment: Experiment, trainer: Any, folders: Folders) -> None:
    changes, make_optimizer, make_scheduler = RECIPES[recipe]
    dataset = Digits(mean=(0.5,), std=(0.25,))
    asked = experiment.model_copy(
        update={
            **changes,
            "dataset": dataset,
            "loss": CrossEntropyLoss(label_smoothing=0.1),
            "training": Training(epochs=2, batch_size=256, seed=4),
        }
    )
    told = trainer(asked, threads=1)

    torch.set_num_threads(1)
    data = datasets.load(dataset, folders)
    pixels = Batches(data.train, len(data.train), data.normalisation, CPU).batch(0, None)[0]
    torch.manual_seed(4)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 12), nn.ReLU(), nn.Dropout(0.25), nn.Linear(12, 10))
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = make_optimizer(model.parameters())
    scheduler = make_scheduler(optimizer) if make_scheduler else None
    losses, rates = [], []
    for epoch in (1, 2):
        for chosen in sample_order(len(data.train), 4, epoch).split(256):
            optimizer.zero_grad()
            loss = criterion(model(pixels[chosen]), data.train.targets[chosen])
            loss.backward()
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            losses.append(loss.item())
        if scheduler:
            scheduler.step()

    assert told.losses == losses
    assert told.rates == rates
    assert [end.learning_rate for end in told.epochs] == [rates[5], rates[11]]
    trained = list(trainer.load().model.values())
    assert len(trained) == 4
    for ours, bare in zip(trained, model.state_dict().values(), strict=True):
        assert torch.equal(ours, bare)


@pytest.fixture
def part() -> Part:
    generator = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (2_345, 1, 8, 8), dtype=torch.uint8, generator=generator)
    return Part(images, torch.randint(0, 10, (2_345,), generator=generator))


def objective(**options: Any) -> Objective:
    info = Digits().info()
    assert info is not None
    return build_objective(CrossEntropyLoss(**options), info)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_an_evaluation_is_what_float64_gives_over_all_samples(part: Part, smoothing: float) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10), nn.Dropout(0.5))
    criterion = objective(label_smoothing=smoothing)
    state = torch.get_rng_state()
    result = evaluate(
        model, criterion, Batches(part, 1_000, Normalisation((0.5,), (0.5,)), CPU), "multiclass", lambda: False
    )
    assert result is not None
    assert torch.equal(torch.get_rng_state(), state)
    assert not model.training

    weight, bias = (value.double().numpy() for value in model[1].state_dict().values())
    logits = ((part.inputs.numpy().reshape(-1, 64) / 255 - 0.5) / 0.5) @ weight.T + bias
    log_odds = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    labels = part.targets.numpy()
    target = np.full((len(labels), 10), smoothing / 10)
    target[np.arange(len(labels)), labels] += 1 - smoothing
    assert result.loss == pytest.approx(-(target * log_odds).sum(axis=1).mean(), rel=1e-6)
    assert result.metrics["val_accuracy"] == (logits.argmax(axis=1) == labels).mean()


def test_an_evaluation_weighs_a_short_last_batch_by_its_samples(part: Part) -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    results = [
        evaluate(model, objective(), Batches(part, size, PLAIN, CPU), "multiclass", lambda: False)
        for size in (2_345, 1_000, 7)
    ]
    losses = [result.loss for result in results if result]
    assert losses == pytest.approx([losses[0]] * 3, rel=1e-6)
    assert len({result.metrics["val_accuracy"] for result in results if result}) == 1


def test_an_evaluation_ends_between_batches_when_it_should(part: Part) -> None:
    asked = iter([False, False, True])
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    batches = Batches(part, 1_000, PLAIN, CPU)
    assert evaluate(model, objective(), batches, "multiclass", lambda: next(asked)) is None
    assert list(asked) == []


def test_a_model_that_is_nan_evaluates_to_nan(part: Part) -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    nn.init.constant_(model[1].weight, torch.nan)
    result = evaluate(model, objective(), Batches(part, 1_000, PLAIN, CPU), "multiclass", lambda: False)
    assert result is not None
    assert np.isnan(result.loss)


def test_every_activation_of_the_declaration_trains(experiment: Experiment, trainer: Any) -> None:
    for activation in ("ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Tanh", "Sigmoid"):
        asked = experiment.model_copy(
            update={
                "model": MLP(hidden=(16,), activation=activation),  # type: ignore[arg-type]
                "optimizer": Adam(lr=0.02),
                "training": Training(epochs=2, batch_size=64),
            }
        )
        losses = trainer(asked).losses
        assert losses[-1] < 0.8 * losses[0], activation
