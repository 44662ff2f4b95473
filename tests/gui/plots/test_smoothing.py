import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.gui.plots.smoothing import MovingAverage

WEIGHTS = [0.0, 0.001, 0.6, 0.9, 0.999]


def naive(values, weight):
    """The definition, value by value."""
    average, smoothed = 0.0, []
    for count, value in enumerate(values, 1):
        average = weight * average + (1 - weight) * value
        smoothed.append(average / (1 - weight**count))
    return np.array(smoothed)


@pytest.mark.parametrize("weight", WEIGHTS)
@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 1024, 1025, 50_000])
def test_it_equals_the_definition(weight, size):
    values = np.random.default_rng(size).exponential(size=size) + 0.1
    np.testing.assert_allclose(MovingAverage(weight).extend(values), naive(values, weight), rtol=1e-9)


@given(st.lists(st.integers(0, 200), max_size=8), st.sampled_from(WEIGHTS))
def test_blocks_give_what_the_whole_gives(sizes, weight):
    values = np.random.default_rng(1).exponential(size=sum(sizes)) + 0.1
    average = MovingAverage(weight)
    pieces = [average.extend(piece) for piece in np.split(values, np.cumsum(sizes))]
    np.testing.assert_allclose(np.concatenate(pieces), naive(values, weight), rtol=1e-9)


def test_a_gap_stays_a_gap_and_moves_nothing():
    values = np.array([1.0, np.nan, 2.0, 3.0])
    smoothed = MovingAverage(0.5).extend(values)
    assert np.isnan(smoothed[1])
    np.testing.assert_allclose(smoothed[[0, 2, 3]], naive([1.0, 2.0, 3.0], 0.5))


@pytest.mark.parametrize("weight", [-0.1, 1.0, float("nan")])
def test_a_weight_out_of_range_is_refused(weight):
    with pytest.raises(ValueError, match="weight"):
        MovingAverage(weight)
