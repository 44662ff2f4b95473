"""The learning-rate schedules an experiment can name; names and fields are those of ``torch.optim.lr_scheduler``."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from workbench.spec.component import Component, Conflict, parameter
from workbench.spec.optimizers import OptimizerComponent

PAGES: Final = "https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler."
"""Where the page of a schedule is; its name and ``.html`` follow."""

Count = Annotated[int, Field(ge=1)]
Positive = Annotated[float, Field(gt=0)]


class SchedulerComponent(Component):
    """A schedule: how the learning rate changes from one step of the optimizer to the next."""

    stepped: ClassVar[Literal["epoch", "step"]] = "epoch"
    """Whether it changes the rate after every epoch, or after every step of the optimizer."""

    def length_field(self) -> str | None:
        """The field that is automatic and so takes the run's length; None where the shape does not depend on it."""
        return None

    def misfits(self, optimizer: OptimizerComponent) -> list[Conflict]:
        """Why this schedule cannot change ``optimizer``'s learning rate; empty where it can."""
        return []

    def length_misfits(self, steps: int) -> list[Conflict]:
        """Why this schedule does not fit a run of so many steps of the optimizer."""
        return []


class Warmable(SchedulerComponent):
    """A schedule that can begin with a warm-up, which is ``torch.optim.lr_scheduler.LinearLR``, stepped once a step.

    The rate is what the schedule says times ``warmup_start + (1 - warmup_start) · step / warmup_steps`` (steps from 0)
    until ``warmup_steps`` are done; the schedule itself counts from the first step as it does without a warm-up.
    """

    warmup_steps: int = parameter(
        0,
        "Warm-up",
        "So many steps of the optimizer climb in a straight line to the learning rate, which keeps the first ones from "
        "leaping. Usual: 0; 100 to 2,000 for transformers and large batches.",
        ge=0,
        unit="steps",
        advanced=True,
    )
    warmup_start: float = parameter(
        0.1, "Warm-up starts at", "Share of the learning rate that the first step takes.", gt=0, le=1, advanced=True
    )


class Constant(Warmable):
    """No schedule: the optimizer's learning rate throughout."""

    label: ClassVar[str] = "Constant"
    about: ClassVar[str] = "The same learning rate from the first step to the last."

    name: Literal["Constant"] = "Constant"


class StepLR(Warmable):
    """``torch.optim.lr_scheduler.StepLR``, stepped once an epoch."""

    label: ClassVar[str] = "Step"
    about: ClassVar[str] = "Multiplies the learning rate by a factor every few epochs."
    documentation: ClassVar[str] = f"{PAGES}StepLR.html"

    name: Literal["StepLR"] = "StepLR"
    step_size: int = parameter(2, "Every", "Epochs between two changes of the learning rate.", ge=1, unit="epochs")
    gamma: float = parameter(0.1, "Factor", "The learning rate is multiplied by this. Usual: 0.1 to 0.5.", gt=0)


class MultiStepLR(Warmable):
    """``torch.optim.lr_scheduler.MultiStepLR``, stepped once an epoch."""

    label: ClassVar[str] = "Multi-step"
    about: ClassVar[str] = "Multiplies the learning rate by a factor after the epochs you name."
    documentation: ClassVar[str] = f"{PAGES}MultiStepLR.html"

    name: Literal["MultiStepLR"] = "MultiStepLR"
    milestones: tuple[Count, ...] = parameter(
        (3,),
        "After epochs",
        "The learning rate changes when so many epochs are done. Usual: at half and three quarters of the run.",
        min_length=1,
        max_length=1000,
    )
    gamma: float = parameter(0.1, "Factor", "The learning rate is multiplied by this. Usual: 0.1 to 0.5.", gt=0)


class ExponentialLR(Warmable):
    """``torch.optim.lr_scheduler.ExponentialLR``, stepped once an epoch: lr·γ^epoch, epochs from 0."""

    label: ClassVar[str] = "Exponential"
    about: ClassVar[str] = "Multiplies the learning rate by a factor after every epoch."
    documentation: ClassVar[str] = f"{PAGES}ExponentialLR.html"

    name: Literal["ExponentialLR"] = "ExponentialLR"
    gamma: float = parameter(0.9, "Factor", "After each epoch, lr ← lr·γ. Usual: 0.9 to 0.99.", gt=0)


