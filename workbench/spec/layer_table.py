"""What a model is made of, layer by layer, as plain values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LayerRow:
    """One layer of a model."""

    name: str
    """Its path in the network, such as ``classifier.1``: what parameter groups and state dicts call it."""
    kind: str
    """Its class, such as ``Conv2d``."""
    output_shape: tuple[int, ...] | None
    """Of one sample; None for a layer that was not reached, or whose weights another layer uses."""
    parameters: int
    multiply_adds: int
    """Of a sample's forward pass."""
    activation_bytes: int
    """What it keeps for the backward pass, for the whole batch, and no layer before it kept already."""
    problem: str = ""
    """A sentence: why it cannot take what it is given; empty where it can."""


@dataclass(frozen=True)
class ModelTotals:
    """Sums over a model's layers."""

    parameters: int
    trainable_parameters: int
    parameter_bytes: int
    activation_bytes: int
    """What the forward pass of a training step keeps for the backward pass, for the whole batch."""
    multiply_adds: int
    """Of a sample's forward pass."""


@dataclass(frozen=True)
class ModelDescription:
    """A model's layers in the order they are defined."""

    rows: tuple[LayerRow, ...]
    """Empty where the model cannot be made for the dataset at all."""
    totals: ModelTotals
    batch_size: int
    problem: str = ""
    """A sentence: why the model cannot be trained on the dataset, with what to do; empty where it can."""
