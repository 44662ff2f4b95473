"""``workbench runs``, ``samples``, ``check`` and ``--version``."""

import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.cli.conftest import Outcome, tree
from workbench import __version__
from workbench.cli.commands import main
from workbench.runs.store import Run, Workspace
from workbench.spec.yaml_io import load_experiment

SAMPLES = Path(__file__).parents[2] / "resources" / "experiments"


def test_runs_lists_the_newest_first(
    workbench: Callable[..., Outcome], trained: Run, small: Path, workspace: Workspace
) -> None:
    older = trained.folder.with_name("20200101T000000Z-older-000000")
    trained.folder.rename(older)
    assert workbench("train", small, "--set", "training.epochs=1", "--set", "title=New one").code == 0
    best = Run(older).read().best
    lines = workbench("runs").out.splitlines()
    assert [line.split()[0] for line in lines] == ["Run", workspace.runs()[0].id, older.name]
    assert lines[0].split() == ["Run", "Title", "Status", "Epoch", "Accuracy", "Loss"]
    assert lines[2].split()[1:] == [
        "Small", "finished", "2/2", f"{best['val_accuracy']:.2%}", f"{best['val_loss']:.4f}",
    ]  # fmt: skip
    assert "New one" in lines[1]


def test_runs_in_json_hold_the_whole_record(workbench: Callable[..., Outcome], trained: Run) -> None:
    (row,) = workbench("runs", "--json").rows
    assert row == {"run": str(trained.folder), **json.loads(trained.record_file.read_text(encoding="utf-8"))}
    assert row["best"] == trained.read().best


def test_no_runs_are_told_with_how_to_make_one(workbench: Callable[..., Outcome], home: Path) -> None:
    before = tree(home)
    outcome = workbench("runs")
    assert outcome == Outcome(0, f"No runs in {home / 'workspace'} yet. 'workbench train digits-mlp' makes one.\n", "")
    assert workbench("runs", "--json") == Outcome(0, "", "")
    assert tree(home) == before


def test_runs_of_another_workspace_are_listed_with_the_option(
    workbench: Callable[..., Outcome], trained: Run, tmp_path: Path
) -> None:
    assert workbench("runs", "--workspace", tmp_path / "empty", "--json").rows == []
    assert len(workbench("runs", "--workspace", trained.folder.parent.parent, "--json").rows) == 1


def test_a_damaged_run_does_not_hide_the_others(workbench: Callable[..., Outcome], trained: Run) -> None:
    damaged = trained.folder.with_name("20200101T000000Z-damaged-000000")
    damaged.mkdir()
    (damaged / "run.json").write_text("{", encoding="utf-8")
    outcome = workbench("runs", "--json")
    assert outcome.code == 0
    assert [row["run"] for row in outcome.rows] == [str(trained.folder)]
    sentence = f"{damaged / 'run.json'} is damaged: restore it or delete the run's folder."
    assert outcome.err == f"workbench: {sentence}\n"


def test_samples_lists_every_bundled_experiment(workbench: Callable[..., Outcome]) -> None:
    bundled = {path.stem: load_experiment(path) for path in sorted(SAMPLES.glob("*.yaml"))}
    assert {"digits-mlp", "fashion-mnist-lenet5", "fashion-mnist-mlp"} <= bundled.keys()
    lines = workbench("samples").out.splitlines()
    assert [line.split(maxsplit=1) for line in lines] == [[name, spec.title] for name, spec in bundled.items()]
    assert workbench("samples", "--json").rows == [
        {"name": name, "title": spec.title, "expected": spec.expected} for name, spec in bundled.items()
    ]
    assert all(spec.expected for spec in bundled.values())


def test_check_prints_what_a_bug_report_needs(workbench: Callable[..., Outcome], home: Path) -> None:
    before = tree(home)
    (facts,) = workbench("check", "--json").rows
    assert facts["workbench"] == __version__
    assert facts["Python"] == f"{platform.python_version()} ({sys.executable})"
    assert facts["torch"] == str(torch.__version__)
    assert facts["devices"].startswith("cpu (")
    assert facts["data"] == str(home / "data")
    assert facts["workspace"] == str(home / "workspace")
    assert int(facts["cores"]) >= 1
    lines = workbench("check").out.splitlines()
    assert {line[:22].strip(): line[22:] for line in lines} == facts
    assert tree(home) == before


def test_version_is_printed(workbench: Callable[..., Outcome]) -> None:
    assert workbench("--version") == Outcome(0, f"workbench {__version__}\n", "")


def test_help_names_every_command_and_each_has_its_own(workbench: Callable[..., Outcome]) -> None:
    outcome = workbench("--help")
    assert outcome.code == 0
    for command in ("gui", "train", "resume", "runs", "samples", "check"):
        assert f" {command} " in outcome.out
        own = workbench(command, "--help")
        assert own.code == 0
        assert f"workbench {command}" in own.out


def test_the_window_without_a_display_is_refused_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert main(["gui"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "There is no display" in line
