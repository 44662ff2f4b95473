"""Engines and owners that end without a word: nothing is lost and nothing is left running."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch

from tests.engine.conftest import Owner, is_running, with_training
from workbench.core import checkpoint
from workbench.core.loop import train
from workbench.engine.client import EngineDied, describe_exit
from workbench.engine.messages import StartRun, Stop
from workbench.folders import Folders
from workbench.runs.events import CheckpointKind, CheckpointSaved, Event, RunEnded, Status
from workbench.runs.metrics import read_batches, read_epochs
from workbench.runs.recorder import record
from workbench.runs.store import Run
from workbench.spec.experiment import Experiment
from workbench.spec.yaml_io import save_experiment

ROOT = Path(__file__).parents[2]
BATCHES = 1438
"""Of an epoch of ``long``."""

posix_only = pytest.mark.skipif(os.name == "nt", reason="such signals are POSIX")


def train_here(experiment: Experiment, run: Run, folders: Folders, **options: Any) -> Event:
    """Train in this process as the engine does; returns the last event."""
    events = train(experiment, run.checkpoints, folders, device_name="cpu", **options)
    return list(record(events, run, experiment))[-1]


def curves(run: Run) -> tuple[list[tuple[float, ...]], list[tuple[object, ...]]]:
    """All that the metrics say of a run but the time it took."""
    batches = read_batches(run.metrics_file, most=1_000_000)
    rows = list(zip(*(column.tolist() for column in batches.columns[:3]), strict=True))
    epochs = read_epochs(run.metrics_file)
    return rows, [(end.epoch, end.step, end.train_loss, end.val_loss, dict(end.metrics)) for end in epochs]


def assert_equal(one: object, other: object, path: str = "") -> None:
    """Bit-identical tensors and equal builtins, at any depth."""
    if isinstance(one, torch.Tensor):
        assert isinstance(other, torch.Tensor), path
        assert torch.equal(one, other), path
    elif isinstance(one, dict):
        assert isinstance(other, dict), path
        assert one.keys() == other.keys(), path
        for key in one:
            assert_equal(one[key], other[key], f"{path}.{key}")
    else:
        assert one == other, path


def is_inside_epoch_2(event: Event) -> bool:
    return (
        isinstance(event, CheckpointSaved) and event.kind is CheckpointKind.LAST and BATCHES < event.step < 2 * BATCHES
    )


@posix_only
def test_a_run_whose_engine_was_killed_goes_on_bit_identically_from_its_last_checkpoint(
    owner: Owner, long: Experiment, folders: Folders
) -> None:
    experiment = with_training(long, epochs=3)
    killed = Run(folders.workspace / "runs" / "killed")
    owner.send(StartRun(experiment, killed.folder, "cpu"))
    owner.events_until(is_inside_epoch_2)
    os.kill(owner.process_id, signal.SIGKILL)
    while (code := death_of(owner)) is None:
        continue
    assert code == (-9, "with signal SIGKILL (exit code -9)")
    owner.send(Stop())
    assert owner.exit_code() == -9, "asking a dead engine for more raises nothing, and it stays dead"

    interrupted = killed.read()
    assert interrupted.status is Status.INTERRUPTED
    assert "Resume goes on from the last checkpoint" in interrupted.message
    start = checkpoint.load(killed.checkpoint(CheckpointKind.LAST))
    assert start.position.epoch == 2
    assert 0 < start.position.batch < BATCHES

    whole = Run(folders.workspace / "runs" / "whole")
    experiment = with_training(experiment, checkpoint_minutes=60.0)
    train_here(experiment, whole, folders)
    ended = train_here(experiment, killed, folders, start=start)
    assert isinstance(ended, RunEnded)
    assert (ended.status, ended.step) == (Status.FINISHED, 3 * BATCHES)
    assert killed.read().status is Status.FINISHED
    rows, epochs = curves(whole)
    assert len(rows) == 3 * BATCHES
    assert len(epochs) == 3
    assert curves(killed) == (rows, epochs)
    one, other = (checkpoint.load(each.checkpoint(CheckpointKind.LAST)) for each in (killed, whole))
    for part in ("model", "optimizer", "rng", "position", "best", "threads"):
        assert_equal(getattr(one, part), getattr(other, part), part)


def death_of(owner: Owner) -> tuple[int | None, str] | None:
    """How the engine died; None where it still had something to say."""
    try:
        owner.receive()
    except EngineDied as death:
        return death.exit_code, str(death)
    return None


SCRIPT_TOP = """
import json, sys
from pathlib import Path
from workbench.engine.client import Engine, EngineDied
from workbench.engine.messages import *
from workbench.folders import Folders
from workbench.runs.events import *
from workbench.spec.datasets import Digits

home, cache = Path(sys.argv[1]), Path(sys.argv[2])
folders = Folders(home / "settings", home / "data", cache, home / "workspace", ())
"""

OWNER_SCRIPT = (
    SCRIPT_TOP
    + """
from workbench.spec.yaml_io import load_experiment

def main():
    engine = Engine(folders)
    engine.receive()
    engine.send(StartRun(load_experiment(home / "experiment.yaml"), folders.workspace / "runs" / "one", "cpu"))
    while True:
        match engine.receive():
            case RunEvent(CheckpointSaved()):
                print(engine.process_id, flush=True)
                sys.stdin.read()

if __name__ == "__main__":
    main()
