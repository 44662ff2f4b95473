"""Figures of every task where runs are shown: plot, epoch table, table of runs, status line."""

import itertools

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from tests.gui.panels.test_runs_panel import column, row, sort
from workbench.gui.panels.run_cells import Column
from workbench.gui.panels.runs_panel import RunsPanel
from workbench.gui.panels.train_panel import TrainPanel
from workbench.runs.events import EpochEnd, RunEnded, RunStarted, Status
from workbench.spec.tasks import Task

REGRESSION = {"val_mae": 42.4802, "val_rmse": 53.466, "val_r2": 0.49281}
LABELS = {"val_accuracy": 0.95, "val_exact_match": 0.8125}


def started(task: Task | None) -> RunStarted:
    return RunStarted("Run", 3, 10, 100, 20, 1_000, "cpu", 1, task=task)


def epoch(number: int, **metrics: float) -> EpochEnd:
    return EpochEnd(number, number * 10, 0.6, 0.5, metrics, 0.001, 2.0)


def batches() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    steps = np.arange(1.0, 31.0)
    return steps, np.linspace(2, 1, 30), np.full(30, 0.01), steps * 0.01


@pytest.fixture
def train(qtbot: QtBot) -> TrainPanel:
    panel = TrainPanel()
    panel.resize(1000, 480)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def runs(qtbot: QtBot) -> RunsPanel:
    panel = RunsPanel()
    qtbot.addWidget(panel)
    panel.show()
    return panel


def headings(panel: TrainPanel) -> list[str]:
    model = panel.findChildren(QTableView)[0].model()
    return [str(model.headerData(place, Qt.Orientation.Horizontal)) for place in range(model.columnCount())]


def first_row(panel: TrainPanel) -> list[str]:
    model = panel.findChildren(QTableView)[0].model()
    return [str(model.index(0, place).data()) for place in range(model.columnCount())]


def metric_values(panel: TrainPanel, run: str) -> list[float]:
    curve = panel.plots.metric._runs[run].curves.get("metric")
    return [] if curve is None else curve.series.y.tolist()


def test_a_live_regression_shows_its_error_from_the_first_batch_on(train: TrainPanel) -> None:
    train.begin("a", "Diabetes", started("regression"))
    assert train.plots.metric.title == "Validation MAE"
    assert train.plots.metric.accessibleName() == "Validation MAE"
    train.add("a", epoch(1, **REGRESSION))
    train.add("a", epoch(2, val_mae=40.0, val_rmse=50.0, val_r2=0.5))
    assert metric_values(train, "a") == [42.4802, 40.0]
    assert headings(train)[3:6] == ["MAE", "RMSE", "R²"]
    assert first_row(train)[3:6] == ["42.48", "53.47", "0.4928"]


def test_the_axis_of_an_error_is_in_numbers_and_that_of_an_accuracy_in_percent(train: TrainPanel, qtbot: QtBot) -> None:
    train.begin("a", "Diabetes", started("regression"))
    train.add("a", epoch(1, **REGRESSION))
    qtbot.waitUntil(lambda: train.plots.metric.readout == "42.48")
    assert train.plots.metric.left_axis.tickStrings([50.0], 1.0, 50.0) == ["50"]
    train.begin("b", "Labels", started("multilabel"))
    train.add("b", epoch(1, **LABELS))
    assert train.plots.metric.title == "Validation accuracy"
    qtbot.waitUntil(lambda: train.plots.metric.readout == "95.0 %")
    assert train.plots.metric.left_axis.tickStrings([0.5], 1.0, 0.1) == ["50 %"]


def test_several_labels_show_accuracy_and_exact_match(train: TrainPanel) -> None:
    train.begin("a", "Labels", started("multilabel"))
    train.add("a", epoch(1, **LABELS))
    assert headings(train)[3:5] == ["Accuracy", "Exact match"]
    assert first_row(train)[3:5] == ["95.00 %", "81.25 %"]
    assert metric_values(train, "a") == [0.95]


