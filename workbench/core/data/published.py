"""The published image sets as uint8 arrays: found or downloaded, decoded once, checked against their declaration."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from workbench.core.data import sources
from workbench.core.data.archives import read_members, read_whole
from workbench.core.data.cache import Arrays, cached
from workbench.core.data.cifar import decode_batch
from workbench.core.data.idx import AGAIN, content_key, read_idx
from workbench.core.data.image_files import ImagesAndLabels, decode_stl10, read_emnist, read_svhn, read_usps
from workbench.core.progress import Progress
from workbench.errors import DataError
from workbench.folders import Folders
from workbench.spec import datasets as specs
from workbench.spec.component import Component
from workbench.spec.datasets import ClassifiedImages

Paths = Mapping[str, Path]
Parts = Mapping[str, ImagesAndLabels]
"""By "train" and "test"."""


def load_published(dataset: ClassifiedImages, folders: Folders, progress: Progress, may_download: bool) -> Arrays:
    """``train_images``, ``train_labels``, ``test_images`` and ``test_labels``.

    Images are uint8 ``(N, H, W)`` or ``(N, C, H, W)``, labels uint8 ``(N,)`` indices into the class names.

    Raises:
        DataMissing: the files are not on this computer and must not be downloaded.
        DataError: they are missing, damaged or of another dataset.
        Cancelled: ``progress`` said so.
    """
    kind = type(dataset)
    paths = sources.obtain(kind, folders, progress, may_download=may_download)
    progress(f"Reading {dataset.label}", 0, 0)
    settings = f"uint8 {dataset.split}" if isinstance(dataset, specs.EMNIST) else "uint8"
    key = f"{dataset.name.lower()}-{content_key(paths.values(), settings)}"

    def decode() -> Arrays:
        parts = _DECODERS[kind](dataset, paths, progress)
        _check(dataset, parts, paths)
        return {
            f"{part}_{what}": array
            for part, arrays in parts.items()
            for what, array in zip(("images", "labels"), arrays, strict=True)
        }

    return cached(folders.cache, key, decode)


def _check(dataset: ClassifiedImages, parts: Parts, paths: Paths) -> None:
    """Compare what was read with the declaration. Raises DataError."""
    channels, *sides = dataset.shape
    shape = tuple(sides) if channels == 1 else dataset.shape
    classes = len(dataset.class_names())
    for (part, (images, labels)), count in zip(parts.items(), dataset.part_sizes(), strict=True):
        for what, array, expected in (("images", images, (count, *shape)), ("labels", labels, (count,))):
            if array.shape != expected:
                raise DataError(
                    f"{_file(paths, part, what)} holds an array of {_sides(array.shape)}, but {dataset.label} has "
                    f"{_sides(expected)}: it belongs to another dataset. {AGAIN}"
                )
        if labels.max() >= classes:
            raise DataError(
                f"{_file(paths, part, 'labels')} holds labels above {classes - 1}: "
                f"it is damaged or belongs to another dataset. {AGAIN}"
            )


def _file(paths: Paths, part: str, what: str) -> Path:
    """The file that the images or labels of a part came from, or the first of several."""
    keys = (f"{part}_{what}", part, f"{part}_0", "archive")
    return next(paths[key] for key in keys if key in paths)


def _sides(shape: tuple[int, ...]) -> str:
    return "×".join(str(side) for side in shape)


def _decode_idx(dataset: ClassifiedImages, paths: Paths, progress: Progress) -> Parts:
    arrays = {}
    for done, (name, path) in enumerate(paths.items()):
        progress(f"Decoding {path.name}", done, len(paths))
        arrays[name] = read_idx(path)
    return {part: (arrays[f"{part}_images"], arrays[f"{part}_labels"]) for part in ("train", "test")}


def _decode_qmnist(dataset: ClassifiedImages, paths: Paths, progress: Progress) -> Parts:
    """The labels are rows of numbers that tell the image's origin, too; the first is the class."""
    parts = {}
    for done, part in enumerate(("train", "test")):
        images, labels = (paths[f"{part}_{what}"] for what in ("images", "labels"))
        progress(f"Decoding {images.name}", 2 * done, len(paths))
        pixels = read_idx(images)
        progress(f"Decoding {labels.name}", 2 * done + 1, len(paths))
        rows = read_idx(labels, "int32")
        if rows.ndim != 2 or rows.shape[1] < 1 or (rows[:, 0] < 0).any() or (rows[:, 0] > 255).any():
            raise DataError(f"{labels} holds no rows that begin with a class: it is damaged. {AGAIN}")
        parts[part] = pixels, rows[:, 0].astype(np.uint8)
    return parts


