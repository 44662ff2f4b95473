"""The losses: none of torch's forgotten, each what its formula says in float64, each refused where it does not fit."""

import inspect
from typing import Any, get_args

import numpy as np
import pytest
import torch
from torch import nn

from workbench.core.build import build_objective
from workbench.spec.experiment import choices
from workbench.spec.losses import (
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    L1Loss,
    LossComponent,
    MSELoss,
    MultiLabelSoftMarginLoss,
    MultiMarginLoss,
    NLLLoss,
    SmoothL1Loss,
    names_for,
)
from workbench.spec.tasks import TASK_NAMES, DatasetInfo, Task

LEFT_OUT = {
    "AdaptiveLogSoftmaxWithLoss": "is a layer with weights of its own, for tens of thousands of classes",
    "BCELoss": "takes probabilities, where models here give logits: BCEWithLogitsLoss",
    "CTCLoss": "aligns sequences; no task here has sequences as targets",
    "CosineEmbeddingLoss": "compares two inputs",
    "GaussianNLLLoss": "takes a variance beside the output",
    "HingeEmbeddingLoss": "takes a distance between two inputs",
    "KLDivLoss": "takes whole distributions as targets",
    "LinearCrossEntropyLoss": "holds the model's last layer; its value is CrossEntropyLoss's",
    "MarginRankingLoss": "compares two inputs",
    "MultiLabelMarginLoss": "takes lists of labels as targets, where labels here are 0 or 1",
    "NLLLoss2d": "deprecated in favour of NLLLoss",
    "PoissonNLLLoss": "gives the logarithm of a rate, which the figures of a regression would take for the number",
    "SoftMarginLoss": "BCEWithLogitsLoss with targets of -1 and 1",
    "TripletMarginLoss": "compares three inputs",
    "TripletMarginWithDistanceLoss": "compares three inputs",
}
"""Torch's losses that no declaration has, and why."""

PARAMETERS_LEFT_OUT = {
    "size_average": "deprecated in favour of reduction",
    "reduce": "deprecated in favour of reduction",
    "reduction": "the loop needs the mean",
    "ignore_index": "every sample here has a class",
}
"""Torch's parameters that no declaration has, and why."""

TASKS: tuple[Task, ...] = get_args(Task)
LOSSES = pytest.mark.parametrize("kind", choices("loss"), ids=lambda kind: kind.__name__)


def info_for(task: Task, targets: int) -> DatasetInfo:
    names = tuple(f"target {index}" for index in range(targets))
    return DatasetInfo(task=task, kind="table", shape=(4,), targets=names, train_samples=100, validation_samples=20)


def test_no_loss_of_the_installed_torch_is_forgotten() -> None:
    offered = {kind.__name__ for kind in choices("loss")}
    of_torch = {name for name, found in vars(nn).items() if name.endswith("Loss") and isinstance(found, type)}
    of_torch |= {"NLLLoss2d"} & set(vars(nn))
    assert offered | set(LEFT_OUT) >= of_torch
    assert of_torch >= offered
    assert not offered & set(LEFT_OUT)


@LOSSES
def test_a_declaration_has_the_parameters_and_defaults_of_the_installed_torch(kind: Any) -> None:
    parameters = inspect.signature(getattr(nn, kind.__name__)).parameters
    declared = {name: field.default for name, field in kind.model_fields.items() if name != "name"}
    assert set(parameters) - set(PARAMETERS_LEFT_OUT) == set(declared)
    assert not declared.keys() & PARAMETERS_LEFT_OUT.keys()
    # no numbers stand for torch's None
    assert {name: None if value == () else value for name, value in declared.items()} == {
        name: parameters[name].default for name in declared
    }


def test_every_reason_for_leaving_a_parameter_out_is_needed() -> None:
    known = [set(inspect.signature(getattr(nn, kind.__name__)).parameters) for kind in choices("loss")]
    assert set(PARAMETERS_LEFT_OUT) <= set().union(*known)


# ---- values, from independent formulas in float64 ----


def log_softmax(logits: Any) -> Any:
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def cross_entropy(logits: Any, classes: Any, weight: Any, smoothing: float) -> Any:
    """Szegedy et al. 2016, with torch's rule for weights: the sum of weighted terms over the samples' weights."""
    count = logits.shape[1]
    target = np.eye(count)[classes] * (1 - smoothing) + smoothing / count
    return -(target * log_softmax(logits) * weight).sum() / weight[classes].sum()


def hinge(logits: Any, classes: Any, weight: Any, p: int, margin: float) -> Any:
    """Crammer and Singer 2001: how much each wrong class is too near, over all classes."""
    rows = np.arange(len(classes))
    lacking = np.maximum(0, margin - logits[rows, classes][:, None] + logits) ** p
    lacking[rows, classes] = 0
    return (weight[classes] * lacking.sum(axis=1) / logits.shape[1]).mean()