class PolynomialLR(Warmable):
    """``torch.optim.lr_scheduler.PolynomialLR``, stepped once an epoch: lr·(1 − epoch / total_iters)^power."""

    label: ClassVar[str] = "Polynomial"
    about: ClassVar[str] = "Falls to 0 along a straight line, or a curve of the power you give."
    documentation: ClassVar[str] = f"{PAGES}PolynomialLR.html"

    name: Literal["PolynomialLR"] = "PolynomialLR"
    total_iters: Count | None = parameter(
        5,
        "Falls for",
        "Epochs until the learning rate is 0, where it stays; automatic takes all of the run.",
        unit="epochs",
    )
    power: float = parameter(
        1.0, "Power", "lr·(1 − epoch / epochs)^power: 1 is a straight line. Usual: 1 or 0.9.", ge=0
    )

    def length_field(self) -> str | None:
        return "total_iters" if self.total_iters is None else None


class CosineAnnealingLR(Warmable):
    """``torch.optim.lr_scheduler.CosineAnnealingLR`` (Loshchilov and Hutter 2016), stepped once an epoch:
    η_min + ½·(lr − η_min)·(1 + cos(π·epoch / T_max)). After T_max epochs it climbs again."""

    label: ClassVar[str] = "Cosine"
    about: ClassVar[str] = (
        "Falls along half a cosine: slowly, then fast, then slowly; a good choice where the length is known."
    )
    documentation: ClassVar[str] = f"{PAGES}CosineAnnealingLR.html"

    name: Literal["CosineAnnealingLR"] = "CosineAnnealingLR"
    T_max: Count | None = parameter(
        None,
        "Falls for",
        "Epochs until the lowest rate, after which it climbs again; automatic takes all of the run.",
        unit="epochs",
    )
    eta_min: float = parameter(0.0, "Lowest rate", "Where the fall ends. Usual: 0.", ge=0, scale="log")

    def length_field(self) -> str | None:
        return "T_max" if self.T_max is None else None


class CosineAnnealingWarmRestarts(Warmable):
    """``torch.optim.lr_scheduler.CosineAnnealingWarmRestarts`` (SGDR, Loshchilov and Hutter 2016, arXiv:1608.03983),
    stepped once a step with the fraction of the epoch that is done, as torch's page shows it."""

    label: ClassVar[str] = "Cosine with restarts"
    about: ClassVar[str] = "Falls along half a cosine and starts anew, again and again; leaves poor minima behind."
    documentation: ClassVar[str] = f"{PAGES}CosineAnnealingWarmRestarts.html"

    stepped: ClassVar[Literal["epoch", "step"]] = "step"

    name: Literal["CosineAnnealingWarmRestarts"] = "CosineAnnealingWarmRestarts"
    T_0: int = parameter(2, "First restart after", "Epochs of the first fall. Usual: 1 to 10.", ge=1, unit="epochs")
    T_mult: int = parameter(
        1, "Longer by", "Each fall is so many times as long as the one before. Usual: 1 or 2.", ge=1, le=1000
    )
    eta_min: float = parameter(0.0, "Lowest rate", "Where each fall ends. Usual: 0.", ge=0, scale="log")


