"""How good a model is on samples it does not learn from."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn

from workbench.core.data.batches import Batches


@dataclass(frozen=True)
class Evaluation:
    """Means over all samples."""

    loss: float
    accuracy: float
    """The share of samples whose largest logit is that of their class."""


def evaluate(
    model: nn.Module, criterion: nn.Module, batches: Batches, should_end: Callable[[], bool]
) -> Evaluation | None:
    """Evaluate ``model`` without gradients and without dropout; it is left in evaluation mode.

    ``criterion`` averages over a batch. Draws no random numbers. Returns None when ``should_end`` says to end.
    """
    model.eval()
    loss_sum = torch.zeros((), dtype=torch.float64)
    correct = torch.zeros((), dtype=torch.int64)
    with torch.inference_mode():
        for index in range(len(batches)):
            if should_end():
                return None
            images, labels = batches.batch(index, None)
            logits = model(images)
            loss_sum += criterion(logits, labels).double().cpu() * len(labels)
            correct += (logits.argmax(dim=1) == labels).sum().cpu()
    return Evaluation(loss_sum.item() / batches.samples, correct.item() / batches.samples)
