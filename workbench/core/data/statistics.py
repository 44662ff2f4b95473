"""How inputs are spread: what normalisation is measured by, and what previews show."""

import numpy as np
import torch
from numpy.typing import NDArray

SAMPLES_AT_ONCE = 1_024
"""Images whose pixels are counted in one go, so that counting takes little memory."""


def channel_statistics(images: torch.Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel of uint8 images ``(N, C, H, W)``, scaled to 0–1.

    Counts the 256 values of a pixel instead of making floats of them: exact, and the same for any number of threads.
    """
    channels = images.shape[1]
    counts = np.zeros((channels, 256), np.int64)
    for start in range(0, len(images), SAMPLES_AT_ONCE):
        stretch = images[start : start + SAMPLES_AT_ONCE].numpy()
        for channel in range(channels):
            counts[channel] += np.bincount(stretch[:, channel].reshape(-1), minlength=256)
    values = np.arange(256) / 255
    shares = counts / counts.sum(axis=1, keepdims=True)
    means = shares @ values
    variances = (shares * (values - means[:, None]) ** 2).sum(axis=1)
    return tuple(means.tolist()), tuple(np.sqrt(variances).tolist())


def feature_statistics(table: NDArray[np.float32]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation (of the population) of each column of ``(N, features)``; 1 for the deviation of one
    that does not vary, so that it can be divided by."""
    values = table.astype(np.float64)
    constant = values.min(axis=0) == values.max(axis=0)
    means = np.where(constant, values[0], values.mean(axis=0))
    deviations = np.where(constant, 1.0, values.std(axis=0))
    return tuple(means.tolist()), tuple(deviations.tolist())