def binary_cross_entropy(logits: Any, labels: Any, weight: Any, positive: Any) -> Any:
    chances = 1 / (1 + np.exp(-logits))
    return (-weight * (positive * labels * np.log(chances) + (1 - labels) * np.log(1 - chances))).mean()


def huber(outputs: Any, targets: Any, delta: float) -> Any:
    """Huber 1964."""
    error = np.abs(outputs - targets)
    return np.where(error <= delta, error**2 / 2, delta * (error - delta / 2)).mean()


ONE = np.ones(5)
SKEW = np.array([0.5, 1.0, 2.0, 4.0, 8.0])

VALUES: list[tuple[LossComponent, Task, int, Any]] = [
    (CrossEntropyLoss(), "multiclass", 5, lambda x, y: cross_entropy(x, y, ONE, 0)),
    (
        CrossEntropyLoss(label_smoothing=0.2, weight=tuple(SKEW)),
        "multiclass",
        5,
        lambda x, y: cross_entropy(x, y, SKEW, 0.2),
    ),
    (CrossEntropyLoss(), "binary", 2, lambda x, y: cross_entropy(x, y, ONE[:2], 0)),
    (NLLLoss(), "multiclass", 5, lambda x, y: cross_entropy(x, y, ONE, 0)),
    (NLLLoss(weight=tuple(SKEW)), "multiclass", 5, lambda x, y: cross_entropy(x, y, SKEW, 0)),
    (MultiMarginLoss(), "multiclass", 5, lambda x, y: hinge(x, y, ONE, 1, 1.0)),
    (
        MultiMarginLoss(p=2, margin=0.5, weight=tuple(SKEW)),
        "multiclass",
        5,
        lambda x, y: hinge(x, y, SKEW, 2, 0.5),
    ),
    (BCEWithLogitsLoss(), "binary", 2, lambda x, y: binary_cross_entropy(x[:, 0], y, 1, 1)),
    (
        BCEWithLogitsLoss(weight=(3.0,), pos_weight=(2.5,)),
        "binary",
        2,
        lambda x, y: binary_cross_entropy(x[:, 0], y, 3.0, 2.5),
    ),
    (
        BCEWithLogitsLoss(weight=tuple(SKEW), pos_weight=(1.0, 2.0, 3.0, 4.0, 5.0)),
        "multilabel",
        5,
        lambda x, y: binary_cross_entropy(x, y, SKEW, np.arange(1, 6)),
    ),
    (MultiLabelSoftMarginLoss(), "multilabel", 5, lambda x, y: binary_cross_entropy(x, y, 1, 1)),
    (MultiLabelSoftMarginLoss(weight=tuple(SKEW)), "multilabel", 5, lambda x, y: binary_cross_entropy(x, y, SKEW, 1)),
    (MSELoss(), "regression", 3, lambda x, y: ((x - y) ** 2).mean()),
    (L1Loss(), "regression", 3, lambda x, y: np.abs(x - y).mean()),
    (HuberLoss(delta=0.7), "regression", 3, lambda x, y: huber(x, y, 0.7)),
    (SmoothL1Loss(beta=0.7), "regression", 3, lambda x, y: huber(x, y, 0.7) / 0.7),
    (SmoothL1Loss(beta=0), "regression", 1, lambda x, y: np.abs(x - y).mean()),
]


def targets_for(task: Task, targets: int, samples: int, generator: torch.Generator) -> torch.Tensor:
    if task == "regression":
        return torch.randn(samples, targets, generator=generator)
    if task == "multilabel":
        return torch.randint(2, (samples, targets), generator=generator).float()
    return torch.randint(targets, (samples,), generator=generator)


@pytest.mark.parametrize(("spec", "task", "targets", "formula"), VALUES, ids=lambda value: getattr(value, "name", None))
def test_a_loss_is_what_its_formula_gives_in_float64(spec: Any, task: Task, targets: int, formula: Any) -> None:
    info = info_for(task, targets)
    generator = torch.Generator().manual_seed(3)
    outputs = torch.randn(50, spec.outputs(info), generator=generator)
    wanted = targets_for(task, targets, 50, generator)
    value = build_objective(spec, info)(outputs, wanted)
    assert value.shape == ()
    assert value.item() == pytest.approx(formula(outputs.double().numpy(), wanted.numpy()), rel=1e-5)


def test_the_formulas_cover_every_loss() -> None:
    assert {type(spec) for spec, _, _, _ in VALUES} == set(choices("loss"))


@pytest.mark.parametrize("spec", [CrossEntropyLoss(), CrossEntropyLoss(label_smoothing=0.1), BCEWithLogitsLoss()])
def test_a_class_given_as_shares_costs_the_same_as_its_index(spec: Any) -> None:
    info = info_for("binary", 2)
    generator = torch.Generator().manual_seed(7)
    outputs = torch.randn(50, spec.outputs(info), generator=generator)
    classes = torch.randint(2, (50,), generator=generator)
    objective = build_objective(spec, info)
    shares = nn.functional.one_hot(classes, 2).float()
    assert objective(outputs, shares).item() == pytest.approx(objective(outputs, classes).item(), rel=1e-6)
    halves = torch.full_like(shares, 0.5)
    between = (objective(outputs, torch.zeros_like(classes)) + objective(outputs, torch.ones_like(classes))) / 2
    assert objective(outputs, halves).item() == pytest.approx(between.item(), rel=1e-6)