"""
)


def command(script: str, tmp_path: Path, folders: Folders) -> list[str]:
    """The command line that runs ``script``, which is kept in a file because spawned processes read it again."""
    path = tmp_path / "owner.py"
    path.write_text(script, encoding="utf-8")
    return [sys.executable, str(path), str(tmp_path), str(folders.cache)]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@posix_only
def test_an_engine_whose_owner_was_killed_saves_its_run_and_ends(
    long: Experiment, folders: Folders, tmp_path: Path, wait_until_gone: Callable[..., None]
) -> None:
    save_experiment(long, tmp_path / "experiment.yaml")
    owner = subprocess.Popen(
        command(OWNER_SCRIPT, tmp_path, folders), env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with owner:
        assert owner.stdout
        engine = int(owner.stdout.readline())
        family = [child.pid for child in psutil.Process(owner.pid).children(recursive=True)]
        assert engine in family
        assert is_running(engine)
        owner.kill()
        wait_until_gone([owner.pid, *family])

    run = Run(folders.workspace / "runs" / "one")
    stopped = run.read()
    assert stopped.status is Status.STOPPED
    start = checkpoint.load(run.checkpoint(CheckpointKind.LAST))
    assert start.position.step == stopped.step
    rows, _ = curves(run)
    assert [row[0] for row in rows] == list(range(1, stopped.step + 1))
    assert not list(run.folder.rglob(".*")), "no half-written file is left"

    rest = with_training(long, epochs=start.position.epoch, checkpoint_minutes=60.0)
    ended = train_here(rest, run, folders, start=start)
    assert isinstance(ended, RunEnded)
    assert (ended.status, ended.step) == (Status.FINISHED, start.position.epoch * BATCHES)


FORGETFUL_SCRIPT = (
    SCRIPT_TOP
    + """
if __name__ == "__main__":
    engine = Engine(folders)
    print(engine.process_id, flush=True)
    engine.receive()
"""
)


@pytest.mark.slow
def test_a_program_that_forgets_to_close_its_engine_ends_all_the_same(
    folders: Folders, tmp_path: Path, wait_until_gone: Callable[..., None]
) -> None:
    ended = subprocess.run(
        command(FORGETFUL_SCRIPT, tmp_path, folders),
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    wait_until_gone([int(ended.stdout)], 0.5)


LIGHT_SCRIPT = (
    SCRIPT_TOP
    + """
from workbench.spec.experiment import first_experiment_offline

def main():
    engine = Engine(folders)
    seen = [engine.receive()]
    questions = (ListDevices(), PreviewDataset(Digits()), DescribeCheckpoint(home / "before" / "last.pt"))
    for ticket, question in enumerate(questions):
        engine.send(Ask(ticket, question))
        while not isinstance(report := engine.receive(), Answer):
            assert isinstance(report, QuestionProgress)
        seen.append(report.value)
    experiment = first_experiment_offline()
    options = experiment.training.model_copy(update={"epochs": 1})
    experiment = experiment.model_copy(update={"training": options})
    engine.send(StartRun(experiment, folders.workspace / "runs" / "one", "cpu"))
    try:
        while True:
            seen.append(engine.receive())
    except EngineDied as death:
        code = death.exit_code
    engine.close()
    kinds = [type(report.event if isinstance(report, RunEvent) else report).__name__ for report in seen]
    print(json.dumps({"seen": kinds, "code": code, "modules": sorted(sys.modules)}))

if __name__ == "__main__":
    main()
"""
)


def test_the_owner_of_an_engine_never_imports_torch_or_qt(small: Experiment, folders: Folders, tmp_path: Path) -> None:
    """Also not after it received every kind of answer and the events of a whole run."""
    list(train(small, tmp_path / "before", folders, device_name="cpu"))
    ended = subprocess.run(
        command(LIGHT_SCRIPT, tmp_path, folders), env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert ended.stderr == ""
    report = json.loads(ended.stdout)
    assert report["code"] == 0
    seen = {"Ready", "tuple", "DatasetPreview", "RunStarted", "BatchBlock", "EpochEnd", "CheckpointSaved", "RunEnded"}
    assert seen | {"CheckpointSummary"} <= set(report["seen"])
    assert {"torch", "torchvision", "PySide6", "sklearn"}.isdisjoint(report["modules"])


@posix_only
def test_closing_lets_an_idle_engine_end_by_itself_and_kills_one_that_hangs(
    start_engine: Callable[..., Owner], wait_until_gone: Callable[..., None]
) -> None:
    idle, hanging = start_engine(), start_engine()
    idle.wait_ready()
    hanging.wait_ready()
    idle_process, hanging_process = idle.process_id, hanging.process_id
    os.kill(hanging_process, signal.SIGSTOP)

    began = time.monotonic()
    idle.close(grace=100)
    assert time.monotonic() - began < 50
    wait_until_gone([idle_process], 0)

    began = time.monotonic()
    hanging.close(grace=0.5)
    assert 0.5 <= time.monotonic() - began < 5
    wait_until_gone([hanging_process], 0)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "with exit code 0"),
        (1, "with exit code 1"),
        (None, "without an exit code"),
        (-64_000, "with exit code -64000"),
        pytest.param(-11, "with signal SIGSEGV (exit code -11)", marks=posix_only),
    ],
)
def test_an_exit_code_is_told_in_words(code: int | None, words: str) -> None:
    assert describe_exit(code) == words
