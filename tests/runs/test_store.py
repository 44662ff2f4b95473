"""The run store on disk."""

import json
import os
import re
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psutil
import pytest

from workbench.errors import FileError
from workbench.runs.events import CheckpointKind, Status
from workbench.runs.store import Run, RunRecord, Workspace, this_process, versions
from workbench.spec.experiment import Experiment


def record(**changes: Any) -> RunRecord:
    values = {"title": "A run", "status": Status.FINISHED, "created": datetime(2026, 1, 2, tzinfo=UTC), **changes}
    return RunRecord.model_validate(values)


def dead_process() -> tuple[int, float]:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        started = psutil.Process(child.pid).create_time()
    return child.pid, started


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_run_is_named_by_utc_time_title_and_a_random_id(workspace: Workspace) -> None:
    noon_in_tokyo = datetime(2026, 3, 1, 12, 0, 5, tzinfo=timezone(timedelta(hours=9)))
    run = workspace.new_run("Größe: SGD, lr=0.1 / 2!", noon_in_tokyo)
    assert re.fullmatch(r"20260301T030005Z-größe-sgd-lr-0-1-2-[0-9a-f]{6}", run.id)
    assert run.folder.parent == workspace.runs_folder
    assert not workspace.root.exists()


@pytest.mark.parametrize(
    ("title", "slug"), [("???", "run"), ("x" * 200, "x" * 40), ("a" * 39 + " b", "a" * 39), ("../../etc", "etc")]
)
def test_any_title_gives_a_usable_folder_name(workspace: Workspace, title: str, slug: str) -> None:
    _, *parts, _ = workspace.new_run(title).id.split("-")
    assert "-".join(parts) == slug


def test_runs_started_in_the_same_second_get_folders_of_their_own(workspace: Workspace) -> None:
    now = datetime.now(UTC)
    assert len({workspace.new_run("same", now).id for _ in range(50)}) == 50


def test_a_created_run_is_read_back(run: Run, experiment: Experiment) -> None:
    written = record(best={"epoch": 1, "val_loss": 0.5}, versions=versions(torch="2"), threads=3)
    run.create(experiment, written)
    assert run.read() == written
    assert run.experiment() == experiment
    assert sorted(os.listdir(run.folder)) == ["checkpoints", "experiment.yaml", "run.json"]


def test_figures_that_are_not_numbers_survive(run: Run, experiment: Experiment) -> None:
    run.create(experiment, record(last={"val_loss": float("nan"), "train_loss": float("inf")}))
    assert str(run.read().last) == "{'val_loss': nan, 'train_loss': inf}"


def test_the_files_of_a_run_have_the_names_of_the_format(run: Run) -> None:
    places = [run.experiment_file, run.record_file, run.metrics_file, run.log_file, run.checkpoint(CheckpointKind.BEST)]
    assert [str(place.relative_to(run.folder)) for place in places] == [
        "experiment.yaml",
        "run.json",
        "metrics.sqlite",
        "log.txt",
        os.path.join("checkpoints", "best.pt"),
    ]


@pytest.mark.parametrize("status", [Status.RUNNING, Status.PAUSED])
def test_a_run_whose_process_is_gone_is_interrupted(run: Run, experiment: Experiment, status: Status) -> None:
    run.create(experiment, record(status=status, process=dead_process()))
    assert run.read().status is Status.INTERRUPTED
    assert run.read().process is None
    assert "Resume" in run.read().message


def test_a_process_id_that_is_used_again_does_not_pass_for_the_old_process(run: Run, experiment: Experiment) -> None:
    pid, started = this_process()
    run.create(experiment, record(status=Status.RUNNING, process=(pid, started - 100)))
    assert run.read().status is Status.INTERRUPTED


def test_a_run_that_never_named_its_process_is_interrupted(run: Run, experiment: Experiment) -> None:
    run.create(experiment, record(status=Status.RUNNING, process=None))
    assert run.read().status is Status.INTERRUPTED


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no zombies")
def test_a_killed_engine_whose_parent_did_not_look_yet_is_interrupted(run: Run, experiment: Experiment) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        process = psutil.Process(child.pid)
        run.create(experiment, record(status=Status.RUNNING, process=(child.pid, process.create_time())))
        assert run.read().status is Status.RUNNING
        os.kill(child.pid, 9)
        deadline = time.monotonic() + 10
        while process.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.01)
        assert run.read().status is Status.INTERRUPTED


def test_a_run_of_a_living_process_runs(run: Run, experiment: Experiment) -> None:
    run.create(experiment, record(status=Status.RUNNING, process=this_process()))
    assert run.read().status is Status.RUNNING


def test_a_run_that_ended_stays_as_it_ended(run: Run, experiment: Experiment) -> None:
    run.create(experiment, record(status=Status.STOPPED, process=dead_process()))
    assert run.read().status is Status.STOPPED


