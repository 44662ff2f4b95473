"""The multilayer perceptron."""

from collections.abc import Sequence
from math import prod

import torch
from torch import nn

from workbench.core.models.column_embedding import EmbeddedColumns


class MLP(nn.Module):
    """The sample flattened, then linear layers with an activation, and dropout where asked for, between them.

    Input ``(N, *shape)``, output ``(N, outputs)``. ``activation`` is a class name of ``torch.nn``; ``categories``
    of a table are embedded.
    """

    def __init__(
        self,
        shape: Sequence[int],
        outputs: int,
        hidden: Sequence[int],
        activation: str = "ReLU",
        dropout: float = 0.0,
        categories: Sequence[int] = (),
    ) -> None:
        super().__init__()
        columns = EmbeddedColumns(shape[0], categories) if categories else None
        layers: list[nn.Module] = [columns or nn.Flatten()]
        width = columns.width if columns else prod(shape)
        for units in hidden:
            layers += [nn.Linear(width, units), getattr(nn, activation)()]
            if dropout > 0:
                layers.append(nn.Dropout(dropout))
            width = units
        self.layers = nn.Sequential(*layers, nn.Linear(width, outputs))

    def forward(self, samples: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.layers(samples)
        return logits
