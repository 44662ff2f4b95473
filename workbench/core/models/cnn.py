"""The convolutional network whose blocks the user chooses."""

from collections.abc import Sequence

import torch
from torch import nn

from workbench.core.models.sizes import features_left
from workbench.spec.models.convolutional import cnn_steps


class CNN(nn.Module):
    """For each number in ``channels`` a 3×3 convolution, batch normalisation, ReLU and 2×2 max-pooling; then a linear
    layer behind dropout.

    Input ``(N, C, H, W)``, output ``(N, outputs)``. A convolution followed by batch normalisation (Ioffe and Szegedy
    2015, arXiv:1502.03167) has no bias of its own.
    """

    def __init__(
        self,
        shape: Sequence[int],
        outputs: int,
        channels: Sequence[int],
        *,
        batch_norm: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        for before, after in zip((shape[0], *channels), channels, strict=False):
            block: list[nn.Module] = [nn.Conv2d(before, after, 3, padding=1, bias=not batch_norm)]
            if batch_norm:
                block.append(nn.BatchNorm2d(after))
            blocks.append(nn.Sequential(*block, nn.ReLU(), nn.MaxPool2d(2)))
        self.blocks = nn.Sequential(*blocks)
        features = features_left(channels[-1], shape, cnn_steps(len(channels)))
        head: list[nn.Module] = [nn.Dropout(dropout)] if dropout > 0 else []
        self.classifier = nn.Sequential(nn.Flatten(), *head, nn.Linear(features, outputs))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.classifier(self.blocks(images))
        return logits
