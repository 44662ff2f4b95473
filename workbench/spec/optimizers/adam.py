"""Adam and its kin: running averages m of the gradient and v of its size, θ ← θ − lr·m̂ / (√v̂ + ε)."""

from typing import ClassVar, Literal

from workbench.spec.component import parameter
from workbench.spec.optimizers.base import (
    PAGES,
    Beta,
    ForeachOptimizer,
    FusedOptimizer,
    Maximizable,
    betas,
    decoupled,
    epsilon,
    l2_penalty,
    learning_rate,
)

_STEP = "θ ← θ − lr·m̂ / (√v̂ + ε)."


class Adam(FusedOptimizer):
    """``torch.optim.Adam`` (Kingma and Ba 2014, arXiv:1412.6980).

    m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g²; at step t, m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ) and
    θ ← θ − lr·m̂ / (√v̂ + ε).
    """

    label: ClassVar[str] = "Adam"
    about: ClassVar[str] = (
        "Scales each weight's step by running averages of its gradient; needs little tuning, a good first try for "
        "almost any task."
    )
    documentation: ClassVar[str] = f"{PAGES}Adam.html"

    name: Literal["Adam"] = "Adam"
    lr: float = learning_rate(1e-3, f"{_STEP} Usual: 0.001; 0.0001 to 0.01.")
    betas: tuple[Beta, Beta] = betas()
    eps: float = epsilon(1e-8)
    weight_decay: float = l2_penalty("Usual: 0; AdamW decays better.")
    amsgrad: bool = parameter(
        False, "AMSGrad", "Keeps the largest second moment seen (Reddi et al. 2018).", advanced=True
    )
    decoupled_weight_decay: bool = decoupled()


class AdamW(FusedOptimizer):
    """``torch.optim.AdamW`` (Loshchilov and Hutter 2017, arXiv:1711.05101): θ ← θ·(1 − lr·λ), then Adam's step."""

    label: ClassVar[str] = "AdamW"
    about: ClassVar[str] = (
        "Adam whose weight decay shrinks the weights apart from the gradient; the usual choice for transformers and "
        "fine-tuning."
    )
    documentation: ClassVar[str] = f"{PAGES}AdamW.html"

    name: Literal["AdamW"] = "AdamW"
    lr: float = learning_rate(1e-3, f"{_STEP} Usual: 0.001; 0.0001 to 0.00001 for fine-tuning.")
    betas: tuple[Beta, Beta] = betas()
    eps: float = epsilon(1e-8)
    weight_decay: float = parameter(
        1e-2, "Weight decay", "λ in θ ← θ·(1 − lr·λ). Usual: 0.01; up to 0.1.", ge=0, scale="log"
    )
    amsgrad: bool = parameter(
        False, "AMSGrad", "Keeps the largest second moment seen (Reddi et al. 2018).", advanced=True
    )


class Adamax(ForeachOptimizer):
    """``torch.optim.Adamax`` (Kingma and Ba 2014): u ← max(β₂·u, |g| + ε), θ ← θ − lr·m̂ / u."""

    label: ClassVar[str] = "Adamax"
    about: ClassVar[str] = (
        "Adam with the largest recent gradient in place of the average square; calm on rare, large gradients."
    )
    documentation: ClassVar[str] = f"{PAGES}Adamax.html"

    name: Literal["Adamax"] = "Adamax"
    lr: float = learning_rate(2e-3, "θ ← θ − lr·m̂ / u. Usual: 0.002.")
    betas: tuple[Beta, Beta] = betas("u ← max(β₂·u, |g| + ε)")
    eps: float = epsilon(1e-8)
    weight_decay: float = l2_penalty("Usual: 0.")


class NAdam(ForeachOptimizer):
    """``torch.optim.NAdam`` (Dozat 2016): Adam with Nesterov's look ahead; μₜ = β₁·(1 − ½·0.96^(t·ψ))."""

    label: ClassVar[str] = "NAdam"
    about: ClassVar[str] = (
        "Adam that looks ahead along its momentum, as Nesterov's does; often a little faster than Adam."
    )
    documentation: ClassVar[str] = f"{PAGES}NAdam.html"

    name: Literal["NAdam"] = "NAdam"
    lr: float = learning_rate(2e-3, "Usual: 0.002; 0.0001 to 0.01.")
    betas: tuple[Beta, Beta] = betas()
    eps: float = epsilon(1e-8)
    weight_decay: float = l2_penalty("Usual: 0.")
    momentum_decay: float = parameter(
        4e-3, "Momentum decay", "ψ in μₜ = β₁·(1 − ½·0.96^(t·ψ)), the momentum of step t.", ge=0, advanced=True
    )
    decoupled_weight_decay: bool = decoupled()


class RAdam(ForeachOptimizer):
    """``torch.optim.RAdam`` (Liu et al. 2019, arXiv:1908.03265): no scaling until v has seen enough gradients."""

    label: ClassVar[str] = "RAdam"
    about: ClassVar[str] = (
        "Adam that holds back in its first steps, while its averages are uncertain; a warm-up built in."
    )
    documentation: ClassVar[str] = f"{PAGES}RAdam.html"

    name: Literal["RAdam"] = "RAdam"
    lr: float = learning_rate(1e-3, "Usual: 0.001; 0.0001 to 0.01.")
    betas: tuple[Beta, Beta] = betas()
    eps: float = epsilon(1e-8)
    weight_decay: float = l2_penalty("Usual: 0.")
    decoupled_weight_decay: bool = decoupled()


class SparseAdam(Maximizable):
    """``torch.optim.SparseAdam``: Adam that touches only the rows of an embedding that the batch used."""

    label: ClassVar[str] = "SparseAdam"
    about: ClassVar[str] = (
        "Adam for sparse gradients: only for models that are embeddings with sparse gradients, such as bags of words."
    )
    documentation: ClassVar[str] = f"{PAGES}SparseAdam.html"
    sparse_gradients: ClassVar[Literal["refuses", "takes", "needs"]] = "needs"

    name: Literal["SparseAdam"] = "SparseAdam"
    lr: float = learning_rate(1e-3, f"{_STEP} Usual: 0.001 to 0.01.", positive=True)
    betas: tuple[Beta, Beta] = betas()
    eps: float = epsilon(1e-8, positive=True)
