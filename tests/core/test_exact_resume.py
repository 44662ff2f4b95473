"""A run stopped anywhere and gone on with is bit for bit the run that was never stopped."""

import functools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from workbench.core import checkpoint, loop
from workbench.core.checkpoint import Checkpoint
from workbench.core.control import Control
from workbench.core.evaluate import Evaluation
from workbench.errors import CheckpointError
from workbench.runs.events import BatchBlock, CheckpointSaved, EpochEnd, Event, Paused, RunStarted, Status
from workbench.spec.experiment import Experiment
from workbench.spec.models import MLP
from workbench.spec.optimizers import SGD, Adam
from workbench.spec.parameter_groups import ParameterGroup
from workbench.spec.schedulers import StepLR
from workbench.spec.training import Training

Same = Callable[[Any, Any], bool]

BATCHES = 6
EPOCHS = 3
KINDS = {
    "SGD with momentum": {"optimizer": SGD(lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-4)},
    "SGD without": {"optimizer": SGD(lr=0.1)},
    "Adam": {"optimizer": Adam(lr=0.01)},
    "Adam with a schedule": {"optimizer": Adam(lr=0.02, amsgrad=True), "scheduler": StepLR(step_size=1, gamma=0.5)},
    "SGD with a schedule": {
        "optimizer": SGD(lr=0.2, momentum=0.5, dampening=0.1),
        "scheduler": StepLR(step_size=2, gamma=0.1),
    },
    "accumulation": {"optimizer": SGD(lr=0.1, momentum=0.9)},
    "averaged weights": {"optimizer": Adam(lr=0.01)},
    "noise": {"optimizer": SGD(lr=0.1)},
    "all of a step's options": {"optimizer": SGD(lr=0.1, momentum=0.9, nesterov=True)},
}
GROUPS = (ParameterGroup(pattern="*.bias", lr=0.05), ParameterGroup(pattern="layers.1.*", weight_decay=0.01))
STEPPING: dict[str, dict[str, Any]] = {
    "accumulation": {"accumulate": 4},
    "averaged weights": {"ema_decay": 0.8},
    "noise": {"gradient_noise": 0.3, "clip_value": 0.1},
    "all of a step's options": {
        "accumulate": 4,
        "clip_norm": 1.0,
        "l1_penalty": 0.001,
        "l2_penalty": 0.01,
        "gradient_noise": 0.1,
        "ema_decay": 0.8,
        "groups": GROUPS,
    },
}
"""Options of the kinds that have some. An epoch's six batches make a step of four and one of two."""

# Where a run can be stopped: after step n (0 is before the first), while it validates (n + 1/4) and when an epoch
# has ended (n + 1/2).
PLACES = sorted(
    [
        *range(EPOCHS * BATCHES + 1),
        *(epoch * BATCHES + 0.25 for epoch in range(1, EPOCHS + 1)),
        *(epoch * BATCHES + 0.5 for epoch in range(1, EPOCHS)),
    ]
)


def of_kind(experiment: Experiment, kind: str, **training: Any) -> Experiment:
    usual = {"epochs": EPOCHS, "batch_size": 256, "seed": 5, "best_by": "val_loss"}
    options = {**usual, **STEPPING.get(kind, {}), **training}
    return experiment.model_copy(update={**KINDS[kind], "training": Training(**options)})


@pytest.fixture(scope="module")
def uninterrupted(experiment: Experiment, tmp_path_factory: pytest.TempPathFactory, folders: Any) -> Callable[..., Any]:
    """What a run that was never stopped tells, and its last checkpoint."""

    @functools.cache
    def run(kind: str, epochs: int = EPOCHS) -> tuple[list[Event], Checkpoint]:
        place = tmp_path_factory.mktemp("uninterrupted")
        events = list(loop.train(of_kind(experiment, kind, epochs=epochs), place, folders, device_name="cpu"))
        return events, checkpoint.load(place / "last.pt")

    return run


