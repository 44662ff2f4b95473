"""``workbench train`` on tables of the user's own, named in the experiment file."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.conftest import Outcome
from workbench.runs.store import Workspace

TABLE = """\
title: Flats
dataset: {name: Table, path: 数据/flats.csv, target: rent, columns: [{name: storey, role: one-hot}]}
model: {name: MLP, hidden: [16]}
loss: {name: MSELoss}
optimizer: {name: Adam, lr: 0.01}
training: {epochs: 2, batch_size: 32, seed: 1}
"""
IMAGES = """\
title: Tags
dataset: {name: ImageTable, path: tags.csv, target: tags, size: [8, 8]}
model: {name: MLP, hidden: [16]}
loss: {name: BCEWithLogitsLoss}
optimizer: {name: Adam, lr: 0.01}
training: {epochs: 1, batch_size: 8, seed: 1}
"""


@pytest.fixture
def flats(tmp_path: Path) -> Path:
    """An experiment file and, in a folder beside it, its table."""
    folder = tmp_path / "project" / "数据"
    folder.mkdir(parents=True)
    rows = "".join(f"{20 + row % 60};{'abc'[row % 3]};{row % 4};{500 + 10 * (row % 60)},5\r\n" for row in range(200))
    (folder / "flats.csv").write_text(f"size;town;storey;rent\r\n{rows}", encoding="gb18030", newline="")
    path = folder.parent / "flats.yaml"
    path.write_text(TABLE, encoding="utf-8")
    return path


def test_a_table_is_found_from_the_experiment_file_and_learned_from(
    workbench: Callable[..., Outcome], flats: Path, workspace: Workspace
) -> None:
    outcome = workbench("train", flats, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    first, second, finished = outcome.rows
    assert set(first) >= {"train_loss", "val_loss", "val_mae", "val_rmse", "val_r2"}
    assert second["train_loss"] < first["train_loss"]
    assert finished["status"] == "finished"
    (run,) = workspace.runs()
    assert f"path: {flats.parent / '数据' / 'flats.csv'}" in run.experiment_file.read_text(encoding="utf-8")


def test_a_fault_of_the_table_is_one_line(workbench: Callable[..., Outcome], flats: Path) -> None:
    outcome = workbench("train", flats, "--set", "dataset.target=rant")
    assert outcome.code == 2
    table = flats.parent / "数据" / "flats.csv"
    (line,) = outcome.err.splitlines()
    assert line.endswith(f"{table} has no column rant, which dataset.target names; did you mean rent?")


def test_images_that_a_table_lists_are_learned_from(
    workbench: Callable[..., Outcome], tmp_path: Path, workspace: Workspace
) -> None:
    lines = ["file,tags"]
    for number in range(40):
        Image.new("L", (10, 10), 6 * number).save(tmp_path / f"{number}.png")
        lines.append(f"{number}.png,{'dark|even' if number % 2 == 0 and number < 20 else 'bright'}")
    (tmp_path / "tags.csv").write_text("\n".join(lines), encoding="utf-8")
    path = tmp_path / "tags.yaml"
    path.write_text(IMAGES, encoding="utf-8")
    outcome = workbench("train", path, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert 0 <= outcome.rows[0]["val_exact_match"] <= 1
