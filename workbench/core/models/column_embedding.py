"""The columns of a table as a network takes them: numbers as they are, categories embedded or one-hot."""

from collections.abc import Sequence

import torch
from torch import nn


def embedding_width(values: int) -> int:
    """Numbers that stand for a category of ``values`` values: half as many, at most 50, as is usual."""
    return min(50, (values + 1) // 2)


class EmbeddedColumns(nn.Module):
    """Each column of codes becomes the row of an embedding (Guo and Berkhahn 2016, arXiv:1604.06737).

    Input float ``(N, features)``, of which the last columns, one for each of ``categories``, are codes from 0 up to
    their number of values; output ``(N, width)``.
    """

    def __init__(self, features: int, categories: Sequence[int]) -> None:
        super().__init__()
        self.numbers = features - len(categories)
        self.embeddings = nn.ModuleList(nn.Embedding(values, embedding_width(values)) for values in categories)
        self.width = self.numbers + sum(map(embedding_width, categories))

    def forward(self, samples: torch.Tensor) -> torch.Tensor:
        codes = samples[:, self.numbers :].long()
        embedded = [embedding(codes[:, column]) for column, embedding in enumerate(self.embeddings)]
        return torch.cat([samples[:, : self.numbers], *embedded], dim=1)


class OneHotColumns(nn.Module):
    """Each column of codes becomes one column a value, 1 where the sample has it and 0 elsewhere.

    Input and output as of ``EmbeddedColumns``.
    """

    def __init__(self, features: int, categories: Sequence[int]) -> None:
        super().__init__()
        self.numbers = features - len(categories)
        self.categories = tuple(categories)
        self.width = self.numbers + sum(categories)

    def forward(self, samples: torch.Tensor) -> torch.Tensor:
        columns = [samples[:, : self.numbers]]
        for column, values in enumerate(self.categories, start=self.numbers):
            known = torch.arange(values, device=samples.device)
            columns.append((samples[:, column : column + 1] == known).to(samples.dtype))
        return torch.cat(columns, dim=1)
