"""The curve of the learning rate that is drawn before a run."""

import numpy as np
import pytest

from workbench.core.schedulers import learning_rates
from workbench.engine.messages import DrawSchedule
from workbench.engine.schedule_curve import draw_schedule
from workbench.spec.experiment import Experiment, first_experiment_offline
from workbench.spec.schedulers import CosineAnnealingLR, ExponentialLR, OneCycleLR, SchedulerComponent, StepLR


def scheduled(scheduler: SchedulerComponent, epochs: int) -> Experiment:
    experiment = first_experiment_offline()
    training = experiment.training.model_copy(update={"epochs": epochs})
    return experiment.model_copy(update={"scheduler": scheduler, "training": training})


@pytest.mark.parametrize("scheduler", [StepLR(), ExponentialLR(), CosineAnnealingLR(), OneCycleLR()])
def test_a_short_run_is_drawn_batch_by_batch(scheduler: SchedulerComponent) -> None:
    experiment = scheduled(scheduler, epochs=6)
    curve = draw_schedule(DrawSchedule(experiment, 45))
    assert curve.steps.tolist() == list(range(1, 6 * 45 + 1))
    assert curve.rates.tolist() == learning_rates(experiment, 45).tolist()


def test_a_long_run_is_drawn_with_few_points_and_every_change_between_epochs() -> None:
    experiment = scheduled(StepLR(step_size=3, gamma=0.5), epochs=60)
    curve = draw_schedule(DrawSchedule(experiment, 9_000))
    assert len(curve.steps) < 5_000
    assert np.all(np.diff(curve.steps) > 0)
    assert (curve.steps[0], curve.steps[-1]) == (1, 60 * 9_000)
    changes = np.flatnonzero(np.diff(curve.rates))
    assert curve.steps[changes].tolist() == [epoch * 9_000.0 for epoch in range(3, 60, 3)]
    assert curve.steps[changes + 1].tolist() == [epoch * 9_000.0 + 1 for epoch in range(3, 60, 3)]
    assert curve.rates.tolist() == learning_rates(experiment, 9_000, batches=curve.steps.astype(int) - 1).tolist()


def test_very_many_epochs_are_drawn_with_few_points_too() -> None:
    curve = draw_schedule(DrawSchedule(scheduled(OneCycleLR(), epochs=20_000), 45))
    assert len(curve.steps) <= 4_000
    assert (curve.steps[0], curve.steps[-1]) == (1, 20_000 * 45)
