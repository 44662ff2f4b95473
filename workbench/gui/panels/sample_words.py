"""What a sample's target says in words, which samples belong to a class, and how columns of numbers are written."""

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from workbench.engine.messages import DatasetPreview

_NONE = "\u2013"
_SIGNIFICANT = 4
_MOST_DECIMALS = 6
_LARGE = 1e9


def _tr(text: str) -> str:
    return QCoreApplication.translate("SampleWords", text)


def target_text(preview: DatasetPreview, sample: int) -> str:
    """The class, the labels or the numbers of the sample at place ``sample`` of ``preview``."""
    info, target = preview.info, preview.targets[sample]
    if info.is_classification:
        return info.targets[int(target)]
    if info.task == "multilabel":
        given = [name for name, value in zip(info.targets, target.tolist(), strict=True) if value > 0.5]
        return ", ".join(given) or _tr("no label")
    values = [f"{value:.4g}" for value in target.tolist()]
    if len(values) == 1:
        return values[0]
    return ", ".join(f"{name} {value}" for name, value in zip(info.targets, values, strict=True))


def samples_of(preview: DatasetPreview, label: int | None) -> NDArray[np.int64]:
    """Places in ``preview`` of the samples of a class, or with a label; all for None."""
    if label is None or preview.info.task == "regression":
        return np.arange(len(preview.indices))
    if preview.info.task == "multilabel":
        return np.flatnonzero(preview.targets[:, label] > 0.5)
    return np.flatnonzero(preview.targets == label)


def number_text(value: float, decimals: int | None) -> str:
    """``value`` with ``decimals``, or in powers of ten for None; a dash for a missing one."""
    if math.isnan(value):
        return _NONE
    return f"{value:.3g}" if decimals is None else f"{value:,.{decimals}f}"


def decimals_for(values: NDArray[np.floating]) -> int | None:
    """The fewest decimals that show a column's values, but no more than four significant digits of a usual one.

    None where only powers of ten can show them.
    """
    sizes = np.abs(values[np.isfinite(values)].astype(np.float64))
    sizes = sizes[sizes > 0]
    if len(sizes) == 0:
        return 0
    usual = float(np.median(sizes))
    needed = _SIGNIFICANT - 1 - math.floor(math.log10(usual))
    if needed > _MOST_DECIMALS or sizes.max() >= _LARGE:
        return None
    most = max(needed, 0)
    for decimals in range(most):
        if np.allclose(np.round(sizes, decimals), sizes, rtol=1e-6, atol=0):
            return decimals
    return most
