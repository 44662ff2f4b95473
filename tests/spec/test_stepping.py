"""The options of a training step: how many steps they make, and what they do not go with."""

from typing import Any

import pytest

from workbench.spec.datasets import Digits
from workbench.spec.experiment import Experiment, ExperimentError
from workbench.spec.losses import CrossEntropyLoss
from workbench.spec.models import MLP, EmbeddingBag, ModelComponent
from workbench.spec.optimizers import LBFGS, SGD, Adam, OptimizerComponent, Rprop
from workbench.spec.parameter_groups import ParameterGroup
from workbench.spec.stepping import stepping_conflicts
from workbench.spec.training import Training
from workbench.spec.yaml_io import dump_experiment, experiment_from, parse_document, with_settings

DECAY = ParameterGroup(pattern="*.weight", weight_decay=0.1)
RATE = ParameterGroup(pattern="*.bias", lr=0.1)


def experiment(**training: Any) -> Experiment:
    return Experiment(
        dataset=Digits(), model=MLP(), loss=CrossEntropyLoss(), optimizer=SGD(), training=Training(**training)
    )


@pytest.mark.parametrize(
    ("options", "samples", "batches", "steps"),
    [
        ({"batch_size": 64}, 128, 2, 2),
        ({"batch_size": 64}, 129, 3, 3),
        ({"batch_size": "all"}, 129, 1, 1),
        ({"batch_size": 64, "accumulate": 3}, 64 * 6, 6, 2),
        ({"batch_size": 64, "accumulate": 3}, 64 * 6 + 1, 7, 3),
        ({"batch_size": 1, "accumulate": 100}, 99, 99, 1),
    ],
)
def test_batches_and_steps_of_an_epoch_are_counted_before_a_run(
    options: dict[str, Any], samples: int, batches: int, steps: int
) -> None:
    training = Training(**options)
    assert (training.batches_per_epoch(samples), training.steps_per_epoch(samples)) == (batches, steps)


def test_a_batch_of_all_samples_has_as_many_as_there_are() -> None:
    assert Training(batch_size="all").batch_samples(1_438) == 1_438
    assert Training(batch_size=32).batch_samples(1_438) == 32


@pytest.mark.parametrize(
    ("options", "field", "reason"),
    [
        (
            {"batch_size": 1_439},
            "training.batch_size",
            "is larger than the 1,438 training samples: choose 1,438 or less.",
        ),
        (
            {"batch_size": 256, "accumulate": 7},
            "training.accumulate",
            "is larger than the number of batches in an epoch: choose 6 or less.",
        ),
        (
            {"batch_size": "all", "accumulate": 2},
            "training.accumulate",
            "is larger than the number of batches in an epoch: choose 1 or less.",
        ),
        (
            {"clip_norm": 1.0, "clip_value": 1.0},
            "training.clip_value",
            "does not go with clip_norm: set one of the two to 0.",
        ),
    ],
)
def test_options_that_ask_for_too_much_or_contradict_each_other_are_named(
    options: dict[str, Any], field: str, reason: str
) -> None:
    (conflict,) = experiment(**options).conflicts()
    assert (conflict.field, conflict.reason) == (field, reason)


@pytest.mark.parametrize(
    "options",
    [
        {"batch_size": "all"},
        {"batch_size": 256, "accumulate": 6},
        {
            "accumulate": 2,
            "clip_norm": 1.0,
            "l1_penalty": 0.1,
            "l2_penalty": 0.1,
            "gradient_noise": 0.1,
            "ema_decay": 0.9,
            "groups": (DECAY, RATE),
        },
    ],
)
def test_options_that_go_together_are_no_conflict(options: dict[str, Any]) -> None:
    assert experiment(**options).conflicts() == []


SPARSE = EmbeddingBag(sparse=True)
NEEDS_DENSE = "needs dense gradients, and those of Bag of embeddings are sparse: set it to 0."
GROWS = "would make the weights grow where the optimizer maximizes: set it to 0."


