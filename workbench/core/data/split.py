"""Which samples are held out for validation: a seeded share, of every class the same."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from workbench.core.data.parts import Part

RARE = 10
"""Sets of labels with fewer samples than this are held out together: shares of so few would not be equal ones."""


def split(part: Part, count: int, seed: int) -> tuple[Part, Part]:
    """``part`` without ``count`` held-out samples, and those samples.

    Of classes and of sets of labels, the same share of each is held out; of numbers to predict, any.
    """
    held_out = held_out_indices(strata_of(part.targets), count, seed)
    kept = np.setdiff1d(np.arange(len(part)), held_out)
    return part.select(torch.from_numpy(kept)), part.select(torch.from_numpy(held_out))


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


def strata_of(targets: torch.Tensor) -> NDArray[np.int64]:
    """The group of each sample of which a share is held out, as a number."""
    if targets.dtype == torch.int64:
        return targets.numpy()
    values = targets.numpy()
    if not np.isin(values, (0, 1)).all():
        return np.zeros(len(values), np.int64)
    _, sets, sizes = np.unique(values, axis=0, return_inverse=True, return_counts=True)
    sets = sets.reshape(-1)
    return np.where(sizes[sets] < RARE, len(sizes), sets)
