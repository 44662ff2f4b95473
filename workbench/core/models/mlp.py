"""The multilayer perceptron."""

from collections.abc import Sequence
from math import prod

import torch
from torch import nn


class MLP(nn.Module):
    """The sample flattened, then linear layers with an activation, and dropout where asked for, between them.

    Input ``(N, *shape)``, output ``(N, classes)`` logits. ``activation`` is a class name of ``torch.nn``.
    """

    def __init__(
        self, shape: Sequence[int], classes: int, hidden: Sequence[int], activation: str = "ReLU", dropout: float = 0.0
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Flatten()]
        width = prod(shape)
        for units in hidden:
            layers += [nn.Linear(width, units), getattr(nn, activation)()]
            if dropout > 0:
                layers.append(nn.Dropout(dropout))
            width = units
        self.layers = nn.Sequential(*layers, nn.Linear(width, classes))

    def forward(self, samples: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.layers(samples)
        return logits
