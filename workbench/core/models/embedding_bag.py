"""The bag of embeddings."""

import torch
from torch import nn
from torch.nn import functional


class EmbeddingBag(nn.Module):
    """The ``mode`` (mean or sum) of the tokens' embeddings, then a linear layer (Joulin et al. 2016, arXiv:1607.01759).

    Input int64 ``(N, length)``, where 0 is padding and counts for nothing; output ``(N, outputs)``. With ``sparse``
    the gradients of all parameters are sparse tensors, and the values of outputs and gradients stay the same.
    """

    def __init__(self, vocabulary: int, outputs: int, dim: int, mode: str = "mean", *, sparse: bool = False) -> None:
        super().__init__()
        self.bag = nn.EmbeddingBag(vocabulary, dim, mode=mode, sparse=sparse, padding_idx=0)
        linear = nn.Linear(dim, outputs)
        self.classifier = SparseLinear(linear) if sparse else linear

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.classifier(self.bag(tokens))
        return outputs


class SparseLinear(nn.Module):
    """A linear layer whose gradient is a sparse tensor, for SparseAdam, which takes no others.

    Its rows are looked up like those of an embedding, all of them in every step: each row is an output's weights and,
    last, its bias. Input ``(N, features)``, output ``(N, outputs)``, as of ``linear``, whose values it starts from.
    """

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__()
        with torch.no_grad():
            self.rows = nn.Parameter(torch.cat([linear.weight, linear.bias.unsqueeze(1)], dim=1))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        every = torch.arange(len(self.rows), device=self.rows.device)
        rows = functional.embedding(every, self.rows, sparse=True)
        return functional.linear(features, rows[:, :-1], rows[:, -1])
