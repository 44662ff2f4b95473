"""Loads images that a table lists: decoded once into one file, mapped from then on."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from workbench.core import device
from workbench.core.data.cache import cached_on_disk
from workbench.core.data.image_decoding import Pixels
from workbench.core.data.own_parts import check_classes, chosen_rows, mapped, normalisation, select
from workbench.core.data.parallel_decoding import decode_images
from workbench.core.data.parts import Data, Part
from workbench.core.data.table_file import TableFile, parse, read_content
from workbench.core.data.table_target import Targets, read_targets, refuse_unknown
from workbench.core.progress import Progress
from workbench.errors import DataError
from workbench.folders import Folders
from workbench.spec.datasets.image_table import ImageTable
from workbench.spec.tasks import DatasetInfo

_FORMAT = 1
"""Of what is cached; another number makes it anew."""
_SUFFIXES = r"(?i)\.(?:jpe?g|png|gif|bmp|tiff?|webp|avif|jp2|ppm|pgm|pbm)$"


def load_image_table(dataset: ImageTable, folders: Folders, progress: Progress) -> Data:
    """The images that ``dataset`` lists, split; ``Data.skipped`` names the files and rows that are left out.

    What is decoded lies in the cache, under a name that stands for the path, size and modification time of every file
    and for how they are decoded.

    Raises:
        DataError: the table cannot be read or does not go with the declaration, or too few images can be read.
        FileError: the cache cannot be written.
        Cancelled: by ``progress``; nothing is left behind.
    """
    path = Path(dataset.path)
    content, _ = read_content(path, progress)
    file = parse(content, path, dataset, progress)
    targets = read_targets(file, dataset)
    names = _names(file, dataset)
    root = Path(dataset.folder) if dataset.folder else path.parent
    pixels = Pixels(*dataset.size, dataset.channels, dataset.fit)
    paths = [_path(root, name) for name in names]
    key = _hash([_FORMAT, pixels.height, pixels.width, pixels.channels, pixels.fit, _stamps(paths, progress)])

    def decode(home: Path) -> list[str]:
        kept, reasons = decode_images(paths, pixels, home / "images.npy", progress, device.cores())
        np.save(home / "rows.npy", kept)
        np.save(home / "reasons.npy", np.frombuffer(json.dumps(list(reasons.items())).encode(), np.uint8))
        return ["images", "rows", "reasons"]

    arrays = cached_on_disk(folders.cache, f"image-table-{key}", decode)
    decoded = np.asarray(arrays["rows"], np.int64)
    skipped = _skipped(file, targets, names, json.loads(arrays["reasons"].tobytes()))
    usable = np.flatnonzero(np.isin(decoded, targets.rows))
    if len(usable) < 2:
        first = f" ({skipped[0]})" if skipped else ""
        raise DataError(
            f"{path} names {len(usable)} images that can be read{first}: choose the column or folder of images."
        )
    # a target for each decoded image; those without one are never chosen
    aligned = np.zeros((len(decoded), *targets.values.shape[1:]), targets.values.dtype)
    aligned[usable] = targets.values[np.searchsorted(targets.rows, decoded[usable])]
    whole = Part(mapped(arrays["images"]), torch.from_numpy(aligned))
    parts = chosen_rows(dataset, whole.targets[torch.from_numpy(usable)], has_test=False)
    assert parts is not None  # None stands for a test part
    split_key = _hash([key, dataset.split_seed, len(parts[1]), hashlib.blake2b(aligned.tobytes()).hexdigest()])
    rows = [usable[part] for part in parts]
    train, validation = select(whole, rows, folders.cache, f"image-table-{split_key}", progress)
    if targets.task in ("multiclass", "binary"):
        check_classes(train.targets, targets.names)
    info = DatasetInfo(
        task=targets.task,
        kind="image",
        shape=(pixels.channels, pixels.height, pixels.width),
        targets=targets.names,
        train_samples=len(train),
        validation_samples=len(validation),
    )
    return Data(train, validation, info, normalisation(dataset, train), skipped=skipped)


def _names(file: TableFile, dataset: ImageTable) -> list[str | None]:
    """The name of each row's image file; None where it is missing."""
    import polars as pl

    if dataset.images:
        refuse_unknown(file, dataset.images, "images")
        return list(file.columns[dataset.images].cast(pl.String).to_list())
    for name, values in file.columns.items():
        if name not in dataset.target and values.dtype == pl.String:
            present = values.drop_nulls()
            if len(present) and present.str.contains(_SUFFIXES).all():
                return list(values.to_list())
    raise DataError(
        f"{file.path} has no column with names of image files alone, such as cats/1.jpg: name it in dataset.images."
    )


def _path(root: Path, name: str | None) -> str:
    """Where an image lies; a row without a name leads to the folder itself, which is no image."""
    return str(root / (name or "").replace("\\", "/"))


def _stamps(paths: Sequence[str], progress: Progress) -> list[tuple[str, int, int]]:
    """Path, size and modification time of each file; zeros where there is none."""
    stamps = []
    for done, path in enumerate(paths):
        if done % 1_000 == 0:
            progress("Listing the images", done, len(paths))
        try:
            found = Path(path).stat()
            stamps.append((path, found.st_size, found.st_mtime_ns))
        except (OSError, ValueError):
            stamps.append((path, 0, 0))
    return stamps


def _skipped(
    file: TableFile, targets: Targets, names: Sequence[str | None], reasons: Sequence[tuple[int, str]]
) -> tuple[str, ...]:
    """Files that cannot be read, and how many rows have no target."""
    named = [f"{names[row] or file.place(row)}: {why if names[row] else 'no file is named'}" for row, why in reasons]
    return (*named, *targets.left_out(file))


def _hash(values: object) -> str:
    return hashlib.blake2b(json.dumps(values).encode(), digest_size=16).hexdigest()