@pytest.fixture
def stop_while_validating(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[int, Control]]:
    """Controls to stop when the validation of the epoch that is their key begins."""
    wanted: dict[int, Control] = {}
    evaluate = loop.evaluate
    monkeypatch.setattr(loop, "evaluate", lambda *arguments: (take(), evaluate(*arguments))[1])

    def take() -> None:
        for control in wanted.values():
            control.stop()
        wanted.clear()

    return wanted


def stop_at(place: float, validations: dict[int, Control]) -> Callable[[Event, Control], None]:
    step = int(place)

    def act(event: Event, control: Control) -> None:
        if place == step:
            is_there = isinstance(event, BatchBlock) and event.last_step == step
            if is_there or (step == 0 and isinstance(event, RunStarted)):
                control.stop()
        elif place == step + 0.5:
            if isinstance(event, EpochEnd) and event.step == step:
                control.stop()
        elif (isinstance(event, BatchBlock) and event.last_step == step) or (
            isinstance(event, RunStarted) and event.step == step
        ):
            validations[step] = control

    return act


def assert_equal_to_uninterrupted(told: Any, last: Checkpoint, whole: tuple[Any, Checkpoint], same: Same) -> None:
    reference, reference_last = whole
    assert told.steps == reference.steps
    assert told.losses == reference.losses
    assert told.rates == reference.rates
    assert told.epochs == reference.epochs
    assert told.end == reference.end
    for part in ("model", "optimizer", "scheduler", "rng", "accumulated", "ema"):
        assert same(getattr(last, part), getattr(reference_last, part)), part
    assert last.position == reference_last.position
    assert last.best == reference_last.best
    assert [{**epoch, "seconds": 0} for epoch in last.epochs] == [
        {**epoch, "seconds": 0} for epoch in reference_last.epochs
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(list(KINDS)),
    places=st.lists(st.sampled_from(PLACES), min_size=1, max_size=3, unique=True).map(sorted),
)
@example(kind="SGD with momentum", places=[0])
@example(kind="SGD with momentum", places=[BATCHES])
@example(kind="SGD with a schedule", places=[BATCHES + 0.25])
@example(kind="Adam with a schedule", places=[BATCHES + 0.5])
@example(kind="Adam", places=[BATCHES * EPOCHS + 0.25])
@example(kind="Adam with a schedule", places=[1, 2, 13])
@example(kind="accumulation", places=[1, 4, 11])
@example(kind="all of a step's options", places=[2, BATCHES + 0.25, 2 * BATCHES + 3])
def test_a_run_stopped_anywhere_and_resumed_is_bit_for_bit_one_never_stopped(
    kind: str,
    places: list[float],
    experiment: Experiment,
    make_trainer: Callable[[], Any],
    uninterrupted: Callable[..., Any],
    stop_while_validating: dict[int, Control],
    is_same: Same,
) -> None:
    trainer = make_trainer()
    asked = of_kind(experiment, kind)
    told = trainer(asked, stop_at(places[0], stop_while_validating))
    for place in [*places[1:], None]:
        assert told.end.status is Status.STOPPED
        torch.manual_seed(12345)  # whatever else happens in the process meanwhile
        act = stop_at(place, stop_while_validating) if place is not None else lambda event, control: None
        told.events += trainer(asked, act, start=trainer.load()).events
    events, last = uninterrupted(kind)
    assert_equal_to_uninterrupted(told, trainer.load(), (type(told)(events), last), is_same)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(list(KINDS)), step=st.integers(1, EPOCHS * BATCHES))
def test_a_run_that_is_gone_without_a_word_goes_on_from_its_last_checkpoint(
    kind: str,
    step: int,
    experiment: Experiment,
    make_trainer: Callable[[], Any],
    uninterrupted: Callable[..., Any],
    is_same: Same,
) -> None:
    trainer = make_trainer()
    often = of_kind(experiment, kind, checkpoint_minutes=1e-9)
    gone = trainer(often, lambda event, control: isinstance(event, CheckpointSaved) and event.step == step)
    start = trainer.load()
    assert start.position.step == step
    resumed = trainer(of_kind(experiment, kind), start=start)
    events, last = uninterrupted(kind)
    reference = type(resumed)(events)
    assert gone.losses + resumed.losses == reference.losses
    assert same_but_seconds(trainer.load().epochs) == same_but_seconds(last.epochs)
    assert is_same(trainer.load().model, last.model)
    assert is_same(trainer.load().optimizer, last.optimizer)


