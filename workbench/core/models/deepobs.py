"""The convolutional networks of DeepOBS (Schneider, Balles and Hennig 2019, arXiv:1903.05499).

DeepOBS defines them in ``deepobs/tensorflow/testproblems/_2c2d.py`` and ``_3c3d.py``, and again for PyTorch in
``deepobs/pytorch/testproblems/testproblems_modules.py``. Its pooling has TensorFlow's "same" padding, which adds a
row and column at the end of an image with even sides, and one at each end of an odd one.
"""

from collections.abc import Sequence

import torch
from torch import nn

from workbench.core.models.sizes import features_left
from workbench.spec.models.convolutional import CNN2C2D_STEPS, CNN3C3D_STEPS
from workbench.spec.models.sides import side_after


class CNN2c2d(nn.Module):
    """Two 5×5 convolutions of 32 and 64 channels, each followed by 2×2 max-pooling, then a layer of 1,024 units.

    Input ``(N, C, H, W)``, output ``(N, outputs)``. Weights start normal with standard deviation 0.05, cut off at two
    of them, biases at 0.05.
    """

    def __init__(self, shape: Sequence[int], outputs: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(shape[0], 32, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2, ceil_mode=True),
            nn.Conv2d(32, 64, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(2, ceil_mode=True),
        )
        features = features_left(64, shape, CNN2C2D_STEPS)
        self.classifier = nn.Sequential(nn.Flatten(), nn.Linear(features, 1024), nn.ReLU(), nn.Linear(1024, outputs))
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                nn.init.trunc_normal_(layer.weight, std=0.05, a=-0.1, b=0.1)
                _fill_bias(layer, 0.05)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.classifier(self.convolutions(images))
        return logits


class CNN3c3d(nn.Module):
    """A 5×5 convolution of 64 channels and two 3×3 ones of 96 and 128, each followed by 3×3 max-pooling with stride 2,
    then layers of 512 and 256 units. The first two convolutions have no padding.

    Input ``(N, C, H, W)`` with H and W at least 9, output ``(N, outputs)``. Weights start as Glorot and Bengio 2010
    have them, normal in convolutions and uniform in linear layers, biases at 0.
    """

    def __init__(self, shape: Sequence[int], outputs: int) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(shape[0], 64, 5),
            nn.ReLU(),
            _pool(shape, 1),
            nn.Conv2d(64, 96, 3),
            nn.ReLU(),
            _pool(shape, 3),
            nn.Conv2d(96, 128, 3, padding=1),
            nn.ReLU(),
            _pool(shape, 5),
        )
        features = features_left(128, shape, CNN3C3D_STEPS)
        self.classifier = nn.Sequential(
            nn.Flatten(), nn.Linear(features, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, outputs)
        )
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.xavier_normal_(layer.weight)
                _fill_bias(layer, 0.0)
            elif isinstance(layer, nn.Linear):
                nn.init.xavier_uniform_(layer.weight)
                _fill_bias(layer, 0.0)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.classifier(self.convolutions(images))
        return logits


def _pool(shape: Sequence[int], step: int) -> nn.MaxPool2d:
    """The pooling of 3c3d after ``step`` steps: as many windows as TensorFlow's, at the same places."""
    height, width = (side_after(side, CNN3C3D_STEPS[:step]) for side in shape[1:])
    return nn.MaxPool2d(3, 2, padding=(height % 2, width % 2), ceil_mode=True)


def _fill_bias(layer: nn.Conv2d | nn.Linear, value: float) -> None:
    assert layer.bias is not None
    nn.init.constant_(layer.bias, value)
