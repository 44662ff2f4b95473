"""Optimizers that scale each weight's step by the size of its past gradients, without Adam's momentum."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from workbench.spec.component import parameter
from workbench.spec.optimizers.base import (
    PAGES,
    ForeachOptimizer,
    FusedOptimizer,
    epsilon,
    l2_penalty,
    learning_rate,
)

Epsilon = Annotated[float, Field(ge=0)]


class RMSprop(ForeachOptimizer):
    """``torch.optim.RMSprop`` (Tieleman and Hinton 2012): v ← α·v + (1 − α)·g², θ ← θ − lr·g / (√v + ε)."""

    label: ClassVar[str] = "RMSprop"
    about: ClassVar[str] = (
        "Divides each step by a running average of the gradient's size; usual for recurrent networks."
    )
    documentation: ClassVar[str] = f"{PAGES}RMSprop.html"

    name: Literal["RMSprop"] = "RMSprop"
    lr: float = learning_rate(1e-2, "θ ← θ − lr·g / (√v + ε). Usual: 0.001 to 0.01.")
    alpha: float = parameter(
        0.99, "Alpha", "Decay of the running average v ← α·v + (1 − α)·g². Usual: 0.9 or 0.99.", ge=0, le=1
    )
    eps: float = epsilon(1e-8)
    weight_decay: float = l2_penalty("Usual: 0.")
    momentum: float = parameter(0.0, "Momentum", "Share of the last step kept in this one. Usual: 0 or 0.9.", ge=0)
    centered: bool = parameter(
        False,
        "Centered",
        "Divides by the gradient's standard deviation: its average is taken off its size (Graves 2013).",
        advanced=True,
    )


class Adagrad(FusedOptimizer):
    """``torch.optim.Adagrad`` (Duchi, Hazan and Singer 2011): s ← s + g², θ ← θ − lr / (1 + (t − 1)·η)·g / (√s + ε)."""

    label: ClassVar[str] = "Adagrad"
    about: ClassVar[str] = (
        "Divides each step by the size of all gradients so far; good for rare features, slow in long runs."
    )
    documentation: ClassVar[str] = f"{PAGES}Adagrad.html"
    sparse_gradients: ClassVar[Literal["refuses", "takes", "needs"]] = "takes"

    name: Literal["Adagrad"] = "Adagrad"
    lr: float = learning_rate(1e-2, "θ ← θ − lr·g / (√s + ε), s the sum of all g². Usual: 0.01 to 0.1.")
    lr_decay: float = parameter(
        0.0,
        "Learning rate decay",
        "η: at step t the rate is lr / (1 + (t − 1)·η). Usual: 0.",
        ge=0,
        scale="log",
        advanced=True,
    )
    weight_decay: float = l2_penalty("Usual: 0.")
    initial_accumulator_value: float = parameter(
        0.0, "First sum", "What the sum of squares begins with. Usual: 0 or 0.1.", ge=0, advanced=True
    )
    eps: float = epsilon(1e-10)


class Adadelta(ForeachOptimizer):
    """``torch.optim.Adadelta`` (Zeiler 2012, arXiv:1212.5701): v ← ρ·v + (1 − ρ)·g², Δ = √(u + ε) / √(v + ε)·g,
    u ← ρ·u + (1 − ρ)·Δ², θ ← θ − lr·Δ."""

    label: ClassVar[str] = "Adadelta"
    about: ClassVar[str] = "Finds its step size from its own past steps; hardly needs a learning rate."
    documentation: ClassVar[str] = f"{PAGES}Adadelta.html"

    name: Literal["Adadelta"] = "Adadelta"
    lr: float = learning_rate(1.0, "Multiplies the step that Adadelta finds. Usual: 1.")
    rho: float = parameter(
        0.9, "Rho", "Decay of the running averages of squared gradients and steps. Usual: 0.9 or 0.95.", ge=0, le=1
    )
    eps: float = epsilon(1e-6)
    weight_decay: float = l2_penalty("Usual: 0.")


class Adafactor(ForeachOptimizer):
    """``torch.optim.Adafactor`` (Shazeer and Stern 2018, arXiv:1804.04235): the squared gradients of a matrix are
    kept as one number a row and one a column."""

    label: ClassVar[str] = "Adafactor"
    about: ClassVar[str] = "Adaptive steps with a small memory: for large models whose optimizer state would not fit."
    documentation: ClassVar[str] = f"{PAGES}Adafactor.html"

    name: Literal["Adafactor"] = "Adafactor"
    lr: float = learning_rate(1e-2, "The largest relative step: step t takes min(lr, 1/√t). Usual: 0.01.")
    beta2_decay: float = parameter(
        -0.8,
        "Decay of β₂",
        "The running average's decay at step t is β₂ = 1 − t^decay. Usual: -0.8.",
        le=0,
        advanced=True,
    )
    eps: tuple[Epsilon | None, Epsilon] = parameter(
        (None, 1e-3),
        "Epsilons",
        "ε₁ keeps the divisor from 0 (automatic takes the precision of the weights), ε₂ is the least size of a "
        "weight that a relative step is taken of.",
        advanced=True,
    )
    d: float = parameter(
        1.0, "Clipping", "The root mean square of a step is held at or below this.", ge=1, advanced=True
    )
    weight_decay: float = parameter(0.0, "Weight decay", "λ in θ ← θ·(1 − lr·λ). Usual: 0.", ge=0, scale="log")
