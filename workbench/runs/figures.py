"""The figures of an epoch: which of them tells most, what each is called, and how it is written."""

from collections.abc import Iterable
from typing import Final

METRIC_NAMES: Final = {
    "val_accuracy": "accuracy",
    "val_exact_match": "exact match",
    "val_mae": "MAE",
    "val_rmse": "RMSE",
    "val_r2": "R²",
}
"""What each metric of ``spec.tasks.METRICS`` is called inside a sentence, the most telling of each task first."""

SHARES: Final = frozenset({"val_accuracy", "val_exact_match"})
"""Metrics that are fractions, written as percent."""

_LARGE = 1e6


def metrics_in(figures: Iterable[str]) -> tuple[str, ...]:
    """The names among ``figures`` that are metrics, the most telling first."""
    given = frozenset(figures)
    return tuple(name for name in METRIC_NAMES if name in given)


def main_metric(figures: Iterable[str]) -> str | None:
    """The metric among ``figures`` that tells most; None where there is none."""
    return next(iter(metrics_in(figures)), None)


def metric_text(name: str, value: float, digits: int = 2) -> str:
    """The metric ``name`` as a person reads it: a share in percent with ``digits`` decimals, a number with four
    significant digits."""
    if name in SHARES:
        return f"{value:.{digits}%}"
    if abs(value) >= _LARGE:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.4g}"


def loss_text(value: float) -> str:
    """A loss as a person reads it: four decimals, fewer of a large one."""
    if abs(value) >= _LARGE:
        return f"{value:.3g}"
    return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.4f}"
