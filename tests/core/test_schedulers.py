"""The drawn curve of a schedule is what the loop applies, at every step, however often the run was stopped."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from workbench.core.optimizers import build_optimizer
from workbench.core.schedulers import Schedule, learning_rates
from workbench.errors import CheckpointError
from workbench.runs.events import BatchBlock, Status
from workbench.spec.experiment import Experiment, ExperimentError, choices
from workbench.spec.optimizers import SGD, Adam, AdamW, Muon, Optimizer, RMSprop
from workbench.spec.parameter_groups import ParameterGroup
from workbench.spec.schedulers import (
    Constant,
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    ExponentialLR,
    MultiStepLR,
    OneCycleLR,
    PolynomialLR,
    ReduceLROnPlateau,
    Scheduler,
    StepLR,
    Warmable,
)
from workbench.spec.training import Training

EPOCHS, BATCHES = 4, 6

SCHEDULES: list[Any] = [
    Constant(),
    StepLR(step_size=1, gamma=0.5),
    MultiStepLR(milestones=(1, 3, 3), gamma=0.3),
    ExponentialLR(gamma=0.7),
    PolynomialLR(),
    PolynomialLR(total_iters=None, power=2.0),
    CosineAnnealingLR(),
    CosineAnnealingLR(T_max=2, eta_min=0.01),
    CosineAnnealingWarmRestarts(T_0=1, T_mult=2, eta_min=0.001),
    ReduceLROnPlateau(factor=0.5, patience=0, threshold=0.2, cooldown=1),
]
WARMED: list[Any] = [schedule.model_copy(update={"warmup_steps": 8, "warmup_start": 0.2}) for schedule in SCHEDULES]
EVERY: list[Any] = [
    *SCHEDULES,
    *WARMED,
    Constant(warmup_steps=3, warmup_start=1.0),
    StepLR(warmup_steps=1000),
    OneCycleLR(),
    OneCycleLR(max_lr=0.5, anneal_strategy="linear", three_phase=True, pct_start=0.4),
    OneCycleLR(total_steps=40, cycle_momentum=False, pct_start=1.0),
    OneCycleLR(pct_start=0.0, div_factor=10.0, final_div_factor=100.0),
]

everything = pytest.mark.parametrize("schedule", EVERY, ids=lambda schedule: schedule.summary())


def asked(experiment: Experiment, schedule: Any, optimizer: Any = None, **training: Any) -> Experiment:
    options = Training(**{"epochs": EPOCHS, "batch_size": 256, "seed": 3, "best_by": "val_loss", **training})
    spec = optimizer or SGD(lr=0.1, momentum=0.9)
    return experiment.model_copy(update={"scheduler": schedule, "optimizer": spec, "training": options})


def stop_after(batch: int) -> Callable[[Any, Any], None]:
    def act(event: Any, control: Any) -> None:
        if isinstance(event, BatchBlock) and event.last_step == batch:
            control.stop()

    return act


def curve_of(run: Experiment, told: Any) -> list[float]:
    rates: list[float] = learning_rates(run, BATCHES, [epoch.val_loss for epoch in told.epochs]).tolist()
    return rates


def test_every_schedule_is_tried_with_and_without_a_warm_up() -> None:
    for kind in choices("scheduler"):
        warmed = [schedule.warmup_steps > 0 for schedule in EVERY if type(schedule) is kind and kind is not OneCycleLR]
        assert set(warmed) == ({True, False} if issubclass(kind, Warmable) else set())


@everything
def test_the_curve_is_what_the_loop_applies_also_when_it_is_stopped_in_mid_epoch(
    schedule: Any, experiment: Experiment, make_trainer: Callable[[], Any], is_same: Callable[[Any, Any], bool]
) -> None:
    run = asked(experiment, schedule)
    whole, stopped = make_trainer(), make_trainer()
    reference = whole(run)
    assert reference.end.status is Status.FINISHED
    assert len(reference.rates) == EPOCHS * BATCHES
    assert reference.rates == curve_of(run, reference)

    told = stopped(run, stop_after(4))
    for batch in (BATCHES, 2 * BATCHES + 3):
        told.events += stopped(run, stop_after(batch), start=stopped.load()).events
    told.events += stopped(run, start=stopped.load()).events
    assert told.rates == reference.rates
    assert told.losses == reference.losses
    for part in ("model", "optimizer", "scheduler"):
        assert is_same(getattr(stopped.load(), part), getattr(whole.load(), part))


@pytest.mark.parametrize(
    "schedule",
    [OneCycleLR(), StepLR(step_size=1, warmup_steps=5), CosineAnnealingWarmRestarts(T_0=1, warmup_steps=5)],
    ids=lambda schedule: schedule.summary(),
)
@pytest.mark.parametrize("accumulate", [4, BATCHES])
def test_a_schedule_counts_steps_of_the_optimizer_where_several_batches_make_one(
    schedule: Any, accumulate: int, experiment: Experiment, trainer: Any
) -> None:
    run = asked(experiment, schedule, accumulate=accumulate)
    told = trainer(run, stop_after(8))
    told.events += trainer(run, start=trainer.load()).events
    assert told.rates == curve_of(run, told)
    steps = -(-BATCHES // accumulate)
    assert learning_rates(asked(experiment, schedule), steps).tolist() == [
        rate for batch, rate in enumerate(told.rates) if batch % BATCHES % accumulate == 0
    ]


def bare_rates(
    make: Callable[[torch.optim.Optimizer], Any], per_step: bool, val_losses: Sequence[float]
) -> list[float]:
    """What torch's own scheduler gives in the plainest of loops."""
    weights = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weights], lr=0.1, momentum=0.9)
    scheduler = make(optimizer)
    rates = []
    for epoch in range(EPOCHS):
        for batch in range(BATCHES):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if isinstance(scheduler, lr_scheduler.CosineAnnealingWarmRestarts):
                scheduler.step((epoch * BATCHES + batch + 1) / BATCHES)
            elif per_step:
                scheduler.step()
        if isinstance(scheduler, lr_scheduler.ReduceLROnPlateau):
            scheduler.step(val_losses[epoch])
        elif not per_step:
            scheduler.step()
    return rates