def _decode_emnist(dataset: ClassifiedImages, paths: Paths, progress: Progress) -> Parts:
    assert isinstance(dataset, specs.EMNIST)
    parts = {}
    for done, part in enumerate(("train", "test")):
        progress(f"Decoding {paths['archive'].name}", done, 2)
        parts[part] = read_emnist(paths["archive"], dataset.split, part)
    return parts


def _decode_files(read: Callable[[Path], ImagesAndLabels]) -> Callable[[Any, Paths, Progress], Parts]:
    """A decoder of a dataset with one file a part."""

    def decode(dataset: ClassifiedImages, paths: Paths, progress: Progress) -> Parts:
        parts = {}
        for done, (part, path) in enumerate(paths.items()):
            progress(f"Decoding {path.name}", done, len(paths))
            parts[part] = read(path)
        return parts

    return decode


def _decode_cifar(dataset: ClassifiedImages, paths: Paths, progress: Progress) -> Parts:
    extracted = sources.SOURCES[type(dataset)].names[1]
    label_key = "labels" if isinstance(dataset, specs.CIFAR10) else "fine_labels"
    contents = _contents(extracted, paths, progress)
    batches = {
        key: decode_batch(
            content, f"{name} in {paths['archive']}" if "archive" in paths else str(paths[key]), label_key
        )
        for (key, name), content in zip(extracted.items(), contents.values(), strict=True)
    }
    train = [batch for key, batch in batches.items() if key != "test"]
    images, labels = (np.concatenate(arrays) for arrays in zip(*train, strict=True))
    return {"train": (images, labels), "test": batches["test"]}


def _decode_stl10(dataset: ClassifiedImages, paths: Paths, progress: Progress) -> Parts:
    contents = _contents(sources.SOURCES[specs.STL10].names[1], paths, progress)
    return {
        part: decode_stl10(contents[f"{part}_images"], contents[f"{part}_labels"], str(_file(paths, part, "images")))
        for part in ("train", "test")
    }


def _contents(extracted: Mapping[str, str], paths: Paths, progress: Progress) -> dict[str, bytes]:
    """The content of each file of ``extracted``, from the archive or from the files that were taken out of it."""
    if "archive" in paths:
        members = read_members(paths["archive"], tuple(extracted.values()), progress)
        return {key: members[name] for key, name in extracted.items()}
    contents = {}
    for done, (key, path) in enumerate(paths.items()):
        progress(f"Decoding {path.name}", done, len(paths))
        contents[key] = read_whole(path)
    return contents


_DECODERS: dict[type[Component], Callable[[Any, Paths, Progress], Parts]] = {
    specs.FashionMNIST: _decode_idx,
    specs.MNIST: _decode_idx,
    specs.KMNIST: _decode_idx,
    specs.QMNIST: _decode_qmnist,
    specs.EMNIST: _decode_emnist,
    specs.USPS: _decode_files(read_usps),
    specs.CIFAR10: _decode_cifar,
    specs.CIFAR100: _decode_cifar,
    specs.SVHN: _decode_files(read_svhn),
    specs.STL10: _decode_stl10,
}
PUBLISHED = tuple(_DECODERS)
"""The datasets that are loaded here."""
