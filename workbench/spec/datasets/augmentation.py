"""How training images are varied, each differently in every epoch."""

from workbench.spec.component import parameter
from workbench.spec.datasets.component import DatasetComponent


class AugmentedImages(DatasetComponent):
    """A dataset of images. Every variation is off by default; validation images are never varied."""

    crop_padding: int = parameter(
        0,
        "Random crop",
        "Pixels of black around the image before a part of the original size is cut out; 0 for none, usual for "
        "32×32 images: 4.",
        ge=0,
        le=256,
        unit="px",
        advanced=True,
    )
    horizontal_flip: float = parameter(
        0.0,
        "Mirror left and right",
        "Chance that an image is mirrored. Usual: 0.5 for photographs, 0 for digits and text.",
        ge=0,
        le=1,
        advanced=True,
    )
    vertical_flip: float = parameter(
        0.0,
        "Mirror top and bottom",
        "Chance that an image is turned upside down, for views from above and the like.",
        ge=0,
        le=1,
        advanced=True,
    )
    rotation: float = parameter(
        0.0, "Rotation", "Largest angle by which an image is turned either way.", ge=0, le=180, unit="°", advanced=True
    )
    brightness: float = parameter(
        0.0, "Brightness", "Images get up to this share brighter or darker. Usual: 0.2.", ge=0, le=1, advanced=True
    )
    contrast: float = parameter(
        0.0,
        "Contrast",
        "Differences from the image's mean grey grow or shrink by up to this share. Usual: 0.2.",
        ge=0,
        le=1,
        advanced=True,
    )
    saturation: float = parameter(
        0.0,
        "Saturation",
        "Colours get up to this share stronger or weaker; nothing happens to grey images. Usual: 0.2.",
        ge=0,
        le=1,
        advanced=True,
    )
    erasing: float = parameter(
        0.0,
        "Random erasing",
        "Chance that a rectangle of 2 to 33 % of the image is blanked (Zhong et al. 2020, arXiv:1708.04896).",
        ge=0,
        le=1,
        advanced=True,
    )
    mixup: float = parameter(
        0.0,
        "Mixup",
        "Blends pairs of images and their targets; the strength of the Beta distribution that draws the share (Zhang "
        "et al. 2018, arXiv:1710.09412). Usual: 0.2.",
        ge=0,
        le=10,
        advanced=True,
    )
    cutmix: float = parameter(
        0.0,
        "CutMix",
        "Pastes a rectangle of another image and mixes the targets by area; the strength of the Beta distribution "
        "that draws the area (Yun et al. 2019, arXiv:1905.04899). Usual: 1. Together with Mixup, either by chance.",
        ge=0,
        le=10,
        advanced=True,
    )

    @property
    def varies_images(self) -> bool:
        """Whether single images are varied."""
        return any(getattr(self, field) > 0 for field in _SINGLE)

    @property
    def mixes_targets(self) -> bool:
        """Whether targets become shares of several classes."""
        return self.mixup > 0 or self.cutmix > 0


_SINGLE = (
    "crop_padding",
    "horizontal_flip",
    "vertical_flip",
    "rotation",
    "brightness",
    "contrast",
    "saturation",
    "erasing",
)
