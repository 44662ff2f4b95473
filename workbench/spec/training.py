"""How long, in which portions and order to train, and which checkpoints to keep."""

from typing import Annotated, Literal

from pydantic import Field

from workbench.spec.component import Conflict, Spec, parameter
from workbench.spec.parameter_groups import ParameterGroup
from workbench.spec.tasks import Task

Samples = Annotated[int, Field(ge=1, le=1_000_000)]


class Training(Spec):
    """Options of the training loop. The device is a setting of the program, not of the experiment."""

    epochs: int = parameter(5, "Epochs", "How often every training sample is seen.", ge=1, le=1_000_000)
    batch_size: Samples | Literal["all"] = parameter(
        64,
        "Batch size",
        "Samples in a step; an epoch's last batch may be smaller. All of them make it plain gradient descent: one step "
        "an epoch, with memory for the whole training part's activations at once.",
        scale="log",
    )
    shuffle: bool = parameter(True, "Shuffle", "A new order of the training samples in every epoch.")
    seed: int = parameter(
        0, "Seed", "Fixes initial weights, order and dropout: the same seed gives the same run.", ge=0, lt=2**32
    )
    best_by: Literal["automatic", "val_loss", "val_accuracy", "val_exact_match", "val_mae", "val_rmse", "val_r2"] = (
        parameter(
            "automatic",
            "Best by",
            "The validation figure that decides which checkpoint is the best; automatic takes the accuracy where the "
            "dataset has classes or labels, else the loss.",
            advanced=True,
        )
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

    accumulate: int = parameter(
        1,
        "Batches a step",
        "Batches whose gradients are averaged before the optimizer steps: as one batch so many times larger, in the "
        "memory of a small one. Batch normalisation still sees the small ones, and a schedule counts steps, not "
        "batches.",
        ge=1,
        le=100_000,
        scale="log",
        advanced=True,
    )
    clip_norm: float = parameter(
        0.0,
        "Clip gradient norm",
        "A gradient of all parameters together that is longer than this is shortened to it (Pascanu, Mikolov and "
        "Bengio 2013). Usual: 1 to 5; 0 for no clipping.",
        ge=0,
        scale="log",
        advanced=True,
    )
    clip_value: float = parameter(
        0.0,
        "Clip gradient values",
        "Every single number of the gradient is brought between minus this and this. Usual: 0.5 to 5; 0 for no "
        "clipping.",
        ge=0,
        scale="log",
        advanced=True,
    )
    l1_penalty: float = parameter(
        0.0,
        "L1 penalty",
        "Times the sum of the weights' absolute values, added to what is made small; it drives weights to 0. Neither "
        "biases nor other parameters of one dimension count, and the loss that is shown is without it. Usual: 0 to "
        "0.001.",
        ge=0,
        scale="log",
        advanced=True,
    )
    l2_penalty: float = parameter(
        0.0,
        "L2 penalty",
        "Times half the sum of the weights' squares, added to what is made small. Neither biases nor other parameters "
        "of one dimension count, and the loss that is shown is without it. In SGD it does what weight decay does. Adam "
        "divides it, like any gradient, by the gradient's usual size; the decoupled weight decay of AdamW it does not. "
        "Usual: 0 to 0.01.",
        ge=0,
        scale="log",
        advanced=True,
    )
    gradient_noise: float = parameter(
        0.0,
        "Gradient noise",
        "Standard deviation of the Gaussian noise added to every number of the first step's gradient, after clipping "
        "(Neelakantan et al. 2015). Usual: 0.1 to 1; 0 for none.",
        ge=0,
        scale="log",
        advanced=True,
    )
    noise_decay: float = parameter(
        0.55,
        "Decay of the noise",
        "The noise's variance in step t, counted from 0, is that of the first divided by (1 + t) to the power of this. "
        "Usual: 0.55; 0 for the same noise throughout.",
        ge=0,
        advanced=True,
    )
    ema_decay: float = parameter(
        0.0,
        "Weight average",
        "After every step an average of the weights keeps this share of itself and takes the rest from the weights "
        "(exponential moving average). Validation, the best checkpoint's figures and predictions use the average; the "
        "statistics of batch normalisation are those of the last step. Usual: 0.99 to 0.9999; 0 for none.",
        ge=0,
        lt=1,
        advanced=True,
    )
    groups: tuple[ParameterGroup, ...] = parameter(
        (),
        "Parameter groups",
        "Layers with a learning rate or weight decay of their own, by the names of their parameters; the first pattern "
        "that matches counts.",
        max_length=100,
        advanced=True,
    )

    def batch_samples(self, train_samples: int) -> int:
        """Samples in a batch that is not cut short, of ``train_samples``."""
        return train_samples if self.batch_size == "all" else self.batch_size

    def batches_per_epoch(self, train_samples: int) -> int:
        """Batches an epoch of ``train_samples`` has; the last may be short."""
        return -(-train_samples // self.batch_samples(train_samples))

    def steps_per_epoch(self, train_samples: int) -> int:
        """Optimizer steps in an epoch of ``train_samples``; the last may have fewer batches than the others."""
        return -(-self.batches_per_epoch(train_samples) // self.accumulate)

    def misfits(self, train_samples: int) -> list[Conflict]:
        """What asks for more than ``train_samples``; fields from the experiment on."""
        if self.batch_samples(train_samples) > train_samples:
            reason = f"is larger than the {train_samples:,} training samples: choose {train_samples:,} or less."
            return [Conflict(field="training.batch_size", reason=reason)]
        batches = self.batches_per_epoch(train_samples)
        if self.accumulate > batches:
            reason = f"is larger than the number of batches in an epoch: choose {batches:,} or less."
            return [Conflict(field="training.accumulate", reason=reason)]
        return []

    def best_figure(self, task: Task) -> str:
        """The name of the figure ``best_by`` stands for."""
        if self.best_by != "automatic":
            return self.best_by
        return "val_loss" if task == "regression" else "val_accuracy"