class OneCycleLR(SchedulerComponent):
    """``torch.optim.lr_scheduler.OneCycleLR`` (Smith and Topin 2017, arXiv:1708.07120), stepped once a step.

    It climbs from max_lr / div_factor to max_lr and falls to max_lr / div_factor / final_div_factor, while momentum
    (Adam's first β) goes the other way. The first and last of its steps are the first and last of the run.
    """

    label: ClassVar[str] = "One cycle"
    about: ClassVar[str] = (
        "Climbs to a high rate and falls far below the first one, with momentum against it: quick training where the "
        "length is known."
    )
    documentation: ClassVar[str] = f"{PAGES}OneCycleLR.html"

    stepped: ClassVar[Literal["epoch", "step"]] = "step"

    name: Literal["OneCycleLR"] = "OneCycleLR"
    max_lr: Positive | None = parameter(
        None, "Highest rate", "The rate at the top; automatic takes the optimizer's learning rate.", scale="log"
    )
    total_steps: Count | None = parameter(
        None, "Steps", "Steps of the optimizer in the cycle; automatic takes all of the run.", advanced=True
    )
    pct_start: float = parameter(0.3, "Climbs for", "Share of the steps that climb. Usual: 0.2 to 0.4.", ge=0, le=1)
    anneal_strategy: Literal["cos", "linear"] = parameter(
        "cos", "Shape", "Climbs and falls along a cosine or a straight line."
    )
    cycle_momentum: bool = parameter(
        True,
        "Cycle momentum",
        "Momentum, or Adam's first β, falls while the rate climbs, in place of the optimizer's own value.",
    )
    base_momentum: float = parameter(
        0.85, "Lowest momentum", "At the highest rate. Usual: 0.85.", ge=0, lt=1, advanced=True
    )
    max_momentum: float = parameter(
        0.95, "Highest momentum", "At the first and the last step. Usual: 0.95.", ge=0, lt=1, advanced=True
    )
    div_factor: float = parameter(
        25.0, "First divisor", "The first rate is the highest divided by this. Usual: 10 to 25.", gt=0, scale="log"
    )
    final_div_factor: float = parameter(
        1e4, "Last divisor", "The last rate is the first divided by this.", gt=0, scale="log", advanced=True
    )
    three_phase: bool = parameter(
        False,
        "Three phases",
        "Falls to the first rate as long as it climbed, then in a third phase to the last (the paper's form).",
        advanced=True,
    )

    def length_field(self) -> str | None:
        return "total_steps" if self.total_steps is None else None

    def conflicts(self) -> list[Conflict]:
        conflicts = []
        if self.base_momentum > self.max_momentum:
            reason = f"is above max_momentum ({self.max_momentum:g}): swap the two."
            conflicts.append(Conflict(field="base_momentum", reason=reason))
        if self.three_phase and self.pct_start > 0.5:
            reason = "leaves no room for the second of three phases, which is as long: set 0.5 or less."
            conflicts.append(Conflict(field="pct_start", reason=reason))
        return conflicts

    def misfits(self, optimizer: OptimizerComponent) -> list[Conflict]:
        if self.cycle_momentum and not {"momentum", "betas"} & set(type(optimizer).model_fields):
            reason = f"needs an optimizer with momentum or betas, and {optimizer.label} has neither: switch it off."
            return [Conflict(field="cycle_momentum", reason=reason)]
        return []

    def length_misfits(self, steps: int) -> list[Conflict]:
        cycle = steps if self.total_steps is None else self.total_steps
        if cycle < steps:
            reason = f"is {cycle:,}, and the run has {steps:,} steps: set it to automatic, or to {steps:,} or more."
            return [Conflict(field="total_steps", reason=reason)]
        if cycle * self.pct_start == 1:
            reason = (
                f"makes a climb of exactly one of {cycle:,} steps, which torch cannot divide: set it a little higher."
            )
            return [Conflict(field="pct_start", reason=reason)]
        return []


class ReduceLROnPlateau(Warmable):
    """``torch.optim.lr_scheduler.ReduceLROnPlateau`` on the validation loss, stepped once an epoch."""

    label: ClassVar[str] = "Reduce on plateau"
    about: ClassVar[str] = (
        "Lowers the learning rate when the validation loss no longer falls; needs no plan beforehand."
    )
    documentation: ClassVar[str] = f"{PAGES}ReduceLROnPlateau.html"

    name: Literal["ReduceLROnPlateau"] = "ReduceLROnPlateau"
    factor: float = parameter(0.1, "Factor", "The learning rate is multiplied by this. Usual: 0.1 to 0.5.", gt=0, lt=1)
    patience: int = parameter(
        10, "Patience", "Epochs without a better loss that are let pass. Usual: 2 to 10.", ge=0, unit="epochs"
    )
    threshold: float = parameter(
        1e-4, "Threshold", "How much lower a loss has to be to count as better.", ge=0, scale="log", advanced=True
    )
    threshold_mode: Literal["rel", "abs"] = parameter(
        "rel", "Threshold counts", "As a share of the best loss (rel), or as a number of its own (abs).", advanced=True
    )
    cooldown: int = parameter(
        0, "Cooldown", "Epochs after a change in which none is counted.", ge=0, unit="epochs", advanced=True
    )
    min_lr: float = parameter(
        0.0, "Lowest rate", "The rate is not lowered below this.", ge=0, scale="log", advanced=True
    )
    eps: float = parameter(
        1e-8,
        "Least change",
        "A change of the rate that is smaller than this is left out.",
        ge=0,
        scale="log",
        advanced=True,
    )


Scheduler = Annotated[
    Constant
    | StepLR
    | MultiStepLR
    | ExponentialLR
    | PolynomialLR
    | CosineAnnealingLR
    | CosineAnnealingWarmRestarts
    | OneCycleLR
    | ReduceLROnPlateau,
    Field(discriminator="name"),
]
