import gc
import weakref

import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QTableView

from workbench.gui.panels.run_pace import Pace
from workbench.gui.panels.run_status import duration
from workbench.gui.panels.train_header import smoothing_weight
from workbench.gui.panels.train_panel import TrainPanel
from workbench.gui.theme.palette import DARK, LIGHT
from workbench.gui.theme.series import series_style
from workbench.runs.events import (
    BatchBlock,
    EpochEnd,
    Paused,
    Progress,
    Resumed,
    RunEnded,
    RunStarted,
    Status,
)

EPOCHS, BATCHES = 5, 938


def started(step=0, **changes):
    values = {
        "title": "Shoes",
        "epochs": EPOCHS,
        "batches_per_epoch": BATCHES,
        "train_samples": 60_000,
        "validation_samples": 10_000,
        "parameters": 44_426,
        "device": "cpu",
        "threads": 1,
        "step": step,
    }
    return RunStarted(**(values | changes))


def block(first, last, *, loss=0.4312, step_seconds=0.025, epoch=None):
    steps = np.arange(first, last + 1)
    return BatchBlock(
        epoch=epoch or (first - 1) // BATCHES + 1,
        first_step=first,
        losses=np.full(len(steps), loss),
        learning_rates=np.full(len(steps), 0.001),
        seconds=steps * step_seconds,
    )


def epoch_end(epoch, *, val_loss=0.5, seconds=25.0, **metrics):
    return EpochEnd(epoch, epoch * BATCHES, 0.6, val_loss, metrics, 0.001, seconds)


@pytest.fixture
def panel(qtbot):
    panel = TrainPanel()
    panel.resize(1000, 480)
    qtbot.addWidget(panel)
    with qtbot.waitExposed(panel):
        panel.show()
    return panel


def pixels(plot, color):
    image = plot.graphics.grab().toImage()
    raw = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return int((raw[:, : image.width()] & 0xFFFFFF == color.rgb() & 0xFFFFFF).sum())


def table_texts(panel):
    model = panel.findChild(QTableView).model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())
    ]


def test_it_fits_a_small_screen(panel):
    assert panel.minimumSizeHint().width() <= 1000
    assert panel.minimumSizeHint().height() <= 480


def test_a_newcomer_reads_what_to_do(panel):
    assert panel.status_text == "Nothing trained yet. Choose what to train on the left, then press Train."
    assert panel.step == 0


def test_the_preparation_says_its_stage(panel):
    panel.add("a", Progress("Reading images", 45, 100))
    assert panel.status_text == "Reading images 45 %"
    panel.add("a", Progress("Waiting", 3, 0))
    assert panel.status_text == "Waiting \u2026"


def test_the_start_names_device_and_size(panel):
    panel.begin("a", "Shoes", started())
    assert panel.status_text == "Starting on cpu \u00b7 44,426 trainable parameters"


def test_the_first_batch_is_told_at_once(panel):
    panel.begin("a", "Shoes", started())
    panel.add("a", block(1, 1, loss=2.3))
    assert panel.status_text == "Epoch 1 of 5 \u00b7 step 1 of 938 \u00b7 loss 2.3000"
    assert panel.step == 1


def test_the_running_status_says_where_how_fast_and_how_long(panel, qtbot):
    panel.begin("a", "Shoes", started())
    for epoch in (1, 2):
        panel.add("a", block((epoch - 1) * BATCHES + 1, epoch * BATCHES))
        panel.add("a", epoch_end(epoch, seconds=BATCHES * 0.025 + 2.0))
    panel.add("a", block(2 * BATCHES + 1, 2 * BATCHES + 412))
    # 2402 steps of 25 ms and three validations of 2 s are left.
    text = "Epoch 3 of 5 \u00b7 step 412 of 938 \u00b7 loss 0.4312 \u00b7 2,559 samples/s \u00b7 about 1 min 5 s left"
    qtbot.waitUntil(lambda: panel.status_text == text, timeout=2000)
    assert panel.step == 2 * BATCHES + 412


