"""Small convolutional networks."""

from collections.abc import Sequence
from typing import ClassVar, Literal

from workbench.spec.component import parameter
from workbench.spec.models.base import Channels, ImageModel
from workbench.spec.models.sides import Step, same, smallest_side, window

LENET5_STEPS: Sequence[Step] = (window(5), window(2, 2), window(5), window(2, 2))
CNN2C2D_STEPS: Sequence[Step] = (same(1), same(2), same(1), same(2))
CNN3C3D_STEPS: Sequence[Step] = (window(5), same(2), window(3), same(2), same(1), same(2))


def cnn_steps(blocks: int) -> Sequence[Step]:
    """What ``blocks`` blocks of ``CNN`` do with a side: a padded convolution keeps it, pooling halves it."""
    return (window(3, padding=1), window(2, 2)) * blocks


def resnet_steps() -> Sequence[Step]:
    """What ``ResNet`` does with a side: its second and third stage halve it."""
    return (same(1), same(2), same(2))


class LeNet5(ImageModel):
    """LeCun, Bottou, Bengio and Haffner 1998, in the variant of PyTorch's "Training with PyTorch" tutorial."""

    label: ClassVar[str] = "LeNet-5"
    about: ClassVar[str] = "Two convolutions with max-pooling, three linear layers; small, fast, good on 28×28 images."
    documentation: ClassVar[str] = "https://docs.pytorch.org/tutorials/beginner/introyt/trainingyt.html"

    name: Literal["LeNet5"] = "LeNet5"

    @property
    def has_hidden_matrices(self) -> bool:
        return True

    def smallest_image(self) -> int:
        return smallest_side(LENET5_STEPS)

    def too_small_for(self) -> str:
        return "two 5×5 convolutions"


class CNN(ImageModel):
    """Blocks of a 3×3 convolution, batch normalisation (Ioffe and Szegedy 2015, arXiv:1502.03167), ReLU and 2×2
    max-pooling, then one linear layer.
    """

    label: ClassVar[str] = "CNN"
    about: ClassVar[str] = "A convolution, batch norm and pooling for each number of channels you give; easy to vary."
    documentation: ClassVar[str] = "https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html"

    name: Literal["CNN"] = "CNN"
    channels: tuple[Channels, ...] = parameter(
        (32, 64),
        "Channels",
        "Channels of each block's convolution; every block halves the image. Usual: doubling, such as 32, 64, 128.",
        min_length=1,
        max_length=12,
    )
    batch_norm: bool = parameter(
        True, "Batch norm", "Normalises each channel over the batch; usual, and allows larger learning rates."
    )
    dropout: float = parameter(
        0.0,
        "Dropout",
        "Chance that an input of the last layer is silenced in a training step. Usual: 0 to 0.5.",
        ge=0,
        lt=1,
    )

    def smallest_image(self) -> int:
        return smallest_side(cnn_steps(len(self.channels)))

    def too_small_for(self) -> str:
        return f"{len(self.channels)} times 2×2 pooling" if len(self.channels) > 1 else "2×2 pooling"

    def remedy(self) -> str:
        return "Give fewer channels or choose MLP." if len(self.channels) > 1 else "Choose MLP."


class CNN2c2d(ImageModel):
    """The network of the test problems ``mnist_2c2d`` and ``fmnist_2c2d`` of DeepOBS, with its initial weights.

    Schneider, Balles and Hennig 2019, arXiv:1903.05499; defined in DeepOBS's ``_2c2d.py``. Padding keeps the size, so
    it takes images of any size.
    """

    label: ClassVar[str] = "2c2d"
    about: ClassVar[str] = "Two 5×5 convolutions of 32 and 64 channels, a hidden layer of 1,024; DeepOBS's for MNIST."
    documentation: ClassVar[str] = "https://deepobs.readthedocs.io/en/stable/"

    name: Literal["CNN2c2d"] = "CNN2c2d"

    @property
    def has_hidden_matrices(self) -> bool:
        return True

    def smallest_image(self) -> int:
        return smallest_side(CNN2C2D_STEPS)


class CNN3c3d(ImageModel):
    """The network of the test problem ``cifar10_3c3d`` of DeepOBS, with its initial weights.

    Schneider, Balles and Hennig 2019, arXiv:1903.05499; defined in DeepOBS's ``_3c3d.py``.
    """

    label: ClassVar[str] = "3c3d"
    about: ClassVar[str] = "Three convolutions of 64, 96 and 128 channels, dense 512 and 256; DeepOBS's for CIFAR-10."
    documentation: ClassVar[str] = "https://deepobs.readthedocs.io/en/stable/"

    name: Literal["CNN3c3d"] = "CNN3c3d"

    @property
    def has_hidden_matrices(self) -> bool:
        return True

    def smallest_image(self) -> int:
        return smallest_side(CNN3C3D_STEPS)

    def too_small_for(self) -> str:
        return "a 5×5 and a 3×3 convolution with pooling between them"

    def remedy(self) -> str:
        return "Choose CNN2c2d or MLP."


class ResNet(ImageModel):
    """The residual networks for CIFAR-10 of He, Zhang, Ren and Sun 2015 (arXiv:1512.03385, section 4.2).

    One 3×3 convolution, then three stages of ``(depth - 2) / 6`` blocks of two 3×3 convolutions with batch
    normalisation; shortcuts without parameters (option A).
    """

    label: ClassVar[str] = "ResNet (small images)"
    about: ClassVar[str] = "Residual network of He et al. for 28 to 64 pixels: deep, accurate, slower than a plain CNN."
    documentation: ClassVar[str] = "https://arxiv.org/abs/1512.03385"

    name: Literal["ResNet"] = "ResNet"
    depth: Literal[8, 14, 20, 26, 32, 44, 56, 110] = parameter(
        20, "Depth", "Layers with weights; 20 to 110 are the paper's, 8 and 14 train quickly on a CPU."
    )
    width: int = parameter(
        16,
        "Width",
        "Channels of the first stage; the second has twice, the third four times as many. Usual: 16.",
        ge=1,
        le=1024,
    )

    def smallest_image(self) -> int:
        # Down to 2×2 maps: of 1×1 maps batch normalisation cannot train on a batch of one sample.
        return smallest_side(resnet_steps(), left=2)

    def too_small_for(self) -> str:
        return "three stages, of which two halve the image"

    def remedy(self) -> str:
        return "Choose CNN2c2d or MLP."
