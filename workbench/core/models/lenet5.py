"""LeNet-5 as PyTorch's tutorial has it: ReLU, max-pooling and logits at the end."""

from collections.abc import Sequence

import torch
from torch import nn

from workbench.core.models.sizes import features_left
from workbench.spec.models.convolutional import LENET5_STEPS


class LeNet5(nn.Module):
    """Two 5×5 convolutions of 6 and 16 channels, each followed by 2×2 max-pooling, then layers of 120 and 84 units.

    Input ``(N, C, H, W)`` with H and W at least 16; output ``(N, outputs)``. After LeCun et al. 1998, in the
    variant of https://docs.pytorch.org/tutorials/beginner/introyt/trainingyt.html.
    """

    def __init__(self, shape: Sequence[int], outputs: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(shape[0], 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2)
        )
        features = features_left(16, shape, LENET5_STEPS)
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Linear(features, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, outputs)
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.classifier(self.convolutions(images))
        return logits
