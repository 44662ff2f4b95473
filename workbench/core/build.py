"""From declarations to torch objects: one builder a component, found by the declaration's class."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from workbench.core import models
from workbench.core.models import torchvision_classifiers
from workbench.core.objective import Objective
from workbench.spec import losses
from workbench.spec import models as specs
from workbench.spec.component import Component
from workbench.spec.experiment import Experiment
from workbench.spec.tasks import DatasetInfo

_MODELS: dict[type[Component], Callable[[Any, DatasetInfo, int], nn.Module]] = {
    specs.LeNet5: lambda spec, info, outputs: models.LeNet5(info.shape, outputs),
    specs.MLP: lambda spec, info, outputs: models.MLP(
        info.shape, outputs, spec.hidden, spec.activation, spec.dropout, info.categories
    ),
    specs.Linear: lambda spec, info, outputs: models.Linear(info.shape, outputs, info.categories),
    specs.CNN: lambda spec, info, outputs: models.CNN(
        info.shape, outputs, spec.channels, batch_norm=spec.batch_norm, dropout=spec.dropout
    ),
    specs.CNN2c2d: lambda spec, info, outputs: models.CNN2c2d(info.shape, outputs),
    specs.CNN3c3d: lambda spec, info, outputs: models.CNN3c3d(info.shape, outputs),
    specs.ResNet: lambda spec, info, outputs: models.ResNet(info.shape, outputs, spec.depth, spec.width),
    specs.Torchvision: lambda spec, info, outputs: torchvision_classifiers.classifier(
        spec.architecture, info.shape, outputs
    ),
    specs.EmbeddingBag: lambda spec, info, outputs: models.EmbeddingBag(
        info.vocabulary, outputs, spec.dim, spec.mode, sparse=spec.sparse
    ),
}
"""From a declaration, the dataset and the number of outputs to a network."""


def build_model(experiment: Experiment, info: DatasetInfo, *, read_weights: bool = True) -> nn.Module:
    """The experiment's network on the CPU, with the initial weights that ``torch.manual_seed`` of its seed gives.

    Args:
        read_weights: give it the weights of the file its declaration names; of no use where a checkpoint follows.

    Raises:
        FileError: that file is missing or holds other weights.
    """
    torch.manual_seed(experiment.training.seed)
    spec = experiment.model
    model = _MODELS[type(spec)](spec, info, experiment.loss.outputs(info))
    if read_weights and isinstance(spec, specs.Torchvision) and spec.weights:
        torchvision_classifiers.load_weights(model, Path(spec.weights).expanduser(), spec.architecture)
    return model


def outline_model(experiment: Experiment, info: DatasetInfo) -> nn.Module:
    """The experiment's network on the meta device: its layers and shapes, no numbers. Draws no random numbers."""
    with torch.device("meta"):
        return _MODELS[type(experiment.model)](experiment.model, info, experiment.loss.outputs(info))


def build_objective(spec: losses.Loss, info: DatasetInfo) -> Objective:
    """What is made small: ``spec``'s namesake of ``torch.nn``, averaging over the batch."""
    fields = {
        field: (torch.tensor(value, dtype=torch.float32) if value else None) if field in spec.weighted else value
        for field, value in arguments(spec).items()
    }
    return Objective(spec, info, getattr(nn, spec.name)(**fields))


def step_work(model: nn.Module, info: DatasetInfo, batch_size: int) -> int:
    """Multiply-adds of a training step, forward and backward, counted on one blank sample. Draws no random numbers."""
    sample = torch.zeros(1, *info.shape, dtype=torch.int64 if info.kind == "tokens" else torch.float32)
    was_training = model.training
    model.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(sample)
    model.train(was_training)
    forward = int(counter.get_total_flops()) // 2
    return 3 * forward * batch_size


def arguments(spec: Component) -> dict[str, Any]:
    """The fields of a declaration that carries torch's own names, as torch's arguments."""
    return {field: getattr(spec, field) for field in type(spec).model_fields if field != "name"}
