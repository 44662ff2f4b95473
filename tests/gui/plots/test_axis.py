import math

import pytest

from workbench.gui.plots.axis import linear_ticks, log_ticks, number


@pytest.mark.parametrize(
    ("low", "high", "wanted", "ticks"),
    [
        (0, 10, 5, [0, 2, 4, 6, 8, 10]),
        (-0.1, 1.1, 2, [0, 1]),
        (0.745, 0.855, 2, [0.75, 0.8, 0.85]),
        (3, 3, 5, []),
        (0, math.inf, 5, []),
    ],
)
def test_linear_ticks_are_round(low, high, wanted, ticks):
    assert linear_ticks(low, high, wanted)[1] == pytest.approx(ticks)


def test_whole_ticks_have_no_fractions():
    assert linear_ticks(0.9, 3.1, 10, whole=True) == (1.0, [1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("low", "high", "wanted", "values"),
    [
        (-3, 3, 7, [0.001, 0.01, 0.1, 1, 10, 100, 1000]),
        (-1, 1, 6, [0.1, 0.2, 0.5, 1, 2, 5, 10]),
        (-8, 8, 4, [1e-8, 1e-4, 1, 1e4, 1e8]),
        (math.log10(2), math.log10(4), 4, [2, 2.5, 3, 3.5, 4]),
        (0, 0, 4, []),
    ],
)
def test_log_ticks_are_round(low, high, wanted, values):
    ticks = log_ticks(low, high, wanted)
    assert [10**tick for tick in ticks] == pytest.approx(values)


@pytest.mark.parametrize(
    ("value", "spacing", "text"),
    [
        (0, 0, "0"),
        (0.43217, 0, "0.4322"),
        (2340.4, 0, "2,340"),
        (999.9, 0, "1,000"),
        (1e-5, 0, "1e\u22125"),
        (1.25e7, 0, "1.25e7"),
        (0.5, 0.25, "0.5"),
        (0.0004, 0.0002, "0.0004"),
        (20000, 10000, "20,000"),
        (-3, 1, "\u22123"),
    ],
)
def test_numbers_are_short(value, spacing, text):
    assert number(value, spacing) == text
