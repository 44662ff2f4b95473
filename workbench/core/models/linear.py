"""Linear and logistic regression."""

from collections.abc import Sequence
from math import prod

import torch
from torch import nn

from workbench.core.models.column_embedding import OneHotColumns


class Linear(nn.Module):
    """One linear layer on the flattened sample; ``categories`` of a table enter it one-hot.

    Input ``(N, *shape)``, output ``(N, outputs)``.
    """

    def __init__(self, shape: Sequence[int], outputs: int, categories: Sequence[int] = ()) -> None:
        super().__init__()
        columns = OneHotColumns(shape[0], categories) if categories else None
        width = columns.width if columns else prod(shape)
        self.layers = nn.Sequential(columns or nn.Flatten(), nn.Linear(width, outputs))

    def forward(self, samples: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.layers(samples)
        return outputs
