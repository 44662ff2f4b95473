"""The networks: from a batch of samples to a batch of logits."""

from workbench.core.models.lenet5 import LeNet5
from workbench.core.models.mlp import MLP

__all__ = ["MLP", "LeNet5"]
