"""The user's own images, listed in a table."""

from typing import ClassVar, Literal

from workbench.spec.component import Conflict, parameter
from workbench.spec.datasets.image_folder import ResizedImages
from workbench.spec.datasets.table import TargetColumns


class ImageTable(ResizedImages, TargetColumns):
    """Images named in one column of a CSV or Parquet file; others hold their class, labels or numbers to predict.

    A file name is seen from the table's own folder or from another that is given; slashes may lean either way. Rows
    whose target is missing are left out and counted. Files that cannot be read are left out and named; of their modes
    and orientations the same holds as of ``ImageFolder``.
    """

    label: ClassVar[str] = "Images in a table (CSV, Parquet)"
    about: ClassVar[str] = (
        "Your own images: a CSV or Parquet file with the name of an image file and one or several labels in each row."
    )
    documentation: ClassVar[str] = "https://www.rfc-editor.org/rfc/rfc4180"
    further_paths: ClassVar[tuple[str, ...]] = ("folder",)

    name: Literal["ImageTable"] = "ImageTable"
    images: str = parameter(
        "",
        "Column of files",
        "Where the names of the image files stand; empty for the first column with names of such files alone.",
    )
    folder: str = parameter(
        "", "Folder of images", "Where the names of files start; empty for the folder of the table.", path="folder"
    )

    def conflicts(self) -> list[Conflict]:
        conflicts = super().conflicts()
        if self.images and self.images in self.target:
            reason = f"is {self.images}, which is the target, too: choose another column."
            conflicts.append(Conflict(field="images", reason=reason))
        return conflicts
