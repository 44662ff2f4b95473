"""Batches by index: the samples live as uint8 on the device, a batch is one gather and one normalise."""

import torch

from workbench.core.data.augmentation import Augmentation
from workbench.core.data.parts import Normalisation, Part
from workbench.core.rng import sample_order

EVALUATION_BATCH = 1000
"""Samples a validation step takes; part of the format, because another number changes the last bits."""

STRETCH = 256
"""Samples that are gathered and normalised at once, where a batch has not more."""


class Batches:
    """One part of a dataset on a device, as normalised float32 batches; tokens stay the numbers they are."""

    def __init__(
        self,
        part: Part,
        batch_size: int,
        normalisation: Normalisation | None,
        device: torch.device,
        augmentation: Augmentation | None = None,
    ) -> None:
        self.batch_size = batch_size
        self._augmentation = augmentation
        self._seed = self._epoch = 0
        self._inputs = part.inputs.to(device)
        self._targets = part.targets.to(device)
        self._stretch_batches = max(1, STRETCH // batch_size)
        self._stretch_first = -1
        self._stretch_order: torch.Tensor | None = None
        self._stretch_inputs = self._stretch_targets = torch.empty(0)
        self._normalisation: tuple[torch.Tensor, torch.Tensor] | None = None
        if normalisation is not None:
            shape = (1, -1) + (1,) * (part.inputs.dim() - 2)
            mean, std = (
                torch.tensor(values, dtype=torch.float64).view(shape)
                for values in (normalisation.mean, normalisation.std)
            )
            # (pixel / 255 - mean) / std as one multiplication and one addition
            unit = 255 if part.inputs.dtype == torch.uint8 else 1
            self._normalisation = (1 / (unit * std)).float().to(device), (-mean / std).float().to(device)

    def __len__(self) -> int:
        """Batches an epoch; the last may be short."""
        return -(-self.samples // self.batch_size)

    @property
    def samples(self) -> int:
        return len(self._targets)

    def begin_epoch(self, seed: int, epoch: int, *, shuffle: bool) -> torch.Tensor | None:
        """Augment as in ``epoch`` from now on; the order of its samples, None for the order of the file."""
        self._seed, self._epoch = seed, epoch
        return sample_order(self.samples, seed, epoch).to(self._targets.device) if shuffle else None

    def batch(self, index: int, order: torch.Tensor | None) -> tuple[torch.Tensor, torch.Tensor]:
        """Batch ``index`` of an epoch: inputs, normalised float32 or int64 tokens, and targets as in ``Part``.

        Views of a stretch of batches that is gathered and normalised at once: for a batch of 4 the calls would cost
        more than the work.
        """
        first = index - index % self._stretch_batches
        if first != self._stretch_first or order is not self._stretch_order:
            self._load_stretch(first, order)
        start = (index - first) * self.batch_size
        stop = start + self.batch_size
        inputs, targets = self._stretch_inputs[start:stop], self._stretch_targets[start:stop]
        if self._augmentation is not None and self._augmentation.mixes:
            return self._augmentation.mix(inputs, targets, self._seed, self._epoch, index)
        return inputs, targets

    def _load_stretch(self, first: int, order: torch.Tensor | None) -> None:
        start = first * self.batch_size
        chosen: slice | torch.Tensor = slice(start, start + self._stretch_batches * self.batch_size)
        if order is not None:
            chosen = order[chosen]
        self._stretch_inputs = self._inputs[chosen]
        varies = self._augmentation is not None and self._augmentation.varies
        if self._augmentation is not None and varies:
            pixels = self._stretch_inputs.float().div_(255)
            self._stretch_inputs = self._augmentation.vary(pixels, self._seed, self._epoch, first).mul_(255)
        if self._normalisation is not None:
            scale, shift = self._normalisation
            self._stretch_inputs = self._stretch_inputs.to(torch.float32, copy=not varies).mul_(scale).add_(shift)
        if varies:
            self._stretch_inputs.nan_to_num_(nan=0.0)  # erased pixels get the mean
        self._stretch_targets = self._targets[chosen]
        self._stretch_first, self._stretch_order = first, order

    def size_of(self, index: int) -> int:
        """Samples in batch ``index``."""
        return min(self.batch_size, self.samples - index * self.batch_size)
