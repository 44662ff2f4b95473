"""``workbench resume``: which run is meant, and what it goes on with."""

import os
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import torch

from tests.cli.conftest import Outcome, tree
from workbench.core import checkpoint
from workbench.runs.events import CheckpointKind, Status
from workbench.runs.store import Run, Workspace


def weights(run: Run) -> dict[str, torch.Tensor]:
    return dict(checkpoint.load(run.checkpoint(CheckpointKind.LAST)).model)


@pytest.mark.parametrize("way", ["the folder's path", "a relative path", "the name", "the end of the name"])
def test_a_run_is_found_by(
    way: str, workbench: Callable[..., Outcome], trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trained.folder.parent.parent)
    name = {
        "the folder's path": str(trained.folder),
        "a relative path": os.path.join("runs", trained.id),
        "the name": trained.id,
        "the end of the name": trained.id[-6:],
    }[way]
    outcome = workbench("resume", name, "--epochs", "3", "--json")
    assert outcome.code == 0
    assert [row["epoch"] for row in outcome.epochs()] == [3]
    assert trained.read().epochs == 3


def test_an_end_that_several_runs_share_is_refused(workbench: Callable[..., Outcome], trained: Run) -> None:
    twin = trained.folder.with_name("20200101T000000Z-older-" + trained.id[-6:])
    trained.folder.rename(twin)
    trained.folder.mkdir()
    (trained.folder / "run.json").write_bytes((twin / "run.json").read_bytes())
    outcome = workbench("resume", trained.id[-6:], "--epochs", "3")
    assert outcome.code == 2
    assert outcome.err == f"workbench: {trained.id[-6:]} means 2 runs: give the whole name of the run's folder.\n"


def test_a_run_in_another_workspace_is_found_with_the_option(
    workbench: Callable[..., Outcome], trained: Run, tmp_path: Path
) -> None:
    moved = Workspace(tmp_path / "elsewhere")
    moved.runs_folder.mkdir(parents=True)
    trained.folder.rename(moved.runs_folder / trained.id)
    assert workbench("resume", trained.id, "--epochs", "3").code == 2
    assert workbench("resume", trained.id, "--epochs", "3", "--workspace", moved.root).code == 0
    assert moved.runs()[0].read().step == 69


def test_an_extended_run_is_the_same_as_one_that_was_longer_from_the_start(
    workbench: Callable[..., Outcome], trained: Run, small: Path, workspace: Workspace
) -> None:
    extended = workbench("resume", trained.folder, "--epochs", "4", "--json")
    whole = workbench("train", small, "--set", "training.epochs=4", "--json")
    assert [row["epoch"] for row in extended.epochs()] == [3, 4]
    assert extended.epochs() == whole.epochs()[2:]
    (other,) = [run for run in workspace.runs() if run.id != trained.id]
    for name, tensor in weights(other).items():
        assert torch.equal(weights(trained)[name], tensor), name
    assert extended.rows[-1]["run"] == str(trained.folder)
    assert extended.rows[-1]["best"] == whole.rows[-1]["best"]
    assert (trained.read().status, trained.read().epochs) == (Status.FINISHED, 4)
    assert trained.experiment().training.epochs == 4


def test_a_finished_run_needs_more_epochs(workbench: Callable[..., Outcome], trained: Run) -> None:
    before = tree(trained.folder)
    for more in ((), ("--epochs", "2"), ("--epochs", "1")):
        outcome = workbench("resume", trained.folder, *more)
        assert outcome.code == 2
        assert outcome.err == (
            f"workbench: {trained.id} has finished 2 epochs: --epochs 3 or more trains it further.\n"
        )
    assert tree(trained.folder) == before


def test_plain_output_says_from_which_step_a_run_goes_on(workbench: Callable[..., Outcome], trained: Run) -> None:
    outcome = workbench("resume", trained.folder, "--epochs", "3", "--device", "cpu")
    assert outcome.out.splitlines()[0] == "Small: 1,438 samples, 1,210 parameters, on cpu, from step 46"


def test_a_run_that_another_process_trains_is_left_alone(workbench: Callable[..., Outcome], trained: Run) -> None:
    parent = psutil.Process(os.getppid())
    live = trained.read().model_copy(update={"status": Status.RUNNING, "process": (parent.pid, parent.create_time())})
    trained.write(live)
    before = tree(trained.folder)
    outcome = workbench("resume", trained.folder, "--epochs", "3")
    assert outcome.code == 2
    assert outcome.err == (f"workbench: {trained.id} is being trained by another program: stop it there first.\n")
    assert tree(trained.folder) == before


def test_a_run_whose_process_is_gone_is_gone_on_with(workbench: Callable[..., Outcome], trained: Run) -> None:
    trained.write(trained.read().model_copy(update={"status": Status.RUNNING, "process": (os.getpid(), 1.0)}))
    assert trained.read().status is Status.INTERRUPTED
    assert workbench("resume", trained.folder, "--epochs", "3").code == 0
    assert trained.read().status is Status.FINISHED
