"""What datasets from the user's own files have in common: their paths, their normalisation, how they are split."""

from typing import ClassVar, Literal

from workbench.spec.component import Component, Conflict, parameter
from workbench.spec.datasets.component import DatasetComponent, Fraction, PositiveFloat
from workbench.spec.paths import path_misfit

AUTOMATIC_FRACTION = 0.2
"""Held out where nothing else is asked for and there is no part to validate on."""


class OwnPaths(Component):
    """Has fields that hold paths, of which some cannot be left empty.

    A base of its own and not part of ``OwnDataset``, so that a class that names it last shows its paths first.
    """

    needed_paths: ClassVar[tuple[str, ...]] = ("path",)
    """Fields that must not be empty."""
    further_paths: ClassVar[tuple[str, ...]] = ()
    """Fields that may be empty."""

    def conflicts(self) -> list[Conflict]:
        conflicts = super().conflicts()
        for field in (*self.needed_paths, *self.further_paths):
            path = getattr(self, field)
            if not path.strip():
                if field in self.needed_paths:
                    conflicts.append(Conflict(field=field, reason="is empty: choose where your data lies."))
            elif misfit := path_misfit(path):
                conflicts.append(Conflict(field=field, reason=misfit))
        return conflicts


class FolderPath(OwnPaths):
    """Lies in one folder."""

    path: str = parameter(
        "",
        "Folder",
        "Where the data lies; a relative path starts at the folder of the experiment file.",
        path="folder",
    )


class FilePath(OwnPaths):
    """Lies in one file."""

    path: str = parameter(
        "", "File", "Where the data lies; a relative path starts at the folder of the experiment file.", path="file"
    )


class OwnDataset(DatasetComponent):
    """Samples from the user's files, which alone tell how many there are."""

    validation: Fraction | Literal["automatic", "test"] = parameter(
        "automatic",
        "Validation",
        "The data's own test part, or a fraction of the rest, of classes the same share of each. Automatic: the test "
        "part where there is one, else a fifth.",
    )
    mean: tuple[float, ...] | Literal["measured"] = parameter(
        "measured",
        "Mean",
        "Subtracted from each channel of images after pixels are scaled to 0–1, or from each column; one number each, "
        "or measured on the training part.",
        advanced=True,
    )
    std: tuple[PositiveFloat, ...] | Literal["measured"] = parameter(
        "measured",
        "Standard deviation",
        "What is left is divided by this; one number a channel or column, or measured on the training part.",
        advanced=True,
    )
