"""The Model tab: layer table, misfits, totals, the curve of the learning rate, the loss before training."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from workbench.core.layers import describe_model
from workbench.engine.messages import LossTrial, ScheduleCurve
from workbench.gui.panels.fact_strip import FactStrip
from workbench.gui.panels.layer_table import LayerTable, memory_text, shape_text
from workbench.gui.panels.model_panel import ModelPanel
from workbench.gui.theme.palette import DARK, LIGHT, Theme
from workbench.gui.theme.series import series_style
from workbench.spec.datasets import Digits, Iris
from workbench.spec.experiment import Experiment, first_experiment, first_experiment_offline
from workbench.spec.layer_table import ModelDescription
from workbench.spec.models import LeNet5


def described(experiment: Experiment, batch_size: int = 32) -> ModelDescription:
    info = experiment.dataset.info()
    assert info is not None
    return describe_model(experiment, info, batch_size)


@pytest.fixture
def panel(qtbot: QtBot) -> ModelPanel:
    panel = ModelPanel()
    qtbot.addWidget(panel)
    panel.resize(1000, 480)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def table_of(panel: ModelPanel) -> LayerTable:
    (found,) = panel.findChildren(LayerTable)
    return found


def rows_of(panel: ModelPanel) -> list[list[str | None]]:
    model = table_of(panel).layers
    return [[model.index(row, column).data() for column in range(6)] for row in range(model.rowCount())]


def totals_of(panel: ModelPanel) -> dict[str, str]:
    (found,) = panel.findChildren(FactStrip)
    return found.facts


def pixels_of(panel: ModelPanel, color: QColor) -> int:
    image = panel.schedule.graphics.grab().toImage()
    raw = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return int((raw[:, : image.width()] & 0xFFFFFF == color.rgb() & 0xFFFFFF).sum())


def test_every_layer_has_a_row_with_its_shape_and_costs(panel: ModelPanel) -> None:
    panel.show_model(described(first_experiment()))
    rows = rows_of(panel)
    assert rows[0] == ["convolutions.0", "Conv2d", "6 × 24 × 24", "156", "86,400", "–"]
    linear = [row for row in rows if row[1] == "Linear"]
    assert [row[2:5] for row in linear] == [
        ["120", "30,840", "30,720"],
        ["84", "10,164", "10,080"],
        ["10", "850", "840"],
    ]
    assert sum(int(str(row[3]).replace(",", "")) for row in rows if row[3] != "–") == 44_426
    totals = totals_of(panel)
    assert totals["Parameters"] == "44,426"
    assert totals["Multiply-adds a sample"] == f"{86_400 + 153_600 + 30_720 + 10_080 + 840:,}"
    assert totals["Memory of the weights"] == "174 KiB"
    assert "Memory of a batch of 32" in totals
    assert panel.problem_text == ""


def test_a_misfit_stands_under_the_layer_where_it_arises(panel: ModelPanel) -> None:
    experiment = first_experiment_offline().model_copy(update={"model": LeNet5()})
    panel.show_model(described(experiment))
    rows = rows_of(panel)
    place = next(row for row, texts in enumerate(rows) if str(texts[0]).startswith("The input"))
    assert rows[place][0] == "The input 2×2 is smaller than the 5×5 kernel."
    assert rows[place - 1][:2] == ["convolutions.3", "Conv2d"]
    table = table_of(panel)
    assert table.columnSpan(place, 0) == 6
    assert table.columnSpan(place - 1, 0) == 1
    color = table.layers.index(place, 0).data(Qt.ItemDataRole.ForegroundRole).color()
    assert color == QColor(LIGHT.danger)
    assert panel.problem_text.startswith("Input 8×8 is too small for two 5×5 convolutions; the smallest is 16×16.")
    panel.show_model(described(first_experiment_offline()))
    assert panel.problem_text == ""
    assert [table.columnSpan(row, 0) for row in range(table.layers.rowCount())] == [1] * table.layers.rowCount()


def test_a_model_for_other_samples_has_no_layers_and_says_why(panel: ModelPanel) -> None:
    experiment = first_experiment().model_copy(update={"dataset": Iris()})
    panel.show_model(described(experiment))
    assert rows_of(panel) == []
    assert table_of(panel).empty_text == "This model cannot be made for this dataset."
    assert panel.problem_text.startswith("Takes images")
    assert totals_of(panel) == {}


def test_without_a_dataset_it_says_what_it_waits_for(panel: ModelPanel) -> None:
    panel.show_model(described(first_experiment()))
    panel.show_trial(LossTrial(2.78, 2.30, "Random outputs give 2.78."))
    panel.show_waiting("The samples are not there yet.")
    assert rows_of(panel) == []
    assert table_of(panel).empty_text == "The samples are not there yet."
    assert totals_of(panel) == {}
    assert panel.trial_text == "What the loss says of outputs that know nothing"
    panel.show_model(described(first_experiment()))
    assert len(rows_of(panel)) > 5


def test_the_same_model_again_leaves_the_table_as_it_is(panel: ModelPanel, qtbot: QtBot) -> None:
    panel.show_model(described(first_experiment()))
    table_of(panel).selectRow(2)
    panel.show_model(described(first_experiment()))
    assert [index.row() for index in table_of(panel).selectionModel().selectedRows()] == [2]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_learning_rate_is_drawn_over_the_whole_run(panel: ModelPanel, qtbot: QtBot, theme: Theme) -> None:
    panel.set_theme(theme)
    color, _ = series_style(0, theme)
    assert pixels_of(panel, color) == 0
    steps = np.arange(1.0, 1001.0)
    panel.show_schedule(ScheduleCurve(steps, np.linspace(0.1, 0.0, 1000)))
    qtbot.waitUntil(lambda: pixels_of(panel, color) > 100)
    low, high = panel.schedule.x_range
    assert low < 1
    assert high > 1000
    assert -0.01 < panel.schedule.y_range[0] <= 0
    panel.show_no_schedule("No curve: the cycle is longer than the run.")
    qtbot.waitUntil(lambda: pixels_of(panel, color) == 0)


@pytest.mark.parametrize(
    ("rates", "is_logarithmic"),
    [
        (0.1 * 0.9 ** np.arange(100.0), True),
        (np.repeat([0.1, 0.01, 0.001], 40), True),
        (0.05 * (1 + np.cos(np.linspace(0, np.pi * 0.999, 500))), False),
        (np.linspace(0.1, 0.0, 100), False),
        (np.full(100, 0.001), False),
    ],
    ids=["exponential", "steps", "cosine", "to zero", "constant"],
)
def test_the_axis_is_logarithmic_where_much_of_the_run_is_decades_below_the_top(
    panel: ModelPanel, qtbot: QtBot, rates: np.ndarray, is_logarithmic: bool
) -> None:
    panel.show_schedule(ScheduleCurve(np.arange(1.0, len(rates) + 1), rates))
    untouched = panel.schedule.y_range
    qtbot.waitUntil(lambda: panel.schedule.y_range != untouched)
    assert (panel.schedule.y_range[1] < 0) == is_logarithmic


def test_a_curve_that_came_behind_another_tab_is_drawn_when_the_tab_is_shown(panel: ModelPanel, qtbot: QtBot) -> None:
    panel.hide()
    panel.show_schedule(ScheduleCurve(np.arange(1.0, 101.0), np.full(100, 0.1)))
    shown: list[None] = []
    panel.shown.connect(lambda: shown.append(None))
    panel.show()
    color, _ = series_style(0, LIGHT)
    qtbot.waitUntil(lambda: pixels_of(panel, color) > 50)
    assert len(shown) == 1


def test_the_loss_before_training_is_told_in_one_sentence(panel: ModelPanel) -> None:
    panel.show_trial(LossTrial(2.7768, 2.3026, "Random outputs (1,000 × 10) give 2.7768."))
    assert panel.trial_text == "Random outputs (1,000 × 10) give 2.7768."
    panel.show_no_trial("loss.name is for predicting numbers: choose another loss.")
    assert panel.trial_text == "loss.name is for predicting numbers: choose another loss."


def test_it_fits_a_small_screen(panel: ModelPanel) -> None:
    assert panel.minimumSizeHint().width() <= 1000
    assert panel.minimumSizeHint().height() <= 480


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (2_048, "2 KiB"), (177_704, "174 KiB"), (6_422_528, "6.12 MiB"), (3 << 40, "3 TiB")],
)
def test_memory_is_told_with_three_digits(count: int, text: str) -> None:
    assert memory_text(count) == text


def test_shapes_are_told_side_by_side() -> None:
    assert [shape_text(shape) for shape in (None, (), (10,), (6, 24, 24))] == ["–", "1", "10", "6 × 24 × 24"]


def test_digits_have_a_description_too(panel: ModelPanel) -> None:
    experiment = first_experiment_offline()
    assert isinstance(experiment.dataset, Digits)
    panel.show_model(described(experiment))
    assert totals_of(panel)["Parameters"] == f"{64 * 64 + 64 + 64 * 32 + 32 + 32 * 10 + 10:,}"
