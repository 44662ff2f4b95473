"""From declarations to torch objects: one builder a component, found by the declaration's class."""

from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import LRScheduler
from torch.utils.flop_counter import FlopCounterMode

from workbench.core import models
from workbench.spec import losses, optimizers, schedulers
from workbench.spec import models as specs
from workbench.spec.component import Component
from workbench.spec.datasets import ImageClasses
from workbench.spec.experiment import Experiment

_MODELS: dict[type[Component], Callable[[Any, ImageClasses], nn.Module]] = {
    specs.LeNet5: lambda spec, dataset: models.LeNet5(*dataset.shape, classes=len(dataset.classes)),
    specs.MLP: lambda spec, dataset: models.MLP(
        dataset.shape, len(dataset.classes), spec.hidden, spec.activation, spec.dropout
    ),
}


def build_model(experiment: Experiment) -> nn.Module:
    """The experiment's network on the CPU, with the initial weights that ``torch.manual_seed`` of its seed gives."""
    torch.manual_seed(experiment.training.seed)
    return _MODELS[type(experiment.model)](experiment.model, experiment.dataset)


def build_loss(spec: losses.Loss) -> nn.Module:
    """``spec``'s namesake of ``torch.nn``, averaging over the batch."""
    loss: nn.Module = getattr(nn, spec.name)(**_arguments(spec))
    return loss


def build_optimizer(spec: optimizers.Optimizer, model: nn.Module) -> torch.optim.Optimizer:
    """``spec``'s namesake of ``torch.optim`` over all parameters of ``model``."""
    optimizer: torch.optim.Optimizer = getattr(torch.optim, spec.name)(model.parameters(), **_arguments(spec))
    return optimizer


def build_scheduler(spec: schedulers.Scheduler, optimizer: torch.optim.Optimizer) -> LRScheduler | None:
    """``spec``'s namesake of ``torch.optim.lr_scheduler``, to be stepped after each epoch; None for a constant rate."""
    if isinstance(spec, schedulers.Constant):
        return None
    scheduler: LRScheduler = getattr(torch.optim.lr_scheduler, spec.name)(optimizer, **_arguments(spec))
    return scheduler


def step_work(model: nn.Module, experiment: Experiment) -> int:
    """Multiply-adds of a training step, forward and backward, counted on one blank sample. Draws no random numbers."""
    sample = torch.zeros(1, *experiment.dataset.shape)
    was_training = model.training
    model.eval()
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model(sample)
    model.train(was_training)
    forward = int(counter.get_total_flops()) // 2
    return 3 * forward * experiment.training.batch_size


def _arguments(spec: Component) -> dict[str, Any]:
    """The fields of a declaration that carries torch's own names, as torch's arguments."""
    return {field: getattr(spec, field) for field in type(spec).model_fields if field != "name"}
