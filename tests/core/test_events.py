"""The exact sequence of events of each way a run can end: the table of ARCHITECTURE.md."""

import math
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.core import loop
from workbench.core.control import Control
from workbench.core.evaluate import Evaluation
from workbench.core.progress import Cancelled
from workbench.errors import CheckpointError, DeviceError, FileError
from workbench.runs.events import (
    BatchBlock,
    CheckpointKind,
    CheckpointSaved,
    EpochEnd,
    Event,
    Paused,
    RunStarted,
    Status,
)
from workbench.spec.datasets import Digits
from workbench.spec.experiment import Experiment, ExperimentError
from workbench.spec.models import LeNet5
from workbench.spec.optimizers import SGD
from workbench.spec.training import Training

Act = Callable[[Event, Control], None]

SHORT = {"epochs": 2, "batch_size": 256, "best_by": "val_loss"}
BETTER_EPOCH = ["BatchBlock", "EpochEnd", "CheckpointSaved last", "CheckpointSaved best"]


def with_training(experiment: Experiment, **changes: Any) -> Experiment:
    return experiment.model_copy(update={"training": Training(**{**SHORT, **changes})})


@pytest.fixture
def short(experiment: Experiment) -> Experiment:
    return with_training(experiment)


def after_step(step: int, do: Callable[[Control], None]) -> Act:
    def act(event: Event, control: Control) -> None:
        if isinstance(event, BatchBlock) and event.last_step == step:
            do(control)

    return act


def at(kind: type, do: Callable[[Control], None]) -> Act:
    def act(event: Event, control: Control) -> None:
        if isinstance(event, kind):
            do(control)

    return act


def together(*acts: Act) -> Act:
    def act(event: Event, control: Control) -> None:
        for one in acts:
            one(event, control)

    return act


def pause_and_stop(control: Control) -> None:
    control.pause()
    control.stop()


COPY = Path("copy.pt")

