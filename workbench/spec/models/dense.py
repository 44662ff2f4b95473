"""Models of fully connected layers: linear and logistic regression, the multilayer perceptron."""

from typing import ClassVar, Literal

from workbench.spec.component import parameter
from workbench.spec.models.base import Kind, ModelComponent, Width

Activation = Literal["ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Tanh", "Sigmoid"]
"""Classes of ``torch.nn``."""


class Linear(ModelComponent):
    """One linear layer on the flattened sample; a table's categories enter it one-hot.

    With cross-entropy or its binary form this is logistic regression (Cox 1958), with MSE linear regression.
    """

    label: ClassVar[str] = "Linear"
    about: ClassVar[str] = "One linear layer: linear or logistic regression; the yardstick any network has to beat."
    documentation: ClassVar[str] = "https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html"
    kinds: ClassVar[tuple[Kind, ...]] = ("image", "table")

    name: Literal["Linear"] = "Linear"


class MLP(ModelComponent):
    """A multilayer perceptron: the sample flattened, then linear layers with an activation between them.

    Each categorical column of a table becomes the row of an embedding (Guo and Berkhahn 2016, arXiv:1604.06737).
    """

    label: ClassVar[str] = "MLP"
    about: ClassVar[str] = "Fully connected layers of the widths you give; takes images and tables of any shape."
    documentation: ClassVar[str] = "https://docs.pytorch.org/tutorials/beginner/basics/quickstart_tutorial.html"
    kinds: ClassVar[tuple[Kind, ...]] = ("image", "table")

    name: Literal["MLP"] = "MLP"
    hidden: tuple[Width, ...] = parameter(
        (512, 512),
        "Hidden widths",
        "Units of each hidden layer, such as 512, 512; none for a linear model.",
        max_length=32,
    )
    activation: Activation = parameter("ReLU", "Activation", "Applied after every hidden layer.")
    dropout: float = parameter(
        0.0,
        "Dropout",
        "Chance that a hidden unit is silenced in a training step (Srivastava et al. 2014). Usual: 0 to 0.5.",
        ge=0,
        lt=1,
    )

    @property
    def has_hidden_matrices(self) -> bool:
        return bool(self.hidden)
