"""The user's own data as arrays: NumPy's .npz and the IDX files of the MNIST family."""

from typing import ClassVar, Literal

from workbench.spec.component import Conflict, parameter
from workbench.spec.datasets.augmentation import AugmentedImages
from workbench.spec.datasets.own_files import FilePath, OwnDataset, OwnPaths
from workbench.spec.tasks import Task

INPUT_NAMES = ("x", "inputs", "images", "data", "features")
"""Usual names of the array of samples, in small letters; a part's name may stand before or behind."""
TARGET_NAMES = ("y", "targets", "target", "labels", "label")
"""Usual names of the array of what to predict."""
_NAMED = "of the array with {what}. Empty: found by its usual name, such as {example}."


class Arrays(OwnDataset, AugmentedImages, FilePath):
    """Samples and targets from one ``.npz`` file, as ``numpy.savez`` writes it.

    Inputs of 2 dimensions are a table of numbers; of 3 they are grey images ``(N, H, W)``; of 4 images ``(N, H, W, C)``
    or ``(N, C, H, W)`` with 1 or 3 channels. Pixels are whole numbers from 0 to 255, 16-bit ones, or fractions from 0
    to 1. Targets are ``(N,)`` or ``(N, outputs)``. Arrays of Python objects (pickles) are refused: reading them would
    run whatever program they hold.
    """

    label: ClassVar[str] = "Arrays (.npz)"
    about: ClassVar[str] = "Your own NumPy arrays from an .npz file: images or tables, with classes, labels or numbers."
    documentation: ClassVar[str] = "https://numpy.org/doc/stable/reference/generated/numpy.savez.html"

    name: Literal["Arrays"] = "Arrays"
    task: Literal["automatic"] | Task = parameter(
        "automatic",
        "Task",
        "Automatic: whole numbers, texts, or rows with a single 1 are classes; other rows of 0 and 1 are labels; other "
        "numbers are to be predicted.",
    )
    inputs: str = parameter(
        "", "Inputs", "Name " + _NAMED.format(what="the samples", example="x, X_train or images"), advanced=True
    )
    targets: str = parameter(
        "", "Targets", "Name " + _NAMED.format(what="the targets", example="y, y_train or labels"), advanced=True
    )
    test_inputs: str = parameter(
        "", "Test inputs", "Name " + _NAMED.format(what="the test part's samples", example="x_test"), advanced=True
    )
    test_targets: str = parameter(
        "", "Test targets", "Name " + _NAMED.format(what="the test part's targets", example="y_test"), advanced=True
    )

    def conflicts(self) -> list[Conflict]:
        conflicts = super().conflicts()
        for one, other in (("test_inputs", "test_targets"), ("test_targets", "test_inputs")):
            if getattr(self, one) and not getattr(self, other):
                conflicts.append(
                    Conflict(field=other, reason="is empty: a test part has samples and targets, name both.")
                )
        return conflicts


class IDXPaths(OwnPaths):
    """Two IDX files, and two more for a test part."""

    needed_paths: ClassVar[tuple[str, ...]] = ("images", "labels")
    further_paths: ClassVar[tuple[str, ...]] = ("test_images", "test_labels")

    images: str = parameter(
        "", "Images", "The IDX file with the images, plain or gzipped, such as train-images-idx3-ubyte.gz.", path="file"
    )
    labels: str = parameter("", "Labels", "The IDX file with their classes.", path="file")
    test_images: str = parameter(
        "", "Test images", "The IDX file with the images of the test part, if any.", path="file"
    )
    test_labels: str = parameter("", "Test labels", "The IDX file with their classes.", path="file")

    def conflicts(self) -> list[Conflict]:
        conflicts = super().conflicts()
        for one, other in (("test_images", "test_labels"), ("test_labels", "test_images")):
            if getattr(self, one) and not getattr(self, other):
                conflicts.append(
                    Conflict(field=other, reason="is empty: a test part has images and labels, choose both.")
                )
        return conflicts


class IDXFiles(OwnDataset, AugmentedImages, IDXPaths):
    """Images and classes from IDX files (http://yann.lecun.com/exdb/mnist), whole numbers from 0 to 255."""

    label: ClassVar[str] = "IDX files"
    about: ClassVar[str] = "Your own images in the format of MNIST: one file of images, one of labels."
    documentation: ClassVar[str] = "http://yann.lecun.com/exdb/mnist"

    name: Literal["IDXFiles"] = "IDXFiles"
