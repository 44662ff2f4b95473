"""Loads the user's own arrays: .npz and IDX files, converted once and mapped from then on."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from workbench.core.data.array_values import Array, read_inputs, read_targets, shape_text
from workbench.core.data.cache import Arrays as CachedArrays
from workbench.core.data.cache import cached
from workbench.core.data.idx import read_idx
from workbench.core.data.npz import read_npz
from workbench.core.data.own_parts import check_classes, chosen_rows, normalisation, select
from workbench.core.data.parts import Data, Part
from workbench.core.progress import Progress
from workbench.errors import DataError
from workbench.files import reason
from workbench.folders import Folders
from workbench.spec.datasets.arrays import Arrays, IDXFiles
from workbench.spec.tasks import DatasetInfo, Task

_FORMAT = 1
"""Of what is cached; another number makes all of it anew."""
Raw = Sequence[tuple[Array, Array]]
"""Samples and targets of each part: outside the test part and, where there is one, in it."""


def load_arrays(dataset: Arrays, folders: Folders, progress: Progress) -> Data:
    """The samples of an ``.npz`` file, split.

    Raises:
        DataError: the file is missing or damaged, or its arrays do not go together or with the task.
        Cancelled: by ``progress``.
    """
    path = Path(dataset.path)
    asked = [dataset.task, dataset.inputs, dataset.targets, dataset.test_inputs, dataset.test_targets]
    key = _key([path], asked)

    def read() -> CachedArrays:
        progress(f"Reading {path.name}", 0, 0)
        own, test = read_npz(dataset)
        return _understood([own, test] if test else [own], dataset.task, path.name, progress)

    return _split(dataset, cached(folders.cache, f"arrays-{key}", read), folders, key, progress)


def load_idx_files(dataset: IDXFiles, folders: Folders, progress: Progress) -> Data:
    """The images of IDX files, split. Raises as ``load_arrays``."""
    names = [(dataset.images, dataset.labels)]
    if dataset.test_images:
        names.append((dataset.test_images, dataset.test_labels))
    paths = [Path(path) for pair in names for path in pair]
    key = _key(paths, [])

    def read() -> CachedArrays:
        arrays = []
        for done, path in enumerate(paths):
            progress(f"Reading {path.name}", done, len(paths))
            arrays.append(read_idx(path))
        pairs = list(zip(arrays[::2], arrays[1::2], strict=True))
        return _understood(pairs, "automatic", " and ".join(path.name for path in paths[:2]), progress)

    return _split(dataset, cached(folders.cache, f"idx-{key}", read), folders, key, progress)


def _key(paths: Sequence[Path], settings: Sequence[str]) -> str:
    """Stands for the files as they are now and what is read from them. Raises DataError where one is missing."""
    facts: list[object] = [_FORMAT, *settings]
    for path in paths:
        try:
            status = path.stat()
        except FileNotFoundError as error:
            raise DataError(f"There is no file {path}: choose the file again.") from error
        except OSError as error:
            raise DataError(f"Cannot read {path}: {reason(error)}. Choose a file you can read.") from error
        facts.append([str(path), status.st_size, status.st_mtime_ns])
    return hashlib.blake2b(json.dumps(facts).encode(), digest_size=16).hexdigest()


def _understood(parts: Raw, task: Literal["automatic"] | Task, where: str, progress: Progress) -> CachedArrays:
    """``inputs0``, ``targets0`` and, of a test part, ``inputs1`` and ``targets1``, as ``Part`` has them;
    ``about`` as JSON."""
    progress("Converting", 0, 0)
    for inputs, targets in parts:
        if inputs.ndim == 0 or targets.ndim == 0 or len(inputs) != len(targets):
            raise DataError(
                f"{where}: samples of the shape {shape_text(inputs)} do not go with targets of the shape "
                f"{shape_text(targets)}; there must be as many of both."
            )
    found = read_inputs([inputs for inputs, _ in parts], f"The samples in {where}")
    wanted = read_targets([targets for _, targets in parts], task, f"The targets in {where}")
    arrays: dict[str, Array] = {}
    for number, (inputs, targets) in enumerate(zip(found, wanted.values, strict=True)):
        arrays[f"inputs{number}"], arrays[f"targets{number}"] = inputs, targets
    about = json.dumps({"task": wanted.task, "names": wanted.names}).encode()
    return {**arrays, "about": np.frombuffer(about, np.uint8)}


def _split(dataset: Arrays | IDXFiles, arrays: CachedArrays, folders: Folders, key: str, progress: Progress) -> Data:
    about = json.loads(arrays["about"].tobytes())
    parts = [
        Part(torch.from_numpy(arrays[f"inputs{number}"]), torch.from_numpy(arrays[f"targets{number}"]))
        for number in range(2)
        if f"inputs{number}" in arrays
    ]
    rows = chosen_rows(dataset, parts[0].targets, len(parts) > 1)
    if rows is not None:
        name = f"arrays-{key}-{dataset.split_seed}-{len(rows[1])}"
        parts = select(parts[0], rows, folders.cache, name, progress)
    train, validation = parts
    is_image = train.inputs.dim() == 4
    info = DatasetInfo(
        task=about["task"],
        kind="image" if is_image else "table",
        shape=tuple(train.inputs.shape[1:]),
        targets=tuple(about["names"]),
        train_samples=len(train),
        validation_samples=len(validation),
    )
    if info.is_classification:
        check_classes(train.targets, info.targets)
    if not is_image and (dataset.varies_images or dataset.mixes_targets):
        raise DataError(
            "The samples are a table, and only images can be varied: set the variations of the dataset to 0."
        )
    features = () if is_image else tuple(f"x{number}" for number in range(1, info.shape[0] + 1))
    return Data(train, validation, info, normalisation(dataset, train), features)
