"""How good a model is on samples it does not learn from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import nn

from workbench.core.data.batches import Batches
from workbench.core.objective import Objective
from workbench.spec.tasks import Task


@dataclass(frozen=True)
class Evaluation:
    """Means over all samples."""

    loss: float
    metrics: Mapping[str, float]
    """Those of ``spec.tasks.METRICS`` for the task."""


def evaluate(
    model: nn.Module, objective: Objective, batches: Batches, task: Task, should_end: Callable[[], bool]
) -> Evaluation | None:
    """Evaluate ``model`` without gradients and without dropout; it is left in evaluation mode.

    The loss is what one batch of all samples would give, weights of classes included. Draws no random numbers. Returns
    None when ``should_end`` says to end.
    """
    model.eval()
    loss_sum, shares = torch.zeros((), dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    figures = _FIGURES[task]()
    with torch.inference_mode():
        for index in range(len(batches)):
            if should_end():
                return None
            inputs, targets = batches.batch(index, None)
            outputs = model(inputs)
            share = objective.share(targets).cpu().double()
            # fetched before it is widened: not every device has float64
            loss_sum += objective(outputs, targets).cpu().double() * share
            shares += share
            figures.add(outputs, targets)
    return Evaluation((loss_sum / shares).item(), figures.result(batches.samples))


class _Classes:
    """Accuracy: the share of samples whose largest logit is that of their class; one logit alone stands for class 1
    where it is positive."""

    def __init__(self) -> None:
        self._correct = torch.zeros((), dtype=torch.int64)

    def add(self, outputs: torch.Tensor, targets: torch.Tensor) -> None:
        chosen = (outputs.squeeze(1) > 0).long() if outputs.shape[1] == 1 else outputs.argmax(dim=1)
        self._correct += (chosen == targets).sum().cpu()

    def result(self, samples: int) -> dict[str, float]:
        return {"val_accuracy": self._correct.item() / samples}


class _Labels:
    """Accuracy: the share of single labels that are right, a label being given where its logit is positive. Exact
    match: the share of samples that have all of them right."""

    def __init__(self) -> None:
        self._right = torch.zeros((), dtype=torch.int64)
        self._exact = torch.zeros((), dtype=torch.int64)
        self._labels = 0

    def add(self, outputs: torch.Tensor, targets: torch.Tensor) -> None:
        right = (outputs > 0) == (targets > 0.5)
        self._labels = right.shape[1]
        self._right += right.sum().cpu()
        self._exact += right.all(dim=1).sum().cpu()

    def result(self, samples: int) -> dict[str, float]:
        return {
            "val_accuracy": self._right.item() / (samples * self._labels),
            "val_exact_match": self._exact.item() / samples,
        }


class _Numbers:
    """Mean absolute error, root of the mean squared error, and R² (1 less the share of the targets' variance that is
    left, averaged over the outputs as scikit-learn does it; 0 for an output that does not vary)."""

    def __init__(self) -> None:
        self._sums = torch.zeros(())
        self._origin: torch.Tensor | None = None

    def add(self, outputs: torch.Tensor, targets: torch.Tensor) -> None:
        given, wanted = outputs.cpu().double(), targets.cpu().double()
        if self._origin is None:
            self._origin = wanted[0]  # squares of small differences: those of large targets would swamp the variance
        errors, offsets = given - wanted, wanted - self._origin
        terms = (errors.abs(), errors.square(), offsets, offsets.square())
        self._sums = self._sums + torch.stack([term.sum(dim=0) for term in terms])

    def result(self, samples: int) -> dict[str, float]:
        absolute, squared, total, total_squares = self._sums
        variation = total_squares - total.square() / samples
        varies = total_squares > 0
        shares = torch.where(varies, 1 - squared / torch.where(varies, variation, 1.0), 0.0)
        return {
            "val_mae": absolute.mean().item() / samples,
            "val_rmse": (squared.mean().item() / samples) ** 0.5,
            "val_r2": shares.mean().item(),
        }


_FIGURES: dict[Task, Callable[[], _Classes | _Labels | _Numbers]] = {
    "multiclass": _Classes,
    "binary": _Classes,
    "multilabel": _Labels,
    "regression": _Numbers,
}
