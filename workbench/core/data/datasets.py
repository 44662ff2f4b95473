"""The datasets of the catalogue as tensors, split into what is trained on and what is validated on."""

from collections.abc import Callable
from typing import Any

import torch
from numpy.typing import NDArray

from workbench.core.data import embedded, generated
from workbench.core.data.image_folder import load_image_folder
from workbench.core.data.image_table import load_image_table
from workbench.core.data.own_arrays import load_arrays, load_idx_files
from workbench.core.data.parts import Data, Normalisation, Part
from workbench.core.data.published import PUBLISHED, load_published
from workbench.core.data.split import split
from workbench.core.data.statistics import channel_statistics, feature_statistics
from workbench.core.data.table import load_table
from workbench.core.progress import Progress, silent
from workbench.errors import DataError
from workbench.folders import Folders
from workbench.spec import datasets as specs
from workbench.spec.component import Component
from workbench.spec.datasets import Dataset, Images, KnownTable


def load(dataset: Dataset, folders: Folders, progress: Progress = silent, *, may_download: bool = True) -> Data:
    """Find, download where needed, decode and split ``dataset``.

    Raises:
        DataMissing: its files are not on this computer and must not be downloaded.
        DataError: its files are missing, damaged or of another dataset, or its fields do not go together.
        Cancelled: ``progress`` said so.
    """
    if conflicts := dataset.conflicts():
        raise DataError(" ".join(f"dataset.{conflict.field} {conflict.reason}" for conflict in conflicts))
    if isinstance(dataset, specs.Table):
        return load_table(dataset, folders, progress)
    if isinstance(dataset, specs.OwnDataset):
        return _OWN_LOADERS[type(dataset)](dataset, folders, progress)
    train, validation = _LOADERS[type(dataset)](dataset, folders, progress, may_download)
    if validation is None:
        train, validation = split(train, dataset.split_sizes()[1], dataset.split_seed)
    features = dataset.feature_names() if isinstance(dataset, KnownTable) else ()
    return Data(train, validation, dataset.info(), _normalisation(dataset, train), features)


def _normalisation(dataset: Dataset, train: Part) -> Normalisation | None:
    """As ``dataset`` gives it, or as it is measured on the training part."""
    if isinstance(dataset, Images):
        mean, std = dataset.mean, dataset.std
        if mean == "measured" or std == "measured":
            means, deviations = channel_statistics(train.inputs)
            mean = means if mean == "measured" else mean
            std = tuple(value or 1.0 for value in deviations) if std == "measured" else std
        channels = train.inputs.shape[1]
        return Normalisation(*(values * channels if len(values) == 1 else values for values in (mean, std)))
    if isinstance(dataset, KnownTable) and dataset.standardize:
        return Normalisation(*feature_statistics(train.inputs.numpy()))
    return None


Parts = tuple[Part, Part | None]
"""All samples outside the dataset's own test part, and that part where it is what to validate on."""


def _published(dataset: specs.ClassifiedImages, folders: Folders, progress: Progress, may_download: bool) -> Parts:
    arrays = load_published(dataset, folders, progress, may_download)
    train, test = (_image_part(arrays[f"{part}_images"], arrays[f"{part}_labels"]) for part in ("train", "test"))
    return train, test if dataset.validation == "test" else None


def _digits(dataset: specs.Digits, folders: Folders, progress: Progress, may_download: bool) -> Parts:
    arrays = embedded.load_digits(folders, progress)
    return _image_part(arrays["train_images"], arrays["train_labels"]), None


def _digit_properties(
    dataset: specs.DigitProperties, folders: Folders, progress: Progress, may_download: bool
) -> Parts:
    arrays = embedded.load_digits(folders, progress)
    images = torch.from_numpy(arrays["train_images"]).unsqueeze(1)
    return Part(images, torch.from_numpy(embedded.digit_properties(arrays["train_labels"]))), None


def _table(dataset: specs.EmbeddedTable, folders: Folders, progress: Progress, may_download: bool) -> Parts:
    arrays = embedded.load_table(dataset, folders, progress)
    return Part(torch.from_numpy(arrays["inputs"]), torch.from_numpy(arrays["targets"])), None


def _generated(make: Callable[[Any], generated.Samples]) -> Callable[..., Parts]:
    def load(dataset: Component, folders: Folders, progress: Progress, may_download: bool) -> Parts:
        progress(f"Drawing {dataset.label}", 0, 0)
        inputs, classes = make(dataset)
        return Part(torch.from_numpy(inputs), torch.from_numpy(classes)), None

    return load


def _image_part(images: NDArray[Any], labels: NDArray[Any]) -> Part:
    pixels = torch.from_numpy(images)
    return Part(pixels.unsqueeze(1) if pixels.dim() == 3 else pixels, torch.from_numpy(labels).long())


_LOADERS: dict[type[Component], Callable[[Any, Folders, Progress, bool], Parts]] = {
    **dict.fromkeys(PUBLISHED, _published),
    specs.Digits: _digits,
    specs.DigitProperties: _digit_properties,
    **dict.fromkeys((specs.Iris, specs.Wine, specs.BreastCancer, specs.Diabetes, specs.Linnerud), _table),
    specs.TwoClassSum: _generated(generated.two_class_sum),
    specs.Moons: _generated(generated.moons),
    specs.Circles: _generated(generated.circles),
    specs.Spirals: _generated(generated.spirals),
    specs.Tokens: _generated(generated.tokens),
}

_OWN_LOADERS: dict[type[Component], Callable[[Any, Folders, Progress], Data]] = {
    specs.ImageFolder: load_image_folder,
    specs.ImageTable: load_image_table,
    specs.Arrays: load_arrays,
    specs.IDXFiles: load_idx_files,
}
