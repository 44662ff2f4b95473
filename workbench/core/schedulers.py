"""Learning-rate schedules: torch's, stepped as their declaration says, with a warm-up before any of them."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR

from workbench.core.build import arguments
from workbench.spec import schedulers
from workbench.spec.experiment import Experiment

_TAKEN = "taken_steps"
"""The key of a state under which the optimizer's steps are counted, beside those of torch's scheduler."""


class Schedule:
    """``spec`` at work on ``optimizer``, in a run of ``epochs`` of ``steps_per_epoch`` steps of the optimizer.

    To be made before the optimizer's state is restored. Sets the rates for the first step; ``step_batch`` and
    ``step_epoch`` set those for the following one.
    """

    def __init__(
        self, spec: schedulers.Scheduler, optimizer: torch.optim.Optimizer, epochs: int, steps_per_epoch: int
    ) -> None:
        self._spec = spec
        self._optimizer = optimizer
        self._steps_per_epoch = steps_per_epoch
        self._taken = 0
        self._is_stepwise = spec.stepped == "step"
        self._warmup = (spec.warmup_steps, spec.warmup_start) if isinstance(spec, schedulers.Warmable) else (0, 1.0)
        self._rates = [float(group["lr"]) for group in optimizer.param_groups]
        self._torch = _torch_scheduler(spec, optimizer, epochs, epochs * steps_per_epoch)
        self._was_stepped = False
        self._apply()

    @property
    def rate(self) -> float:
        """The learning rate of the first parameter group before the warm-up's factor."""
        return self._rates[0]

    def step_batch(self) -> None:
        """To be called after every step of the optimizer."""
        self._taken += 1
        if self._is_stepwise or self._taken <= self._warmup[0]:
            self.go_to(self._taken)

    def step_epoch(self, val_loss: float) -> None:
        """To be called after every epoch, with the loss of its validation."""
        if self._torch is None or self._is_stepwise:
            return
        # torch goes on from the rates it finds in the optimizer
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate
        if isinstance(self._spec, schedulers.ReduceLROnPlateau):
            self._step_torch(val_loss)
        else:
            self._step_torch()
        self._apply()

    def go_to(self, taken: int) -> None:
        """Set the rates for the step that follows ``taken`` steps. Only for a schedule that is stepped once a step, and
        within the warm-up: nothing that is stepped once an epoch is caught up with."""
        self._taken = taken
        if isinstance(self._spec, schedulers.CosineAnnealingWarmRestarts):
            self._step_torch(taken / self._steps_per_epoch)
        elif isinstance(self._torch, OneCycleLR) and taken < self._torch.total_steps:
            self._torch.last_epoch = taken - 1
            self._step_torch()
        self._apply()

    def state_dict(self) -> dict[str, Any]:
        """What ``load_state_dict`` takes: builtins."""
        state = {_TAKEN: self._taken}
        if self._torch is not None:
            # a Counter is no builtin, and this one does not change
            state |= {key: value for key, value in self._torch.state_dict().items() if key != "milestones"}
        return state

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from where ``state`` was taken. The rates are left to the optimizer's own state.

        Checkpoints from before there was a warm-up do not count steps, which only it and schedules of that time need.
        """
        state = dict(state)
        self._taken = state.pop(_TAKEN, 0)
        if self._torch is not None:
            self._torch.load_state_dict(state)
            self._rates = [float(rate) for rate in self._torch.get_last_lr()]

    def _step_torch(self, *arguments: float) -> None:
        assert self._torch is not None
        if self._was_stepped:
            self._torch.step(*arguments)  # type: ignore[arg-type]
            return
        with warnings.catch_warnings():
            # torch warns where the optimizer's last step was taken before this process resumed the run
            warnings.filterwarnings("ignore", "Detected call of `lr_scheduler.step")
            self._torch.step(*arguments)  # type: ignore[arg-type]
        self._was_stepped = True

    def _apply(self) -> None:
        if self._torch is not None:
            self._rates = [float(rate) for rate in self._torch.get_last_lr()]
        factor = _warmup_factor(self._taken, *self._warmup)
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * factor


def learning_rates(
    experiment: Experiment,
    batches_per_epoch: int,
    val_losses: Sequence[float] | None = None,
    batches: npt.ArrayLike | None = None,
) -> npt.NDArray[np.float64]:
    """The learning rate of every batch of a run, as its ``BatchBlock``s tell it, without training.

    Args:
        batches_per_epoch: of the training part; ``training.batches_per_epoch``.
        val_losses: those of the epochs that are known, which ReduceLROnPlateau follows; without them it stays where
            it is.
        batches: of which batches, from 0 over all epochs; None for all. A few thousand are enough to draw a long run.

    Returns:
        A rate for each of ``batches``, that of the parameters with the optimizer's own learning rate.
    """
    training, spec = experiment.training, experiment.scheduler
    steps_per_epoch = -(-batches_per_epoch // training.accumulate)
    dummy = torch.optim.SGD([torch.zeros(())], lr=experiment.optimizer.lr, momentum=0.9)
    schedule = Schedule(spec, dummy, training.epochs, steps_per_epoch)
    chosen = np.arange(training.epochs * batches_per_epoch) if batches is None else np.asarray(batches)
    epochs, inside = np.divmod(chosen, batches_per_epoch)
    taken = epochs * steps_per_epoch + inside // training.accumulate
    if spec.stepped == "step":
        steps, places = np.unique(taken, return_inverse=True)
        return _stepwise_rates(schedule, dummy, steps)[places]
    rates = _epochwise_rates(schedule, spec, training.epochs, val_losses or ())[epochs]
    if isinstance(spec, schedulers.Warmable):
        for place in np.flatnonzero(taken < spec.warmup_steps).tolist():
            rates[place] *= _warmup_factor(int(taken[place]), spec.warmup_steps, spec.warmup_start)
    return rates


def _stepwise_rates(
    schedule: Schedule, optimizer: torch.optim.Optimizer, steps: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    rates = np.empty(len(steps))
    group = optimizer.param_groups[0]
    for place, step in enumerate(steps.tolist()):
        schedule.go_to(step)
        rates[place] = group["lr"]
    return rates


def _epochwise_rates(
    schedule: Schedule, spec: schedulers.Scheduler, epochs: int, val_losses: Sequence[float]
) -> npt.NDArray[np.float64]:
    """One for each epoch, before the warm-up's factor."""
    rates = np.empty(epochs)
    needs_losses = isinstance(spec, schedulers.ReduceLROnPlateau)
    for epoch in range(epochs):
        rates[epoch] = schedule.rate
        if not needs_losses:
            schedule.step_epoch(0.0)
        elif epoch < len(val_losses):
            schedule.step_epoch(val_losses[epoch])
    return rates


