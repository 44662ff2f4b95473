"""The models an experiment can name."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from workbench.spec.component import Component, parameter
from workbench.spec.datasets import ImageClasses

Width = Annotated[int, Field(ge=1, le=65_536)]
Activation = Literal["ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Tanh", "Sigmoid"]
"""Classes of ``torch.nn``."""


class ModelComponent(Component):
    """A network from a batch of samples to a batch of logits."""

    def misfit(self, dataset: ImageClasses) -> str | None:
        """Why the network cannot take this dataset's samples, and what would do; None where it can."""
        return None


class LeNet5(ModelComponent):
    """LeCun, Bottou, Bengio and Haffner 1998, in the variant of PyTorch's "Training with PyTorch" tutorial."""

    label: ClassVar[str] = "LeNet-5"
    about: ClassVar[str] = "Two convolutions with max-pooling, three linear layers; small, fast, good on 28×28 images."
    documentation: ClassVar[str] = "https://docs.pytorch.org/tutorials/beginner/introyt/trainingyt.html"
    smallest: ClassVar[int] = 16

    name: Literal["LeNet5"] = "LeNet5"

    def misfit(self, dataset: ImageClasses) -> str | None:
        _, height, width = dataset.shape
        if min(height, width) >= self.smallest:
            return None
        return (
            f"input {height}×{width} is too small for two 5×5 convolutions; the smallest is "
            f"{self.smallest}×{self.smallest}. Choose MLP for {dataset.label}."
        )


class MLP(ModelComponent):
    """A multilayer perceptron: the sample flattened, then linear layers with an activation between them."""

    label: ClassVar[str] = "MLP"
    about: ClassVar[str] = "Fully connected layers of the widths you give; takes samples of any shape."
    documentation: ClassVar[str] = "https://docs.pytorch.org/tutorials/beginner/basics/quickstart_tutorial.html"

    name: Literal["MLP"] = "MLP"
    hidden: tuple[Width, ...] = parameter(
        (512, 512),
        "Hidden widths",
        "Units of each hidden layer, such as 512, 512; none for a linear model.",
        max_length=32,
    )
    activation: Activation = parameter("ReLU", "Activation", "Applied after every hidden layer.")
    dropout: float = parameter(
        0.0, "Dropout", "Chance that a hidden unit is silenced in a training step (Srivastava et al. 2014).", ge=0, lt=1
    )


Model = Annotated[LeNet5 | MLP, Field(discriminator="name")]