def same_but_seconds(epochs: Any) -> list[dict[str, Any]]:
    return [{**epoch, "seconds": 0} for epoch in epochs]


@pytest.mark.parametrize("kind", KINDS)
def test_a_finished_run_made_longer_is_one_that_was_long_from_the_start(
    kind: str, experiment: Experiment, trainer: Any, uninterrupted: Callable[..., Any], is_same: Same
) -> None:
    told = trainer(of_kind(experiment, kind, epochs=1))
    told.events += trainer(of_kind(experiment, kind), start=trainer.load()).events
    events, last = uninterrupted(kind)
    assert_equal_to_uninterrupted(told, trainer.load(), (type(told)(events), last), is_same)


def test_a_checkpoint_kept_in_memory_can_be_gone_on_with_twice(
    experiment: Experiment, make_trainer: Callable[[], Any], is_same: Same
) -> None:
    asked = of_kind(experiment, "Adam")
    trainer, again = make_trainer(), make_trainer()
    trainer(asked, stop_at(4, {}))
    start = trainer.load()
    first, second = trainer(asked, start=start), again(asked, start=start)
    assert first.losses == second.losses
    assert is_same(trainer.load().model, again.load().model)


def test_a_copy_saved_while_the_run_is_paused_goes_on_exactly(
    experiment: Experiment, trainer: Any, uninterrupted: Callable[..., Any], tmp_path: Path, is_same: Same
) -> None:
    asked = of_kind(experiment, "SGD with momentum")
    copy = tmp_path / "elsewhere" / "copy.pt"

    def act(event: Event, control: Control) -> None:
        if isinstance(event, BatchBlock) and event.last_step == 8:
            control.pause()
        if isinstance(event, Paused):
            control.save_copy(copy)
        if isinstance(event, CheckpointSaved) and event.path == copy:
            assert event.step == 8
            control.cancel()

    trainer(asked, act)
    start = checkpoint.load(copy)
    resumed = trainer(asked, start=start)
    events, last = uninterrupted("SGD with momentum")
    assert resumed.losses == type(resumed)(events).losses[8:]
    assert is_same(trainer.load().model, last.model)


def test_a_pause_changes_nothing(
    experiment: Experiment, trainer: Any, uninterrupted: Callable[..., Any], is_same: Same
) -> None:
    def act(event: Event, control: Control) -> None:
        if isinstance(event, BatchBlock):
            control.pause()
        if isinstance(event, Paused):
            control.resume()

    told = trainer(of_kind(experiment, "Adam"), act)
    assert told.names.count("Paused") == EPOCHS * BATCHES
    events, last = uninterrupted("Adam")
    assert told.losses == type(told)(events).losses
    assert is_same(trainer.load().model, last.model)


@pytest.mark.parametrize("place", range(1, BATCHES + 1))
def test_a_checkpoint_holds_the_gradients_of_a_step_that_is_not_complete(
    place: int, experiment: Experiment, trainer: Any
) -> None:
    trainer(of_kind(experiment, "accumulation"), stop_at(place, {}))
    accumulated, model = trainer.load().accumulated, trainer.load().model
    if place in (4, 6):
        assert accumulated is None
    else:
        shapes = {name: gradient.shape for name, gradient in accumulated["gradients"].items()}
        assert shapes == {name: weight.shape for name, weight in model.items()}
        assert accumulated["share"] == 256 * (place % 4)


def test_the_thread_count_is_recorded_and_used_again(experiment: Experiment, trainer: Any) -> None:
    asked = of_kind(experiment, "Adam")
    assert trainer(asked, stop_at(2, {})).started.threads == 1
    first = trainer(asked, stop_at(2, {}), threads=2)
    assert first.started.threads == 2
    assert trainer.load().threads == 2
    torch.set_num_threads(1)
    resumed = trainer(asked, start=trainer.load())
    assert resumed.started.threads == 2
    assert torch.get_num_threads() == 2
    assert trainer.load().threads == 2