@pytest.mark.parametrize(
    ("options", "optimizer", "model", "field", "reason"),
    [
        ({"clip_norm": 1.0}, SGD(), SPARSE, "clip_norm", NEEDS_DENSE),
        ({"clip_value": 1.0}, SGD(), SPARSE, "clip_value", NEEDS_DENSE),
        ({"l1_penalty": 1.0}, SGD(), SPARSE, "l1_penalty", NEEDS_DENSE),
        ({"l2_penalty": 1.0}, SGD(), SPARSE, "l2_penalty", NEEDS_DENSE),
        ({"gradient_noise": 1.0}, SGD(), SPARSE, "gradient_noise", NEEDS_DENSE),
        (
            {"groups": (RATE, DECAY)},
            SGD(),
            SPARSE,
            "groups",
            "sets a weight decay (number 2), which does not go with the sparse gradients of Bag of embeddings: set it "
            "to 0.",
        ),
        ({"l1_penalty": 1.0}, SGD(maximize=True), MLP(), "l1_penalty", GROWS),
        ({"l2_penalty": 1.0}, Adam(maximize=True), MLP(), "l2_penalty", GROWS),
        (
            {"groups": (DECAY, RATE, DECAY)},
            Rprop(),
            MLP(),
            "groups",
            "sets a weight decay (number 1, 3), which Rprop does not have: leave it out.",
        ),
        (
            {"accumulate": 2},
            LBFGS(),
            MLP(),
            "accumulate",
            "does not go with LBFGS, which evaluates a batch several times a step: set it to 1 and take larger "
            "batches.",
        ),
        (
            {"gradient_noise": 0.1},
            LBFGS(),
            MLP(),
            "gradient_noise",
            "does not go with LBFGS, which learns the curvature from differences between gradients: set it to 0.",
        ),
        (
            {"groups": (RATE,)},
            LBFGS(),
            MLP(),
            "groups",
            "does not go with LBFGS, which steps all parameters alike: remove the groups.",
        ),
    ],
)
def test_options_that_do_not_go_with_the_optimizer_or_the_model_are_named(
    options: dict[str, Any], optimizer: OptimizerComponent, model: ModelComponent, field: str, reason: str
) -> None:
    (conflict,) = stepping_conflicts(Training(**options), optimizer, model)
    assert (conflict.field, conflict.reason) == (f"training.{field}", reason)


@pytest.mark.parametrize(
    ("options", "optimizer", "model"),
    [
        ({"accumulate": 2, "ema_decay": 0.9, "groups": (RATE,)}, SGD(), SPARSE),
        ({"l1_penalty": 0.1, "l2_penalty": 0.1, "clip_norm": 1.0, "ema_decay": 0.9}, LBFGS(), MLP()),
        ({"groups": (RATE,)}, Rprop(), MLP()),
        ({"clip_norm": 1.0, "gradient_noise": 1.0}, SGD(maximize=True), MLP()),
    ],
)
def test_the_rest_goes_with_them(options: dict[str, Any], optimizer: OptimizerComponent, model: ModelComponent) -> None:
    assert stepping_conflicts(Training(**options), optimizer, model) == []


def read(text: str, training: str) -> Experiment:
    head, _, _ = text.partition("training:")
    return experiment_from(parse_document(f"{head}training: {training}\n", "mine.yaml"))


def test_groups_are_a_list_of_mappings_in_a_file(text: str) -> None:
    groups = (ParameterGroup(pattern="*.bias", weight_decay=0.0), ParameterGroup(pattern="layers.1.*", lr=0.001))
    written = "{batch_size: all, groups: [{pattern: '*.bias', weight_decay: 0.0}, {pattern: layers.1.*, lr: 0.001}]}"
    asked = read(text, written)
    assert asked.training == Training(batch_size="all", groups=groups)
    assert dump_experiment(asked).splitlines()[-1] == f"training: {written}"


@pytest.mark.parametrize(
    ("training", "sentence"),
    [
        ("{batch_size: ALL}", "training.batch_size must be a whole number or 'all', not 'ALL'"),
        ("{batch_size: 0}", "training.batch_size must be at least 1 or 'all', not 0"),
        ("{groups: [{lr: 0.1}]}", "training.groups[0].pattern is missing"),
        ("{groups: [{pattern: a}, {pattern: '', lr: 0}]}", "training.groups[1].pattern must not be empty"),
        ("{groups: [{pattern: a, lr: -1}]}", "training.groups[0].lr must be at least 0, not -1"),
        ("{groups: [{pattern: a, learning_rate: 1}]}", "training.groups[0].learning_rate is not a field"),
        ("{groups: [{pattern: a, wieght_decay: 1}]}", "wieght_decay is not a field; did you mean weight_decay?"),
        ("{groups: '*.bias'}", "training.groups must be a list"),
        ("{clip_norm: 1, clip_value: 1}", "line 7, column 26: training.clip_value does not go with clip_norm"),
    ],
)
def test_a_wrong_option_is_told_with_its_place(text: str, training: str, sentence: str) -> None:
    with pytest.raises(ExperimentError) as caught:
        read(text, training)
    assert sentence in str(caught.value)
    assert "line 7, column" in str(caught.value)


def test_groups_can_be_set_from_the_command_line(text: str) -> None:
    document = with_settings(parse_document(text, "x"), ["training.groups=[{pattern: '*.bias', lr: 0.5}]"])
    assert experiment_from(document).training.groups == (ParameterGroup(pattern="*.bias", lr=0.5),)
