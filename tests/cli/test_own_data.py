"""``workbench train`` on the user's own files, from the experiment file to the run folder."""

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.conftest import Outcome
from workbench.runs.store import Workspace
from workbench.spec.datasets import ImageFolder

EXPERIMENT = """\
title: Mine
dataset: {dataset}
model: {{name: MLP, hidden: [8]}}
loss: {{name: CrossEntropyLoss}}
optimizer: {{name: Adam, lr: 0.01}}
training: {{epochs: 3, batch_size: 8}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with 40 images of two classes that anything can tell apart, one of them damaged."""
    project = tmp_path / "我的 project"
    for level, name in ((40, "dark 暗"), (200, "light")):
        folder = project / "pictures" / name
        folder.mkdir(parents=True)
        for number in range(20):
            noise = np.random.default_rng(number).integers(level - 40, level + 40, (20, 30, 3)).astype(np.uint8)
            Image.fromarray(noise).save(folder / f"{number}.{'png' if number % 2 else 'jpg'}")
    (project / "pictures" / "light" / "7.png").write_bytes(b"no image")
    return project


def write(project: Path, dataset: str) -> Path:
    path = project / "mine.yaml"
    path.write_text(EXPERIMENT.format(dataset=dataset), encoding="utf-8")
    return path


def test_a_folder_beside_the_experiment_file_is_trained_on(
    workbench: Callable[..., Outcome], project: Path, workspace: Workspace
) -> None:
    experiment = write(project, "{name: ImageFolder, path: pictures, size: [12, 12]}")
    outcome = workbench("train", experiment)
    assert (outcome.code, outcome.err) == (0, "")
    left_out = "Left out of the data: light/7.png: it is no image, or of a kind that cannot be read."
    assert left_out in " ".join(outcome.out.split())
    (run,) = workspace.runs()
    assert run.read().best["val_accuracy"] == 1.0
    assert "light/7.png: it is no image" in run.log_file.read_text(encoding="utf-8")
    dataset = run.experiment().dataset
    assert isinstance(dataset, ImageFolder)
    assert dataset.path == str(project / "pictures"), "the run's experiment must not depend on where its file lay"
    assert "path: pictures" in experiment.read_text(encoding="utf-8")


def test_other_programs_hear_what_was_left_out(workbench: Callable[..., Outcome], project: Path) -> None:
    outcome = workbench("train", write(project, "{name: ImageFolder, path: pictures, size: [12, 12]}"), "--json")
    first, *rest = [json.loads(line) for line in outcome.out.splitlines()]
    assert (first["event"], first["message"][:21]) == ("notice", "Left out of the data:")
    assert first["detail"].startswith("light/7.png: it is no image")
    assert [line["event"] for line in rest] == ["epoch"] * 3 + ["finished"]


def test_the_run_can_be_gone_on_with(workbench: Callable[..., Outcome], project: Path, workspace: Workspace) -> None:
    assert workbench("train", write(project, "{name: ImageFolder, path: pictures, size: [12, 12]}"), "--json").code == 0
    (run,) = workspace.runs()
    assert workbench("resume", run.id, "--epochs", 4, "--json").epochs()[-1]["epoch"] == 4


def test_a_path_given_by_set_starts_at_the_current_folder(
    workbench: Callable[..., Outcome], project: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = write(project, "{name: ImageFolder, path: elsewhere, size: [12, 12]}")
    monkeypatch.chdir(project / "pictures")
    assert workbench("train", experiment, "--json", "--set", f"dataset.path=..{os.sep}pictures").code == 0
    (run,) = workspace.runs()
    dataset = run.experiment().dataset
    assert isinstance(dataset, ImageFolder)
    assert Path(dataset.path).resolve() == (project / "pictures").resolve()


def test_arrays_are_trained_on(workbench: Callable[..., Outcome], project: Path, workspace: Workspace) -> None:
    rows = np.random.default_rng(0).normal(size=(200, 3))
    np.savez(project / "sums.npz", X=rows, y=rows.sum(axis=1) > 0)
    assert workbench("train", write(project, "{name: Arrays, path: sums.npz}"), "--json").code == 0
    (run,) = workspace.runs()
    assert run.read().best["val_accuracy"] > 0.7


def test_idx_files_are_trained_on(workbench: Callable[..., Outcome], project: Path, workspace: Workspace) -> None:
    labels = np.arange(60, dtype=np.uint8) % 3
    images = np.repeat(labels * 100, 16).astype(np.uint8)
    with gzip.open(project / "images.gz", "wb") as file:
        file.write(bytes([0, 0, 8, 3, 0, 0, 0, 60, 0, 0, 0, 4, 0, 0, 0, 4]) + images.tobytes())
    (project / "labels").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 60]) + labels.tobytes())
    experiment = write(project, "{name: IDXFiles, images: images.gz, labels: labels}")
    outcome = workbench("train", experiment, "--json", "--set", "optimizer.lr=0.1")
    assert (outcome.code, outcome.err) == (0, "")
    (run,) = workspace.runs()
    assert run.read().best["val_accuracy"] == 1.0


@pytest.mark.parametrize(
    ("dataset", "sentence"),
    [
        ("{name: ImageFolder}", "line 2, column 1: dataset.path is empty: choose where your data lies."),
        ("{name: ImageFolder, path: absent}", "The folder {project}absent is not there: choose a folder"),
        ("{name: Arrays, path: absent.npz}", "There is no file {project}absent.npz: choose the file again."),
        ("{name: IDXFiles, images: a}", "dataset.labels is empty"),
    ],
)
def test_missing_data_is_told_in_one_line_and_leaves_no_run(
    workbench: Callable[..., Outcome], project: Path, workspace: Workspace, dataset: str, sentence: str
) -> None:
    outcome = workbench("train", write(project, dataset), "--json")
    assert (outcome.code, outcome.out) == (2, "")
    assert sentence.replace("{project}", f"{project}{os.sep}") in outcome.err
    assert outcome.err.count("\n") == 1
    assert workspace.runs() == []