VAL_LOSSES = [1.0, 0.9, 0.95, 0.5]
TOTAL = EPOCHS * BATCHES
BARE: list[tuple[Any, Callable[[Any], Any]]] = [
    (StepLR(step_size=3, gamma=0.5), lambda optimizer: lr_scheduler.StepLR(optimizer, 3, 0.5)),
    (MultiStepLR(milestones=(1, 3), gamma=0.3), lambda optimizer: lr_scheduler.MultiStepLR(optimizer, [1, 3], 0.3)),
    (ExponentialLR(gamma=0.7), lambda optimizer: lr_scheduler.ExponentialLR(optimizer, 0.7)),
    (PolynomialLR(power=2.0), lambda optimizer: lr_scheduler.PolynomialLR(optimizer, 5, 2.0)),
    (PolynomialLR(total_iters=None), lambda optimizer: lr_scheduler.PolynomialLR(optimizer, EPOCHS)),
    (CosineAnnealingLR(eta_min=0.01), lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS, 0.01)),
    (CosineAnnealingLR(T_max=2), lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, 2)),
    (
        CosineAnnealingWarmRestarts(T_0=1, T_mult=2, eta_min=0.01),
        lambda optimizer: lr_scheduler.CosineAnnealingWarmRestarts(optimizer, 1, 2, 0.01),
    ),
    (OneCycleLR(), lambda optimizer: lr_scheduler.OneCycleLR(optimizer, 0.1, TOTAL)),
    (OneCycleLR(max_lr=1.0, total_steps=99), lambda optimizer: lr_scheduler.OneCycleLR(optimizer, 1.0, 99)),
    (
        ReduceLROnPlateau(factor=0.3, patience=0),
        lambda optimizer: lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.3, patience=0),
    ),
]


@pytest.mark.parametrize(("schedule", "make"), BARE, ids=[schedule.summary() for schedule, _ in BARE])
def test_without_a_warm_up_the_curve_is_that_of_torchs_scheduler_alone(
    schedule: Any, make: Callable[[Any], Any], experiment: Experiment
) -> None:
    rates = learning_rates(asked(experiment, schedule), BATCHES, VAL_LOSSES)
    expected = bare_rates(make, schedule.stepped == "step", VAL_LOSSES)
    assert rates.tolist() == expected


def test_a_warm_up_climbs_in_a_straight_line_to_what_the_schedule_says(experiment: Experiment) -> None:
    plain = learning_rates(asked(experiment, ExponentialLR(gamma=0.5)), BATCHES)
    warmed = learning_rates(asked(experiment, ExponentialLR(gamma=0.5, warmup_steps=8, warmup_start=0.2)), BATCHES)
    factors = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] + [1.0] * (TOTAL - 8)
    assert warmed.tolist() == pytest.approx((plain * factors).tolist(), rel=1e-12)
    assert warmed[8:].tolist() == plain[8:].tolist()


