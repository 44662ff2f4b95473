"""The figures of a regression and of several labels on the command line."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome
from workbench.runs.store import Workspace

REGRESSION = """\
title: Diabetes
dataset: {name: Diabetes}
model: {name: Linear}
loss: {name: MSELoss}
optimizer: {name: Adam, lr: 0.1}
training: {epochs: 2, batch_size: 64}
"""
LABELS = """\
title: Properties
dataset: {name: DigitProperties}
model: {name: MLP, hidden: [16]}
loss: {name: BCEWithLogitsLoss}
optimizer: {name: Adam}
training: {epochs: 2, batch_size: 64}
"""


@pytest.fixture
def regression(tmp_path: Path) -> Path:
    path = tmp_path / "regression.yaml"
    path.write_text(REGRESSION, encoding="utf-8")
    return path


def test_a_regression_prints_its_errors_as_numbers(
    workbench: Callable[..., Outcome], regression: Path, workspace: Workspace
) -> None:
    outcome = workbench("train", regression)
    assert outcome.code == 0, outcome.err
    best = workspace.runs()[0].read().best
    figures = (
        f"validation loss {best['val_loss']:.4f}, validation MAE {best['val_mae']:#.4g}, "
        f"validation RMSE {best['val_rmse']:#.4g}, validation R² {best['val_r2']:#.4g}"
    )
    assert figures in outcome.out
    assert "accuracy" not in outcome.out
    assert "%" not in outcome.out


def test_several_labels_print_accuracy_and_exact_match_in_percent(
    workbench: Callable[..., Outcome], tmp_path: Path, workspace: Workspace
) -> None:
    path = tmp_path / "labels.yaml"
    path.write_text(LABELS, encoding="utf-8")
    outcome = workbench("train", path)
    assert outcome.code == 0, outcome.err
    last = workspace.runs()[0].read().last
    assert f"validation accuracy {last['val_accuracy']:.2%}" in outcome.out
    assert f"validation exact match {last['val_exact_match']:.2%}" in outcome.out


def test_json_lines_hold_the_figures_of_the_task(workbench: Callable[..., Outcome], regression: Path) -> None:
    epochs = workbench("train", regression, "--json").epochs()
    figures = ["event", "epoch", "train_loss", "val_loss", "val_mae", "val_rmse", "val_r2"]
    assert [list(row) for row in epochs] == [figures, figures]


def test_runs_has_a_column_for_each_metric_that_a_run_has(
    workbench: Callable[..., Outcome], regression: Path, small: Path, workspace: Workspace
) -> None:
    assert workbench("train", small, "--json").code == 0
    assert workbench("train", regression, "--json").code == 0
    lines = workbench("runs").out.splitlines()
    assert lines[0].split() == ["Run", "Title", "Status", "Epoch", "Accuracy", "MAE", "RMSE", "R²", "Loss"]
    best = {run.read().title: run.read().best for run in workspace.runs()}
    errors = best["Diabetes"]
    row = next(line for line in lines if "Diabetes" in line).split()
    assert row[4:] == [f"{errors[name]:#.4g}" for name in ("val_mae", "val_rmse", "val_r2")] + [
        f"{errors['val_loss']:.4f}"
    ]
    row = next(line for line in lines if "Small" in line).split()
    assert row[4:] == [f"{best['Small']['val_accuracy']:.2%}", f"{best['Small']['val_loss']:.4f}"]
    records = [json.loads(line) for line in workbench("runs", "--json").out.splitlines()]
    assert {record["title"]: record["best"] for record in records} == {title: dict(row) for title, row in best.items()}