def test_between_the_last_batch_and_its_end_an_epoch_is_validated(panel, qtbot):
    panel.begin("a", "Shoes", started())
    panel.add("a", block(1, BATCHES))
    panel.add("a", Resumed(BATCHES))
    assert panel.status_text == "Validating epoch 1 of 5"
    panel.add("a", epoch_end(1))
    assert panel.status_text.startswith("Epoch 1 of 5 \u00b7 step 938 of 938")


def test_pausing_and_resuming(panel):
    panel.begin("a", "Shoes", started())
    panel.add("a", block(1, 412))
    panel.add("a", Paused(412))
    assert panel.status_text == "Paused \u00b7 Epoch 1 of 5 \u00b7 step 412 of 938 \u00b7 loss 0.4312"
    panel.add("a", Resumed(412))
    assert panel.status_text.startswith("Epoch 1 of 5")


@pytest.mark.parametrize(
    ("ended", "text"),
    [
        (
            RunEnded(Status.FINISHED, 5, 4690, "", {"epoch": 4, "val_loss": 0.3121, "val_accuracy": 0.881}),
            "Finished after epoch 5 \u00b7 best in epoch 4: validation loss 0.3121, accuracy 88.1 %",
        ),
        (
            RunEnded(Status.FINISHED, 5, 4690, "", {"epoch": 4, "val_loss": 0.3121}),
            "Finished after epoch 5 \u00b7 best in epoch 4: validation loss 0.3121",
        ),
        (RunEnded(Status.STOPPED, 1, 412), "Stopped in epoch 1 at step 412; the checkpoint is kept"),
        (RunEnded(Status.CANCELLED, 1, 412), "Cancelled and discarded"),
        (
            RunEnded(Status.FAILED, 1, 412, "The loss is not a number; lower lr."),
            "Failed in epoch 1 at step 412 \u00b7 The loss is not a number; lower lr.",
        ),
        (
            RunEnded(Status.INTERRUPTED, 1, 412),
            "Interrupted at step 412; Resume goes on from the last checkpoint",
        ),
    ],
)
def test_every_ending_is_told(panel, ended, text):
    panel.begin("a", "Shoes", started())
    panel.add("a", block(1, 412))
    panel.add("a", ended)
    assert panel.status_text == text


def test_a_run_that_fails_before_it_begins_is_told(panel):
    panel.add("a", RunEnded(Status.FAILED, 0, 0, "There is no GPU."))
    assert panel.status_text == "Failed in epoch 0 at step 0 \u00b7 There is no GPU."


def test_the_curves_appear_without_anybody_asking(panel, qtbot):
    panel.begin("a", "Shoes", started())
    color, _ = series_style(0, LIGHT)
    for first in range(1, 901, 30):
        panel.add("a", block(first, first + 29, loss=3 - first / 450))
    panel.add("a", epoch_end(1, val_accuracy=0.8))
    qtbot.waitUntil(lambda: pixels(panel.plots.loss, color) > 100, timeout=2000)
    qtbot.waitUntil(lambda: pixels(panel.plots.learning_rate, color) > 100, timeout=2000)
    assert panel.plots.loss.point_count("a", "training") == 900
    assert panel.plots.loss.point_count("a", "validation") == 1
    assert panel.plots.metric.point_count("a", "metric") == 1
    # 900 steps of 25 ms are 22.5 s.
    assert 20 <= panel.plots.throughput.point_count("a", "throughput") <= 23


def test_the_timer_rests_when_nothing_changes(panel, qtbot):
    panel.begin("a", "Shoes", started())
    panel.add("a", block(1, 10))
    assert panel._timer.isActive()
    qtbot.waitUntil(lambda: not panel._timer.isActive(), timeout=5000)
    panel.add("a", block(11, 20))
    assert panel._timer.isActive()
    panel.hide()
    assert not panel._timer.isActive()
    panel.add("a", block(21, 30))
    assert not panel._timer.isActive()
    panel.show()
    assert panel._timer.isActive()


