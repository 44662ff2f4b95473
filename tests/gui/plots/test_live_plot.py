import gc
import weakref

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from workbench.gui.plots.curve import CurveKind
from workbench.gui.plots.live_plot import LivePlot
from workbench.gui.theme.palette import DARK, LIGHT
from workbench.gui.theme.series import series_style

TRAINING = CurveKind("training", "training", smoothed=True)
VALIDATION = CurveKind("validation", "validation", points=True)
PLAIN = CurveKind("plain", "plain")


def make(kinds=(TRAINING, VALIDATION), **options):
    plot = LivePlot("Loss", kinds, x_label="Step", empty_text="Press Train", **options)
    plot.resize(600, 400)
    return plot


@pytest.fixture
def plot(qtbot):
    plot = make(legend=True)
    qtbot.addWidget(plot)
    with qtbot.waitExposed(plot):
        plot.show()
    return plot


@pytest.fixture
def plain(qtbot):
    plot = make([PLAIN])
    qtbot.addWidget(plot)
    with qtbot.waitExposed(plot):
        plot.show()
    return plot


def pixels(plot, color):
    """How many pixels of the plot have exactly ``color``."""
    image = plot.graphics.grab().toImage().convertToFormat(plot.graphics.grab().toImage().Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return int((raw[:, : image.width()] & 0xFFFFFF == QColor(color).rgb() & 0xFFFFFF).sum())


def turn_wheel(plot, x, notches):
    viewport = plot.graphics.viewport()
    position = QPointF(x, viewport.height() / 2)
    event = QWheelEvent(
        position,
        QPointF(viewport.mapToGlobal(position.toPoint())),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(viewport, event)
    plot.refresh()


def test_a_curve_is_visible_in_its_color(plain):
    color, _ = series_style(0, LIGHT)
    plain.refresh()
    assert pixels(plain, color) == 0
    plain.set_run("a", "A", 0)
    plain.append("a", "plain", np.arange(1, 100_001), np.sin(np.arange(100_000) / 9000))
    assert plain.refresh()
    assert pixels(plain, color) > 500


def test_the_smoothed_curve_lies_over_the_fainter_raw_one(plot):
    plot.set_smoothing(0.9)
    plot.set_run("a", "A", 0)
    plot.append("a", "training", np.arange(1, 5001), np.random.default_rng(0).exponential(size=5000))
    plot.refresh()
    color, _ = series_style(0, LIGHT)
    assert pixels(plot, color) > 300
    assert pixels(plot, "#b3d1e5") > pixels(plot, color)


def test_another_theme_recolors_what_is_there(plain):
    plain.set_run("a", "A", 0)
    plain.append("a", "plain", np.arange(100), np.arange(100))
    plain.set_theme(DARK)
    plain.refresh()
    assert pixels(plain, series_style(0, DARK)[0]) > 100
    assert pixels(plain, series_style(0, LIGHT)[0]) == 0
    assert pixels(plain, DARK.plot_background) > 100_000


def test_it_redraws_only_when_something_changed(plain):
    plain.refresh()
    assert not plain.refresh()
    plain.set_run("a", "A", 0)
    plain.append("a", "plain", 1, 1.0)
    assert plain.refresh()
    assert not plain.refresh()


def test_appending_nothing_changes_nothing(plain):
    plain.set_run("a", "A", 0)
    plain.append("a", "plain", 1, 1.0)
    plain.refresh()
    plain.append("a", "plain", [], [])
    assert not plain.refresh()


def test_it_tells_once_that_something_is_new(plain, qtbot):
    plain.set_run("a", "A", 0)
    plain.refresh()
    with qtbot.waitSignal(plain.changed, timeout=100):
        plain.append("a", "plain", 1, 1.0)
    with qtbot.assertNotEmitted(plain.changed):
        plain.append("a", "plain", 2, 1.0)


def test_a_hidden_plot_is_not_redrawn(plain):
    plain.set_run("a", "A", 0)
    plain.append("a", "plain", 1, 1.0)
    plain.hide()
    assert not plain.refresh()
    plain.show()
    assert plain.refresh()


def test_it_follows_growing_data(plain):
    plain.set_run("a", "A", 0)
    for last in (10, 1000):
        plain.append("a", "plain", np.arange(1, last + 1), np.ones(last))
        plain.refresh()
        low, high = plain.x_range
        assert low < 1 < last < high
        assert high - low == pytest.approx(last - 1, rel=0.07)


def test_the_wheel_zooms_and_a_double_click_shows_all_again(plain, qtbot):
    plain.set_run("a", "A", 0)
    plain.append("a", "plain", np.arange(1, 1001), np.arange(1000))
    plain.refresh()
    turn_wheel(plain, 300, 5)
    low, high = plain.x_range
    assert plain.zoomed
    assert 250 < high - low < 400
    assert plain.fit_button.isVisible()
    # y fits what is in sight
    bottom, top = plain.y_range
    assert top - bottom == pytest.approx(1.1 * (high - low), rel=0.02)

    plain.append("a", "plain", np.arange(1001, 2001), np.arange(1000))
    plain.refresh()
    assert plain.x_range == pytest.approx((low, high))

    viewport = plain.graphics.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(300, 150))
    assert plain.zoomed
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(300, 150))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(300, 150))
    assert not plain.zoomed
    plain.refresh()
    assert plain.x_range[1] > 2000


def test_dragging_pans_a_zoomed_plot(plain, qtbot):
    plain.set_run("a", "A", 0)
    plain.append("a", "plain", np.arange(1, 1001), np.arange(1000))
    plain.refresh()
    turn_wheel(plain, 300, 5)
    low, high = plain.x_range
    viewport = plain.graphics.viewport()
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(300, 150))
    for x in (310, 330, 350):
        qtbot.mouseMove(viewport, QPoint(x, 150))
        qtbot.wait(30)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(350, 150))
    plain.refresh()
    assert plain.x_range[0] < low
    assert plain.x_range[1] - plain.x_range[0] == pytest.approx(high - low)