def test_a_loss_is_torchs_own_and_averages() -> None:
    for kind in choices("loss"):
        loss = build_objective(kind(), info_for(kind.tasks[0], 2)).loss  # type: ignore[attr-defined, arg-type]
        assert type(loss) is getattr(nn, kind.__name__)
        assert loss.reduction == "mean"


def test_the_weights_of_an_objective_go_to_its_device() -> None:
    objective = build_objective(BCEWithLogitsLoss(weight=(1.0, 2.0), pos_weight=(3.0, 4.0)), info_for("multilabel", 2))
    assert {name: value.tolist() for name, value in objective.named_buffers()} == {
        "loss.weight": [1.0, 2.0],
        "loss.pos_weight": [3.0, 4.0],
    }


# ---- a mean over several batches ----


@pytest.mark.parametrize(("spec", "task", "targets", "formula"), VALUES, ids=lambda value: getattr(value, "name", None))
def test_shares_make_of_batches_what_one_batch_gives(spec: Any, task: Task, targets: int, formula: Any) -> None:
    info = info_for(task, targets)
    generator = torch.Generator().manual_seed(5)
    outputs = torch.randn(103, spec.outputs(info), generator=generator)
    wanted = targets_for(task, targets, 103, generator)
    objective = build_objective(spec, info)
    parts = list(zip(outputs.split(10), wanted.split(10), strict=True))
    shares = [objective.share(part).double() for _, part in parts]
    total = sum(objective(*part).double() * share for part, share in zip(parts, shares, strict=True))
    assert (total / sum(shares)).item() == pytest.approx(formula(outputs.double().numpy(), wanted.numpy()), rel=1e-5)


# ---- what fits ----


@pytest.mark.parametrize("task", TASKS)
@LOSSES
def test_a_loss_fits_a_task_or_is_refused_with_the_names_of_those_that_do(kind: Any, task: Task) -> None:
    conflicts = kind().misfits(info_for(task, 2))
    if task in kind.tasks:
        assert conflicts == []
        assert kind.__name__ in names_for(task)
        return
    (conflict,) = conflicts
    assert conflict.field == "name"
    assert f"and the dataset is for {TASK_NAMES[task]}: choose " in conflict.reason
    named = conflict.reason.partition(": choose ")[2].rstrip(".").replace(" or ", ", ").split(", ")
    assert named == names_for(task)
    assert named


def test_the_sentence_of_a_refused_loss() -> None:
    (conflict,) = MSELoss().misfits(info_for("binary", 2))
    assert conflict.reason == (
        "is for predicting numbers, and the dataset is for choosing one of two classes: "
        "choose CrossEntropyLoss, NLLLoss, MultiMarginLoss or BCEWithLogitsLoss."
    )


def test_a_binary_loss_has_one_logit_or_one_a_class() -> None:
    info = info_for("binary", 2)
    assert {kind.__name__: kind().outputs(info) for kind in choices("loss") if "binary" in kind.tasks} == {  # type: ignore[attr-defined]
        "CrossEntropyLoss": 2,
        "NLLLoss": 2,
        "MultiMarginLoss": 2,
        "BCEWithLogitsLoss": 1,
    }


CLASSES, LABELS = "give one for each of the {} classes.", "give one for each of the {} labels."


@pytest.mark.parametrize(
    ("spec", "task", "targets", "field", "reason"),
    [
        (CrossEntropyLoss(weight=(1.0, 2.0)), "multiclass", 3, "weight", f"has 2 numbers: {CLASSES.format(3)}"),
        (NLLLoss(weight=(1.0,) * 3), "binary", 2, "weight", f"has 3 numbers: {CLASSES.format(2)}"),
        (MultiMarginLoss(weight=(1.0,)), "multiclass", 3, "weight", f"has 1 number: {CLASSES.format(3)}"),
        (BCEWithLogitsLoss(pos_weight=(1.0, 2.0)), "binary", 2, "pos_weight", "has 2 numbers: give a single number."),
        (BCEWithLogitsLoss(weight=(1.0,)), "multilabel", 4, "weight", f"has 1 number: {LABELS.format(4)}"),
        (MultiLabelSoftMarginLoss(weight=(1.0,) * 5), "multilabel", 4, "weight", f"has 5 numbers: {LABELS.format(4)}"),
    ],
)
def test_weights_that_are_not_one_an_output_are_refused(
    spec: LossComponent, task: Task, targets: int, field: str, reason: str
) -> None:
    (conflict,) = spec.misfits(info_for(task, targets))
    assert (conflict.field, conflict.reason) == (field, reason)
