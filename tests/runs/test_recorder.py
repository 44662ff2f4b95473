"""What a run leaves in its folder, for each way it can end."""

import contextlib
import json
import os
from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from workbench.errors import DataError, FileError
from workbench.runs.events import (
    BatchBlock,
    CheckpointKind,
    CheckpointSaved,
    EpochEnd,
    Event,
    Notice,
    Paused,
    Progress,
    Resumed,
    RunEnded,
    RunStarted,
    Status,
)
from workbench.runs.metrics import read_batches, read_epochs
from workbench.runs.recorder import record
from workbench.runs.store import Run, RunRecord, Workspace, this_process
from workbench.spec.experiment import Experiment

Block = Callable[..., BatchBlock]
End = Callable[..., EpochEnd]
ReadOnly = Callable[[Path], contextlib.AbstractContextManager[Path]]

BOOKS = ["checkpoints", "experiment.yaml", "log.txt", "metrics.sqlite", "run.json"]


def tell(events: Iterable[Event | Exception]) -> Generator[Event, None, None]:
    for event in events:
        if isinstance(event, Exception):
            raise event
        yield event


def saved(run: Run, kind: CheckpointKind, epoch: int, step: int) -> CheckpointSaved:
    return CheckpointSaved(kind, run.checkpoints / f"{kind}.pt", epoch, step)


@pytest.fixture
def first_epoch(run: Run, started: RunStarted, block: Block, epoch_end: End) -> list[Event]:
    return [
        started,
        block(1, 3.0, 2.0),
        block(3, 1.0),
        epoch_end(1, 3, val_loss=0.5, accuracy=0.75),
        saved(run, CheckpointKind.LAST, 1, 3),
        saved(run, CheckpointKind.BEST, 1, 3),
    ]


BEST = {"epoch": 1, "train_loss": 0.25, "val_loss": 0.5, "val_accuracy": 0.75}


def test_events_are_passed_on_as_they_are_and_in_order(
    run: Run, experiment: Experiment, first_epoch: list[Event]
) -> None:
    told = [Progress("Reading", 1, 2), *first_epoch, Notice("Mind."), RunEnded(Status.STOPPED, 1, 3)]
    passed = list(record(tell(told), run, experiment))
    assert [id(event) for event in passed] == [id(event) for event in told]


def test_a_finished_run_leaves_its_books_and_its_figures(
    run: Run, experiment: Experiment, first_epoch: list[Event], block: Block, epoch_end: End, started: RunStarted
) -> None:
    second = [
        block(4, 0.9, 0.8, 0.7, epoch=2),
        epoch_end(2, 6, val_loss=0.6, accuracy=0.7),
        saved(run, CheckpointKind.LAST, 2, 6),
        RunEnded(Status.FINISHED, 2, 6, best=BEST),
    ]
    list(record(tell([*first_epoch, *second]), run, experiment, parent="p.pt", torch_version="2.x"))
    assert sorted(os.listdir(run.folder)) == BOOKS
    assert run.experiment() == experiment
    kept = run.read()
    assert kept.model_dump(exclude={"created", "ended", "versions", "seconds"}) == {
        "title": "A run",
        "status": Status.FINISHED,
        "message": "",
        "parent": "p.pt",
        "device": "cpu",
        "threads": 1,
        "parameters": 7,
        "process": None,
        "epochs": 2,
        "epoch": 2,
        "step": 6,
        "last": {"train_loss": 0.25, "val_loss": 0.6, "val_accuracy": 0.7},
        "best": BEST,
    }
    assert kept.seconds == pytest.approx(0.6)
    assert kept.ended is not None
    assert kept.created <= kept.ended
    assert kept.versions["torch"] == "2.x"
    assert read_batches(run.metrics_file).losses.tolist() == [3.0, 2.0, 1.0, 0.9, 0.8, 0.7]
    assert [end.val_loss for end in read_epochs(run.metrics_file)] == [0.5, 0.6]


def test_the_log_tells_the_run_in_lines(run: Run, experiment: Experiment, first_epoch: list[Event]) -> None:
    told = [*first_epoch, Paused(3), Resumed(3), Notice("Mind the gap."), RunEnded(Status.STOPPED, 1, 3)]
    list(record(tell(told), run, experiment))
    lines = run.log_file.read_text().splitlines()
    assert [line[20:] for line in lines] == [
        "started at step 0 on cpu with 1 threads",
        "epoch 1: train_loss 0.25, val_loss 0.5, val_accuracy 0.75",
        "step 3: last checkpoint last.pt",
        "step 3: best checkpoint best.pt",
        "step 3: paused",
        "step 3: resumed",
        "Mind the gap.",
        "step 3: stopped",
    ]


