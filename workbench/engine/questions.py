"""The short questions an engine answers, each by one function."""

import numpy as np
import torch

from workbench.core import checkpoint, device
from workbench.core.data import datasets
from workbench.core.progress import Progress
from workbench.engine.messages import (
    CheckpointSummary,
    DatasetPreview,
    DescribeCheckpoint,
    Device,
    ListDevices,
    PreviewDataset,
    Question,
)
from workbench.folders import Folders


def answer(question: Question, folders: Folders, progress: Progress) -> object:
    """The answer to ``question``, of the type its docstring names.

    Raises:
        WorkbenchError: there is none; the message says why.
        Cancelled: ``progress`` said so.
    """
    match question:
        case PreviewDataset():
            return _preview(question, folders, progress)
        case DescribeCheckpoint():
            return _describe(question)
        case ListDevices():
            return tuple(Device(found.name, found.label, found.memory) for found in device.devices())


def _preview(question: PreviewDataset, folders: Folders, progress: Progress) -> DatasetPreview:
    data = datasets.load(question.dataset, folders, progress, may_download=question.may_download)
    generator = np.random.Generator(np.random.Philox(question.seed))
    indices = generator.permutation(len(data.train))[: question.samples]
    chosen = torch.from_numpy(indices)
    progress("Counting", 0, 0)
    mean, std = _channel_statistics(data.train.images)
    classes = len(data.classes)
    return DatasetPreview(
        dataset=question.dataset,
        images=data.train.images[chosen].permute(0, 2, 3, 1).contiguous().numpy(),
        labels=data.train.labels[chosen].numpy(),
        indices=indices,
        classes=data.classes,
        train_counts=torch.bincount(data.train.labels, minlength=classes).numpy(),
        validation_counts=torch.bincount(data.validation.labels, minlength=classes).numpy(),
        mean=mean,
        std=std,
    )


def _channel_statistics(images: torch.Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel of uint8 images ``(N, C, H, W)``, scaled to 0–1.

    Counts the 256 values of a pixel instead of making floats of them.
    """
    values = torch.arange(256, dtype=torch.float64) / 255
    means, deviations = [], []
    for channel in images.unbind(dim=1):
        shares = torch.from_numpy(np.bincount(channel.numpy().reshape(-1), minlength=256)).double() / channel.numel()
        mean = (shares * values).sum()
        means.append(mean.item())
        deviations.append((shares * (values - mean) ** 2).sum().sqrt().item())
    return tuple(means), tuple(deviations)


def _describe(question: DescribeCheckpoint) -> CheckpointSummary:
    loaded = checkpoint.load(question.path)
    return CheckpointSummary(
        path=question.path,
        experiment=loaded.experiment,
        epochs_done=loaded.position.epoch - 1,
        step=loaded.position.step,
        best=dict(loaded.best),
    )