def test_keys_zoom_pan_and_fit(plain, qtbot):
    plain.set_run("a", "A", 0)
    plain.append("a", "plain", np.arange(1, 1001), np.arange(1000))
    plain.refresh()
    qtbot.keyClick(plain, Qt.Key.Key_Plus)
    plain.refresh()
    low, high = plain.x_range
    assert high - low == pytest.approx(800, rel=0.05)
    qtbot.keyClick(plain, Qt.Key.Key_Right)
    plain.refresh()
    assert plain.x_range[0] > low
    qtbot.keyClick(plain, Qt.Key.Key_Home)
    assert not plain.zoomed


@pytest.mark.parametrize("values", [[1.0, 0.0, -2.0, 0.5], [0.0, 0.0, 0.0, 0.0], [1.0, np.nan, np.inf, 2.0]])
def test_a_log_axis_copes_with_values_that_have_no_logarithm(plot, values):
    plot.set_run("a", "A", 0)
    plot.append("a", "training", [1, 2, 3, 4], values)
    plot.append("a", "validation", [2, 4], values[1:3])
    plot.set_log(True)
    assert plot.refresh()
    plot.grab()
    assert np.isfinite(plot.y_range).all()


def test_a_log_axis_shows_decimal_logarithms(plain):
    plain.set_run("a", "A", 0)
    plain.append("a", "plain", [1, 2, 3], [0.01, 1.0, 100.0])
    plain.set_log(True)
    plain.refresh()
    assert plain.y_range == pytest.approx((-2.2, 2.2))
    plain.set_log(False)
    plain.refresh()
    assert plain.y_range == pytest.approx((0.01 - 0.05 * 99.99, 100 + 0.05 * 99.99))


def test_a_few_outliers_do_not_squeeze_a_smoothed_curve(plot):
    plot.set_smoothing(0.9)
    values = np.ones(10_000)
    values[::2] = 2.0
    values[5000] = 1000.0
    plot.set_run("a", "A", 0)
    plot.append("a", "training", np.arange(10_000), values)
    plot.refresh()
    assert plot.y_range[1] < 150
    assert plot.y_range[0] <= 1.0


def test_resuming_cuts_later_points_and_the_smoothing_forgets_them(plot):
    plot.set_smoothing(0.9)
    plot.set_run("a", "A", 0)
    steps = np.arange(1, 101)
    losses = np.where(steps <= 50, 1.0, 9.0)
    plot.append("a", "training", steps, losses)
    plot.append("a", "validation", [40, 80], [1.0, 9.0])
    plot.refresh()
    plot.truncate_after("a", 50)
    assert plot.point_count("a", "training") == 50
    assert plot.point_count("a", "validation") == 1
    plot.append("a", "training", np.arange(51, 61), np.ones(10))
    plot.refresh()
    assert plot.y_range == pytest.approx((0.95, 1.05))


def test_replacing_and_removing_data(plain):
    plain.set_run("a", "A", 0)
    plain.append("a", "plain", [1, 2, 3], [1, 2, 3])
    plain.replace("a", "plain", [1, 2], [5, 6])
    assert plain.point_count("a", "plain") == 2
    plain.remove_run("a")
    plain.remove_run("a")
    plain.refresh()
    assert plain.point_count("a", "plain") == 0
    assert pixels(plain, series_style(0, LIGHT)[0]) == 0


def test_a_hidden_run_keeps_its_data(plain):
    plain.set_run("a", "A", 0)
    plain.append("a", "plain", np.arange(100), np.arange(100))
    plain.set_run("a", "A", 0, visible=False)
    plain.refresh()
    assert pixels(plain, series_style(0, LIGHT)[0]) == 0
    plain.set_run("a", "A", 1)
    plain.refresh()
    assert pixels(plain, series_style(1, LIGHT)[0]) > 100


def test_pointing_reads_the_values_out(plain):
    plain.set_run("a", "A", 0)
    plain.append("a", "plain", np.arange(1, 101), np.arange(1, 101) / 2)
    plain.refresh()
    assert plain.readout == "50"
    plain.box.hovered.emit(20.3)
    assert plain.readout == "Step 20  10"
    plain.box.hovered.emit(None)
    assert plain.readout == "50"


def test_unknown_runs_and_curves_are_refused(plain):
    plain.set_run("a", "A", 0)
    with pytest.raises(KeyError):
        plain.append("b", "plain", 1, 1)
    with pytest.raises(KeyError):
        plain.append("a", "nothing", 1, 1)


def test_a_plot_leaves_nothing_behind(qtbot):
    plot = make(legend=True)
    plot.set_run("a", "A", 0)
    plot.append("a", "training", np.arange(1000), np.ones(1000))
    plot.append("a", "validation", 500, 1.0)
    plot.show()
    plot.refresh()
    plot.grab()
    left = [weakref.ref(part) for part in (plot, plot.box, plot.graphics, plot.legend)]
    plot.close()
    del plot
    gc.collect()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    assert [part() for part in left] == [None] * 4


def test_a_smoothed_curve_that_has_just_grown_keeps_its_last_value_in_the_readout(qtbot):
    plot = make([TRAINING])
    qtbot.addWidget(plot)
    with qtbot.waitExposed(plot):
        plot.show()
    plot.set_run("a", "A", 0)
    plot.append("a", "training", [1, 2], [0.5, 0.5])
    plot.refresh()
    plot.append("a", "training", [3, 4], [0.7, 0.7])
    plot.box.hovered.emit(None)
    assert plot.readout == "0.5"