def test_runs_of_different_tasks_never_share_the_plot(train: TrainPanel) -> None:
    train.show_run("old", "Old", 1, batches(), [epoch(1, val_accuracy=0.7), epoch(2, val_accuracy=0.8)])
    assert metric_values(train, "old") == [0.7, 0.8]
    train.begin("live", "Diabetes", started("regression"))
    train.add("live", epoch(1, **REGRESSION))
    assert metric_values(train, "old") == []
    assert metric_values(train, "live") == [42.4802]
    assert train.plots.loss.point_count("old", "training") == 30
    train.show_run("labels", "Labels", 2, batches(), [epoch(1, **LABELS)])
    assert metric_values(train, "labels") == []
    train.add("live", RunEnded(Status.FINISHED, 1, 10))
    train.hide_run("live")
    assert train.plots.metric.title == "Validation accuracy"
    assert {run: metric_values(train, run) for run in ("old", "labels")} == {"old": [0.7, 0.8], "labels": [0.95]}


def test_a_run_whose_task_nobody_told_shows_its_metric_with_its_first_epoch(train: TrainPanel) -> None:
    train.begin("a", "Diabetes", started(None))
    assert train.plots.metric.title == "Validation accuracy"
    train.add("a", epoch(1, **REGRESSION))
    assert train.plots.metric.title == "Validation MAE"
    assert metric_values(train, "a") == [42.4802]


def test_the_status_line_tells_all_figures_of_the_best_epoch(train: TrainPanel) -> None:
    train.begin("a", "Diabetes", started("regression"))
    train.add("a", RunEnded(Status.FINISHED, 3, 30, "", {"epoch": 2, "val_loss": 2859.4248, **REGRESSION}))
    best = "best in epoch 2: validation loss 2,859.4, MAE 42.48, RMSE 53.47, R² 0.4928"
    assert train.status_text == f"Finished after epoch 3 \u00b7 {best}"


def test_the_table_of_runs_names_the_metric_that_all_runs_have(runs: RunsPanel) -> None:
    regression = {"epoch": 2, "val_loss": 2859.4248, **REGRESSION}

    def heading() -> object:
        return runs.findChildren(QTableView)[0].model().headerData(Column.METRIC, Qt.Orientation.Horizontal)

    assert heading() == "Validation accuracy"
    runs.set_runs([row(1, best=regression), row(2, best={})])
    assert heading() == "Validation MAE"
    assert column(runs, Column.METRIC) == ["–", "42.48"]
    runs.update_run(*row(3, best={"val_accuracy": 0.9}))
    assert heading() == "Validation metric"
    assert column(runs, Column.METRIC) == ["accuracy 90.00 %", "–", "MAE 42.48"]
    tip = runs.findChildren(QTableView)[0].model().index(2, Column.METRIC).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "In epoch 2: MAE 42.48, RMSE 53.47, R² 0.4928"
    runs.remove_run("0003")
    assert heading() == "Validation MAE"


def test_metrics_of_different_kinds_sort_in_groups(runs: RunsPanel) -> None:
    runs.set_runs(
        [
            row(1, best={"val_mae": 40.0}),
            row(2, best={"val_accuracy": 0.5}),
            row(3, best={"val_mae": 0.5}),
            row(4, best={"val_accuracy": 0.9}),
        ]
    )
    expected = ["accuracy 50.00 %", "accuracy 90.00 %", "MAE 0.5000", "MAE 40.00"]
    sort(runs, Column.METRIC)
    assert column(runs, Column.METRIC) == expected
    sort(runs, Column.METRIC, descending=True)
    assert column(runs, Column.METRIC) == expected[::-1]


def test_headings_of_many_columns_are_short_and_fit(train: TrainPanel) -> None:
    train.begin("a", "Diabetes", started("regression"))
    train.add("a", epoch(1, **REGRESSION))
    table = train.findChildren(QTableView)[0]
    metrics = table.horizontalHeader().fontMetrics()
    for place, heading in zip(itertools.count(), headings(train), strict=False):
        assert metrics.horizontalAdvance(heading) <= table.columnWidth(place) - 6, heading