def test_the_record_follows_the_run(run: Run, experiment: Experiment, first_epoch: list[Event]) -> None:
    told = [*first_epoch, Paused(3), Resumed(3), RunEnded(Status.FAILED, 1, 3, "The loss became NaN.", BEST)]
    seen = []
    for event in record(tell(told), run, experiment):
        kept = run.read()
        seen.append((type(event).__name__, kept.status, kept.epoch, kept.step, dict(kept.best)))
        assert (kept.process is None) == isinstance(event, RunEnded)
        assert kept.process in (None, this_process())
    assert seen == [
        ("RunStarted", Status.RUNNING, 0, 0, {}),
        ("BatchBlock", Status.RUNNING, 0, 0, {}),
        ("BatchBlock", Status.RUNNING, 0, 0, {}),
        ("EpochEnd", Status.RUNNING, 1, 3, {}),
        ("CheckpointSaved", Status.RUNNING, 1, 3, {}),
        ("CheckpointSaved", Status.RUNNING, 1, 3, BEST),
        ("Paused", Status.PAUSED, 1, 3, BEST),
        ("Resumed", Status.RUNNING, 1, 3, BEST),
        ("RunEnded", Status.FAILED, 1, 3, BEST),
    ]
    assert run.read().message == "The loss became NaN."


@pytest.mark.parametrize("after", [Paused(2), CheckpointSaved(CheckpointKind.LAST, Path("last.pt"), 1, 2)])
def test_at_a_pause_and_at_a_checkpoint_every_batch_is_on_disk(
    run: Run, experiment: Experiment, started: RunStarted, block: Block, after: Event
) -> None:
    events = record(tell([started, block(1, 3.0, 2.0), after, RunEnded(Status.STOPPED, 1, 2)]), run, experiment)
    for event in events:
        if event is after:
            assert read_batches(run.metrics_file).steps.tolist() == [1, 2]


def test_a_run_renamed_while_it_trains_keeps_its_new_title(
    run: Run, experiment: Experiment, first_epoch: list[Event]
) -> None:
    for event in record(tell([*first_epoch, RunEnded(Status.FINISHED, 1, 3)]), run, experiment):
        if isinstance(event, BatchBlock):
            run.rename("Better")
    assert run.read().title == "Better"
    assert run.read().status is Status.FINISHED


def test_a_cancelled_run_leaves_nothing(
    run: Run, workspace: Workspace, experiment: Experiment, first_epoch: list[Event]
) -> None:
    list(record(tell([*first_epoch, RunEnded(Status.CANCELLED, 1, 3)]), run, experiment))
    assert os.listdir(workspace.runs_folder) == []


def test_a_run_cancelled_in_its_preparation_leaves_nothing(
    run: Run, workspace: Workspace, experiment: Experiment
) -> None:
    list(record(tell([Progress("Reading", 0, 0), RunEnded(Status.CANCELLED, 0, 0)]), run, experiment))
    assert not workspace.root.exists()


def test_a_run_that_cannot_start_leaves_nothing(run: Run, workspace: Workspace, experiment: Experiment) -> None:
    with pytest.raises(DataError, match="no such data"):
        list(record(tell([Progress("Reading", 0, 0), DataError("no such data")]), run, experiment))
    assert not workspace.root.exists()


def test_a_run_broken_off_by_an_error_the_user_can_mend_says_so(
    run: Run, experiment: Experiment, started: RunStarted, block: Block
) -> None:
    with pytest.raises(FileError, match="disk is full"):
        list(record(tell([started, block(1, 3.0), FileError("The disk is full.")]), run, experiment))
    kept = run.read()
    assert (kept.status, kept.message, kept.step, kept.process) == (Status.FAILED, "The disk is full.", 1, None)
    assert read_batches(run.metrics_file).steps.tolist() == [1]


def test_a_run_broken_off_by_a_fault_of_ours_has_the_traceback_in_its_log(
    run: Run, experiment: Experiment, started: RunStarted
) -> None:
    with pytest.raises(ZeroDivisionError):
        list(record(tell([started, ZeroDivisionError("oh")]), run, experiment))
    assert (run.read().status, run.read().message) == (Status.FAILED, "ZeroDivisionError: oh")
    assert "Traceback" in run.log_file.read_text()


