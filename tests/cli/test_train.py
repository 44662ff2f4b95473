"""``workbench train``: what it prints and what it leaves."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Outcome, tree
from workbench.runs.events import CheckpointKind, Status
from workbench.runs.metrics import read_epochs
from workbench.runs.store import Workspace


def test_json_tells_each_epoch_and_then_how_the_run_ended(
    workbench: Callable[..., Outcome], small: Path, workspace: Workspace
) -> None:
    outcome = workbench("train", small, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    first, second, finished = outcome.rows
    assert list(first) == ["event", "epoch", "train_loss", "val_loss", "val_accuracy", "seconds"]
    assert [(row["event"], row["epoch"]) for row in (first, second)] == [("epoch", 1), ("epoch", 2)]
    (run,) = workspace.runs()
    assert list(finished) == ["event", "run", "best", "status"]
    assert (finished["event"], finished["run"], finished["status"]) == ("finished", str(run.folder), "finished")
    assert finished["best"] == {key: value for key, value in second.items() if key not in ("event", "seconds")}


def test_json_gives_floats_in_full_precision(
    workbench: Callable[..., Outcome], small: Path, workspace: Workspace
) -> None:
    rows = workbench("train", small, "--json").rows[:2]
    stored = read_epochs(workspace.runs()[0].metrics_file)
    figures = [(end.train_loss, end.val_loss, end.metrics["val_accuracy"], end.seconds) for end in stored]
    assert [(row["train_loss"], row["val_loss"], row["val_accuracy"], row["seconds"]) for row in rows] == figures


def test_equal_seeds_give_equal_figures_and_another_seed_gives_others(
    workbench: Callable[..., Outcome], small: Path
) -> None:
    def epochs(seed: int) -> list[dict[str, object]]:
        return workbench("train", small, "--json", "--set", f"training.seed={seed}").epochs()

    once = epochs(4)
    assert len(once) == 2
    assert epochs(4) == once
    assert epochs(5) != once


def test_a_run_leaves_its_experiment_record_curves_and_checkpoints(
    workbench: Callable[..., Outcome], small: Path, workspace: Workspace
) -> None:
    workbench("train", small, "--json", "--set", "training.epochs=1")
    (run,) = workspace.runs()
    names = {path.relative_to(run.folder).as_posix() for path in run.folder.rglob("*")}
    files = {"experiment.yaml", "run.json", "metrics.sqlite", "log.txt"}
    assert names == files | {"checkpoints", "checkpoints/last.pt", "checkpoints/best.pt"}
    record = run.read()
    assert (record.status, record.title, record.epochs, record.step) == (Status.FINISHED, "Small", 1, 23)
    assert run.id.endswith("Z-small-" + run.id[-6:])


def test_settings_change_fields_by_name_and_whole_sections(
    workbench: Callable[..., Outcome], small: Path, workspace: Workspace
) -> None:
    changes = ("--set", "training.epochs=1", "--set", "optimizer={name: Adam, lr: 0.01}", "--set", "title=Changed")
    assert workbench("train", small, *changes).code == 0
    (run,) = workspace.runs()
    experiment = run.experiment()
    assert experiment.title == run.read().title == "Changed"
    assert (experiment.optimizer.name, experiment.optimizer.lr) == ("Adam", 0.01)
    assert experiment.training.epochs == 1
    assert experiment.training.batch_size == 64, "what was not set stays as in the file"
    assert "title: Small" in small.read_text(encoding="utf-8"), "the file itself is not changed"


def test_a_bundled_sample_is_trained_by_its_name(workbench: Callable[..., Outcome], workspace: Workspace) -> None:
    assert workbench("train", "digits-mlp", "--json", "--set", "training.epochs=1").code == 0
    (run,) = workspace.runs()
    assert run.experiment().dataset.name == "Digits"


def test_a_file_comes_before_a_sample_of_the_same_name(
    workbench: Callable[..., Outcome],
    small: Path,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    small.rename(tmp_path / "digits-mlp")
    monkeypatch.chdir(tmp_path)
    assert workbench("train", "digits-mlp", "--json").code == 0
    assert workspace.runs()[0].read().title == "Small"


def test_without_json_it_prints_a_line_an_epoch_and_where_everything_lies(
    workbench: Callable[..., Outcome], small: Path, workspace: Workspace
) -> None:
    outcome = workbench("train", small, "--device", "cpu")
    (run,) = workspace.runs()
    best = run.read().best
    assert "\x1b" not in outcome.out, "no terminal, no colours and no bar"
    lines = outcome.out.splitlines()
    assert lines[0] == "Small: 1,438 samples, 1,210 parameters, on cpu"
    assert lines[1].startswith("Epoch   1: training loss ")
    assert f"validation accuracy {best['val_accuracy']:.2%}" in outcome.out
    assert lines[3:] == [
        "Finished",
        f"Best epoch:       {best['epoch']:.0f} (training loss {best['train_loss']:.4f}, "
        f"validation loss {best['val_loss']:.4f}, validation accuracy {best['val_accuracy']:.2%})",
        f"Run:              {run.folder}",
        f"Best checkpoint:  {run.checkpoint(CheckpointKind.BEST)}",
        f"Last checkpoint:  {run.checkpoint(CheckpointKind.LAST)}",
    ]
    assert run.checkpoint(CheckpointKind.BEST).exists()


def test_the_workspace_option_moves_the_run(
    workbench: Callable[..., Outcome], small: Path, home: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other place"
    assert workbench("train", small, "--workspace", other, "--json").code == 0
    (run,) = Workspace(other).runs()
    assert run.read().status is Status.FINISHED
    assert not (home / "workspace").exists()


def test_the_settings_say_workspace_device_and_threads(
    workbench: Callable[..., Outcome], small: Path, home: Path, tmp_path: Path
) -> None:
    (home / "settings").mkdir()
    settings = {"workspace": str(tmp_path / "mine"), "device": "cpu", "threads": 2}
    (home / "settings" / "settings.yaml").write_text(json.dumps(settings), encoding="utf-8")
    assert workbench("train", small, "--json").code == 0
    (run,) = Workspace(tmp_path / "mine").runs()
    record = run.read()
    assert (record.device, record.threads) == ("cpu", 2)


def test_a_diverging_run_keeps_its_last_checkpoint_and_says_what_to_change(
    workbench: Callable[..., Outcome], small: Path, workspace: Workspace
) -> None:
    outcome = workbench("train", small, "--json", "--set", "optimizer.lr=1e30")
    assert outcome.code == 2
    assert outcome.err == (
        "workbench: The loss became NaN at step 2 (epoch 1). The learning rate 1e+30 is probably too high: try 0.1.\n"
    )
    (run,) = workspace.runs()
    assert outcome.rows == [{"event": "finished", "run": str(run.folder), "best": {}, "status": "failed"}]
    record = run.read()
    assert (record.status, record.message) == (Status.FAILED, outcome.err.removeprefix("workbench: ").rstrip())


def test_a_figure_that_is_not_finite_is_null_in_json(
    workbench: Callable[..., Outcome], small: Path, workspace: Workspace
) -> None:
    """With one batch an epoch the only training loss is still finite, the validation's is not."""
    outcome = workbench("train", small, "--json", "--set", "optimizer.lr=1e30", "--set", "training.batch_size=1438")
    assert outcome.code == 2
    assert outcome.err == "workbench: The validation loss of epoch 1 is not finite: lower the learning rate.\n"
    epoch, _ = outcome.rows
    assert epoch["train_loss"] > 0
    assert epoch["val_loss"] is None
    (row,) = workbench("runs", "--json").rows
    assert row["status"] == "failed"
    assert row["last"]["val_loss"] is None


def test_a_fault_of_ours_is_exit_code_1_with_a_report(
    workbench: Callable[..., Outcome], small: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("workbench.core.build.build_model", broken)
    outcome = workbench("train", small)
    assert outcome.code == 1
    (report,) = (home / "cache" / "reports").iterdir()
    assert outcome.err == f"workbench: a fault of ours: ZeroDivisionError('ours'). The report lies in {report}.\n"
    text = report.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "ZeroDivisionError: ours" in text
    assert not (home / "workspace").exists()


def test_a_fault_of_ours_is_told_also_where_no_report_can_be_written(
    workbench: Callable[..., Outcome], small: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("ours")

    monkeypatch.setattr("workbench.core.build.build_model", broken)
    (home / "cache" / "reports").write_text("in the way", encoding="utf-8")
    before = tree(home)
    outcome = workbench("train", small)
    assert outcome.code == 1
    assert "ZeroDivisionError: ours" in outcome.err
    assert tree(home) == before
