import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workbench.gui.plots.decimation import Pyramid, decimate


def pyramid_of(values):
    pyramid = Pyramid()
    pyramid.update(values)
    return pyramid


@given(
    size=st.integers(2, 5000),
    blocks=st.integers(1, 7),
    cut=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    columns=st.integers(1, 300),
    gaps=st.sets(st.integers(0, 4999), max_size=40),
)
def test_the_extremes_of_the_slice_survive(size, blocks, cut, columns, gaps):
    y = np.random.default_rng(size).normal(size=size)
    y[[gap for gap in gaps if gap < size]] = np.nan
    x = np.arange(1.0, size + 1)
    start, last = sorted(int(share * (size - 1)) for share in cut)
    stop = last + 1
    pyramid = Pyramid()
    for end in np.linspace(0, size, blocks + 1).astype(int)[1:]:
        pyramid.update(y[:end])

    shown_x, shown_y = decimate(x, y, pyramid, start, stop, columns)

    assert len(shown_x) == len(shown_y) <= 3 * columns + 8
    assert (np.diff(shown_x) >= 0).all()
    assert x[start] <= shown_x[0] <= shown_x[-1] <= x[stop - 1]
    finite = y[start:stop][~np.isnan(y[start:stop])]
    shown = shown_y[~np.isnan(shown_y)]
    assert len(finite) == 0 or (shown.min(), shown.max()) == (finite.min(), finite.max())


def test_few_points_come_as_they_are():
    x, y = np.arange(300.0), np.random.default_rng(0).normal(size=300)
    shown_x, shown_y = decimate(x, y, pyramid_of(y), 10, 290, 100)
    assert np.array_equal(shown_x, x[10:290])
    assert np.array_equal(shown_y, y[10:290])


def test_a_stretch_of_gaps_stays_a_gap():
    y = np.ones(10_000)
    y[4000:6000] = np.nan
    shown_x, shown_y = decimate(np.arange(10_000.0), y, pyramid_of(y), 0, 10_000, 100)
    assert np.isnan(shown_y[(shown_x > 4300) & (shown_x < 5700)]).all()
    assert not np.isnan(shown_y[(shown_x < 3800) | (shown_x > 6200)]).any()


def test_after_truncation_the_pyramid_knows_only_new_values():
    y = np.zeros(4096)
    y[3000] = 9.0
    pyramid = pyramid_of(y)
    pyramid.truncate(2500)
    again = np.zeros(4096)
    again[2600] = -1.0
    pyramid.update(again)
    _, shown = decimate(np.arange(4096.0), again, pyramid, 0, 4096, 10)
    assert (shown.min(), shown.max()) == (-1.0, 0.0)


def test_buckets_of_a_growing_curve_stay_where_they_are():
    y = np.random.default_rng(0).normal(size=40_100)
    x = np.arange(40_100.0)
    before, _ = decimate(x, y, pyramid_of(y), 0, 40_000, 100)
    after, _ = decimate(x, y, pyramid_of(y), 0, 40_100, 100)
    assert np.array_equal(before[:-4], after[: len(before) - 4])


def test_a_stretch_inside_one_bucket_keeps_its_extremes():
    x, y = np.arange(1.0, 10.0), np.random.default_rng(9).normal(size=9)
    shown_x, shown_y = decimate(x, y, pyramid_of(y), 1, 7, 1)
    assert shown_x.tolist() == [2.0, 7.0]
    assert shown_y.tolist() == [y[1:7].min(), y[1:7].max()]
