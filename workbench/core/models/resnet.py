"""The residual networks for small images of He, Zhang, Ren and Sun 2015 (arXiv:1512.03385, section 4.2)."""

from collections.abc import Sequence

import torch
from torch import nn


class ResNet(nn.Module):
    """A 3×3 convolution and three stages of residual blocks, of ``width``, twice and four times as many channels.

    Input ``(N, C, H, W)`` with H and W at least 5, output ``(N, outputs)``. ``depth`` is 6n + 2 for n blocks a stage.
    Weights start normal as He et al. have them (arXiv:1502.01852), the last bias at 0.
    """

    def __init__(self, shape: Sequence[int], outputs: int, depth: int, width: int) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(shape[0], width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
        before = width
        stages = []
        for stage in range(3):
            after = width * 2**stage
            blocks = [
                _Block(before if first else after, after, 2 if first and stage else 1)
                for first in (True, *[False] * ((depth - 2) // 6 - 1))
            ]
            stages.append(nn.Sequential(*blocks))
            before = after
        self.stages = nn.Sequential(*stages)
        self.classifier = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, outputs))
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if isinstance(layer, nn.Linear):
                nn.init.zeros_(layer.bias)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.classifier(self.stages(self.stem(images)))
        return logits


class _Block(nn.Module):
    """Two 3×3 convolutions with batch normalisation, added to the input.

    Where the block halves the image and has more channels, the shortcut takes every second pixel and fills up with
    channels of zeros (option A of the paper), so that it has no weights.
    """

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(before, after, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.Conv2d(after, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
        )
        self.activation = nn.ReLU()
        self.stride = stride
        self.new_channels = after - before

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        shortcut = maps[:, :, :: self.stride, :: self.stride] if self.stride > 1 else maps
        if self.new_channels:
            shortcut = nn.functional.pad(shortcut, (0, 0, 0, 0, 0, self.new_channels))
        result: torch.Tensor = self.activation(self.residual(maps) + shortcut)
        return result