ENDINGS: dict[str, tuple[Act, list[str]]] = {
    "finished": (together(), ["RunStarted", *BETTER_EPOCH, *BETTER_EPOCH, "RunEnded finished"]),
    "stopped before the first batch": (
        at(RunStarted, Control.stop),
        ["RunStarted", "CheckpointSaved last", "RunEnded stopped"],
    ),
    "stopped inside an epoch": (
        after_step(3, Control.stop),
        ["RunStarted", "BatchBlock", "CheckpointSaved last", "RunEnded stopped"],
    ),
    "stopped between two epochs": (
        at(EpochEnd, Control.stop),
        ["RunStarted", *BETTER_EPOCH, "CheckpointSaved last", "RunEnded stopped"],
    ),
    "stopped when all is done": (
        lambda event, control: control.stop() if isinstance(event, EpochEnd) and event.epoch == 2 else None,
        ["RunStarted", *BETTER_EPOCH, *BETTER_EPOCH, "RunEnded finished"],
    ),
    "cancelled before the first batch": (at(RunStarted, Control.cancel), ["RunStarted", "RunEnded cancelled"]),
    "cancelled inside an epoch": (
        after_step(8, Control.cancel),
        ["RunStarted", *BETTER_EPOCH, "BatchBlock", "RunEnded cancelled"],
    ),
    "paused and resumed": (
        together(after_step(3, Control.pause), at(Paused, Control.resume)),
        ["RunStarted", "BatchBlock", "Paused", "Resumed", *BETTER_EPOCH, *BETTER_EPOCH, "RunEnded finished"],
    ),
    "paused after an epoch's last batch": (
        together(after_step(6, Control.pause), at(Paused, Control.resume)),
        ["RunStarted", "BatchBlock", "Paused", "Resumed", *BETTER_EPOCH[1:], *BETTER_EPOCH, "RunEnded finished"],
    ),
    "paused, then stopped": (
        together(after_step(3, Control.pause), at(Paused, Control.stop)),
        ["RunStarted", "BatchBlock", "Paused", "CheckpointSaved last", "RunEnded stopped"],
    ),
    "paused, then cancelled": (
        together(after_step(3, Control.pause), at(Paused, Control.cancel)),
        ["RunStarted", "BatchBlock", "Paused", "RunEnded cancelled"],
    ),
    "paused and stopped at once": (
        after_step(3, pause_and_stop),
        ["RunStarted", "BatchBlock", "CheckpointSaved last", "RunEnded stopped"],
    ),
    "stopped, then cancelled": (
        together(after_step(3, Control.stop), after_step(3, Control.cancel)),
        ["RunStarted", "BatchBlock", "RunEnded cancelled"],
    ),
    "cancelled, then stopped": (
        together(after_step(3, Control.cancel), after_step(3, Control.stop)),
        ["RunStarted", "BatchBlock", "RunEnded cancelled"],
    ),
    "a copy while training": (
        after_step(3, lambda control: control.save_copy(COPY)),
        ["RunStarted", "BatchBlock", "CheckpointSaved copy", *BETTER_EPOCH, *BETTER_EPOCH, "RunEnded finished"],
    ),
    "a copy while paused": (
        together(
            after_step(3, Control.pause),
            at(Paused, lambda control: control.save_copy(COPY)),
            at(CheckpointSaved, Control.resume),
        ),
        [
            *("RunStarted", "BatchBlock", "Paused", "CheckpointSaved copy", "Resumed"),
            *(*BETTER_EPOCH, *BETTER_EPOCH, "RunEnded finished"),
        ],
    ),
    "a copy when all is done": (
        lambda event, control: control.save_copy(COPY) if isinstance(event, EpochEnd) and event.epoch == 2 else None,
        ["RunStarted", *BETTER_EPOCH, *BETTER_EPOCH, "CheckpointSaved copy", "RunEnded finished"],
    ),
    "a copy, then stopped": (
        after_step(3, lambda control: (control.save_copy(COPY), control.stop())[0]),
        ["RunStarted", "BatchBlock", "CheckpointSaved copy", "CheckpointSaved last", "RunEnded stopped"],
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ending_has_its_sequence_of_events(
    trainer: Any, short: Experiment, ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    act, sequence = ENDINGS[ending]
    assert trainer(short, act).names == sequence


def test_a_run_stopped_while_it_validates_keeps_its_place(
    trainer: Any, short: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = Control()
    evaluate = loop.evaluate

    def stopped(*arguments: Any) -> Any:
        control.stop()
        return evaluate(*arguments)

    monkeypatch.setattr(loop, "evaluate", stopped)
    told = trainer(short, control=control)
    assert told.names == ["RunStarted", "BatchBlock", "CheckpointSaved last", "RunEnded stopped"]
    assert told.end.step == 6
    assert trainer.load().position.batch == 6


def test_a_run_cancelled_in_its_preparation_tells_only_that(trainer: Any, short: Experiment) -> None:
    control = Control()
    stages = []

    def progress(stage: str, done: int, total: int) -> None:
        stages.append(stage)

    control.cancel()
    told = trainer(short, control=control, progress=progress)
    assert told.names == ["RunEnded cancelled"]
    assert (told.end.epoch, told.end.step) == (0, 0)
    assert stages == []
    assert not trainer.checkpoints.exists()


def test_a_run_whose_listener_cancels_the_preparation_tells_only_that(trainer: Any, short: Experiment) -> None:
    def progress(stage: str, done: int, total: int) -> None:
        raise Cancelled

    assert trainer(short, progress=progress).names == ["RunEnded cancelled"]


@pytest.mark.parametrize(("rate", "kind"), [(1e20, "infinite"), (1e38, "NaN")])
def test_a_loss_that_is_not_finite_ends_the_run_at_that_batch(
    trainer: Any, short: Experiment, rate: float, kind: str
) -> None:
    told = trainer(short.model_copy(update={"optimizer": SGD(lr=rate)}))
    assert told.names == ["RunStarted", "BatchBlock", "RunEnded failed"]
    assert [math.isfinite(loss) for loss in told.losses] == [True] * (len(told.losses) - 1) + [False]
    assert told.end.step == len(told.losses)
    assert told.end.message == (
        f"The loss became {kind} at step {len(told.losses)} (epoch 1). "
        f"The learning rate {rate:g} is probably too high: try 0.1."
    )
    assert not trainer.checkpoints.exists()


def test_a_validation_loss_that_is_not_finite_ends_the_run_in_that_epoch(trainer: Any, experiment: Experiment) -> None:
    whole = with_training(experiment, batch_size=1_438, epochs=1)
    told = trainer(whole.model_copy(update={"optimizer": SGD(lr=1e38)}))
    assert told.names == ["RunStarted", "BatchBlock", "EpochEnd", "RunEnded failed"]
    assert (told.end.epoch, told.end.step, told.end.best) == (1, 1, {})
    assert "validation loss of epoch 1 is not finite" in told.end.message
    assert not trainer.checkpoints.exists()


def test_a_failed_run_keeps_its_last_good_checkpoint(trainer: Any, short: Experiment) -> None:
    trainer(short, after_step(8, Control.stop))
    good = (trainer.checkpoints / "last.pt").read_bytes()
    start = trainer.load()
    start.optimizer["param_groups"][0]["lr"] = 1e30
    told = trainer(short, start=start)
    assert told.end.status is Status.FAILED
    assert told.end.message.endswith("The last checkpoint is from before.")
    assert (trainer.checkpoints / "last.pt").read_bytes() == good


def test_a_run_whose_checkpoint_cannot_be_written_raises(trainer: Any, short: Experiment) -> None:
    def block_the_folder(event: Event, control: Control) -> None:
        if isinstance(event, RunStarted):
            trainer.checkpoints.write_text("in the way")

    with pytest.raises(FileError, match=r"Cannot make the folder .*checkpoints"):
        trainer(short, block_the_folder)
    assert trainer.checkpoints.read_text() == "in the way"


def test_a_run_tells_what_it_is_before_its_first_batch(trainer: Any, short: Experiment) -> None:
    started = trainer(short, at(RunStarted, Control.cancel)).started
    assert started == RunStarted(
        title="Small",
        epochs=2,
        batches_per_epoch=6,
        train_samples=1_438,
        validation_samples=359,
        parameters=64 * 12 + 12 + 12 * 10 + 10,
        device="cpu",
        threads=1,
        step=0,
        task="multiclass",
    )


def test_batches_are_counted_over_the_whole_run_and_time_never_runs_back(trainer: Any, short: Experiment) -> None:
    told = trainer(short)
    assert told.steps == list(range(1, 13))
    assert told.seconds == sorted(told.seconds)
    assert told.seconds[0] > 0
    blocks = [event for event in told.events if isinstance(event, BatchBlock)]
    assert [block.epoch for block in blocks for _ in block.losses] == [1] * 6 + [2] * 6


def test_a_block_holds_the_batches_of_its_time_and_one_epoch(
    trainer: Any, short: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "BLOCK_SECONDS", 1e9)
    told = trainer(short)
    blocks = [event for event in told.events if isinstance(event, BatchBlock)]
    assert [(block.epoch, block.first_step, block.last_step) for block in blocks] == [
        (1, 1, 1),
        (1, 2, 6),
        (2, 7, 12),
    ]
    assert {array.dtype.name for block in blocks for array in (block.losses, block.learning_rates)} == {"float64"}


def test_a_pause_is_no_training_time(trainer: Any, short: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def perf_counter() -> float:
        now[0] += 1.0
        return now[0]

    monkeypatch.setattr(loop.time, "perf_counter", perf_counter)

    def act(event: Event, control: Control) -> None:
        if isinstance(event, BatchBlock) and event.last_step == 3:
            control.pause()
        if isinstance(event, Paused):
            now[0] += 1_000_000
            control.resume()

    told = trainer(short, act)
    assert told.seconds[-1] < 100
    assert 5 < sum(event.seconds for event in told.events if isinstance(event, EpochEnd)) < 100


def test_a_paused_run_holds_still_until_another_thread_resumes_it(trainer: Any, short: Experiment) -> None:
    control = Control()
    resumer = threading.Timer(0.2, control.resume)

    def act(event: Event, control: Control) -> None:
        if isinstance(event, BatchBlock) and event.last_step == 3:
            control.pause()
        if isinstance(event, Paused):
            resumer.start()

    told = trainer(short, act, control=control)
    resumer.join()
    assert "Resumed" in told.names
    assert told.end.status is Status.FINISHED


def test_epochs_and_ending_carry_the_figures_of_the_run(trainer: Any, short: Experiment) -> None:
    told = trainer(short)
    first, second = told.epochs
    sizes = [256] * 5 + [158]
    for end, losses in ((first, told.losses[:6]), (second, told.losses[6:])):
        mean = sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / 1_438
        assert end.train_loss == pytest.approx(mean, rel=1e-12)
    assert (first.step, second.step) == (6, 12)
    assert told.end.best == {
        "epoch": 2,
        "train_loss": second.train_loss,
        "val_loss": second.val_loss,
        **second.metrics,
    }


@pytest.mark.parametrize(("best_by", "improvements"), [("val_loss", [1, 2]), ("val_accuracy", [1, 2, 3])])
def test_the_best_epoch_is_the_first_with_the_best_chosen_figure(
    trainer: Any, experiment: Experiment, best_by: Any, improvements: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def evaluation(loss: float, accuracy: float) -> Evaluation:
        return Evaluation(loss, {"val_accuracy": accuracy})

    figures = [(0.9, 0.1), (0.5, 0.4), (0.7, 0.6), (0.5, 0.6), (0.6, 0.5)]
    remaining = iter(figures)
    monkeypatch.setattr(loop, "evaluate", lambda *arguments: evaluation(*next(remaining)))
    told = trainer(with_training(experiment, epochs=5, best_by=best_by))
    saved = [event for event in told.events if isinstance(event, CheckpointSaved) and event.kind is CheckpointKind.BEST]
    assert [event.epoch for event in saved] == improvements
    best = improvements[-1]
    assert (told.end.best["epoch"], told.end.best["val_loss"], told.end.best["val_accuracy"]) == (
        best,
        *figures[best - 1],
    )
    assert trainer.load("best").best == told.end.best
    assert trainer.load("best").position.step == best * 6
    assert trainer.load("last").position.step == 30


def test_checkpoints_of_every_nth_epoch_are_kept(trainer: Any, experiment: Experiment) -> None:
    told = trainer(with_training(experiment, epochs=5, keep_every=2))
    kept = [event for event in told.events if isinstance(event, CheckpointSaved) and event.kind is CheckpointKind.EPOCH]
    assert [(event.path.name, event.epoch, event.step) for event in kept] == [
        ("epoch-0002.pt", 2, 12),
        ("epoch-0004.pt", 4, 24),
    ]
    assert sorted(path.name for path in trainer.checkpoints.iterdir()) == [
        "best.pt",
        "epoch-0002.pt",
        "epoch-0004.pt",
        "last.pt",
    ]
    assert trainer.load("epoch-0002").position.step == 12


def test_checkpoints_are_written_inside_a_long_epoch(trainer: Any, experiment: Experiment) -> None:
    told = trainer(with_training(experiment, epochs=1, checkpoint_minutes=1e-9))
    assert told.names == [
        "RunStarted",
        *["BatchBlock", "CheckpointSaved last"] * 6,
        *BETTER_EPOCH[1:],
        "RunEnded finished",
    ]


def test_they_are_not_written_before_their_time(
    trainer: Any, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(loop.time, "monotonic", lambda: now[0])

    def act(event: Event, control: Control) -> None:
        if isinstance(event, BatchBlock):
            now[0] += 40.0

    told = trainer(with_training(experiment, epochs=1, checkpoint_minutes=1.0), act)
    saved = [event.step for event in told.events if isinstance(event, CheckpointSaved)]
    assert saved == [2, 4, 6, 6, 6]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"model": LeNet5()}, "model.name input 8×8 is too small"),
        ({"dataset": Digits(std=(1.0, 1.0))}, "dataset.std has 2 numbers"),
        ({"training": Training(batch_size=5_000)}, "training.batch_size is larger than the 1,438"),
    ],
)
def test_what_cannot_be_trained_does_not_start(
    trainer: Any, short: Experiment, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ExperimentError, match=sentence):
        trainer(short.model_copy(update=changes))


def test_a_device_that_is_not_there_does_not_start(trainer: Any, short: Experiment) -> None:
    with pytest.raises(DeviceError, match="cuda:99"):
        trainer(short, device_name="cuda:99")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"optimizer": SGD(lr=0.5, momentum=0.9)}, "optimizer.lr differs from the checkpoint"),
        ({"training": Training(**SHORT)}, "training.epochs is 2, but 2 are done already: set more"),
    ],
)
def test_a_checkpoint_of_another_experiment_is_not_gone_on_with(
    trainer: Any, short: Experiment, changes: dict[str, Any], sentence: str
) -> None:
    trainer(short)
    with pytest.raises(CheckpointError, match=sentence):
        trainer(short.model_copy(update=changes), start=trainer.load())
