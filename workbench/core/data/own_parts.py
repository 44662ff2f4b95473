"""Splits the user's own samples, in memory or, where they are too many for it, mapped from disk."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import psutil
import torch
from numpy.typing import NDArray

from workbench.core.data.cache import cached_on_disk
from workbench.core.data.parts import Normalisation, Part
from workbench.core.data.split import held_out_indices, strata_of
from workbench.core.data.statistics import channel_statistics, feature_statistics
from workbench.core.progress import Progress
from workbench.errors import DataError
from workbench.spec.datasets.own_files import AUTOMATIC_FRACTION, OwnDataset

MEMORY_SHARE = 1 / 4
"""Of the computer's memory: samples that take more are split on disk."""
_ROWS_AT_ONCE = 1_024
_STAGE = "Splitting"

Statistics = tuple[tuple[float, ...], tuple[float, ...]]
"""Mean and standard deviation of each channel or column."""
Indices = NDArray[np.int64]


def mapped(array: NDArray[np.generic]) -> torch.Tensor:
    """``array`` as a tensor that shares its memory; one that was mapped for reading must only be read."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writable")
        return torch.from_numpy(array)


def chosen_rows(dataset: OwnDataset, targets: torch.Tensor, has_test: bool) -> tuple[Indices, Indices] | None:
    """Rows to train on and rows held out, as ``dataset`` asks; None where it validates on the data's own test part.

    Raises:
        DataError: there is no test part, or a part would be empty or lack a class.
    """
    if dataset.validation == "test" and not has_test:
        raise DataError("dataset.validation is test, but the data has no test part: set a fraction such as 0.2.")
    if isinstance(dataset.validation, str) and has_test:
        return None
    fraction = AUTOMATIC_FRACTION if isinstance(dataset.validation, str) else dataset.validation
    count = round(len(targets) * fraction)
    if not 0 < count < len(targets):
        raise DataError(
            f"dataset.validation holds out {count:,} of {len(targets):,} samples, and both parts need some: choose "
            "another fraction, or add samples."
        )
    held_out = held_out_indices(strata_of(targets), count, dataset.split_seed)
    return np.setdiff1d(np.arange(len(targets)), held_out), held_out


def check_classes(targets: torch.Tensor, names: Sequence[str]) -> None:
    """Refuse a training part that lacks one of its classes. Raises DataError."""
    counts = torch.bincount(targets, minlength=len(names))
    if lacking := [name for name, count in zip(names, counts.tolist(), strict=True) if not count]:
        raise DataError(
            f"No sample of {', '.join(lacking)} is left to train on: add samples, or hold out a smaller fraction."
        )


def select(
    part: Part, rows: Sequence[Indices], cache: Path, key: str, progress: Progress, *, memory: int | None = None
) -> list[Part]:
    """The ``rows`` of ``part``, a part each: in memory, or on disk where ``part`` takes more than ``memory`` bytes.

    ``key`` names what is on disk; it stands for the samples and the rows. ``memory`` is a share of the computer's
    where it is not given.
    """
    budget = int(psutil.virtual_memory().total * MEMORY_SHARE) if memory is None else memory
    if part.inputs.nbytes <= budget:
        return [part.select(torch.from_numpy(indices)) for indices in rows]
    inputs = part.inputs.numpy()
    names = [f"inputs{number}" for number in range(len(rows))]

    def write(folder: Path) -> list[str]:
        for name, indices in zip(names, rows, strict=True):
            shape = (len(indices), *inputs.shape[1:])
            with (folder / f"{name}.npy").open("wb") as file:
                np.lib.format.write_array_header_1_0(
                    file, {"descr": inputs.dtype.str, "fortran_order": False, "shape": shape}
                )
                for start in range(0, len(indices), _ROWS_AT_ONCE):
                    progress(_STAGE, start, len(indices))
                    file.write(inputs[indices[start : start + _ROWS_AT_ONCE]].tobytes())
        return names

    arrays = cached_on_disk(cache, key, write)
    return [
        Part(mapped(arrays[name]), part.targets[torch.from_numpy(indices)])
        for name, indices in zip(names, rows, strict=True)
    ]


def normalisation(dataset: OwnDataset, train: Part, measure: Callable[[], Statistics] | None = None) -> Normalisation:
    """As ``dataset`` gives it, or as ``measure`` finds it, by default on all of ``train``.

    Raises:
        DataError: not one number for each channel or column was given.
    """
    given = [values for values in (dataset.mean, dataset.std) if not isinstance(values, str)]
    size = train.inputs.shape[1]
    for field, values in (("mean", dataset.mean), ("std", dataset.std)):
        if not isinstance(values, str) and len(values) != size:
            raise DataError(
                f"dataset.{field} has {len(values)} numbers, and the data has {size:,} channels or columns: give one "
                "for each."
            )
    means: tuple[float, ...] = ()
    deviations: tuple[float, ...] = ()
    if len(given) < 2:
        means, deviations = measure() if measure else _measured(train.inputs)
    return Normalisation(
        means if isinstance(dataset.mean, str) else dataset.mean,
        tuple(value or 1.0 for value in deviations) if isinstance(dataset.std, str) else dataset.std,
    )


def _measured(inputs: torch.Tensor) -> Statistics:
    return channel_statistics(inputs) if inputs.dtype == torch.uint8 else feature_statistics(inputs.numpy())