def _warmup_factor(taken: int, steps: int, start: float) -> float:
    """What a rate is multiplied by after ``taken`` steps."""
    return start + (1 - start) * taken / steps if taken < steps else 1.0


def _torch_scheduler(
    spec: schedulers.Scheduler, optimizer: torch.optim.Optimizer, epochs: int, steps: int
) -> LRScheduler | None:
    """``spec``'s namesake of ``torch.optim.lr_scheduler``; None for a constant rate."""
    if isinstance(spec, schedulers.Constant):
        return None
    given = {name: value for name, value in arguments(spec).items() if name not in schedulers.Warmable.model_fields}
    if automatic := spec.length_field():
        given[automatic] = steps if spec.stepped == "step" else epochs
    if isinstance(spec, schedulers.OneCycleLR):
        given["max_lr"] = _highest_rates(spec, optimizer)
    scheduler: LRScheduler = getattr(torch.optim.lr_scheduler, spec.name)(optimizer, **given)
    return scheduler


def _highest_rates(spec: schedulers.OneCycleLR, optimizer: torch.optim.Optimizer) -> list[float]:
    """The top of the cycle for each parameter group, in the proportion of their own learning rates."""
    rates = [float(group["lr"]) for group in optimizer.param_groups]
    if spec.max_lr is None:
        return rates
    return [spec.max_lr * (rate / rates[0] if rates[0] else 1.0) for rate in rates]
