"""The networks: from a batch of samples to a batch of outputs."""

from workbench.core.models.cnn import CNN
from workbench.core.models.deepobs import CNN2c2d, CNN3c3d
from workbench.core.models.embedding_bag import EmbeddingBag
from workbench.core.models.lenet5 import LeNet5
from workbench.core.models.linear import Linear
from workbench.core.models.mlp import MLP
from workbench.core.models.resnet import ResNet

__all__ = ["CNN", "MLP", "CNN2c2d", "CNN3c3d", "EmbeddingBag", "LeNet5", "Linear", "ResNet"]