def test_one_cycle_starts_tops_and_ends_where_its_fields_say(experiment: Experiment) -> None:
    schedule = OneCycleLR(max_lr=1.0, div_factor=10.0, final_div_factor=100.0, pct_start=0.25, anneal_strategy="linear")
    rates = learning_rates(asked(experiment, schedule), 25)
    assert rates[0] == pytest.approx(0.1)
    assert int(rates.argmax()) == 24
    assert rates[24] == pytest.approx(1.0)
    assert rates[-1] == pytest.approx(0.001)
    automatic = learning_rates(asked(experiment, schedule.model_copy(update={"max_lr": None})), 25)
    assert automatic.max() == pytest.approx(0.1)


def test_a_restart_starts_anew_at_the_epoch_it_names(experiment: Experiment) -> None:
    schedule = CosineAnnealingWarmRestarts(T_0=1, T_mult=2)
    rates = learning_rates(asked(experiment, schedule, epochs=7), 10)
    assert np.flatnonzero(rates == 0.1).tolist() == [0, 10, 30]
    assert rates[20] == pytest.approx(0.05)
    assert rates[69] == pytest.approx(0.1 * (1 + math.cos(math.pi * 39 / 40)) / 2)


@everything
def test_a_part_of_the_curve_is_the_curve_at_these_batches(schedule: Any, experiment: Experiment) -> None:
    run = asked(experiment, schedule)
    chosen = [0, 1, 7, 8, 9, 12, 20, 23]
    whole = learning_rates(run, BATCHES, VAL_LOSSES)
    assert learning_rates(run, BATCHES, VAL_LOSSES, batches=chosen).tolist() == whole[chosen].tolist()


def test_reduce_on_plateau_stays_where_it_is_without_losses(experiment: Experiment) -> None:
    run = asked(experiment, ReduceLROnPlateau(patience=0))
    assert set(learning_rates(run, BATCHES)) == {0.1}
    known = learning_rates(run, BATCHES, [1.0, 2.0])
    assert known.tolist() == pytest.approx([0.1] * 12 + [0.01] * 12)


def test_drawing_a_curve_leaves_random_numbers_alone(experiment: Experiment) -> None:
    state = torch.get_rng_state()
    learning_rates(asked(experiment, OneCycleLR()), BATCHES)
    assert torch.equal(torch.get_rng_state(), state)


GOES_ON: list[Any] = [
    Constant(),
    Constant(warmup_steps=9),
    StepLR(step_size=2, gamma=0.5),
    MultiStepLR(milestones=(1, 3)),
    ExponentialLR(),
    PolynomialLR(total_iters=6),
    CosineAnnealingLR(T_max=2),
    CosineAnnealingWarmRestarts(T_0=1, T_mult=2, warmup_steps=9),
    OneCycleLR(total_steps=30),
    ReduceLROnPlateau(patience=0, threshold=0.5),
]


@pytest.mark.parametrize("schedule", GOES_ON, ids=lambda schedule: schedule.summary())
def test_a_run_made_longer_follows_the_schedule_it_would_have_followed(
    schedule: Any, experiment: Experiment, make_trainer: Callable[[], Any], is_same: Callable[[Any, Any], bool]
) -> None:
    whole, longer = make_trainer(), make_trainer()
    reference = whole(asked(experiment, schedule))
    told = longer(asked(experiment, schedule, epochs=1))
    told.events += longer(asked(experiment, schedule), start=longer.load()).events
    assert told.rates == reference.rates
    assert told.losses == reference.losses
    assert is_same(longer.load().model, whole.load().model)


@pytest.mark.parametrize(
    ("schedule", "field"),
    [(OneCycleLR(), "total_steps"), (CosineAnnealingLR(), "T_max"), (PolynomialLR(total_iters=None), "total_iters")],
)
@pytest.mark.parametrize("epochs", [3, 5])
def test_a_run_whose_schedule_took_its_length_cannot_be_given_another(
    schedule: Any, field: str, epochs: int, experiment: Experiment, trainer: Any
) -> None:
    trainer(asked(experiment, schedule), stop_after(8))
    sentence = (
        rf"training\.epochs is {epochs}, but the schedule was laid out over 4 epochs, because "
        rf"scheduler\.{field} is automatic: set 4, or start anew\."
    )
    with pytest.raises(CheckpointError, match=sentence):
        trainer(asked(experiment, schedule, epochs=epochs), start=trainer.load())
    assert trainer(asked(experiment, schedule), start=trainer.load()).end.status is Status.FINISHED