def test_the_table_has_a_row_an_epoch_with_the_best_in_bold(panel, qtbot):
    panel.begin("a", "Shoes", started())
    panel.add("a", epoch_end(1, val_loss=0.5, val_accuracy=0.8123))
    panel.add("a", epoch_end(2, val_loss=0.4, val_accuracy=0.85))
    panel.add("a", epoch_end(3, val_loss=0.45, val_accuracy=0.84))
    qtbot.waitUntil(lambda: len(table_texts(panel)) == 3)
    assert table_texts(panel)[:2] == [
        ["1", "0.6000", "0.5000", "81.23 %", "0.001", "25.0"],
        ["2", "0.6000", "0.4000", "85.00 %", "0.001", "25.0"],
    ]
    model = panel.findChild(QTableView).model()
    fonts = [model.data(model.index(row, 0), 6) for row in range(3)]
    assert [bool(font and font.bold()) for font in fonts] == [False, True, False]


def test_a_run_without_accuracy_breaks_nothing(panel):
    panel.begin("a", "Shoes", started())
    panel.add("a", epoch_end(1))
    assert table_texts(panel) == [["1", "0.6000", "0.5000", "0.001", "25.0"]]
    assert panel.plots.metric.point_count("a", "metric") == 0


def test_resuming_keeps_what_was_saved_and_cuts_what_was_lost(panel):
    panel.begin("a", "Shoes", started())
    for epoch in (1, 2):
        panel.add("a", block((epoch - 1) * BATCHES + 1, epoch * BATCHES))
        panel.add("a", epoch_end(epoch, val_accuracy=0.8))
    panel.add("a", RunEnded(Status.INTERRUPTED, 2, 2 * BATCHES))

    panel.begin("a", "Shoes", started(step=1000))

    assert panel.step == 1000
    assert panel.plots.loss.point_count("a", "training") == 1000
    assert panel.plots.loss.point_count("a", "validation") == 1
    assert panel.plots.metric.point_count("a", "metric") == 1
    assert [row[0] for row in table_texts(panel)] == ["1"]
    panel.add("a", block(1001, 1030))
    assert panel.plots.loss.point_count("a", "training") == 1030


def stored(count=2 * BATCHES):
    steps = np.arange(1.0, count + 1)
    return (steps, np.linspace(2, 1, count), np.full(count, 0.01), steps * 0.01)


def test_a_stored_run_is_overlaid_and_hidden(panel, qtbot):
    panel.begin("a", "Shoes", started())
    panel.add("a", block(1, 500))
    epochs = [epoch_end(1, val_accuracy=0.7), epoch_end(2, val_accuracy=0.75)]
    panel.show_run("b", "Adam", 2, stored(), epochs, samples_per_step=64)
    color, _ = series_style(2, LIGHT)
    qtbot.waitUntil(lambda: pixels(panel.plots.loss, color) > 100, timeout=2000)
    assert panel.style_index("b") == 2
    assert panel.plots.metric.point_count("b", "metric") == 2
    assert panel.plots.throughput.point_count("b", "throughput") == 18
    assert panel.status_text.startswith("Epoch 1 of 5")

    panel.hide_run("b")
    qtbot.waitUntil(lambda: pixels(panel.plots.loss, color) == 0, timeout=2000)
    assert panel.style_index("b") is None
    assert panel.plots.loss.point_count("b", "training") == 0


def test_alone_a_stored_run_has_the_table_and_the_status_line(panel):
    panel.show_run("b", "Adam", 2, stored(), [epoch_end(1), epoch_end(2)])
    assert panel.status_text == "Adam \u00b7 2 epochs \u00b7 step 1,876"
    assert len(table_texts(panel)) == 2
    panel.hide_run("b")
    assert panel.status_text.startswith("Nothing trained yet")
    assert table_texts(panel) == []


