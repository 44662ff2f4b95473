"""The Data tab: images with their classes, filter, details, counts, facts, and what it shows without samples."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from workbench.engine.messages import DatasetPreview
from workbench.gui.panels.class_counts import ClassCounts
from workbench.gui.panels.data_panel import DataPanel
from workbench.gui.panels.dataset_facts import DatasetFacts
from workbench.gui.panels.image_grid import ImageGrid, as_image, shown_size
from workbench.gui.panels.sample_details import SampleDetails
from workbench.gui.panels.waiting_page import WaitingPage
from workbench.gui.theme.palette import DARK, LIGHT, Theme
from workbench.gui.theme.series import series_style
from workbench.spec.datasets import Digits, FashionMNIST

CLASSES = FashionMNIST.classes


def preview_of(count: int = 60, side: int = 28, channels: int = 1) -> DatasetPreview:
    """Samples whose class and brightness go round: sample *n* has class *n* modulo 10 and pixels of 20 times that."""
    labels = np.arange(count) % 10
    images = np.broadcast_to((labels * 20).astype(np.uint8)[:, None, None, None], (count, side, side, channels))
    return DatasetPreview(
        dataset=FashionMNIST(),
        info=FashionMNIST().info().model_copy(update={"shape": (channels, side, side)}),
        inputs=np.ascontiguousarray(images),
        targets=labels,
        indices=np.arange(count) * 1000 + 7,
        train_counts=np.full(10, 6000),
        validation_counts=np.full(10, 1000),
        mean=(0.28604,) * channels,
        std=(0.35302,) * channels,
    )


@pytest.fixture
def panel(qtbot: QtBot) -> DataPanel:
    panel = DataPanel()
    qtbot.addWidget(panel)
    panel.resize(1000, 480)
    panel.show()
    qtbot.waitExposed(panel)
    panel.activateWindow()
    return panel


def part(panel: DataPanel, kind: type) -> object:
    (found,) = panel.findChildren(kind)
    return found


def grid_of(panel: DataPanel) -> ImageGrid:
    grid = part(panel, ImageGrid)
    assert isinstance(grid, ImageGrid)
    return grid


def button(panel: DataPanel, text: str) -> QPushButton:
    (found,) = [found for found in panel.findChildren(QPushButton) if found.text() == text]
    return found


def visible_buttons(panel: DataPanel) -> list[str]:
    return [found.text() for found in panel.findChildren(QPushButton) if found.isVisible()]


def shown_classes(panel: DataPanel) -> list[str]:
    model = grid_of(panel).images
    return [str(model.index(row).data()) for row in range(model.rowCount())]


def choose_class(panel: DataPanel, name: str) -> None:
    box = part(panel, QComboBox)
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findText(name))


def details(panel: DataPanel) -> list[str]:
    found = part(panel, SampleDetails)
    assert isinstance(found, SampleDetails)
    return found.text.split("\n")


# ---- images ----


def test_the_grid_shows_each_sample_with_its_class(panel: DataPanel) -> None:
    panel.show_preview(preview_of(25))
    assert shown_classes(panel) == [CLASSES[n % 10] for n in range(25)]


def test_a_tile_shows_the_pixels_of_its_image_enlarged(panel: DataPanel, qtbot: QtBot) -> None:
    preview = preview_of(10, side=2)
    preview.images[0, :, :, 0] = [[250, 10], [20, 130]]
    panel.show_preview(preview)
    grid = grid_of(panel)
    grabbed = grid.viewport().grab(grid.visualRect(grid.images.index(0))).toImage()
    across = {grabbed.pixelColor(x, 30).red() for x in range(grabbed.width())}
    assert {250, 10} <= across
    left = grabbed.width() // 2
    quarters = [grabbed.pixelColor(left + dx, y).red() for y in (30, 75) for dx in (-20, 20)]
    assert quarters == [250, 10, 20, 130]


def test_colour_images_keep_their_channels() -> None:
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    image = as_image(pixels)
    assert [image.pixelColor(x, 0).name() for x in range(3)] == ["#ff0000", "#00ff00", "#0000ff"]


def test_images_that_are_not_contiguous_are_read_right() -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(1, 4, 6).transpose(2, 1, 0)
    image = as_image(pixels)
    assert [[image.pixelColor(x, y).red() for x in range(4)] for y in range(6)] == pixels[:, :, 0].tolist()


@pytest.mark.parametrize(("side", "shown"), [(8, 88), (28, 84), (32, 96), (64, 64), (224, 88)])
def test_small_images_are_enlarged_by_whole_numbers_and_large_ones_shrunk(side: int, shown: int) -> None:
    assert shown_size(QImage(side, side, QImage.Format.Format_RGB888).size(), 88).width() == shown


def test_a_thin_border_sets_a_black_image_off_in_the_dark_theme(panel: DataPanel) -> None:
    panel.set_theme(DARK)
    panel.show_preview(preview_of(10))
    grid = grid_of(panel)
    grabbed = grid.viewport().grab(grid.visualRect(grid.images.index(0))).toImage()
    middle = [grabbed.pixelColor(x, 40).name() for x in range(grabbed.width())]
    first = middle.index("#000000")
    assert middle[first - 1] == DARK.border
    assert middle[first + 84] == DARK.border


def test_the_tooltip_and_the_accessible_name_tell_class_and_place(panel: DataPanel) -> None:
    panel.show_preview(preview_of())
    cell = grid_of(panel).images.index(7)
    expected = "Sneaker, training sample 7,007"
    assert cell.data(Qt.ItemDataRole.ToolTipRole) == expected
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == expected


@pytest.mark.parametrize("count", [20, 200])
@pytest.mark.parametrize("width", [900, 1000, 1363, 1700])
def test_tiles_share_the_whole_width(panel: DataPanel, qtbot: QtBot, width: int, count: int) -> None:
    panel.show_preview(preview_of(count))
    panel.resize(width, 700)
    grid = grid_of(panel)
    qtbot.waitUntil(lambda: grid.verticalScrollBar().isVisible() == (count == 200))
    tops = [grid.visualRect(grid.images.index(place)).top() for place in range(count)]
    columns = tops.count(tops[0])
    left_over = grid.maximumViewportSize().width() - columns * grid.gridSize().width()
    assert 0 < left_over <= grid.verticalScrollBar().sizeHint().width() + columns


# ---- filter and details ----


def test_the_filter_shows_one_class_only(panel: DataPanel) -> None:
    panel.show_preview(preview_of(60))
    choose_class(panel, "Bag")
    assert shown_classes(panel) == ["Bag"] * 6
    choose_class(panel, "All classes")
    assert len(shown_classes(panel)) == 60


def test_a_class_without_a_sample_says_so(panel: DataPanel) -> None:
    panel.show_preview(preview_of(3))
    choose_class(panel, "Bag")
    assert shown_classes(panel) == []
    assert grid_of(panel).empty_text == (
        "None of these 3 samples is in the class Bag. Press Other samples to draw again."
    )
    assert details(panel) == ["", "", ""]


def test_the_first_sample_is_shown_larger_at_once(panel: DataPanel) -> None:
    panel.show_preview(preview_of())
    assert details(panel) == ["T-shirt/top", "Training sample 7", "Pixel values 0 to 0"]


def test_a_click_shows_the_sample_larger(panel: DataPanel, qtbot: QtBot) -> None:
    panel.show_preview(preview_of())
    grid = grid_of(panel)
    place = grid.visualRect(grid.images.index(3)).center()
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert details(panel) == ["Dress", "Training sample 3,007", "Pixel values 60 to 60"]
    found = part(panel, SampleDetails)
    assert isinstance(found, SampleDetails)
    assert found.grab().toImage().pixelColor(70, 70) == QColor(60, 60, 60)


def test_arrow_keys_go_from_image_to_image(panel: DataPanel, qtbot: QtBot) -> None:
    panel.show_preview(preview_of())
    grid = grid_of(panel)
    qtbot.waitUntil(grid.verticalScrollBar().isVisible)
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert details(panel)[0] == "Trouser"
    tops = [grid.visualRect(grid.images.index(place)).top() for place in range(60)]
    columns = tops.count(tops[0])
    assert columns > 3
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert details(panel)[1] == f"Training sample {(1 + columns) * 1000 + 7:,}"


def test_in_a_filtered_grid_the_details_are_of_the_sample_that_is_shown(panel: DataPanel, qtbot: QtBot) -> None:
    panel.show_preview(preview_of())
    choose_class(panel, "Bag")
    grid = grid_of(panel)
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert details(panel)[:2] == ["Bag", "Training sample 18,007"]


def test_other_samples_are_asked_for_with_a_new_seed_each_time(panel: DataPanel, qtbot: QtBot) -> None:
    panel.show_preview(preview_of())
    seeds: list[int] = []
    panel.moreRequested.connect(seeds.append)
    more = button(panel, "Other samples")
    for _ in range(2):
        qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
        panel.show_loading("Fashion-MNIST", 30)
        assert not more.isEnabled()
        panel.show_preview(preview_of())
        assert more.isEnabled()
    panel.show_preview(replace(preview_of(), dataset=Digits()))
    qtbot.mouseClick(more, Qt.MouseButton.LeftButton)
    assert seeds == [1, 2, 1]


def test_the_chosen_class_outlives_other_samples(panel: DataPanel) -> None:
    panel.show_preview(preview_of(60))
    choose_class(panel, "Coat")
    panel.show_preview(preview_of(80))
    assert shown_classes(panel) == ["Coat"] * 8
    panel.show_preview(replace(preview_of(20), info=Digits().info(), dataset=Digits()))
    assert len(shown_classes(panel)) == 20


# ---- counts and facts ----


def test_the_facts_are_those_of_the_dataset(panel: DataPanel) -> None:
    panel.show_preview(preview_of(60, channels=3))
    facts = part(panel, DatasetFacts)
    assert isinstance(facts, DatasetFacts)
    assert facts.facts == {
        "Training samples": "60,000",
        "Validation samples": "10,000",
        "Shape": "3 × 28 × 28",
        "Classes": "10",
        "Mean": "0.2860, 0.2860, 0.2860",
        "Standard deviation": "0.3530, 0.3530, 0.3530",
    }


def test_equal_classes_have_bars_of_one_length(panel: DataPanel) -> None:
    panel.show_preview(preview_of())
    counts = part(panel, ClassCounts)
    assert isinstance(counts, ClassCounts)
    lengths = {tuple(rect.width() for rect in counts.bar_rects(row)) for row in range(10)}
    ((training, validation),) = lengths
    assert training > 40
    assert validation == round(training / 6)


def test_unbalanced_classes_have_bars_in_proportion_and_none_for_no_sample(qtbot: QtBot) -> None:
    counts = ClassCounts()
    qtbot.addWidget(counts)
    counts.resize(400, 200)
    counts.show_counts(("a", "b", "c"), [1000, 500, 1], [0, 250, 1])
    counts.show()
    widths = [[rect.width() for rect in counts.bar_rects(row)] for row in range(3)]
    longest = widths[0][0]
    assert widths == [[longest, 0], [round(longest / 2), round(longest / 4)], [1, 1]]
    assert counts.accessibleDescription().split("\n")[1] == "b: 500 for training, 250 for validation"


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_bars_are_painted_in_the_colours_of_the_series(qtbot: QtBot, theme: Theme) -> None:
    counts = ClassCounts()
    qtbot.addWidget(counts)
    counts.resize(400, 120)
    counts.set_theme(theme)
    counts.show_counts(("a", "b"), [100, 80], [50, 20])
    painted = counts.grab().toImage()
    for index, rect in enumerate(counts.bar_rects(1)):
        color = series_style(index, theme)[0]
        assert painted.pixelColor(rect.center()) == color
        assert painted.pixelColor(rect.topRight()) == color
        assert painted.pixelColor(rect.topRight() + QPoint(1, 0)) != color


def test_the_bars_of_a_hundred_classes_never_overlap(qtbot: QtBot) -> None:
    counts = ClassCounts()
    qtbot.addWidget(counts)
    counts.show_counts(tuple(f"class {n}" for n in range(100)), [5] * 100, [1] * 100)
    counts.resize(300, counts.minimumSizeHint().height())
    rects = [rect for row in range(100) for rect in counts.bar_rects(row)]
    assert all(above.bottom() < below.top() for above, below in itertools.pairwise(rects))
    assert rects[-1].bottom() < counts.height()
    assert QRect(QPoint(0, 0), counts.size()).contains(rects[0])


# ---- without samples ----


def waiting(panel: DataPanel) -> WaitingPage:
    found = part(panel, WaitingPage)
    assert isinstance(found, WaitingPage)
    return found


def test_loading_shows_stage_and_share(panel: DataPanel) -> None:
    panel.show_loading("Fashion-MNIST", 30)
    assert waiting(panel).text == "Loading Fashion-MNIST\n"
    assert waiting(panel).share_done is None
    panel.show_progress("Downloading", 9_000_000_000, 36_000_000_000)
    assert waiting(panel).text == "Loading Fashion-MNIST\nDownloading 25 %"
    assert waiting(panel).share_done == 0.25
    panel.show_progress("Counting", 0, 0)
    assert waiting(panel).text == "Loading Fashion-MNIST\nCounting …"
    assert waiting(panel).share_done is None
    assert visible_buttons(panel) == ["Cancel"]


def test_cancel_is_asked_for_once(panel: DataPanel, qtbot: QtBot) -> None:
    panel.show_loading("Fashion-MNIST", 30)
    cancel = button(panel, "Cancel")
    with qtbot.waitSignal(panel.cancelRequested):
        qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert not cancel.isEnabled()
    panel.show_error("", False)
    assert waiting(panel).text == "Cancelled\nThe dataset was not loaded."
    assert visible_buttons(panel) == ["Try again"]
    panel.show_loading("Fashion-MNIST", 30)
    assert button(panel, "Cancel").isEnabled()


def test_a_dataset_that_is_missing_can_be_downloaded(panel: DataPanel, qtbot: QtBot) -> None:
    panel.show_loading("Fashion-MNIST", 30)
    panel.show_error("Fashion-MNIST is not on this computer.", True)
    assert "Fashion-MNIST is not on this computer." in waiting(panel).text
    assert visible_buttons(panel) == ["Get it (30 MB)"]
    with qtbot.waitSignal(panel.downloadRequested):
        qtbot.mouseClick(button(panel, "Get it (30 MB)"), Qt.MouseButton.LeftButton)


def test_any_other_failure_can_be_tried_again(panel: DataPanel, qtbot: QtBot) -> None:
    panel.show_preview(preview_of())
    panel.show_error("train-images-idx3-ubyte is damaged: delete it.", False)
    assert "train-images-idx3-ubyte is damaged: delete it." in waiting(panel).text
    assert visible_buttons(panel) == ["Try again"]
    with qtbot.waitSignal(panel.retryRequested):
        qtbot.mouseClick(button(panel, "Try again"), Qt.MouseButton.LeftButton)


def test_a_long_sentence_is_shown_whole(panel: DataPanel, qtbot: QtBot) -> None:
    panel.show_error("Cannot read the images. " * 12, False)
    labels = [label for label in panel.findChildren(QWidget) if str(label.property("text")).startswith("Cannot")]
    (label,) = [label for label in labels if label.isVisible()]
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()) > 3 * label.fontMetrics().height())


def test_a_fast_load_leaves_the_old_samples_until_the_new_ones_come(panel: DataPanel) -> None:
    panel.show_preview(preview_of(20))
    panel.show_loading("Fashion-MNIST", 30)
    assert grid_of(panel).isVisible()
    panel.show_preview(preview_of(30))
    assert grid_of(panel).isVisible()
    assert len(shown_classes(panel)) == 30


def test_a_slow_load_shows_that_it_goes_on(panel: DataPanel, qtbot: QtBot) -> None:
    panel.show_preview(preview_of(20))
    panel.show_loading("Fashion-MNIST", 30)
    qtbot.waitUntil(lambda: button(panel, "Cancel").isVisible())
    assert not grid_of(panel).isVisible()


def test_whatever_takes_the_keyboard_has_an_accessible_name(panel: DataPanel) -> None:
    panel.show_preview(preview_of())
    nameless = [
        widget
        for widget in panel.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not widget.accessibleName()
        and not isinstance(widget.parent(), QComboBox)
        and not (widget.parent() and isinstance(widget.parent().parent(), QComboBox))
    ]
    assert nameless == []
