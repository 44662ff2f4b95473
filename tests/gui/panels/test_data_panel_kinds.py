"""The Data tab of tables, tokens, regressions and images with several labels, with real datasets."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel
from pytestqt.qtbot import QtBot

from workbench.engine.messages import ColumnSummary, DatasetPreview
from workbench.gui.panels.class_counts import ClassCounts
from workbench.gui.panels.column_histograms import ColumnHistograms
from workbench.gui.panels.data_panel import DataPanel
from workbench.gui.panels.dataset_facts import DatasetFacts
from workbench.gui.panels.image_grid import ImageGrid
from workbench.gui.panels.sample_details import SampleDetails
from workbench.gui.panels.sample_table import SampleTable
from workbench.gui.panels.sample_words import decimals_for, number_text
from workbench.gui.theme.palette import DARK, LIGHT, Theme
from workbench.gui.theme.series import series_style
from workbench.spec.datasets import (
    BreastCancer,
    DatasetComponent,
    Diabetes,
    DigitProperties,
    Digits,
    Iris,
    Linnerud,
    Tokens,
)

Preview = Callable[[DatasetComponent], DatasetPreview]
Right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
Left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@pytest.fixture
def panel(qtbot: QtBot) -> DataPanel:
    panel = DataPanel()
    qtbot.addWidget(panel)
    panel.resize(1000, 500)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def table_of(panel: DataPanel) -> SampleTable:
    (found,) = panel.findChildren(SampleTable)
    assert found.isVisible()
    return found


def rows_of(table: SampleTable, count: int = 1_000_000) -> list[list[str]]:
    model = table.samples
    rows = range(min(model.rowCount(), count))
    return [[str(model.index(row, column).data()) for column in range(model.columnCount())] for row in rows]


def headings(table: SampleTable, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> list[object]:
    model = table.samples
    return [model.headerData(column, Qt.Orientation.Horizontal, role) for column in range(model.columnCount())]


def filter_of(panel: DataPanel) -> QComboBox:
    (found,) = panel.findChildren(QComboBox)
    return found


def facts_of(panel: DataPanel) -> dict[str, str]:
    (found,) = panel.findChildren(DatasetFacts)
    return found.facts


def histograms_of(panel: DataPanel) -> list[ColumnHistograms]:
    return [found for found in panel.findChildren(ColumnHistograms) if found.isVisible()]


# ---- tables ----


def test_a_table_of_classes_shows_place_class_and_features_of_each_sample(panel: DataPanel, look_at: Preview) -> None:
    preview = look_at(Iris())
    panel.show_preview(preview)
    table = table_of(panel)
    names = [column.name for column in preview.columns]
    assert headings(table) == ["Sample", "Class", *names]
    rows = rows_of(table)
    assert len(rows) == 120
    assert rows[0] == [
        f"{preview.indices[0]:,}",
        preview.classes[preview.labels[0]],
        *(f"{value:.1f}" for value in preview.inputs[0]),
    ]
    assert headings(table, Qt.ItemDataRole.TextAlignmentRole) == [Left, Left, Right, Right, Right, Right]
    assert facts_of(panel) == {
        "Training samples": "120",
        "Validation samples": "30",
        "Features": "4",
        "Classes": "3",
    }


def test_a_heading_too_long_for_its_column_has_a_tool_tip_and_keeps_its_column_narrow(
    panel: DataPanel, look_at: Preview
) -> None:
    preview = look_at(BreastCancer())
    panel.show_preview(preview)
    table = table_of(panel)
    names = [column.name for column in preview.columns]
    assert headings(table, Qt.ItemDataRole.ToolTipRole)[2:] == names
    widths = [table.columnWidth(column) for column in range(2, 32)]
    longest = names.index(max(names, key=len))
    assert widths[longest] < table.fontMetrics().horizontalAdvance(names[longest])
    assert max(widths) <= 116


def test_the_class_filter_and_other_samples_work_for_tables(panel: DataPanel, look_at: Preview, qtbot: QtBot) -> None:
    panel.show_preview(look_at(Iris()))
    box = filter_of(panel)
    assert [box.itemText(place) for place in range(box.count())][1:] == list(look_at(Iris()).classes)
    box.setCurrentIndex(2)
    rows = rows_of(table_of(panel))
    assert {row[1] for row in rows} == {box.currentText()}
    assert len(rows) == 40
    with qtbot.waitSignal(panel.moreRequested) as asked:
        panel._more.click()
    assert asked.args == [1]


def test_a_regression_shows_its_target_beside_the_features_and_offers_no_class(
    panel: DataPanel, look_at: Preview
) -> None:
    preview = look_at(Diabetes())
    panel.show_preview(preview)
    table = table_of(panel)
    assert headings(table)[:3] == ["Sample", preview.info.targets[0], preview.columns[0].name]
    assert rows_of(table)[0][1] == f"{preview.targets[0, 0]:.0f}"
    assert headings(table, Qt.ItemDataRole.TextAlignmentRole)[1] == Right
    assert not filter_of(panel).isVisible()
    assert facts_of(panel)["To predict"] == preview.info.targets[0]
    targets, features = histograms_of(panel)
    assert targets.row_text(0).startswith(f"{preview.info.targets[0]}: mean 15")
    assert len(features.accessibleDescription().splitlines()) == 10


def test_a_regression_of_several_numbers_has_a_column_and_a_histogram_for_each(
    panel: DataPanel, look_at: Preview
) -> None:
    preview = look_at(Linnerud())
    panel.show_preview(preview)
    assert headings(table_of(panel))[1:4] == list(preview.info.targets)
    assert facts_of(panel)["To predict"] == "3"
    assert len(histograms_of(panel)[0].accessibleDescription().splitlines()) == 3


def test_a_table_gives_way_to_images_and_comes_back(panel: DataPanel, look_at: Preview) -> None:
    panel.show_preview(look_at(Diabetes()))
    panel.show_preview(look_at(Digits()))
    (grid,) = panel.findChildren(ImageGrid)
    (counts,) = panel.findChildren(ClassCounts)
    assert grid.isVisible()
    assert counts.isVisible()
    assert histograms_of(panel) == []
    assert filter_of(panel).isVisible()
    assert facts_of(panel)["Shape"] == "1 × 8 × 8"
    panel.show_preview(look_at(Iris()))
    assert not grid.isVisible()
    assert counts.isVisible()
    assert len(histograms_of(panel)) == 1


# ---- tokens ----


def test_tokens_are_rows_of_numbers_without_the_padding(panel: DataPanel, look_at: Preview) -> None:
    preview = look_at(Tokens())
    panel.show_preview(preview)
    table = table_of(panel)
    assert headings(table) == ["Sample", "Class", "Tokens", "Length"]
    for row, tokens, label in zip(rows_of(table, 20), preview.inputs, preview.labels, strict=False):
        kept = [str(token) for token in tokens if token]
        assert row[1:] == [preview.classes[label], " ".join(kept), str(len(kept))]
    assert facts_of(panel)["Vocabulary"] == f"{preview.info.vocabulary:,}"
    (lengths,) = histograms_of(panel)
    assert "mean 22" in lengths.row_text(0)


# ---- several labels ----


def test_images_with_several_labels_show_them_all_under_the_picture(panel: DataPanel, look_at: Preview) -> None:
    preview = look_at(DigitProperties())
    panel.show_preview(preview)
    (grid,) = panel.findChildren(ImageGrid)
    texts = [str(grid.images.index(row).data()) for row in range(grid.images.rowCount())]
    for text, given in zip(texts, preview.targets, strict=True):
        names = [name for name, value in zip(preview.classes, given, strict=True) if value]
        assert text == (", ".join(names) or "no label")
    assert "no label" in texts
    (details,) = panel.findChildren(SampleDetails)
    assert details.text.splitlines()[0] == texts[0]
    assert facts_of(panel)["Labels"] == "4"


def test_the_filter_keeps_samples_that_have_the_label_among_others(panel: DataPanel, look_at: Preview) -> None:
    preview = look_at(DigitProperties())
    panel.show_preview(preview)
    box = filter_of(panel)
    assert (box.itemText(0), box.accessibleName()) == ("All labels", "Label to show")
    box.setCurrentIndex(1)
    (grid,) = panel.findChildren(ImageGrid)
    assert grid.images.rowCount() == int(preview.targets[:, 0].sum())
    shown = [label.text() for label in panel.findChildren(QLabel)]
    assert f"{grid.images.rowCount():,} of 1,438 training samples" in shown


# ---- histograms ----


def column(name: str, edges: list[float], counts: list[int]) -> ColumnSummary:
    return ColumnSummary(name, 1.5, 0.5, edges[0], edges[-1], np.array(edges), np.array(counts))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_bars_are_as_high_as_their_counts_in_the_colour_of_their_series(qtbot: QtBot, theme: Theme) -> None:
    histograms = ColumnHistograms(series=1)
    qtbot.addWidget(histograms)
    histograms.set_theme(theme)
    histograms.show_columns([column("a", [0, 1, 2, 3, 4, 5, 6], [1, 2, 4, 0, 3, 1])])
    histograms.resize(320, histograms.height())
    histograms.show()
    bars = histograms.bar_rects(0)
    highest = bars[2].height()
    assert [bar.height() for bar in bars] == [round(highest * share / 4) for share in (1, 2, 4, 0, 3, 1)]
    assert all(left.right() < right.left() for left, right in itertools.pairwise(bars))
    assert len({bar.bottom() for bar in bars if bar.height()}) == 1
    painted = histograms.grab().toImage()
    color = series_style(1, theme)[0]
    assert painted.pixelColor(bars[2].center().toPoint()) == color
    assert painted.pixelColor(bars[3].left() + 2, int(bars[2].center().y())) != color


def test_a_column_of_two_values_has_two_narrow_bars(qtbot: QtBot) -> None:
    histograms = ColumnHistograms(series=0)
    qtbot.addWidget(histograms)
    histograms.show_columns([column("sex", [0.5, 1.5, 2.5], [200, 100])])
    assert [bar.width() for bar in histograms.bar_rects(0)] == [24, 24]


def test_one_value_alone_and_no_sample_at_all_are_drawn_too(qtbot: QtBot) -> None:
    histograms = ColumnHistograms(series=0)
    qtbot.addWidget(histograms)
    histograms.show_columns([column("constant", [3.0, 3.0], [50]), column("empty", [0.0, 1.0], [0])])
    histograms.resize(320, histograms.height())
    assert histograms.bar_rects(0)[0].height() > 0
    assert histograms.bar_rects(1)[0].height() == 0
    assert not histograms.grab().isNull()


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([5.1, 3.5, 4.0], ["5.1", "3.5", "4.0"]),
        ([100.0, 2500.0], ["100", "2,500"]),
        ([0.0380759, -0.0446416, 0.0616962], ["0.03808", "-0.04464", "0.06170"]),
        ([1.5e-9, 2.5e-9], ["1.5e-09", "2.5e-09"]),
        ([np.nan, 1.0], ["–", "1"]),
        ([0.0, 0.0], ["0", "0"]),
    ],
)
def test_a_column_has_the_decimals_its_values_need(values: list[float], texts: list[str]) -> None:
    column = np.array(values, np.float32)
    decimals = decimals_for(column)
    assert [number_text(float(value), decimals) for value in column] == texts