def test_a_renamed_run_keeps_its_folder_and_everything_else(run: Run, experiment: Experiment) -> None:
    run.create(experiment, record(step=7))
    run.rename("Another title")
    assert run.read() == record(step=7, title="Another title")


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", '{"title": "x"}', '{"title": 3, "status": "no", "created": "never"}']
)
def test_a_damaged_record_is_named(run: Run, experiment: Experiment, damage: str) -> None:
    run.create(experiment, record())
    run.record_file.write_text(damage)
    with pytest.raises(FileError, match=r"run\.json is damaged: restore it or delete the run's folder"):
        run.read()


def test_a_record_of_a_newer_program_with_more_fields_is_read(run: Run, experiment: Experiment) -> None:
    run.create(experiment, record())
    run.record_file.write_text(json.dumps({**json.loads(run.record_file.read_text()), "colour": "blue"}))
    assert run.read() == record()


def test_runs_are_listed_with_the_newest_first(workspace: Workspace, experiment: Experiment) -> None:
    days = [2, 3, 1]
    for day in days:
        workspace.new_run(f"day {day}", datetime(2026, 1, day, tzinfo=UTC)).create(experiment, record())
    (workspace.runs_folder / "not a run").mkdir()
    (workspace.runs_folder / "a file").touch()
    assert [run.id[:8] for run in workspace.runs()] == ["20260103", "20260102", "20260101"]


def test_a_workspace_that_is_not_there_has_no_runs(workspace: Workspace) -> None:
    assert workspace.runs() == []
    assert not workspace.root.exists()


def test_a_thousand_runs_are_listed_and_read_within_a_second(workspace: Workspace, experiment: Experiment) -> None:
    workspace.runs_folder.mkdir(parents=True)
    text = record(best={"epoch": 3, "val_loss": 0.5}, versions=versions(torch="2")).model_dump_json()
    for number in range(1_000):
        run = workspace.new_run(f"run {number}")
        run.folder.mkdir()
        run.record_file.write_text(text)
    start = time.process_time()
    records = [run.read() for run in workspace.runs()]
    assert time.process_time() - start < 1
    assert len(records) == 1_000


def test_a_run_is_found_by_path_by_name_and_by_the_end_of_its_name(
    workspace: Workspace, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = workspace.new_run("Digits")
    run.create(experiment, record())
    monkeypatch.chdir(workspace.runs_folder)
    short = run.id.rpartition("-")[2]
    for name in (str(run.folder), run.id, short, f"digits-{short}", os.path.join(".", run.id)):
        assert workspace.find(name) == run
    assert Workspace(workspace.root / "another").find(str(run.folder)) == run


@pytest.mark.parametrize("name", ["absent", "", "~nobody-of-this-name", "x" * 5_000, "a\0b"])
def test_a_run_that_is_not_there_is_named(workspace: Workspace, name: str) -> None:
    with pytest.raises(FileError, match=r"There is no run .*'workbench runs' lists them"):
        workspace.find(name)


def test_a_name_that_means_several_runs_is_refused(workspace: Workspace, experiment: Experiment) -> None:
    for number in (1, 2):
        Run(workspace.runs_folder / f"2026010{number}T000000Z-same-aaaaaa").create(experiment, record())
    with pytest.raises(FileError, match="same-aaaaaa means 2 runs: give the whole name"):
        workspace.find("same-aaaaaa")


def test_a_discarded_run_is_gone_and_its_neighbour_is_not(workspace: Workspace, experiment: Experiment) -> None:
    run, neighbour = workspace.new_run("one"), workspace.new_run("two")
    run.create(experiment, record())
    neighbour.create(experiment, record())
    before = files_in(neighbour.folder)
    run.discard()
    run.discard()
    assert workspace.runs() == [neighbour]
    assert files_in(neighbour.folder) == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="moves the trash away by the variable Linux has")
def test_a_run_in_the_trash_can_be_taken_out_again(run: Run, experiment: Experiment, tmp_path: Path) -> None:
    run.create(experiment, record())
    before = files_in(run.folder)
    program = (
        "import pathlib, sys; from workbench.runs.store import Run; Run(pathlib.Path(sys.argv[1])).move_to_trash()"
    )
    environ = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "share"), "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program, str(run.folder)], env=environ, check=True, timeout=60)
    assert not run.folder.exists()
    assert files_in(tmp_path / "share" / "Trash" / "files" / run.id) == before


def test_a_trash_that_does_not_work_is_told_and_the_run_stays(
    run: Run, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("send2trash.send2trash", refuse)
    run.create(experiment, record())
    with pytest.raises(FileError, match=r"Cannot move .* to the trash: permission denied\. Delete the folder yourself"):
        run.move_to_trash()
    assert run.read() == record()


def test_a_workspace_that_is_a_file_is_named_and_left_alone(experiment: Experiment, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(FileError, match="Cannot make the folder"):
        Workspace(tmp_path / "file").new_run("x").create(experiment, record())
    assert (tmp_path / "file").read_text() == "mine"
