"""What is done to gradients between the backward pass and the optimizer's step."""

from collections.abc import Iterable, Sequence

import torch
from torch import nn


def weights_of(model: nn.Module) -> list[nn.Parameter]:
    """The parameters that penalties count: those of two dimensions or more, so neither biases nor the scales of a
    normalisation, which do not make a function more complex."""
    return [parameter for parameter in model.parameters() if parameter.dim() >= 2]


@torch.no_grad()
def add_penalties(weights: Sequence[nn.Parameter], l1: float, l2: float) -> torch.Tensor:
    """Add to the gradients that of ``l1 · Σ|w| + l2/2 · Σw²``; its value, without dimension, is returned.

    The subgradient of ``|w|`` at 0 is taken to be 0.
    """
    value = weights[0].new_zeros(()) if weights else torch.zeros(())
    for weight in weights:
        if weight.grad is None:
            weight.grad = torch.zeros_like(weight)
        if l1:
            weight.grad.add_(weight.sign(), alpha=l1)
            value += l1 * weight.abs().sum()
        if l2:
            weight.grad.add_(weight, alpha=l2)
            value += l2 / 2 * weight.square().sum()
    return value


@torch.no_grad()
def divide(parameters: Iterable[nn.Parameter], divisor: float) -> None:
    """Divide the gradients, dense or sparse, by ``divisor``."""
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.grad.div_(divisor)


@torch.no_grad()
def add_noise(parameters: Iterable[nn.Parameter], deviation: float) -> None:
    """Add Gaussian noise of standard ``deviation`` to the gradients, drawn from their device's generator."""
    for parameter in parameters:
        if parameter.grad is not None:
            parameter.grad.add_(torch.randn_like(parameter.grad), alpha=deviation)


def noise_deviation(first: float, decay: float, step: int) -> float:
    """The noise's standard deviation in ``step``, counted from 0, where that of step 0 is ``first``.

    The variance is ``η / (1 + t)^γ`` with ``η = first²`` and ``γ = decay`` (Neelakantan et al. 2015, arXiv:1511.06807).
    """
    return first / float((1 + step) ** (decay / 2))
