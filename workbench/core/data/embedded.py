"""The datasets that scikit-learn ships, taken out of it once: importing it takes over a second."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.cache import Arrays, cached
from workbench.core.progress import Progress
from workbench.folders import Folders
from workbench.spec.datasets import DigitProperties, EmbeddedTable


def load_digits(folders: Folders, progress: Progress) -> Arrays:
    """``train_images``, uint8 ``(1797, 8, 8)``, and ``train_labels``, uint8 ``(1797,)``.

    scikit-learn's 17 levels of grey, 0 to 16, are spread over 0 to 255.
    """
    progress("Reading the digits", 0, 0)
    return cached(folders.cache, "digits-uint8", _decode_digits)


def digit_properties(digits: NDArray[Any]) -> NDArray[np.float32]:
    """The labels ``(N, 4)``, 0 or 1, of each of ``digits``."""
    columns = [np.isin(digits, having) for having in DigitProperties.properties.values()]
    return np.stack(columns, axis=1).astype(np.float32)


def load_table(dataset: EmbeddedTable, folders: Folders, progress: Progress) -> Arrays:
    """``inputs``, float32 ``(N, features)``, and ``targets``, int64 ``(N,)`` or float32 ``(N, outputs)``."""
    progress(f"Reading {dataset.label}", 0, 0)
    return cached(folders.cache, f"{dataset.name.lower()}-float32", lambda: _decode_table(dataset))


def _decode_digits() -> Arrays:
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    return {"train_images": images, "train_labels": digits.target.astype(np.uint8)}


def _decode_table(dataset: EmbeddedTable) -> Arrays:
    from sklearn import datasets

    loaders: dict[str, Callable[[], Any]] = {
        "Iris": datasets.load_iris,
        "Wine": datasets.load_wine,
        "BreastCancer": datasets.load_breast_cancer,
        # As measured: scikit-learn's scaling would use the samples that are held out, too.
        "Diabetes": lambda: datasets.load_diabetes(scaled=False),
        "Linnerud": datasets.load_linnerud,
    }
    table = loaders[dataset.name]()
    if dataset.task() == "regression":
        targets = table.target.reshape(len(table.target), -1).astype(np.float32)
    else:
        targets = table.target.astype(np.int64)
    return {"inputs": table.data.astype(np.float32), "targets": targets}
