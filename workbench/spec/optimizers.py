"""The optimizers an experiment can name; names, fields and defaults are those of ``torch.optim``."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from workbench.spec.component import Component, Conflict, parameter

Beta = Annotated[float, Field(ge=0, lt=1)]


def learning_rate(default: float, usual: str) -> float:
    """The field every optimizer has; ``usual`` says which values are."""
    rate: float = parameter(default, "Learning rate", f"Size of a step. {usual}", ge=0, scale="log")
    return rate


class OptimizerComponent(Component):
    """An optimizer: what it does with a gradient at each step.

    Of torch's parameters two are left out everywhere: ``differentiable`` (keeps the graph of the step itself, which
    a training loop never follows) and ``capturable`` (for CUDA graphs, which the loop does not record).
    """

    lr: float
    maximize: bool = parameter(False, "Maximize", "Climb the loss instead of descending it.", advanced=True)
    foreach: bool | None = parameter(
        None,
        "Step all parameters at once",
        "Torch's foreach implementation; automatic takes it on a GPU. Faster there, needs more memory.",
        advanced=True,
    )
    fused: bool | None = parameter(
        None, "Fused step", "Torch's implementation in one kernel; automatic lets torch choose.", advanced=True
    )

    def conflicts(self) -> list[Conflict]:
        if self.foreach and self.fused:
            return [Conflict(field="fused", reason="does not go with foreach: switch one of the two off.")]
        return []


class SGD(OptimizerComponent):
    """``torch.optim.SGD``."""

    label: ClassVar[str] = "SGD"
    about: ClassVar[str] = "Stochastic gradient descent, with momentum if you like; the plain and robust choice."
    documentation: ClassVar[str] = "https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html"

    name: Literal["SGD"] = "SGD"
    lr: float = learning_rate(1e-3, "Usual: 0.1 to 0.001; ten times less with momentum 0.9.")
    momentum: float = parameter(0.0, "Momentum", "Share of the last step kept in this one. Usual: 0 or 0.9.", ge=0)
    dampening: float = parameter(0.0, "Dampening", "How much less of the gradient enters the momentum.", advanced=True)
    weight_decay: float = parameter(
        0.0, "Weight decay", "L2 penalty on the weights. Usual: 0 to 0.0005.", ge=0, scale="log"
    )
    nesterov: bool = parameter(False, "Nesterov", "Looks ahead along the momentum; needs momentum and no dampening.")

    def conflicts(self) -> list[Conflict]:
        conflicts = super().conflicts()
        if self.nesterov and (self.momentum == 0 or self.dampening != 0):
            conflicts.append(
                Conflict(field="nesterov", reason="needs momentum above 0 and dampening 0: set both or switch it off.")
            )
        return conflicts


class Adam(OptimizerComponent):
    """``torch.optim.Adam`` (Kingma and Ba 2014, arXiv:1412.6980)."""

    label: ClassVar[str] = "Adam"
    about: ClassVar[str] = "Scales each weight's step by running averages of its gradient; needs little tuning."
    documentation: ClassVar[str] = "https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html"

    name: Literal["Adam"] = "Adam"
    lr: float = learning_rate(1e-3, "Usual: 0.001; 0.0001 to 0.01.")
    betas: tuple[Beta, Beta] = parameter(
        (0.9, 0.999), "Betas", "Decay of the running averages of the gradient and of its square.", advanced=True
    )
    eps: float = parameter(
        1e-8, "Epsilon", "Added to the denominator so that it is never 0.", ge=0, scale="log", advanced=True
    )
    weight_decay: float = parameter(0.0, "Weight decay", "L2 penalty on the weights. Usual: 0.", ge=0, scale="log")
    amsgrad: bool = parameter(
        False, "AMSGrad", "Keeps the largest second moment seen (Reddi et al. 2018).", advanced=True
    )
    decoupled_weight_decay: bool = parameter(
        False, "Decoupled weight decay", "Decays the weights apart from the gradient, as AdamW does.", advanced=True
    )


Optimizer = Annotated[SGD | Adam, Field(discriminator="name")]
