"""How long, in which portions and order to train, and which checkpoints to keep."""

from typing import Literal

from workbench.spec.component import Spec, parameter


class Training(Spec):
    """Options of the training loop. The device is a setting of the program, not of the experiment."""

    epochs: int = parameter(5, "Epochs", "How often every training sample is seen.", ge=1, le=1_000_000)
    batch_size: int = parameter(
        64, "Batch size", "Samples in a step; an epoch's last batch may be smaller.", ge=1, le=1_000_000, scale="log"
    )
    shuffle: bool = parameter(True, "Shuffle", "A new order of the training samples in every epoch.")
    seed: int = parameter(
        0, "Seed", "Fixes initial weights, order and dropout: the same seed gives the same run.", ge=0, lt=2**32
    )
    best_by: Literal["val_loss", "val_accuracy"] = parameter(
        "val_accuracy", "Best by", "The validation figure that decides which checkpoint is the best.", advanced=True
    )
    checkpoint_minutes: float = parameter(
        1.0,
        "Checkpoint every",
        "Minutes between checkpoints inside an epoch; one is written after each epoch anyway.",
        gt=0,
        le=1440,
        unit="min",
        advanced=True,
    )
    keep_every: int = parameter(
        0,
        "Keep every",
        "Epochs between checkpoints that are kept for good, beside the last and the best; 0 keeps none.",
        ge=0,
        unit="epochs",
        advanced=True,
    )