def test_a_run_whose_reader_goes_away_is_closed_and_so_is_its_source(
    run: Run, experiment: Experiment, first_epoch: list[Event]
) -> None:
    closed = []

    def source() -> Generator[Event, None, None]:
        try:
            yield from first_epoch
        finally:
            closed.append(True)

    told = source()
    events = record(told, run, experiment)
    next(events)
    next(events)
    events.close()
    assert closed == [True]
    kept = run.read()
    assert (kept.status, kept.process) == (Status.INTERRUPTED, None)
    assert kept.message == "The run was broken off. Resume goes on from its last checkpoint."


def test_a_reader_that_goes_away_after_the_end_changes_nothing(
    run: Run, experiment: Experiment, started: RunStarted
) -> None:
    events = record(tell([started, RunEnded(Status.FINISHED, 1, 3)]), run, experiment)
    while not isinstance(next(events), RunEnded):
        pass
    events.close()
    assert run.read().status is Status.FINISHED


@pytest.fixture
def stopped_run(run: Run, experiment: Experiment, first_epoch: list[Event], block: Block) -> Run:
    """Stopped at step 4; its last checkpoint is from there."""
    told = [*first_epoch, block(4, 0.9, epoch=2), saved(run, CheckpointKind.LAST, 2, 4)]
    list(record(tell([*told, RunEnded(Status.STOPPED, 2, 4, best=BEST)]), run, experiment, parent="p.pt"))
    return run


def test_a_resumed_run_goes_on_in_its_folder(
    stopped_run: Run, experiment: Experiment, started: RunStarted, block: Block, epoch_end: End
) -> None:
    stopped_run.rename("Renamed")
    before = stopped_run.read()
    told = [replace(started, step=4, threads=2), block(5, 0.8, 0.7, epoch=2), epoch_end(2, 6)]
    events = record(tell([*told, RunEnded(Status.FINISHED, 2, 6, best=BEST)]), stopped_run, experiment)
    next(events)
    running = stopped_run.read()
    assert (running.status, running.message, running.ended) == (Status.RUNNING, "", None)
    assert (running.best, running.last, running.threads) == (BEST, before.last, 2)
    list(events)
    after = stopped_run.read()
    assert (after.title, after.created, after.parent) == ("Renamed", before.created, "p.pt")
    assert (after.status, after.epoch, after.step) == (Status.FINISHED, 2, 6)
    assert read_batches(stopped_run.metrics_file).losses.tolist() == [3.0, 2.0, 1.0, 0.9, 0.8, 0.7]


def test_a_resumed_run_begins_with_the_curves_of_its_checkpoint(
    stopped_run: Run, experiment: Experiment, started: RunStarted, block: Block
) -> None:
    told = [replace(started, step=3), block(4, 9.0, epoch=2), RunEnded(Status.STOPPED, 2, 4, best=BEST)]
    list(record(tell(told), stopped_run, experiment))
    assert read_batches(stopped_run.metrics_file).losses.tolist() == [3.0, 2.0, 1.0, 9.0]


def test_a_resumed_run_keeps_the_experiment_it_goes_on_with(
    stopped_run: Run, experiment: Experiment, started: RunStarted
) -> None:
    longer = experiment.model_copy(update={"training": experiment.training.model_copy(update={"epochs": 9})})
    told = [replace(started, step=4, epochs=9), RunEnded(Status.STOPPED, 2, 4)]
    list(record(tell(told), stopped_run, longer))
    assert stopped_run.experiment().training.epochs == 9
    assert stopped_run.read().epochs == 9


def test_a_resumed_run_that_is_cancelled_stays_as_its_last_checkpoint_left_it(
    stopped_run: Run, experiment: Experiment, started: RunStarted, block: Block
) -> None:
    before = stopped_run.read()
    told = [replace(started, step=4), block(5, 0.8, epoch=2), RunEnded(Status.CANCELLED, 2, 5, best=BEST)]
    list(record(tell(told), stopped_run, experiment))
    after = stopped_run.read()
    assert after.model_dump(exclude={"ended", "versions"}) == before.model_dump(exclude={"ended", "versions"})
    assert read_batches(stopped_run.metrics_file).steps.tolist() == [1, 2, 3, 4]