def test_a_new_run_takes_the_first_free_style(panel):
    panel.show_run("b", "Adam", 0, stored(), [])
    panel.begin("a", "Shoes", started())
    assert panel.style_index("a") == 1
    panel.begin("c", "Bags", started(), style_index=5)
    assert panel.style_index("c") == 5


def test_a_live_run_goes_on_while_it_is_hidden(panel):
    panel.begin("a", "Shoes", started())
    panel.add("a", block(1, 10))
    panel.hide_run("a")
    panel.add("a", block(11, 20))
    assert panel.style_index("a") is None
    panel.show_run("a", "Shoes", 3, stored(5), [])
    assert panel.style_index("a") == 3
    assert panel.plots.loss.point_count("a", "training") == 20


def test_events_of_unknown_runs_are_passed_over(panel):
    panel.add("x", block(1, 10))
    panel.hide_run("x")
    assert panel.step == 0


def test_the_theme_switches_while_runs_are_shown(panel, qtbot):
    panel.begin("a", "Shoes", started())
    panel.add("a", block(1, 900))
    panel.set_theme(DARK)
    color, _ = series_style(0, DARK)
    qtbot.waitUntil(lambda: pixels(panel.plots.loss, color) > 100, timeout=2000)


def test_the_slider_smooths_and_the_box_makes_the_axis_logarithmic(panel, qtbot):
    header = panel.header
    header.slider.setValue(0)
    assert (header.smoothing, header.weight_label.text()) == (0.0, "0")
    header.slider.setValue(100)
    assert (header.smoothing, header.weight_label.text()) == (0.999, "0.999")
    assert smoothing_weight(50) == pytest.approx(0.9684)
    panel.begin("a", "Shoes", started())
    panel.add("a", block(1, 900, loss=0.01))
    header.log_box.setChecked(True)
    qtbot.waitUntil(lambda: panel.plots.loss.y_range[1] < -1.8, timeout=2000)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (12.4, "12 s"),
        (80, "1 min 20 s"),
        (120, "2 min"),
        (1203, "20 min"),
        (7400, "2 h 5 min"),
        (7200, "2 h"),
    ],
)
def test_durations_read_like_speech(qapp, seconds, text):
    assert duration(seconds) == text


def test_validation_is_no_part_of_the_throughput():
    pace = Pace(samples_per_step=10.0)
    steps = np.arange(1.0, 101)
    xs, rates = pace.add(1, steps, steps * 0.1)
    later = steps + 100
    more_xs, more_rates = pace.add(2, later, 10 + 30 + steps * 0.1)
    np.testing.assert_allclose(np.concatenate((rates, more_rates)), 100.0)
    assert len(rates) + len(more_rates) >= 18
    assert xs[-1] <= 100 < more_xs[0]


def test_short_blocks_give_the_same_throughput_as_long_ones():
    steps, seconds = np.arange(1.0, 1001), np.cumsum(np.random.default_rng(0).uniform(0.01, 0.03, 1000))
    whole = Pace(4.0)
    x, rates = whole.add(1, steps, seconds)
    pieces = Pace(4.0)
    parts = [pieces.add(1, s, t) for s, t in zip(np.split(steps, 100), np.split(seconds, 100), strict=True)]
    assert np.concatenate([part[0] for part in parts]) == pytest.approx(x, abs=60)
    assert np.concatenate([part[1] for part in parts]).mean() == pytest.approx(rates.mean(), rel=0.02)


def test_a_panel_leaves_nothing_behind(qtbot):
    panel = TrainPanel()
    panel.begin("a", "Shoes", started())
    panel.add("a", block(1, 100))
    panel.show()
    panel.grab()
    left = weakref.ref(panel)
    panel.close()
    del panel
    gc.collect()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    assert left() is None
