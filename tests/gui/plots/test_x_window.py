import pytest

from workbench.gui.plots.x_window import XWindow

EXTENT = (0.0, 100.0)


def test_it_shows_all_until_the_user_zooms():
    window = XWindow()
    window.pan(5, EXTENT)
    assert window.chosen is None


def test_zooming_holds_the_point_below_the_mouse():
    window = XWindow()
    window.zoom(0.5, 25.0, EXTENT, EXTENT)
    assert window.chosen == (12.5, 62.5)


def test_panning_stops_where_the_data_ends():
    window = XWindow()
    window.zoom(0.5, 50.0, EXTENT, EXTENT)
    window.pan(1000, EXTENT)
    assert window.chosen == (50.0, 100.0)
    window.pan(-1000, EXTENT)
    assert window.chosen == (0.0, 50.0)


def test_zooming_out_to_everything_follows_again():
    window = XWindow()
    window.zoom(0.5, 50.0, EXTENT, EXTENT)
    window.zoom(4.0, 50.0, (25.0, 75.0), EXTENT)
    assert window.chosen is None


def test_zooming_in_ends_at_two_steps():
    window = XWindow()
    window.zoom(1e-9, 50.0, EXTENT, EXTENT)
    assert window.chosen == (49.0, 51.0)


def test_it_shows_exactly_what_does_not_grow():
    window = XWindow()
    assert window.shown(EXTENT) == EXTENT
    assert window.shown(EXTENT) == EXTENT


def test_while_x_grows_it_moves_in_steps_with_room_ahead():
    window = XWindow()
    window.shown(EXTENT)
    ranges = [window.shown((0.0, high)) for high in (101.0, 103.0, 105.0, 106.0)]
    assert ranges[0] == ranges[1] == ranges[2] == pytest.approx((0.0, 105.04))
    assert ranges[3] == pytest.approx((0.0, 110.24))


def test_it_shrinks_with_what_there_is():
    window = XWindow()
    window.shown((0.0, 1000.0))
    assert window.shown((0.0, 500.0)) == (0.0, 500.0)
    assert window.shown((100.0, 500.0)) == (100.0, 500.0)


def test_fitting_takes_the_room_away():
    window = XWindow()
    window.shown(EXTENT)
    window.shown((0.0, 101.0))
    window.fit()
    assert window.shown((0.0, 101.0)) == (0.0, 101.0)
