"""Torchvision's classifiers."""

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

from workbench.spec.component import parameter
from workbench.spec.models.base import ImageModel
from workbench.spec.tasks import DatasetInfo

Architecture = Literal[
    "resnet18", "resnet34", "resnet50", "resnext50_32x4d", "wide_resnet50_2",
    "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "shufflenet_v2_x1_0", "mnasnet1_0", "squeezenet1_1",
    "efficientnet_b0", "efficientnet_v2_s", "densenet121", "convnext_tiny", "alexnet", "vgg11", "vgg11_bn", "vgg16",
    "vgg16_bn", "swin_t", "vit_b_16",
]  # fmt: skip
"""Functions of ``torchvision.models``. GoogLeNet and Inception are left out because they train with several outputs,
RegNet because it computes its shape with tensors, which the layer table cannot follow without data."""


@dataclass(frozen=True)
class Sizes:
    """The images an architecture takes."""

    smallest: int = 1
    """Pixels that each side needs."""
    single: int = 1
    """Pixels of the longer side from which batch normalisation can train on a batch of one sample."""
    multiple: int = 0
    """Of a transformer with one position a patch: images are square, their side a multiple of this."""


SIZES: Final[dict[Architecture, Sizes]] = {
    "resnet18": Sizes(single=33),
    "resnet34": Sizes(single=33),
    "resnet50": Sizes(single=33),
    "resnext50_32x4d": Sizes(single=33),
    "wide_resnet50_2": Sizes(single=33),
    "mobilenet_v2": Sizes(single=33),
    "mobilenet_v3_small": Sizes(single=33),
    "mobilenet_v3_large": Sizes(single=33),
    "shufflenet_v2_x1_0": Sizes(single=33),
    "mnasnet1_0": Sizes(single=33),
    "squeezenet1_1": Sizes(smallest=17),
    "efficientnet_b0": Sizes(single=33),
    "efficientnet_v2_s": Sizes(single=33),
    "densenet121": Sizes(smallest=29, single=61),
    "convnext_tiny": Sizes(smallest=32),
    "alexnet": Sizes(smallest=63),
    "vgg11": Sizes(smallest=32),
    "vgg11_bn": Sizes(smallest=32),
    "vgg16": Sizes(smallest=32),
    "vgg16_bn": Sizes(smallest=32),
    "swin_t": Sizes(smallest=4),
    "vit_b_16": Sizes(smallest=16, multiple=16),
}

HIDDEN_MATRICES: Final[frozenset[Architecture]] = frozenset({
    "mobilenet_v3_small", "mobilenet_v3_large", "convnext_tiny", "alexnet", "vgg11", "vgg11_bn", "vgg16", "vgg16_bn",
    "swin_t", "vit_b_16",
})  # fmt: skip
"""Those with fully connected layers before the last one."""


class Torchvision(ImageModel):
    """A classifier of ``torchvision.models``, with new weights or those of a file.

    A grey image is given as three equal channels, so that the same weights fit grey and colour images. The last layer
    has as many outputs as the dataset needs; where a file was made for another number, that layer starts anew.
    """

    label: ClassVar[str] = "Torchvision"
    about: ClassVar[str] = "Well-known classifiers such as ResNet-18, MobileNet or ViT, from random weights or a file."
    documentation: ClassVar[str] = "https://docs.pytorch.org/vision/stable/models.html"

    name: Literal["Torchvision"] = "Torchvision"
    architecture: Architecture = parameter(
        "resnet18",
        "Architecture",
        "The function of torchvision.models. They are made for images of 224 pixels; resnet18 also does well on 32.",
    )
    weights: str = parameter(
        "",
        "Weights file",
        "A .pth file of this architecture to start from, as torchvision offers them; empty for random weights. Those "
        "from ImageNet want the mean 0.485, 0.456, 0.406 and the standard deviation 0.229, 0.224, 0.225.",
        max_length=4096,
    )

    @property
    def has_hidden_matrices(self) -> bool:
        return self.architecture in HIDDEN_MATRICES

    def smallest_image(self) -> int:
        return SIZES[self.architecture].smallest

    def too_small_for(self) -> str:
        return self.architecture

    def remedy(self) -> str:
        return "Choose resnet18, which takes any size, or CNN2c2d."

    def shape_misfit(self, info: DatasetInfo) -> str | None:
        channels, height, width = info.shape
        if channels not in (1, 3):
            return f"takes grey or colour images, and these have {channels} channels: choose CNN or ResNet."
        multiple = SIZES[self.architecture].multiple
        if multiple and (height != width or height % multiple):
            return (
                f"input {height}×{width} does not fit {self.architecture}, which takes squares with a side that is a "
                f"multiple of {multiple}. {self.remedy()}"
            )
        return super().shape_misfit(info)

    def smallest_batch(self, info: DatasetInfo) -> int:
        return 1 if max(info.shape[1:]) >= SIZES[self.architecture].single else 2
