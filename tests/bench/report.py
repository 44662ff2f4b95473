"""The budgets, what was measured for them, and the table that compares the two."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Limit:
    """One bound of a budget."""

    figure: str
    """Which of the budget's figures it bounds."""
    relation: Literal["≥", "≤"]
    bound: float
    unit: str = ""
    decimals: int = 2

    def is_met(self, value: float) -> bool:
        """Whether ``value``, unrounded, keeps the bound; what is not a number never does."""
        if math.isnan(value):
            return False
        return value >= self.bound if self.relation == "≥" else value <= self.bound

    def text(self, value: float) -> str:
        """``value`` with its unit, rounded so that it never looks better than it is."""
        scale = 10**self.decimals
        rounded = value
        if math.isfinite(value):
            rounded = (math.floor if self.relation == "≥" else math.ceil)(round(value * scale, 6)) / scale
        return f"{rounded:,.{self.decimals}f}" + (f" {self.unit}" if self.unit else "")

    @property
    def bound_text(self) -> str:
        return f"{self.relation} {self.bound:,g}" + (f" {self.unit}" if self.unit else "")


@dataclass(frozen=True)
class Budget:
    """A row of the budgets."""

    name: str
    """For ``--only``."""
    text: str
    limits: tuple[Limit, ...]


@dataclass
class Measurement:
    """What was measured for a budget."""

    figures: Mapping[str, float]
    """A value for each limit's figure."""
    notes: Sequence[str] = ()
    """What else was seen, for people."""
    details: Mapping[str, Any] = field(default_factory=dict)
    """The single repetitions, for ``--json``."""


BUDGETS = (
    Budget(
        "headless",
        "headless steps/s ÷ bare in-memory PyTorch loop",
        (Limit("MLP, batch 64", "≥", 0.97), Limit("LeNet-5, batch 4", "≥", 0.97)),
    ),
    Budget(
        "window",
        "steps/s with the window plotting ÷ headless",
        (Limit("MLP, batch 64", "≥", 0.95), Limit("LeNet-5, batch 4", "≥", 0.95)),
    ),
    Budget(
        "tutorial",
        "epoch time of the tutorial's DataLoader loop ÷ ours, window open",
        (Limit("MLP, batch 64", "≥", 2.8),),
    ),
    Budget(
        "lateness",
        "event-loop lateness while training",
        (
            Limit("p99", "≤", 16, "ms", 1),
            Limit("max", "≤", 100, "ms", 1),
            Limit("training at", "≥", 500, "steps/s", 0),
        ),
    ),
    Budget("pixel", "from a batch's end to its pixel", (Limit("p95", "≤", 100, "ms", 1),)),
    Budget("start", "process start to visible window", (Limit("median", "≤", 1.0, "s"),)),
    Budget("click", "click on Train to first loss, warm engine, cached data", (Limit("median", "≤", 0.7, "s"),)),
    Budget("memory", "GUI process memory after 1,000,000 plotted points", (Limit("RSS", "≤", 300, "MB", 0),)),
    Budget("redraw", "redraw of 8 curves of 100,000 points", (Limit("median", "≤", 16, "ms", 1),)),
)
"""Every budget but that of comparing four optimizers."""


def missed(budgets: Sequence[Budget], measured: Mapping[str, Measurement]) -> list[str]:
    """``name: figure`` of every limit of ``budgets`` that is not kept; a figure that is not there is not kept."""
    return [
        f"{budget.name}: {limit.figure}"
        for budget in budgets
        for limit in budget.limits
        if not limit.is_met(_value(budget, limit, measured))
    ]


def table(budgets: Sequence[Budget], measured: Mapping[str, Measurement]) -> str:
    """A line for each limit, with the budget's text on its first, and the notes below it."""
    rows = [("budget", "", "bound", "measured", "")]
    notes: dict[int, Sequence[str]] = {}
    for budget in budgets:
        for number, limit in enumerate(budget.limits):
            value = _value(budget, limit, measured)
            verdict = "met" if limit.is_met(value) else "MISSED"
            text = f"{budget.text} ({budget.name})" if number == 0 else ""
            rows.append((text, limit.figure, limit.bound_text, limit.text(value), verdict))
        if budget.name in measured:
            notes[len(rows) - 1] = measured[budget.name].notes
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for number, row in enumerate(rows):
        lines.append("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if number == 0:
            lines.append("-" * (sum(widths) + 2 * (len(widths) - 1)))
        lines += [f"    {note}" for note in notes.get(number, ())]
    return "\n".join(lines)


def _value(budget: Budget, limit: Limit, measured: Mapping[str, Measurement]) -> float:
    measurement = measured.get(budget.name)
    return math.nan if measurement is None else measurement.figures.get(limit.figure, math.nan)
