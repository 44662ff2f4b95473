"""Optimizers that follow the gradient itself, or its sign."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from workbench.spec.component import Conflict, parameter
from workbench.spec.optimizers.base import PAGES, ForeachOptimizer, FusedOptimizer, l2_penalty, learning_rate

Shrinking = Annotated[float, Field(gt=0, lt=1)]
Growing = Annotated[float, Field(gt=1)]
StepSize = Annotated[float, Field(gt=0)]


class SGD(FusedOptimizer):
    """``torch.optim.SGD``: b ← μ·b + (1 − τ)·g, θ ← θ − lr·b (Sutskever et al. 2013 for momentum).

    b begins as the first gradient. With Nesterov the step is lr·(g + μ·b).
    """

    label: ClassVar[str] = "SGD"
    about: ClassVar[str] = (
        "Stochastic gradient descent, with momentum if you like; the plain and robust choice, with momentum 0.9 the "
        "usual one for convolutional networks."
    )
    documentation: ClassVar[str] = f"{PAGES}SGD.html"
    sparse_gradients: ClassVar[Literal["refuses", "takes", "needs"]] = "takes"

    name: Literal["SGD"] = "SGD"
    lr: float = learning_rate(1e-3, "θ ← θ − lr·g. Usual: 0.1 to 0.001; ten times less with momentum 0.9.")
    momentum: float = parameter(
        0.0, "Momentum", "Share μ of the last step kept in this one: b ← μ·b + g, θ ← θ − lr·b. Usual: 0 or 0.9.", ge=0
    )
    dampening: float = parameter(
        0.0, "Dampening", "How much less of the gradient enters the momentum: b ← μ·b + (1 − τ)·g.", advanced=True
    )
    weight_decay: float = l2_penalty()
    nesterov: bool = parameter(
        False, "Nesterov", "Looks ahead along the momentum, θ ← θ − lr·(g + μ·b); needs momentum and no dampening."
    )

    def conflicts(self) -> list[Conflict]:
        conflicts = super().conflicts()
        if self.nesterov and (self.momentum == 0 or self.dampening != 0):
            conflicts.append(
                Conflict(field="nesterov", reason="needs momentum above 0 and dampening 0: set both or switch it off.")
            )
        return conflicts


class ASGD(ForeachOptimizer):
    """``torch.optim.ASGD`` (Polyak and Juditsky 1992): η = lr / (1 + λ·lr·t)^α, θ ← θ·(1 − λ·η) − η·g."""

    label: ClassVar[str] = "ASGD"
    about: ClassVar[str] = (
        "Gradient descent whose steps shrink with time, beside a running average of the weights that torch keeps in "
        "the optimizer's state; a classic for convex problems."
    )
    documentation: ClassVar[str] = f"{PAGES}ASGD.html"

    name: Literal["ASGD"] = "ASGD"
    lr: float = learning_rate(1e-2, "Usual: 0.1 to 0.001.")
    lambd: float = parameter(
        1e-4, "Decay", "λ: how fast the steps shrink, η = lr / (1 + λ·lr·t)^α.", ge=0, scale="log", advanced=True
    )
    alpha: float = parameter(0.75, "Power", "α in η = lr / (1 + λ·lr·t)^α.", ge=0, advanced=True)
    t0: float = parameter(
        1e6, "Averaging starts", "Step from which the weights are averaged.", ge=0, scale="log", advanced=True
    )
    weight_decay: float = l2_penalty()


class Rprop(ForeachOptimizer):
    """``torch.optim.Rprop`` (Riedmiller and Braun 1993): every weight has a step size of its own, which grows while
    the gradient keeps its sign and shrinks when it changes."""

    label: ClassVar[str] = "Rprop"
    about: ClassVar[str] = (
        "Looks only at the gradient's sign, with a step size for each weight; made for full batches, unsteady on small "
        "ones."
    )
    documentation: ClassVar[str] = f"{PAGES}Rprop.html"

    name: Literal["Rprop"] = "Rprop"
    lr: float = learning_rate(1e-2, "The step each weight begins with. Usual: 0.01 to 0.0001.")
    etas: tuple[Shrinking, Growing] = parameter(
        (0.5, 1.2),
        "Etas",
        "A weight's step is multiplied by the first (between 0 and 1) when its gradient changes sign, by the second "
        "(above 1) when not. Usual: 0.5, 1.2.",
        advanced=True,
    )
    step_sizes: tuple[StepSize, StepSize] = parameter(
        (1e-6, 50.0), "Step sizes", "The smallest and the largest step of a weight.", advanced=True
    )

    def conflicts(self) -> list[Conflict]:
        if self.step_sizes[0] > self.step_sizes[1]:
            return [Conflict(field="step_sizes", reason="has a smallest step above the largest: swap the two.")]
        return []
