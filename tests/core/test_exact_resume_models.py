"""A run of any model that is stopped inside an epoch and gone on with is bit for bit one that was never stopped."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from workbench.core.control import Control
from workbench.runs.events import BatchBlock, Event
from workbench.spec.experiment import Experiment
from workbench.spec.models import CNN, CNN2c2d, Linear, ResNet, Torchvision
from workbench.spec.models.base import ModelComponent
from workbench.spec.optimizers import SGD
from workbench.spec.training import Training

MODELS: list[Any] = [
    CNN(channels=(4, 6), dropout=0.4),
    CNN2c2d(),
    ResNet(depth=8, width=4),
    Linear(),
    pytest.param(Torchvision(architecture="shufflenet_v2_x1_0"), marks=pytest.mark.slow),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_model_goes_on_exactly_with_its_arguments_from_the_checkpoint(
    model: ModelComponent, experiment: Experiment, make_trainer: Callable[[], Any], is_same: Callable[..., bool]
) -> None:
    training = Training(epochs=2, batch_size=480, seed=5)
    asked = experiment.model_copy(
        update={"model": model, "optimizer": SGD(lr=0.05, momentum=0.9), "training": training}
    )
    whole = make_trainer()
    reference = whole(asked)

    def stop(event: Event, control: Control) -> None:
        if isinstance(event, BatchBlock) and event.last_step == 4:
            control.stop()

    halved = make_trainer()
    told = halved(asked, stop)
    assert told.steps == [1, 2, 3, 4]
    middle = halved.load()
    assert middle.experiment.model == model
    torch.manual_seed(99)  # whatever else happens in the process meanwhile
    told.events += halved(middle.experiment, start=middle).events
    assert told.losses == reference.losses
    assert told.epochs == reference.epochs
    assert len(told.losses) == 6
    last, expected = halved.load(), whole.load()
    for part in ("model", "optimizer", "rng"):
        assert is_same(getattr(last, part), getattr(expected, part)), part


def test_the_running_statistics_of_batch_norm_are_in_the_checkpoint(
    experiment: Experiment, make_trainer: Callable[[], Any]
) -> None:
    trainer = make_trainer()
    trainer(experiment.model_copy(update={"model": CNN(channels=(4,)), "training": Training(epochs=1)}))
    state = trainer.load().model
    assert state["blocks.0.1.num_batches_tracked"] == 23
    assert (state["blocks.0.1.running_var"] != 1).all()
