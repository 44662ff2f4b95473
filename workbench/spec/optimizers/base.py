"""What all optimizers have, and the fields that several of them share."""

from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import Field

from workbench.spec.component import Component, Conflict, parameter
from workbench.spec.models import ModelComponent

PAGES: Final = "https://docs.pytorch.org/docs/stable/generated/torch.optim."
"""Where the page of an optimizer is; its name and ``.html`` follow."""

Beta = Annotated[float, Field(ge=0, lt=1)]


def learning_rate(default: float, usual: str, *, positive: bool = False) -> Any:
    """The field every optimizer has; ``usual`` says which values are. 0 stands still, where torch allows it."""
    bounds: dict[str, float] = {"gt": 0} if positive else {"ge": 0}
    return parameter(default, "Learning rate", f"Size of a step. {usual}", scale="log", **bounds)  # type: ignore[arg-type]


def l2_penalty(usual: str = "Usual: 0 to 0.0005.") -> Any:
    """Weight decay that is added to the gradient."""
    text = f"L2 penalty on the weights: adds weight_decay·θ to the gradient. {usual}"
    return parameter(0.0, "Weight decay", text, ge=0, scale="log")


def epsilon(default: float, *, positive: bool = False) -> Any:
    """The small number in a denominator."""
    bounds: dict[str, float] = {"gt": 0} if positive else {"ge": 0}
    text = (
        "Added to the denominator so that it is never 0; larger values damp the steps of weights with small gradients."
    )
    return parameter(default, "Epsilon", text, scale="log", advanced=True, **bounds)  # type: ignore[arg-type]


def betas(second: str = "v ← β₂·v + (1 − β₂)·g²") -> Any:
    """The decays of Adam's two running averages; ``second`` is the formula of the second."""
    return parameter(
        (0.9, 0.999),
        "Betas",
        f"Decay of the running averages of the gradient, m ← β₁·m + (1 − β₁)·g, and of its size, {second}. "
        "Usual: 0.9, 0.999.",
        advanced=True,
    )


def decoupled() -> Any:
    """Whether weight decay is AdamW's."""
    text = "Shrinks the weights apart from the gradient, θ ← θ·(1 − lr·weight_decay), as AdamW does."
    return parameter(False, "Decoupled weight decay", text, advanced=True)


class OptimizerComponent(Component):
    """An optimizer: what it does with a gradient g of the weights θ at each step.

    Of torch's parameters two are left out everywhere: ``differentiable`` (keeps the graph of the step itself, which
    a training loop never follows) and ``capturable`` (for CUDA graphs, which the loop does not record).
    """

    sparse_gradients: ClassVar[Literal["refuses", "takes", "needs"]] = "refuses"
    """What it does with gradients that are sparse tensors."""

    lr: float

    def misfits(self, model: ModelComponent) -> list[Conflict]:
        """Why this optimizer cannot train ``model``; empty where it can."""
        if model.has_sparse_gradients:
            return self._sparse_misfits(model)
        if self.sparse_gradients == "needs":
            reason = f"takes sparse gradients alone, and those of {model.label} are not: choose Adam."
            return [Conflict(field="name", reason=reason)]
        return []

    def _sparse_misfits(self, model: ModelComponent) -> list[Conflict]:
        if self.sparse_gradients == "refuses":
            reason = f"does not take the sparse gradients of {model.label}: choose SparseAdam, SGD or Adagrad."
            return [Conflict(field="name", reason=reason)]
        remedies = {"weight_decay": "set it to 0", "fused": "switch it off"}
        return [
            Conflict(field=field, reason=f"does not go with the sparse gradients of {model.label}: {remedy}.")
            for field, remedy in remedies.items()
            if getattr(self, field, None)
        ]


class Maximizable(OptimizerComponent):
    """An optimizer that can go up as well as down."""

    maximize: bool = parameter(False, "Maximize", "Climb the loss instead of descending it.", advanced=True)


class ForeachOptimizer(Maximizable):
    """An optimizer with an implementation that steps all parameters together."""

    foreach: bool | None = parameter(
        None,
        "Step all parameters at once",
        "Torch's foreach implementation; automatic takes it on a GPU. Faster there, needs more memory.",
        advanced=True,
    )


class FusedOptimizer(ForeachOptimizer):
    """An optimizer with an implementation in one kernel."""

    fused: bool | None = parameter(
        None, "Fused step", "Torch's implementation in one kernel; automatic lets torch choose.", advanced=True
    )

    def conflicts(self) -> list[Conflict]:
        if self.foreach and self.fused:
            return [Conflict(field="fused", reason="does not go with foreach: switch one of the two off.")]
        return []
