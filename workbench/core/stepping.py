"""The one step path: from a batch to changed weights."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from workbench.core.gradients import add_noise, add_penalties, divide, noise_deviation, weights_of
from workbench.core.objective import Objective
from workbench.spec.training import Training

Batch = tuple[torch.Tensor, torch.Tensor]
"""Inputs and targets, as ``Batches`` gives them."""


class Stepper:
    """Changes the weights of ``model`` batch by batch, for an epoch of ``samples``.

    ``options.accumulate`` batches in a row are a group and make one optimizer step; an epoch's last group may have
    fewer. A batch counts by its share in the mean over its group, so that the gradient is that of one batch of the
    whole group. Then come penalties, clipping and noise, in this order, the step and the average of the weights.

    Optimizers get a closure, which they may call as often as they like: it gives the objective, penalties included,
    and leaves its gradient, clipped where that is asked for.
    """

    def __init__(
        self, model: nn.Module, objective: Objective, optimizer: torch.optim.Optimizer, options: Training, samples: int
    ) -> None:
        self._model = model
        self._objective = objective
        self._optimizer = optimizer
        self._options = options
        self._samples = samples
        self._batches = options.batches_per_epoch(samples)
        self._weights = weights_of(model)
        self._average: AveragedModel | None = None
        if options.ema_decay:
            average = get_ema_multi_avg_fn(options.ema_decay)  # type: ignore[no-untyped-call]
            self._average = AveragedModel(model, multi_avg_fn=average)
        self._has_penalty = bool(options.l1_penalty or options.l2_penalty)
        self._is_plain = not (
            self._has_penalty
            or options.clip_norm
            or options.clip_value
            or options.gradient_noise
            or options.ema_decay
            or options.accumulate > 1
        )
        self._batch: Batch
        self._is_first = True
        self._share = 0.0
        self._noise = 0.0
        self._loss: torch.Tensor | None = None

    @property
    def evaluated_model(self) -> nn.Module:
        """The network that validation looks at: the averaged one where there is one, else ``model``."""
        return self._model if self._average is None else self._average.module

    def learn(self, batch: Batch, epoch: int, index: int) -> torch.Tensor:
        """Learn from batch ``index`` of ``epoch``; its loss before the step, without penalties, is returned."""
        self._batch = batch
        if self._is_plain:
            return self._optimizer.step(self._plain_closure)  # type: ignore[arg-type, return-value]
        options = self._options
        self._is_first = index % options.accumulate == 0
        if not self.completes_group(index):
            return self._add_gradients()
        if options.gradient_noise:
            step = self._steps_before(epoch, index)
            self._noise = noise_deviation(options.gradient_noise, options.noise_decay, step)
        self._loss = None
        self._optimizer.step(self._closure)  # type: ignore[arg-type]
        if self._average is not None:
            self._average.update_parameters(self._model)
        assert self._loss is not None, "an optimizer calls the closure"
        return self._loss

    def completes_group(self, index: int) -> bool:
        """Whether the optimizer steps after batch ``index`` of an epoch."""
        return (index + 1) % self._options.accumulate == 0 or index + 1 == self._batches

    def accumulated(self, batches: int) -> dict[str, Any] | None:
        """What a group that is not complete after ``batches`` batches of an epoch left; None between groups.

        ``gradients``: sums by parameter, the tensors that the next batch adds to. ``share``: what they are sums of,
        as ``Objective.share`` counts it.
        """
        if batches == 0 or self.completes_group(batches - 1):
            return None
        named = self._model.named_parameters()
        gradients = {name: parameter.grad for name, parameter in named if parameter.grad is not None}
        return {"share": self._share, "gradients": gradients}

    def averages(self) -> dict[str, Any] | None:
        """The state of the averaged network; None where weights are not averaged."""
        return None if self._average is None else self._average.module.state_dict()

    def restore(
        self,
        accumulated: Mapping[str, Any] | None,
        averages: Mapping[str, Any] | None,
        epoch: int,
        batches: int,
    ) -> None:
        """Go on after ``batches`` batches of ``epoch`` with what ``accumulated`` and ``averages`` gave there.

        Raises:
            KeyError, ValueError, RuntimeError: they are not of this model and these options.
        """
        if accumulated is not None:
            parameters = dict(self._model.named_parameters())
            for name, gradient in accumulated["gradients"].items():
                parameter = parameters[name]
                # a copy, because the next batch adds to it
                parameter.grad = gradient.to(parameter.device, copy=True)
            self._share = accumulated["share"]
        if (averages is None) is not (self._average is None):
            raise ValueError("The average of the weights is missing, or was not asked for")
        if self._average is not None and averages is not None:
            self._average.module.load_state_dict(averages)
            self._average.n_averaged.fill_(self._steps_before(epoch, batches))

    def _plain_closure(self) -> torch.Tensor:
        inputs, targets = self._batch
        self._optimizer.zero_grad()
        loss: torch.Tensor = self._objective(self._model(inputs), targets)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    def _closure(self) -> torch.Tensor:
        loss = self._add_gradients()
        if self._loss is None:
            self._loss = loss
        options = self._options
        if options.accumulate > 1:
            divide(self._model.parameters(), self._share)
        objective = loss
        if self._has_penalty:
            objective = loss + add_penalties(self._weights, options.l1_penalty, options.l2_penalty)
        if options.clip_norm:
            nn.utils.clip_grad_norm_(self._model.parameters(), options.clip_norm)
        elif options.clip_value:
            nn.utils.clip_grad_value_(self._model.parameters(), options.clip_value)
        if self._noise:
            add_noise(self._model.parameters(), self._noise)
        return objective

    def _add_gradients(self) -> torch.Tensor:
        """Add the batch's to the gradients of its group, the first one's to none; its loss is returned."""
        inputs, targets = self._batch
        if self._is_first:
            self._optimizer.zero_grad()
            self._share = 0.0
        loss: torch.Tensor = self._objective(self._model(inputs), targets)
        if self._options.accumulate > 1:
            share = float(self._objective.share(targets))
            self._share += share
            (loss * share).backward()  # type: ignore[no-untyped-call]
        else:
            loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    def _steps_before(self, epoch: int, batches: int) -> int:
        """Optimizer steps of all epochs before ``epoch`` and of its first ``batches`` batches."""
        per_epoch = self._options.steps_per_epoch(self._samples)
        here = per_epoch if batches == self._batches else batches // self._options.accumulate
        return (epoch - 1) * per_epoch + here
