"""The user's own images, sorted into a folder a class."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from workbench.spec.component import Conflict, parameter
from workbench.spec.datasets.augmentation import AugmentedImages
from workbench.spec.datasets.own_files import FolderPath, OwnDataset

Side = Annotated[int, Field(ge=4, le=1024)]


class ResizedImages(OwnDataset, AugmentedImages):
    """Image files of any size and mode, brought to one."""

    size: tuple[Side, Side] = parameter(
        (64, 64), "Size", "Height and width every image is brought to. Usual: 32 to 96 on a CPU, up to 224 on a GPU."
    )
    fit: Literal["crop", "squash"] = parameter(
        "crop",
        "Fit",
        "Crop: the largest part of the right proportions around the centre. Squash: all of it, out of proportion.",
    )
    channels: Literal[3, 1] = parameter(3, "Channels", "3 for colours, 1 for grey.")

    def conflicts(self) -> list[Conflict]:
        return [
            Conflict(field=field, reason=f"has {len(given)} numbers, not one for each of the {self.channels} channels.")
            for field in ("mean", "std")
            if not isinstance(given := getattr(self, field), str) and len(given) != self.channels
        ] + super().conflicts()


class ImageFolder(ResizedImages, FolderPath):
    """Images in class folders, as ``torchvision.datasets.ImageFolder`` reads them: cats/1.jpg, dogs/2.png.

    Where the folder has ``train`` and beside it ``val``, ``valid``, ``validation`` or ``test``, each with class
    folders, these are the parts. Files may lie deeper inside their class folder; hidden ones do not count. Every image
    is turned as its EXIF orientation says; transparency is laid on white, 16 bits of grey are scaled to 8, of several
    frames the first counts. Files that cannot be read are left out and named.
    """

    label: ClassVar[str] = "Image folder"
    about: ClassVar[str] = (
        "Your own images: a folder that holds a folder of images for each class, or train and val with such folders."
    )
    documentation: ClassVar[str] = (
        "https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html"
    )

    name: Literal["ImageFolder"] = "ImageFolder"