def test_a_checkpoint_of_the_cancelled_session_counts_and_a_copy_does_not(
    stopped_run: Run, experiment: Experiment, started: RunStarted, block: Block, epoch_end: End
) -> None:
    better = {"epoch": 2, "train_loss": 0.25, "val_loss": 0.4, "val_accuracy": 0.9}
    told = [
        replace(started, step=4),
        block(5, 0.8, 0.7, epoch=2),
        epoch_end(2, 6, val_loss=0.4, accuracy=0.9),
        saved(stopped_run, CheckpointKind.LAST, 2, 6),
        saved(stopped_run, CheckpointKind.BEST, 2, 6),
        block(7, 0.6, epoch=3),
        CheckpointSaved(CheckpointKind.COPY, stopped_run.folder / "copy.pt", 3, 7),
        block(8, 0.5, epoch=3),
        RunEnded(Status.CANCELLED, 3, 8, best=better),
    ]
    list(record(tell(told), stopped_run, experiment))
    after = stopped_run.read()
    assert (after.status, after.epoch, after.step, after.best) == (Status.STOPPED, 2, 6, better)
    assert read_batches(stopped_run.metrics_file).steps.tolist() == [1, 2, 3, 4, 5, 6]


def test_a_resumed_run_cancelled_in_its_preparation_is_as_before(stopped_run: Run, experiment: Experiment) -> None:
    before = contents(stopped_run.folder)
    list(record(tell([RunEnded(Status.CANCELLED, 0, 0)]), stopped_run, experiment))
    assert contents(stopped_run.folder) == before


def test_a_run_that_trains_elsewhere_is_not_resumed(
    stopped_run: Run, experiment: Experiment, started: RunStarted
) -> None:
    running = stopped_run.read().model_copy(update={"status": Status.RUNNING, "process": this_process()})
    stopped_run.write(running)
    before = contents(stopped_run.folder)
    with pytest.raises(FileError, match="is being trained at this moment: stop it there"):
        list(record(tell([replace(started, step=4)]), stopped_run, experiment))
    assert contents(stopped_run.folder) == before


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_workspace_that_is_a_file_is_one_sentence(
    experiment: Experiment, started: RunStarted, tmp_path: Path
) -> None:
    (tmp_path / "workspace").write_text("mine")
    run = Workspace(tmp_path / "workspace").new_run("x")
    with pytest.raises(FileError, match=r"Cannot make the folder .* Choose a folder you can write to\.$"):
        list(record(tell([started]), run, experiment))
    assert contents(tmp_path) == {"workspace": b"mine"}


def test_a_read_only_workspace_is_one_sentence_and_stays_as_it_is(
    stopped_run: Run, workspace: Workspace, experiment: Experiment, started: RunStarted, read_only: ReadOnly
) -> None:
    before = contents(workspace.root)
    with read_only(workspace.root) as root:
        new = Workspace(root).new_run("x")
        with pytest.raises(FileError, match=r"Cannot make the folder .*: permission denied\. Choose a folder"):
            list(record(tell([started]), new, experiment))
        resumed = Workspace(root).runs()[0]
        with pytest.raises(
            FileError, match=r"Cannot write .*metrics\.sqlite: .*\. Choose a workspace you can write to\.$"
        ):
            list(record(tell([replace(started, step=4)]), resumed, experiment))
        assert contents(root) == before


@pytest.mark.parametrize("obstacle", ["metrics.sqlite", "run.json", "experiment.yaml"])
def test_a_new_run_whose_books_cannot_be_opened_leaves_nothing(
    run: Run, workspace: Workspace, experiment: Experiment, started: RunStarted, obstacle: str
) -> None:
    def obstructed() -> Generator[Event, None, None]:
        (run.folder / obstacle / "in the way").mkdir(parents=True)
        yield started

    with pytest.raises(FileError, match=f"Cannot write .*{obstacle}"):
        list(record(obstructed(), run, experiment))
    assert os.listdir(workspace.runs_folder) == []


def test_a_run_in_which_writing_fails_later_says_so_where_it_can(
    run: Run, experiment: Experiment, started: RunStarted, epoch_end: End, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = record(tell([started, epoch_end(1, 3)]), run, experiment)
    next(events)

    def refuse(self: Run, record: RunRecord) -> None:
        raise FileError("Cannot write run.json: no space left on device.")

    monkeypatch.setattr(Run, "write", refuse)
    with pytest.raises(FileError, match="no space left"):
        next(events)
    assert json.loads(run.record_file.read_text())["status"] == "running"
    assert not run.metrics_file.with_name("metrics.sqlite-wal").exists()
