"""LeNet-5 as PyTorch's tutorial has it: ReLU, max-pooling and logits at the end."""

import torch
from torch import nn


class LeNet5(nn.Module):
    """Two 5×5 convolutions of 6 and 16 channels, each followed by 2×2 max-pooling, then layers of 120 and 84 units.

    Input ``(N, C, H, W)`` with H and W at least 16; output ``(N, classes)`` logits. After LeCun et al. 1998, in the
    variant of https://docs.pytorch.org/tutorials/beginner/introyt/trainingyt.html.
    """

    def __init__(self, channels: int, height: int, width: int, classes: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(channels, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)
        )
        features = 16 * _after_convolutions(height) * _after_convolutions(width)
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Linear(features, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, classes)
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.classifier(self.convolutions(images))
        return logits


def _after_convolutions(side: int) -> int:
    """Pixels that are left of a side of the image: twice, a 5×5 convolution takes 4 and pooling halves."""
    return ((side - 4) // 2 - 4) // 2
