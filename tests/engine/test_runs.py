"""A run in an engine: the same figures as in this process, and what its owner can ask of it."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.engine.conftest import Bomb, Owner, with_training
from workbench.core import checkpoint
from workbench.core.loop import train
from workbench.engine.messages import (
    Cancel,
    Pause,
    Quit,
    Resume,
    RunRefused,
    SaveCheckpoint,
    StartRun,
    Stop,
)
from workbench.folders import Folders
from workbench.runs.events import (
    BatchBlock,
    CheckpointKind,
    CheckpointSaved,
    EpochEnd,
    Event,
    Paused,
    Progress,
    Resumed,
    RunEnded,
    Status,
)
from workbench.runs.metrics import read_batches
from workbench.runs.store import Run
from workbench.spec.experiment import Experiment


@pytest.fixture
def run(folders: Folders) -> Run:
    return Run(folders.workspace / "runs" / "one")


def is_end(event: Event) -> bool:
    return isinstance(event, RunEnded)


def is_block(event: Event) -> bool:
    return isinstance(event, BatchBlock)


def losses(events: list[Event]) -> list[float]:
    return [loss for event in events if isinstance(event, BatchBlock) for loss in event.losses.tolist()]


def epochs(events: list[Event]) -> list[tuple[object, ...]]:
    """All that the ends of the epochs say but the time they took."""
    return [
        (end.epoch, end.step, end.train_loss, end.val_loss, dict(end.metrics))
        for end in events
        if isinstance(end, EpochEnd)
    ]


def test_a_paused_run_holds_still_saves_copies_goes_on_and_stops(
    owner: Owner, long: Experiment, run: Run, tmp_path: Path
) -> None:
    owner.send(StartRun(long, run.folder, "cpu"))
    owner.events_until(is_block)
    owner.send(Pause())
    paused = owner.events_until(lambda event: isinstance(event, Paused))[-1]
    assert isinstance(paused, Paused)
    assert run.read().status is Status.PAUSED

    time.sleep(0.2)
    copy = tmp_path / "copies" / "mine.pt"
    owner.send(SaveCheckpoint(copy))
    assert owner.next_event() == CheckpointSaved(CheckpointKind.COPY, copy, 1, paused.step)
    assert checkpoint.load(copy).position.step == paused.step

    owner.send(Resume())
    assert owner.next_event() == Resumed(paused.step)
    block = owner.next_event()
    assert isinstance(block, BatchBlock)
    assert block.first_step == paused.step + 1
    assert run.read().status is Status.RUNNING

    owner.send(Stop())
    ended = owner.events_until(is_end)[-1]
    assert isinstance(ended, RunEnded)
    assert ended.status is Status.STOPPED
    assert checkpoint.load(run.checkpoint(CheckpointKind.LAST)).position.step == ended.step
    assert (run.read().status, run.read().step) == (Status.STOPPED, ended.step)
    assert owner.exit_code() == 0


def test_a_running_run_saves_a_copy_and_a_cancelled_one_leaves_nothing_else(
    owner: Owner, long: Experiment, run: Run, tmp_path: Path
) -> None:
    owner.send(StartRun(long, run.folder, "cpu"))
    owner.events_until(is_block)
    copy = tmp_path / "mine.pt"
    owner.send(SaveCheckpoint(copy))
    saved = owner.events_until(lambda event: isinstance(event, CheckpointSaved) and event.path == copy)[-1]
    assert isinstance(saved, CheckpointSaved)
    assert checkpoint.load(copy).position.step == saved.step
    assert run.record_file.exists()

    owner.send(Cancel())
    ended = owner.events_until(is_end)[-1]
    assert isinstance(ended, RunEnded)
    assert ended.status is Status.CANCELLED
    assert owner.exit_code() == 0
    assert not run.folder.exists()
    assert copy.exists()


@pytest.fixture
def two_owners(start_engine: Callable[..., Owner]) -> tuple[Owner, Owner]:
    """The owners of two engines that are ready."""
    first, second = start_engine(), start_engine()
    first.wait_ready()
    second.wait_ready()
    return first, second


def test_two_engines_at_once_give_the_figures_of_the_same_runs_in_this_process(
    two_owners: tuple[Owner, Owner], small: Experiment, folders: Folders, tmp_path: Path
) -> None:
    """One trains the whole run, the other goes on from the checkpoint after its first epoch."""
    small = with_training(small, keep_every=1)
    here = list(train(small, tmp_path / "here", folders, device_name="cpu"))
    first_epoch = tmp_path / "here" / "epoch-0001.pt"
    runs = [Run(folders.workspace / "runs" / name) for name in ("whole", "second-half")]
    for owner, run, start in zip(two_owners, runs, (None, first_epoch), strict=True):
        owner.send(StartRun(small, run.folder, "cpu", start=start))
    whole, half = (owner.events_until(is_end) for owner in two_owners)

    assert len(losses(whole)) == 90
    assert losses(whole) == losses(here)
    assert losses(half) == losses(here)[45:]
    assert len(epochs(whole)) == 2
    assert epochs(whole) == epochs(here)
    assert epochs(half) == epochs(here)[1:]
    model = checkpoint.load(tmp_path / "here" / "last.pt").model
    for run in runs:
        final = checkpoint.load(run.checkpoint(CheckpointKind.LAST)).model
        assert all(torch.equal(final[name], tensor) for name, tensor in model.items())

    assert isinstance(whole[0], Progress), "the preparation is told first"
    np.testing.assert_array_equal(read_batches(runs[0].metrics_file).losses, losses(whole))
    records = [run.read() for run in runs]
    assert [record.status for record in records] == [Status.FINISHED] * 2
    assert [record.parent for record in records] == ["", str(first_epoch)]
    assert records[0].versions["torch"] == str(torch.__version__)
    assert [owner.exit_code() for owner in two_owners] == [0, 0], "an engine trains one run"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that a process hears")
def test_a_run_is_saved_first_when_its_owner_quits_or_the_engine_is_terminated(
    two_owners: tuple[Owner, Owner], long: Experiment, folders: Folders
) -> None:
    """The one that is paused at that moment, too."""
    runs = [Run(folders.workspace / "runs" / name) for name in ("quit", "terminated")]
    quits, terminated = two_owners
    for owner, run in zip(two_owners, runs, strict=True):
        owner.send(StartRun(long, run.folder, "cpu"))
        owner.events_until(is_block)
    quits.send(Pause())
    quits.events_until(lambda event: isinstance(event, Paused))
    quits.send(Quit())
    os.kill(terminated.process_id, signal.SIGTERM)
    for owner, run in zip(two_owners, runs, strict=True):
        ended = owner.events_until(is_end)[-1]
        assert isinstance(ended, RunEnded)
        assert ended.status is Status.STOPPED
        assert checkpoint.load(run.checkpoint(CheckpointKind.LAST)).position.step == ended.step
        assert owner.exit_code() == 0


def test_a_bad_start_is_refused_and_leaves_nothing(
    two_owners: tuple[Owner, Owner], small: Experiment, folders: Folders, tmp_path: Path
) -> None:
    missing, bomb = tmp_path / "missing.pt", tmp_path / "bomb.pt"
    torch.save({"format": 1, "bomb": Bomb(tmp_path / "exploded")}, bomb)
    content = bomb.read_bytes()[:-2] + checkpoint._COMMENT_SIZE.to_bytes(2, "little")
    bomb.write_bytes(content + checkpoint.digest(content))  # sealed, as somebody who wants it loaded would
    sentences = (
        f"There is no checkpoint {missing}: choose another file.",
        f"{bomb} holds program code, which a checkpoint never does: it was not loaded. Do not trust its source.",
    )
    for owner, start, sentence in zip(two_owners, (missing, bomb), sentences, strict=True):
        owner.send(StartRun(small, folders.workspace / "runs" / "one", "cpu", start=start))
        refusal = owner.receive()
        assert isinstance(refusal, RunRefused)
        assert refusal.sentence == sentence
        assert "CheckpointError" in refusal.detail
        assert owner.exit_code() == 0
    assert not folders.workspace.exists()
    assert not (tmp_path / "exploded").exists()


@pytest.mark.slow
def test_a_fault_of_ours_is_told_with_the_log_that_has_the_details(owner: Owner, long: Experiment, run: Run) -> None:
    owner.send(StartRun(long, run.folder, "cpu"))
    owner.events_until(is_block)
    owner.send(SaveCheckpoint("not a path"))  # type: ignore[arg-type]
    while not isinstance(report := owner.receive(), RunRefused):
        continue
    assert report.sentence == (
        f"The engine failed: AttributeError: 'str' object has no attribute 'parent'. {run.log_file} has the details."
    )
    assert "Traceback" in run.log_file.read_text(encoding="utf-8")
    assert run.read().status is Status.FAILED
    assert owner.exit_code() == 0