def test_a_fixed_thread_count_is_above_the_recorded_one(experiment: Experiment, trainer: Any) -> None:
    asked = of_kind(experiment, "Adam")
    trainer(asked, stop_at(2, {}), threads=2)
    assert trainer(asked, start=trainer.load(), threads=1).started.threads == 1


def test_seconds_add_up_over_the_stretches_of_a_run(experiment: Experiment, trainer: Any) -> None:
    asked = of_kind(experiment, "Adam")
    first = trainer(asked, stop_at(8, {}))
    start = replace(trainer.load(), seconds=1000.0, epoch_seconds=400.0)
    resumed = trainer(asked, start=start)
    assert first.seconds[-1] < 100
    assert 1000 < resumed.seconds[0] <= resumed.seconds[-1] < 1100
    second, third = (event.seconds for event in resumed.events if isinstance(event, EpochEnd))
    assert 400 < second < 500
    assert third < 100
    assert 1000 < trainer.load().seconds < 1100


def test_another_seed_gives_another_run(experiment: Experiment, trainer: Any) -> None:
    runs = [trainer(of_kind(experiment, "Adam", epochs=1, seed=seed)).losses for seed in (5, 6, 5)]
    assert runs[0] == runs[2] != runs[1]


def test_every_epoch_has_an_order_of_its_own_and_files_order_where_asked(experiment: Experiment, trainer: Any) -> None:
    still = experiment.model_copy(update={"optimizer": SGD(lr=0.0), "model": MLP(hidden=())})
    for shuffle in (True, False):
        options = Training(epochs=2, batch_size=256, shuffle=shuffle, best_by="val_loss")
        losses = trainer(still.model_copy(update={"training": options})).losses
        assert (losses[:6] == losses[6:]) is not shuffle


@pytest.mark.parametrize(
    "damage",
    [
        lambda start: replace(start, model={**start.model, "layers.1.weight": torch.zeros(3, 3)}),
        lambda start: replace(start, model={}),
        lambda start: replace(start, optimizer={"state": {}}),
        lambda start: replace(start, rng={"cpu": torch.zeros(3, dtype=torch.uint8)}),
        lambda start: replace(start, rng={}),
        lambda start: replace(start, epochs=({"epoch": 1},)),
        lambda start: replace(start, accumulated={"share": 1.0, "gradients": {"layers.9.weight": torch.zeros(3, 3)}}),
        lambda start: replace(start, accumulated={"share": 1.0, "gradients": {"layers.1.weight": torch.zeros(3, 3)}}),
        lambda start: replace(start, accumulated={"share": 1.0}),
        lambda start: replace(start, ema=start.model),
    ],
)
def test_a_checkpoint_that_does_not_fit_its_own_experiment_is_refused(
    experiment: Experiment, trainer: Any, damage: Callable[[Checkpoint], Checkpoint]
) -> None:
    asked = of_kind(experiment, "Adam")
    trainer(asked, stop_at(4, {}))
    with pytest.raises(CheckpointError, match="does not fit the model it names: use another checkpoint"):
        trainer(asked, start=damage(trainer.load()))


def test_a_resumed_run_remembers_its_best_epoch(
    experiment: Experiment, trainer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = iter([Evaluation(loss, {"val_accuracy": 0.9}) for loss in (0.5, 0.7, 0.6)])
    monkeypatch.setattr(loop, "evaluate", lambda *arguments: next(figures))
    asked = of_kind(experiment, "Adam")
    trainer(asked, stop_at(BATCHES + 0.5, {}))
    best = (trainer.checkpoints / "best.pt").read_bytes()
    resumed = trainer(asked, start=trainer.load())
    assert resumed.end.best["epoch"] == 1
    assert resumed.end.best["val_loss"] == 0.5
    assert "CheckpointSaved best" not in resumed.names
    assert (trainer.checkpoints / "best.pt").read_bytes() == best
