"""The datasets of the catalogue as uint8 tensors, split into what is trained on and what is validated on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from workbench.core.data import fashion_mnist
from workbench.core.data.cache import Arrays, cached
from workbench.core.data.idx import content_key, read_idx
from workbench.core.progress import Progress, silent
from workbench.errors import DataError
from workbench.folders import Folders
from workbench.spec.component import Component
from workbench.spec.datasets import Dataset, Digits, FashionMNIST, ImageClasses


@dataclass(frozen=True, eq=False)
class Part:
    """Samples with their labels."""

    images: torch.Tensor
    """uint8 of shape ``(N, C, H, W)``."""
    labels: torch.Tensor
    """int64 of shape ``(N,)``: indices into the dataset's classes."""

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, eq=False)
class ImageData:
    """A dataset, split."""

    train: Part
    validation: Part
    classes: tuple[str, ...]


def load(dataset: Dataset, folders: Folders, progress: Progress = silent, *, may_download: bool = True) -> ImageData:
    """Find, download where needed, decode and split ``dataset``.

    Raises:
        DataMissing: its files are not on this computer and must not be downloaded.
        DataError: its files are missing, damaged or of another dataset.
        Cancelled: ``progress`` said so.
    """
    arrays = _LOADERS[type(dataset)](folders, progress, may_download)
    train = _part(arrays["train_images"], arrays["train_labels"])
    if dataset.validation == "test":
        return ImageData(train, _part(arrays["test_images"], arrays["test_labels"]), dataset.classes)
    held_out = held_out_indices(arrays["train_labels"], dataset.split_sizes()[1], dataset.split_seed)
    kept = np.setdiff1d(np.arange(len(train)), held_out)
    return ImageData(_select(train, kept), _select(train, held_out), dataset.classes)


def held_out_indices(labels: NDArray[Any], count: int, seed: int) -> NDArray[np.int64]:
    """``count`` sorted indices drawn so that every class gives the same share of its samples, give or take one.

    Own code and not scikit-learn's, so that a run can be gone on with after an upgrade of that library.
    """
    generator = np.random.Generator(np.random.Philox(seed))
    classes, sizes = np.unique(labels, return_counts=True)
    shares = sizes * (count / len(labels))
    quotas = np.floor(shares).astype(int)
    largest_remainders = np.argsort(quotas - shares, kind="stable")[: count - quotas.sum()]
    quotas[largest_remainders] += 1
    drawn = [
        generator.permutation(np.flatnonzero(labels == label))[:quota]
        for label, quota in zip(classes, quotas, strict=True)
    ]
    return np.sort(np.concatenate(drawn))


def _part(images: NDArray[Any], labels: NDArray[Any]) -> Part:
    return Part(torch.from_numpy(images).unsqueeze(1), torch.from_numpy(labels).long())


def _select(part: Part, indices: NDArray[np.int64]) -> Part:
    chosen = torch.from_numpy(indices)
    return Part(part.images[chosen], part.labels[chosen])


def _load_fashion_mnist(folders: Folders, progress: Progress, may_download: bool) -> Arrays:
    paths = fashion_mnist.obtain(folders, progress, may_download=may_download)
    progress("Reading Fashion-MNIST", 0, 0)
    key = f"fashion-mnist-{content_key(paths.values(), 'uint8')}"
    return cached(folders.cache, key, lambda: _decode_idx(FashionMNIST, paths, progress))


def _decode_idx(dataset: type[ImageClasses], paths: dict[str, Path], progress: Progress) -> Arrays:
    """The four arrays of an IDX dataset, checked against each other and the declaration."""
    arrays = {}
    for done, (name, path) in enumerate(paths.items()):
        progress(f"Decoding {path.name}", done, len(paths))
        arrays[name] = read_idx(path)
    for part, count in (("train", dataset.train_samples), ("test", dataset.test_samples)):
        images, labels = paths[f"{part}_images"], paths[f"{part}_labels"]
        expected = {images: (count, *dataset.shape[1:]), labels: (count,)}
        for path, array in ((images, arrays[f"{part}_images"]), (labels, arrays[f"{part}_labels"])):
            if array.shape != expected[path]:
                raise DataError(
                    f"{path} holds an array of {_shape(array.shape)}, but {dataset.label} has "
                    f"{_shape(expected[path])}: it belongs to another dataset. Delete it and get the dataset again."
                )
        if arrays[f"{part}_labels"].max() >= len(dataset.classes):
            raise DataError(
                f"{labels} holds labels above {len(dataset.classes) - 1}: "
                "it is damaged or belongs to another dataset. Delete it and get the dataset again."
            )
    return arrays


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(str(side) for side in shape)


def _load_digits(folders: Folders, progress: Progress, may_download: bool) -> Arrays:
    progress("Reading the digits", 0, 0)
    return cached(folders.cache, "digits-uint8", _decode_digits)


def _decode_digits() -> Arrays:
    """scikit-learn's 8×8 digits, their 17 levels of grey (0 to 16) spread over 0 to 255."""
    from sklearn.datasets import load_digits  # imported where needed: it takes over a second

    digits = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    return {"train_images": images, "train_labels": digits.target.astype(np.uint8)}


_LOADERS: dict[type[Component], Callable[[Folders, Progress, bool], Arrays]] = {
    FashionMNIST: _load_fashion_mnist,
    Digits: _load_digits,
}
