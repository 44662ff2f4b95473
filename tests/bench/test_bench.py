"""The bench's own arithmetic: bounds, table, exit code, lateness and latency."""

import math

import numpy as np
import pytest

from tests.bench.arithmetic import first_seen, lateness, paired_ratio, step_rate
from tests.bench.report import BUDGETS, Budget, Limit, Measurement, missed, table
from tests.bench.run import select


def test_every_budget_but_the_comparison_is_measured() -> None:
    assert [budget.text for budget in BUDGETS] == [
        "headless steps/s ÷ bare in-memory PyTorch loop",
        "steps/s with the window plotting ÷ headless",
        "epoch time of the tutorial's DataLoader loop ÷ ours, window open",
        "event-loop lateness while training",
        "from a batch's end to its pixel",
        "process start to visible window",
        "click on Train to first loss, warm engine, cached data",
        "GUI process memory after 1,000,000 plotted points",
        "redraw of 8 curves of 100,000 points",
    ]


@pytest.mark.parametrize(("value", "is_met"), [(0.97, True), (0.9699, False), (math.nan, False)])
def test_a_lower_bound_is_kept_by_what_is_at_least_as_much(value: float, is_met: bool) -> None:
    assert Limit("", "≥", 0.97).is_met(value) is is_met


@pytest.mark.parametrize(("value", "is_met"), [(16.0, True), (16.001, False), (math.nan, False)])
def test_an_upper_bound_is_kept_by_what_is_at_most_as_much(value: float, is_met: bool) -> None:
    assert Limit("", "≤", 16).is_met(value) is is_met


def test_rounding_never_turns_a_miss_into_a_hit() -> None:
    assert Limit("", "≥", 0.97).text(0.9699) == "0.96"
    assert Limit("", "≥", 0.97).text(0.97) == "0.97"
    assert Limit("", "≤", 16, "ms", 1).text(16.001) == "16.1 ms"
    assert Limit("", "≤", 300, "MB", 0).text(300.0) == "300 MB"


def test_the_table_shows_each_bound_with_its_verdict_and_notes() -> None:
    budget = Budget("late", "lateness", (Limit("p99", "≤", 16, "ms", 1), Limit("max", "≤", 100, "ms", 1)))
    measured = {"late": Measurement({"p99": 2.5, "max": 130.0}, ["at 900 steps/s"])}
    header, rule, *lines = table([budget], measured).splitlines()
    assert header.split() == ["budget", "bound", "measured"]
    assert set(rule) == {"-"}
    assert [line.split() for line in lines] == [
        ["lateness", "(late)", "p99", "≤", "16", "ms", "2.5", "ms", "met"],
        ["max", "≤", "100", "ms", "130.0", "ms", "MISSED"],
        ["at", "900", "steps/s"],
    ]
    assert missed([budget], measured) == ["late: max"]


def test_a_budget_that_was_not_measured_is_missed() -> None:
    budget = Budget("start", "start", (Limit("median", "≤", 1.0, "s"),))
    assert missed([budget], {}) == ["start: median"]
    assert "MISSED" in table([budget], {})


def test_budgets_are_chosen_by_name() -> None:
    assert [budget.name for budget in select(["pixel", "start"])] == ["pixel", "start"]
    assert select([]) == list(BUDGETS)
    with pytest.raises(SystemExit, match="2"):
        select(["speed"])


def test_a_stall_makes_every_tick_late_that_was_due_in_it() -> None:
    fired = np.array([0.0, 0.001, 0.002, 0.006, 0.007])
    assert lateness(fired, 0.001) == pytest.approx([0.0, 0.0, 0.0, 0.003, 0.002, 0.001, 0.0, 0.0], abs=1e-9)


def test_a_batch_is_seen_with_the_first_frame_that_holds_it() -> None:
    ends = np.array([1.0, 1.1, 1.2, 1.3])
    frames, newest = np.array([1.15, 1.25, 1.4]), np.array([2, 2, 3])
    assert first_seen(np.arange(1, 5), ends, frames, newest) == pytest.approx([0.15, 0.05, 0.2])


def test_the_step_rate_leaves_out_what_lies_between_epochs_and_the_first_tenth() -> None:
    epochs = np.array([1] * 11 + [2] * 10)
    seconds = np.concatenate([[0.0, 5.0], 5.0 + 0.1 * np.arange(1, 10), 9.0 + 0.1 * np.arange(10)])
    assert step_rate(epochs, seconds) == pytest.approx(10.0)


def test_a_ratio_is_the_median_over_pairs_measured_one_after_the_other() -> None:
    assert paired_ratio([2.0, 1.0, 9.0], [4.0, 2.0, 9.0]) == 0.5
