"""The models an experiment can name."""

from typing import Annotated

from pydantic import Field

from workbench.spec.models.base import ModelComponent
from workbench.spec.models.convolutional import CNN, CNN2c2d, CNN3c3d, LeNet5, ResNet
from workbench.spec.models.dense import MLP, Activation, Linear
from workbench.spec.models.pretrained import Architecture, Torchvision
from workbench.spec.models.tokens import EmbeddingBag

Model = Annotated[
    LeNet5 | MLP | Linear | CNN | CNN2c2d | CNN3c3d | ResNet | Torchvision | EmbeddingBag, Field(discriminator="name")
]

__all__ = [
    "CNN",
    "MLP",
    "Activation",
    "Architecture",
    "CNN2c2d",
    "CNN3c3d",
    "EmbeddingBag",
    "LeNet5",
    "Linear",
    "Model",
    "ModelComponent",
    "ResNet",
    "Torchvision",
]
