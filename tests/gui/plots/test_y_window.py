import pytest

from workbench.gui.plots.y_window import YWindow


def test_there_is_room_above_and_below():
    assert YWindow().shown(0.0, 2.0) == pytest.approx((-0.1, 2.1))


def test_it_stands_still_while_the_curves_fit_well():
    window = YWindow()
    first = window.shown(0.0, 2.0)
    assert window.shown(0.05, 2.05) == first
    assert window.shown(0.0, 1.7) == first


@pytest.mark.parametrize(("bottom", "top"), [(0.0, 2.2), (-0.2, 2.0), (0.0, 1.5), (1.9, 2.0)])
def test_it_follows_curves_that_leave_it_or_get_small_in_it(bottom, top):
    window = YWindow()
    window.shown(0.0, 2.0)
    assert window.shown(bottom, top) == pytest.approx(YWindow().shown(bottom, top))


def test_it_fits_anew_when_told_to_forget():
    window = YWindow()
    window.shown(0.0, 2.0)
    window.forget()
    assert window.shown(0.0, 1.9) == pytest.approx((-0.095, 1.995))


def test_a_constant_has_room_in_proportion_to_its_size():
    assert YWindow().shown(100.0, 100.0) == pytest.approx((95.0, 105.0))
    assert YWindow().shown(0.0, 0.0) == pytest.approx((-0.05, 0.05))
