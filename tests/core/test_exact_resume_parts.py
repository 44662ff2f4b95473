"""A run of any model or augmentation that is stopped inside an epoch goes on bit for bit as if it had never stopped."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from workbench.core.checkpoint import Checkpoint
from workbench.core.control import Control
from workbench.runs.events import BatchBlock, Event
from workbench.spec.datasets import Digits
from workbench.spec.experiment import Experiment
from workbench.spec.models import CNN, MLP, CNN2c2d, Linear, ResNet, Torchvision
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
SINGLE = {
    "crop_padding": 1,
    "horizontal_flip": 0.5,
    "rotation": 10.0,
    "brightness": 0.2,
    "contrast": 0.2,
    "erasing": 0.3,
}
AUGMENTED = {
    "single images": Digits(**SINGLE),
    "mixed images": Digits(mixup=0.4, cutmix=1.0),
    "both": Digits(**SINGLE, mixup=0.4, cutmix=1.0),
}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_model_goes_on_exactly_with_its_arguments_from_the_checkpoint(
    model: ModelComponent, experiment: Experiment, make_trainer: Callable[[], Any], is_same: Callable[..., bool]
) -> None:
    middle = goes_on_exactly(experiment.model_copy(update={"model": model}), make_trainer, is_same, batch_size=480)
    assert middle.experiment.model == model


@pytest.mark.parametrize("batch_size", [32, 480])
@pytest.mark.parametrize("dataset", AUGMENTED.values(), ids=AUGMENTED.keys())
def test_augmented_images_are_the_same_after_a_stop(
    dataset: Digits,
    batch_size: int,
    experiment: Experiment,
    make_trainer: Callable[[], Any],
    is_same: Callable[..., bool],
) -> None:
    asked = experiment.model_copy(update={"dataset": dataset, "model": MLP(hidden=(12,), dropout=0.3)})
    goes_on_exactly(asked, make_trainer, is_same, batch_size=batch_size)


def goes_on_exactly(
    experiment: Experiment, make_trainer: Callable[[], Any], is_same: Callable[..., bool], *, batch_size: int
) -> Checkpoint:
    """Compare a run that is stopped in its second epoch with a whole one; the checkpoint of the stop is returned."""
    training = Training(epochs=2, batch_size=batch_size, seed=5)
    asked = experiment.model_copy(update={"optimizer": SGD(lr=0.05, momentum=0.9), "training": training})
    whole = make_trainer()
    reference = whole(asked)

    def stop(event: Event, control: Control) -> None:
        if isinstance(event, BatchBlock) and event.epoch == 2:
            control.stop()

    halved = make_trainer()
    told = halved(asked, stop)
    middle = halved.load()
    assert middle.position.epoch == 2
    assert middle.position.batch > 0
    torch.manual_seed(99)  # whatever else happens in the process meanwhile
    told.events += halved(middle.experiment, start=middle).events
    assert told.losses == reference.losses
    assert told.epochs == reference.epochs
    last, expected = halved.load(), whole.load()
    for part in ("model", "optimizer", "rng"):
        assert is_same(getattr(last, part), getattr(expected, part)), part
    return middle


def test_the_running_statistics_of_batch_norm_are_in_the_checkpoint(
    experiment: Experiment, make_trainer: Callable[[], Any]
) -> None:
    trainer = make_trainer()
    trainer(experiment.model_copy(update={"model": CNN(channels=(4,)), "training": Training(epochs=1)}))
    state = trainer.load().model
    assert state["blocks.0.1.num_batches_tracked"] == 23
    assert (state["blocks.0.1.running_var"] != 1).all()
