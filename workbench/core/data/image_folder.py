"""Loads class folders of images: listed, decoded once into one file, mapped from then on."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from workbench.core import device
from workbench.core.data.cache import cached_on_disk
from workbench.core.data.class_folders import ClassFolders, list_class_folders
from workbench.core.data.image_decoding import Pixels
from workbench.core.data.own_parts import Indices, Statistics, check_classes, chosen_rows, mapped, normalisation, select
from workbench.core.data.parallel_decoding import decode_images
from workbench.core.data.parts import Data, Part
from workbench.core.progress import Progress
from workbench.errors import DataError
from workbench.folders import Folders
from workbench.spec.datasets.image_folder import ImageFolder
from workbench.spec.tasks import DatasetInfo

_FORMAT = 1
"""Of what is cached; another number makes all of it anew."""
_ROWS_AT_ONCE = 256


def load_image_folder(dataset: ImageFolder, folders: Folders, progress: Progress) -> Data:
    """The images of ``dataset``, split; ``Data.skipped`` names the files that could not be read.

    What is decoded lies in the cache, under a name that stands for the path, size and modification time of every file
    and for how they are decoded.

    Raises:
        DataError: the folder is not as ``list_class_folders`` needs it, or no image of a class can be read.
        FileError: the cache cannot be written.
        Cancelled: by ``progress``, within a second; nothing is left behind.
    """
    root = Path(dataset.path)
    found = list_class_folders(root, progress)
    pixels = Pixels(*dataset.size, dataset.channels, dataset.fit)
    key = _key(root, found, pixels)
    arrays = cached_on_disk(folders.cache, f"images-{key}", lambda home: _decode(found, pixels, home, progress))
    skipped = (
        *json.loads(arrays["skipped"].tobytes()),
        *(f"{name}: it is in no class folder" for name in found.strays),
    )

    labels, images = torch.from_numpy(arrays["labels"].copy()), mapped(arrays["images"])
    trained = int((np.asarray(arrays["files"], np.int64) < len(found.train)).sum())
    whole, test = Part(images[:trained], labels[:trained]), Part(images[trained:], labels[trained:])
    _check(root, found.classes, whole, skipped)
    rows = chosen_rows(dataset, whole.targets, len(test) > 0)
    if rows is None:
        train, validation = whole, test
        train_rows = np.arange(trained)
    else:
        train_rows, _ = rows
        split_key = f"images-{key}-{_hash([dataset.split_seed, len(rows[1])])}"
        train, validation = select(whole, rows, folders.cache, split_key, progress)
    check_classes(train.targets, found.classes)
    info = DatasetInfo(
        task="binary" if len(found.classes) == 2 else "multiclass",
        kind="image",
        shape=(pixels.channels, pixels.height, pixels.width),
        targets=found.classes,
        train_samples=len(train),
        validation_samples=len(validation),
    )
    scale = normalisation(dataset, train, lambda: _statistics(arrays["sums"], train_rows, pixels))
    return Data(train, validation, info, scale, skipped=skipped)


def _key(root: Path, found: ClassFolders, pixels: Pixels) -> str:
    files = [
        [file.name, file.label, file.size, file.mtime_ns] for part in (found.train, found.validation) for file in part
    ]
    settings = [_FORMAT, str(root), len(found.train), pixels.height, pixels.width, pixels.channels, pixels.fit]
    return _hash([settings, files])


def _hash(values: object) -> str:
    return hashlib.blake2b(json.dumps(values).encode(), digest_size=16).hexdigest()


def _decode(found: ClassFolders, pixels: Pixels, home: Path, progress: Progress) -> list[str]:
    """Write the arrays of all files of both parts into ``home``: ``images``, and row by row their ``labels``, their
    place in the list as ``files``, and the ``sums`` of their pixels; ``skipped`` as JSON. Returns these names."""
    files = [*found.train, *found.validation]
    target = home / "images.npy"
    kept, reasons = decode_images([file.path for file in files], pixels, target, progress, device.cores())
    for part, first in ((found.train, 0), (found.validation, len(found.train))):
        if part and not ((kept >= first) & (kept < first + len(part))).any():
            raise DataError(
                f"None of the {len(part):,} files from {part[0].name} to {part[-1].name} can be read "
                f"({reasons[first]}): choose a folder of images."
            )
    arrays: dict[str, NDArray[np.generic]] = {
        "labels": np.array([file.label for file in files], np.int64)[kept],
        "files": kept,
        "sums": _sums(target, progress),
        "skipped": np.frombuffer(
            json.dumps([f"{files[place].name}: {why}" for place, why in reasons.items()]).encode(), np.uint8
        ),
    }
    for name, array in arrays.items():
        np.save(home / f"{name}.npy", array, allow_pickle=False)
    return ["images", *arrays]


def _sums(target: Path, progress: Progress) -> NDArray[np.int64]:
    """Of each image and channel, the sum of the pixels and that of their squares: int64 ``(n, channels, 2)``."""
    images: NDArray[np.uint8] = np.load(target, mmap_mode="r")
    sums = np.empty((*images.shape[:2], 2), np.int64)
    for start in range(0, len(images), _ROWS_AT_ONCE):
        progress("Measuring", start, len(images))
        rows = slice(start, start + _ROWS_AT_ONCE)
        values = images[rows].reshape(*images[rows].shape[:2], -1).astype(np.uint32)
        sums[rows, :, 0] = values.sum(axis=2)
        sums[rows, :, 1] = (values * values).sum(axis=2)
    return sums


def _statistics(sums: NDArray[Any], rows: Indices, pixels: Pixels) -> Statistics:
    """Mean and standard deviation of each channel over the images at ``rows``, pixels scaled to 0–1; exact before the
    last division."""
    count = len(rows) * pixels.height * pixels.width
    means, deviations = [], []
    for total, squares in sums[rows].sum(axis=0).tolist():
        means.append(total / (255 * count))
        deviations.append(((squares * count - total * total) / (255 * count) ** 2) ** 0.5)
    return tuple(means), tuple(deviations)


def _check(root: Path, classes: tuple[str, ...], part: Part, skipped: tuple[str, ...]) -> None:
    """Refuse data of which whole classes could not be read. Raises DataError."""
    counts = torch.bincount(part.targets, minlength=len(classes)).tolist()
    lacking = [name for name, count in zip(classes, counts, strict=True) if not count]
    if lacking:
        raise DataError(
            f"No image of {', '.join(lacking)} in {root} can be read ({skipped[0]}): put readable images there, or "
            "remove the folder."
        )
