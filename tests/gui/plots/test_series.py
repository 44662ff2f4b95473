import numpy as np
import pytest

from workbench.gui.plots.series import Series


def test_it_keeps_all_points_while_it_grows():
    series = Series()
    for first in range(0, 10_000, 7):
        steps = np.arange(first, first + 7.0)
        series.append(steps, steps * 2)
    assert len(series) == 10_003
    assert np.array_equal(series.x, np.arange(10_003.0))
    assert np.array_equal(series.y, series.x * 2)


def test_points_done_again_replace_the_earlier_ones():
    series = Series()
    series.append([1, 2, 3, 4], [10, 20, 30, 40])
    kept = series.append([3, 4, 5], [31, 41, 51])
    assert kept == 2
    assert series.x.tolist() == [1, 2, 3, 4, 5]
    assert series.y.tolist() == [10, 20, 31, 41, 51]


def test_truncating_keeps_the_point_at_the_given_x():
    series = Series()
    series.append([1, 2, 3, 4], [10, 20, 30, 40])
    assert series.truncate_after(2) == 2
    assert series.y.tolist() == [10, 20]
    assert series.truncate_after(0) == 0


def test_what_is_not_finite_becomes_a_gap():
    series = Series()
    series.append([1, 2, 3], [np.inf, 2.0, np.nan])
    assert np.isnan(series.y).tolist() == [True, False, True]


def test_a_scalar_is_one_point():
    series = Series()
    series.append(5, 0.5)
    assert (series.x.tolist(), series.y.tolist()) == ([5], [0.5])


@pytest.mark.parametrize(("x", "y"), [([1, 2], [1]), ([2, 1], [1, 2]), ([1, 1], [1, 2])])
def test_points_that_do_not_fit_are_refused(x, y):
    series = Series()
    with pytest.raises(ValueError, match="x"):
        series.append(x, y)
    assert len(series) == 0
