"""Batches by index: the samples live as uint8 on the device, a batch is one gather and one normalise."""

from collections.abc import Sequence

import torch

from workbench.core.data.datasets import Part
from workbench.core.rng import sample_order

EVALUATION_BATCH = 1000
"""Samples a validation step takes; part of the format, because another number changes the last bits."""

STRETCH = 256
"""Samples that are gathered and normalised at once, where a batch has not more."""


class Batches:
    """One part of a dataset on a device, as normalised float32 batches."""

    def __init__(
        self, part: Part, batch_size: int, mean: Sequence[float], std: Sequence[float], device: torch.device
    ) -> None:
        self.batch_size = batch_size
        self._images = part.images.to(device)
        self._labels = part.labels.to(device)
        self._stretch_batches = max(1, STRETCH // batch_size)
        self._stretch_first = -1
        self._stretch_order: torch.Tensor | None = None
        self._stretch_images = self._stretch_labels = torch.empty(0)
        channels = torch.tensor(std, dtype=torch.float64).view(1, -1, 1, 1)
        # (pixel / 255 - mean) / std as one multiplication and one addition
        self._scale = (1 / (255 * channels)).float().to(device)
        self._shift = (-torch.tensor(mean, dtype=torch.float64).view(1, -1, 1, 1) / channels).float().to(device)

    def __len__(self) -> int:
        """Batches an epoch; the last may be short."""
        return -(-self.samples // self.batch_size)

    @property
    def samples(self) -> int:
        return len(self._labels)

    def order(self, seed: int, epoch: int, *, shuffle: bool) -> torch.Tensor | None:
        """The order of the samples in ``epoch``, on the device; None for the order of the file."""
        return sample_order(self.samples, seed, epoch).to(self._labels.device) if shuffle else None

    def batch(self, index: int, order: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        """Batch ``index`` of an epoch: float32 images ``(N, C, H, W)`` and int64 labels ``(N,)``.

        Views of a stretch of batches that is gathered and normalised at once: for a batch of 4 the calls would cost
        more than the work.
        """
        first = index - index % self._stretch_batches
        if first != self._stretch_first or order is not self._stretch_order:
            self._load_stretch(first, order)
        start = (index - first) * self.batch_size
        stop = start + self.batch_size
        return self._stretch_images[start:stop], self._stretch_labels[start:stop]

    def _load_stretch(self, first: int, order: torch.Tensor | None) -> None:
        start = first * self.batch_size
        chosen: slice | torch.Tensor = slice(start, start + self._stretch_batches * self.batch_size)
        if order is not None:
            chosen = order[chosen]
        self._stretch_images = self._images[chosen].float().mul_(self._scale).add_(self._shift)
        self._stretch_labels = self._labels[chosen]
        self._stretch_first, self._stretch_order = first, order

    def size_of(self, index: int) -> int:
        """Samples in batch ``index``."""
        return min(self.batch_size, self.samples - index * self.batch_size)
