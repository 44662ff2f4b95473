"""Optimizers that see more than one number a weight: the curvature, or the whole matrix."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from workbench.spec.component import Conflict, parameter
from workbench.spec.models import ModelComponent
from workbench.spec.optimizers.base import PAGES, Beta, OptimizerComponent, learning_rate

Evaluations = Annotated[int, Field(ge=1)]


class LBFGS(OptimizerComponent):
    """``torch.optim.LBFGS`` (Liu and Nocedal 1989): Newton's step with a curvature estimated from past gradients.

    A step evaluates the loss of its batch up to ``max_eval`` times.
    """

    label: ClassVar[str] = "L-BFGS"
    about: ClassVar[str] = (
        "Estimates the curvature and takes long, aimed steps: for small, smooth problems such as logistic regression, "
        "with the whole training set as one batch and without dropout."
    )
    documentation: ClassVar[str] = f"{PAGES}LBFGS.html"
    sparse_gradients: ClassVar[Literal["refuses", "takes", "needs"]] = "takes"

    name: Literal["LBFGS"] = "LBFGS"
    lr: float = learning_rate(1.0, "Share of Newton's step that is taken. Usual: 1; less without a line search.")
    max_iter: int = parameter(20, "Iterations", "At most so many in a step. Usual: 4 to 20.", ge=1)
    max_eval: Evaluations | None = parameter(
        None,
        "Evaluations",
        "At most so many evaluations of the loss in a step; automatic takes 1.25 times the iterations.",
        advanced=True,
    )
    tolerance_grad: float = parameter(
        1e-7,
        "Gradient tolerance",
        "A step ends when no gradient is larger than this.",
        ge=0,
        scale="log",
        advanced=True,
    )
    tolerance_change: float = parameter(
        1e-9,
        "Change tolerance",
        "A step ends when the loss or the weights change by less than this.",
        ge=0,
        scale="log",
        advanced=True,
    )
    history_size: int = parameter(
        100, "History", "Past steps that the curvature is estimated from. Usual: 10 to 100.", ge=1, advanced=True
    )
    line_search_fn: Literal["strong_wolfe"] | None = parameter(
        None,
        "Line search",
        "strong_wolfe looks for a step length that lowers the loss enough, which keeps it from diverging; automatic "
        "takes lr as it is.",
    )


class Muon(OptimizerComponent):
    """``torch.optim.Muon`` (Jordan et al. 2024, kellerjordan.github.io/posts/muon) for the matrices of hidden layers,
    ``torch.optim.AdamW`` for all other weights, as its authors recommend.

    Hidden matrices are the weights with two dimensions that are no embedding and not the last, which makes the
    outputs. Biases, norms, convolutions, embeddings and the output layer have the learning rate and the fields that
    begin with ``adamw_``. A schedule changes both learning rates by the same factor.
    """

    label: ClassVar[str] = "Muon"
    about: ClassVar[str] = (
        "Makes the step of each hidden layer's matrix orthogonal, and trains all other weights with AdamW; for "
        "networks with wide fully connected layers and transformers."
    )
    documentation: ClassVar[str] = f"{PAGES}Muon.html"

    name: Literal["Muon"] = "Muon"
    lr: float = learning_rate(1e-3, "Of the hidden matrices. Usual: 0.02; 0.001 with match_rms_adamw.")
    weight_decay: float = parameter(
        0.1, "Weight decay", "λ in θ ← θ·(1 − lr·λ), of the hidden matrices. Usual: 0.01 to 0.1.", ge=0, scale="log"
    )
    momentum: float = parameter(
        0.95, "Momentum", "μ in b ← μ·b + (1 − μ)·g; the step is made of b. Usual: 0.95.", ge=0, lt=1
    )
    nesterov: bool = parameter(True, "Nesterov", "Looks ahead along the momentum.", advanced=True)
    ns_coefficients: tuple[float, float, float] = parameter(
        (3.4445, -4.775, 2.0315),
        "Newton–Schulz coefficients",
        "a, b, c in X ← a·X + (b·A + c·A²)·X with A = X·Xᵀ, which makes the step orthogonal.",
        advanced=True,
    )
    eps: float = parameter(
        1e-7, "Epsilon", "The least norm that a step is divided by.", gt=0, scale="log", advanced=True
    )
    ns_steps: int = parameter(
        5, "Newton–Schulz steps", "How often that formula is applied. Usual: 5.", ge=1, lt=100, advanced=True
    )
    adjust_lr_fn: Literal["original", "match_rms_adamw"] | None = parameter(
        None,
        "Rate by shape",
        "How a matrix with r rows and c columns changes lr: original, and automatic, by √max(1, r/c); match_rms_adamw "
        "by 0.2·√max(r, c), so that the learning rate and weight decay of AdamW can be kept.",
        advanced=True,
    )
    adamw_lr: float = parameter(
        1e-3,
        "AdamW learning rate",
        "Of all other weights: biases, convolutions, embeddings, the output layer. Usual: 0.0003 to 0.001.",
        ge=0,
        scale="log",
    )
    adamw_betas: tuple[Beta, Beta] = parameter(
        (0.9, 0.999), "AdamW betas", "Decay of AdamW's running averages. Usual: 0.9, 0.95 to 0.999.", advanced=True
    )
    adamw_eps: float = parameter(
        1e-8, "AdamW epsilon", "Added to AdamW's denominator.", ge=0, scale="log", advanced=True
    )
    adamw_weight_decay: float = parameter(
        1e-2, "AdamW weight decay", "λ in θ ← θ·(1 − lr·λ), of all other weights.", ge=0, scale="log", advanced=True
    )

    def misfits(self, model: ModelComponent) -> list[Conflict]:
        conflicts = super().misfits(model)
        if not model.has_hidden_matrices:
            reason = f"steps the matrices of hidden layers, and {model.label} as it is set has none: choose AdamW."
            conflicts.append(Conflict(field="name", reason=reason))
        return conflicts
