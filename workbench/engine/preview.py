"""The answer to ``PreviewDataset``: some samples of a dataset, of whatever kind, and how its values are spread."""

import numpy as np
import torch
from numpy.typing import NDArray

from workbench.core.data import datasets
from workbench.core.data.parts import Data, Part
from workbench.core.data.statistics import channel_statistics
from workbench.core.progress import Progress
from workbench.engine.messages import ColumnSummary, DatasetPreview, PreviewDataset
from workbench.folders import Folders

BINS = 20


def preview(question: PreviewDataset, folders: Folders, progress: Progress) -> DatasetPreview:
    """Load the dataset and look at it.

    Raises:
        DataError: it cannot be loaded; the message says why.
        Cancelled: ``progress`` said so.
    """
    data = datasets.load(question.dataset, folders, progress, may_download=question.may_download)
    generator = np.random.Generator(np.random.Philox(question.seed))
    indices = generator.permutation(len(data.train))[: question.samples]
    chosen = data.train.select(torch.from_numpy(indices))
    progress("Counting", 0, 0)
    images = data.info.kind == "image"
    mean, std = channel_statistics(data.train.inputs) if images else ((), ())
    return DatasetPreview(
        dataset=question.dataset,
        info=data.info,
        inputs=(chosen.inputs.permute(0, 2, 3, 1).contiguous() if images else chosen.inputs).numpy(),
        targets=chosen.targets.numpy(),
        indices=indices,
        train_counts=_counts(data.train, data),
        validation_counts=_counts(data.validation, data),
        mean=mean,
        std=std,
        columns=_columns(data),
        target_columns=_target_columns(data),
        skipped=data.skipped,
    )


def _counts(part: Part, data: Data) -> NDArray[np.int64]:
    """Samples of each class, or with each label; nothing for numbers to predict."""
    if data.info.task == "regression":
        return np.zeros(0, np.int64)
    if data.info.task == "multilabel":
        having: NDArray[np.int64] = np.count_nonzero(part.targets.numpy(), axis=0)
        return having
    return np.bincount(part.targets.numpy(), minlength=len(data.info.targets))


def _columns(data: Data) -> tuple[ColumnSummary, ...]:
    inputs = data.train.inputs.numpy()
    if data.info.kind == "table":
        return tuple(summary(name, inputs[:, index]) for index, name in enumerate(data.features))
    if data.info.kind == "tokens":
        return (summary("length", (inputs != 0).sum(axis=1)),)
    return ()


def _target_columns(data: Data) -> tuple[ColumnSummary, ...]:
    if data.info.task != "regression":
        return ()
    targets = data.train.targets.numpy()
    return tuple(summary(name, targets[:, index]) for index, name in enumerate(data.info.targets))


def summary(name: str, column: NDArray[np.number]) -> ColumnSummary:
    """How the numbers ``(N,)`` of a column are spread."""
    values = column.astype(np.float64)
    low, high = float(values.min()), float(values.max())
    edges = np.histogram_bin_edges(values, BINS)
    if high - low < BINS and (values == np.rint(values)).all():
        edges = np.arange(low, high + 2) - 0.5
    counts, _ = np.histogram(values, edges)
    return ColumnSummary(
        name=name,
        mean=float(values.mean()),
        std=float(values.std()),
        minimum=low,
        maximum=high,
        edges=edges,
        counts=counts,
    )
