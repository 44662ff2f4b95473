"""A dataset in memory: samples with targets, split, with what is known of them."""

from dataclasses import dataclass

import torch

from workbench.spec.tasks import DatasetInfo

EXAMPLES = 3
"""Of what is left out, so many are named in a sentence."""


@dataclass(frozen=True, eq=False)
class Part:
    """Samples with their targets."""

    inputs: torch.Tensor
    """Images: uint8 ``(N, C, H, W)``. A table: float32 ``(N, features)``. Tokens: int64 ``(N, length)``, 0 pads."""
    targets: torch.Tensor
    """Of classes: int64 ``(N,)``, indices into ``DatasetInfo.targets``. Of labels: float32 ``(N, labels)``, 0 or 1.
    Of a regression: float32 ``(N, outputs)``."""

    def __len__(self) -> int:
        return len(self.targets)

    def select(self, indices: torch.Tensor) -> "Part":
        """The samples at ``indices``, int64 ``(n,)``."""
        return Part(self.inputs[indices], self.targets[indices])


@dataclass(frozen=True)
class Normalisation:
    """How inputs become what the model sees: ``(x - mean) / std``, images after scaling to 0–1.

    One number a channel of images, one a feature of a table.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Data:
    """A dataset, split."""

    train: Part
    validation: Part
    info: DatasetInfo
    normalisation: Normalisation | None = None
    """None for tokens, and for a table that is used as it is."""
    features: tuple[str, ...] = ()
    """Of a table: what its columns are."""
    skipped: tuple[str, ...] = ()
    """What is left out because it cannot be used, each with the reason: ``cats/7.jpg: it is damaged``."""

    def left_out(self) -> str:
        """How much is left out, with the first examples, in one sentence; empty where nothing is."""
        if not self.skipped:
            return ""
        count = f", {len(self.skipped):,} in all" if len(self.skipped) > 1 else ""
        more = f"; and {len(self.skipped) - EXAMPLES:,} more" if len(self.skipped) > EXAMPLES else ""
        return f"Left out of the data{count}: {'; '.join(self.skipped[:EXAMPLES])}{more}."