def test_a_cycle_that_is_too_short_for_a_longer_run_is_refused(experiment: Experiment, trainer: Any) -> None:
    schedule = OneCycleLR(total_steps=2 * BATCHES)
    trainer(asked(experiment, schedule, epochs=2))
    with pytest.raises(ExperimentError, match=r"scheduler\.total_steps is 12, and the run has 24 steps"):
        trainer(asked(experiment, schedule), start=trainer.load())


def made(spec: Optimizer, schedule: Scheduler) -> tuple[torch.optim.Optimizer, Schedule]:
    model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 2))
    optimizer = build_optimizer(spec, model)
    return optimizer, Schedule(schedule, optimizer, 1, 11)


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        (SGD(), lambda group: group["momentum"]),
        (RMSprop(), lambda group: group["momentum"]),
        (Muon(), lambda group: group["momentum"]),
        (Adam(), lambda group: group["betas"][0]),
        (AdamW(), lambda group: group["betas"][0]),
    ],
    ids=["SGD", "RMSprop", "Muon", "Adam", "AdamW"],
)
def test_momentum_goes_against_the_rate_in_one_cycle(spec: Any, value: Callable[[Any], float]) -> None:
    optimizer, schedule = made(spec, OneCycleLR(pct_start=0.5, anneal_strategy="linear"))
    second = optimizer.param_groups[0].get("betas", (0, 0.999))[1]
    momenta, rates = [], []
    for _ in range(11):
        momenta.append(value(optimizer.param_groups[0]))
        rates.append(optimizer.param_groups[0]["lr"])
        schedule.step_batch()
    assert momenta[0] == momenta[-1] == 0.95
    assert momenta[5] == pytest.approx(0.86, abs=0.01)
    assert np.argsort(momenta[:5]).tolist() == np.argsort(rates[:5])[::-1].tolist()
    assert second == 0.999


def test_one_cycle_leaves_momentum_alone_where_it_is_told_to() -> None:
    optimizer, schedule = made(SGD(momentum=0.5), OneCycleLR(cycle_momentum=False))
    schedule.step_batch()
    assert optimizer.param_groups[0]["momentum"] == 0.5


def test_one_cycle_leaves_the_betas_of_the_weights_that_muon_does_not_step() -> None:
    optimizer, schedule = made(Muon(), OneCycleLR())
    schedule.step_batch()
    assert optimizer.param_groups[1]["betas"] == (0.9, 0.999)


@pytest.mark.parametrize(
    "schedule",
    [*(s for s in SCHEDULES if "eta_min" not in s.model_fields_set), OneCycleLR(), OneCycleLR(max_lr=3.0)],
    ids=lambda schedule: schedule.summary(),
)
def test_parameter_groups_keep_the_proportion_of_their_rates(schedule: Any) -> None:
    model = torch.nn.Linear(3, 2)
    optimizer = build_optimizer(SGD(lr=0.1), model, (ParameterGroup(pattern="bias", lr=0.02),))
    stepped = Schedule(
        schedule.model_copy(update={"warmup_steps": 3} if isinstance(schedule, Warmable) else {}), optimizer, 3, 4
    )
    for _ in range(3):
        for _ in range(4):
            weight, bias = (group["lr"] for group in optimizer.param_groups)
            assert bias == pytest.approx(0.2 * weight)
            stepped.step_batch()
        stepped.step_epoch(1.0)


def test_a_state_holds_builtins_alone() -> None:
    def is_builtin(value: Any) -> bool:
        if isinstance(value, dict):
            return type(value) is dict and all(map(is_builtin, [*value, *value.values()]))
        if isinstance(value, list | tuple):
            return all(map(is_builtin, value))
        return value is None or type(value) in (int, float, str, bool)

    for schedule in EVERY:
        _, stepped = made(SGD(), schedule)
        assert is_builtin(stepped.state_dict()), schedule.name


def test_a_state_from_before_steps_were_counted_is_taken(experiment: Experiment) -> None:
    spec = StepLR(step_size=2, gamma=0.5)
    optimizer, schedule = made(SGD(lr=0.8), spec)
    for _ in range(3):
        schedule.step_epoch(1.0)
    old = {key: value for key, value in schedule.state_dict().items() if key != "taken_steps"}
    again, resumed = made(SGD(lr=0.8), spec)
    again.load_state_dict(optimizer.state_dict())
    resumed.load_state_dict(old)
    resumed.step_epoch(1.0)
    assert again.param_groups[0]["lr"] == pytest.approx(0.2)
