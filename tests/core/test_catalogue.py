"""Every optimizer and schedule of the installed torch is declared as torch has it, or left out for a stated reason.

Where a newer torch has a class, parameter or default that is not declared, a test here fails and names it.
"""

import inspect
from typing import Any, get_args

import pytest
import torch
from pydantic import ValidationError
from torch import nn

from workbench.core.build import outline_model
from workbench.core.muon import hidden_matrices
from workbench.core.optimizers import ADAMW_PREFIX, build_optimizer
from workbench.spec.component import Component
from workbench.spec.experiment import Experiment, choices
from workbench.spec.models import MLP, EmbeddingBag, Torchvision
from workbench.spec.models.pretrained import Architecture
from workbench.spec.optimizers import SGD, Adafactor, Adam, Muon, OptimizerComponent, SparseAdam
from workbench.spec.schedulers import Constant, Warmable
from workbench.spec.tasks import DatasetInfo

OPTIMIZERS_LEFT_OUT = {"Optimizer": "the base class"}
SCHEDULES_LEFT_OUT = {
    "LRScheduler": "the base class",
    "_LRScheduler": "the base class under its old name",
    "LambdaLR": "takes a Python function, which an experiment file cannot hold",
    "MultiplicativeLR": "takes a Python function, which an experiment file cannot hold",
    "LinearLR": "is the warm-up of every schedule; as a fall it is PolynomialLR with power 1",
    "ConstantLR": "a lower rate for the first epochs, for which the warm-up is better",
    "SequentialLR": "is made of other schedules; the usual sequence is a warm-up and one of them",
    "ChainedScheduler": "is made of other schedules; the usual chain is a warm-up and one of them",
    "CyclicLR": "triangles, of which OneCycleLR and CosineAnnealingWarmRestarts are what stayed in use",
}

PARAMETERS_LEFT_OUT = {
    "params": "the model's, given by the builder",
    "differentiable": "keeps the graph of the step itself, which a training loop never follows",
    "capturable": "for CUDA graphs, which the loop does not record",
    "optimizer": "given by the builder",
    "last_epoch": "part of the state a checkpoint restores",
}
OWN_PARAMETERS_LEFT_OUT = {
    ("OneCycleLR", "epochs"): "with steps_per_epoch another way to say total_steps",
    ("OneCycleLR", "steps_per_epoch"): "with epochs another way to say total_steps",
    ("ReduceLROnPlateau", "mode"): "the validation loss is made small",
    ("AdamW", "amsgrad"): "of Muon's second half, which has the usual fields alone",
    ("AdamW", "maximize"): "Muon has none, and both halves go the same way",
    ("AdamW", "foreach"): "of Muon's second half, which has the usual fields alone",
    ("AdamW", "fused"): "of Muon's second half, which has the usual fields alone",
}
"""By torch's class and parameter; those of AdamW only inside Muon."""

NEWER_PARAMETERS = {("LBFGS", "maximize")}
"""Those that the oldest torch this project is tested with lacks: an experiment means the same on all of them."""

OWN_DEFAULTS = {
    ("StepLR", "step_size"): "torch has none",
    ("MultiStepLR", "milestones"): "torch has none",
    ("ExponentialLR", "gamma"): "torch has none",
    ("CosineAnnealingLR", "T_max"): "torch has none; automatic is the run's epochs",
    ("CosineAnnealingWarmRestarts", "T_0"): "torch has none",
    ("OneCycleLR", "max_lr"): "torch has none; automatic is the optimizer's learning rate",
}

DECLARED = [kind for section in ("optimizer", "scheduler") for kind in choices(section) if kind is not Constant]
everything = pytest.mark.parametrize("kind", DECLARED, ids=lambda kind: kind.__name__)


def torch_class(kind: type[Component]) -> Any:
    module = torch.optim if issubclass(kind, OptimizerComponent) else torch.optim.lr_scheduler
    return getattr(module, kind.__name__)


def parameters_of(torchs: Any) -> dict[str, Any]:
    """Torch's parameters and their defaults, ``inspect.Parameter.empty`` where there is none."""
    return {name: parameter.default for name, parameter in inspect.signature(torchs).parameters.items()}


def fields_of(kind: type[Component]) -> dict[str, Any]:
    """The fields that are parameters of torch's class of the same name, and their defaults."""
    own = {"name", *(Warmable.model_fields if issubclass(kind, Warmable) else ())}
    return {
        name: field.default
        for name, field in kind.model_fields.items()
        if name not in own and not (kind is Muon and name.startswith(ADAMW_PREFIX))
    }


def assert_same_parameters(name: str, ours: dict[str, Any], torchs: dict[str, Any], left_out: set[str]) -> None:
    version = f"in torch {torch.__version__}"
    assert set(ours) - set(torchs) == set(), f"{name} has no such parameter {version}"
    assert set(torchs) - set(ours) - left_out == set(), f"{name} has parameters {version} that are not declared"
    assert set(ours) & left_out == set(), f"{name} declares what is said to be left out"


def assert_same_defaults(name: str, ours: dict[str, Any], torchs: dict[str, Any]) -> None:
    for parameter, default in ours.items():
        message = f"{name}.{parameter} in torch {torch.__version__} is {torchs[parameter]}"
        if (name, parameter) in OWN_DEFAULTS:
            assert torchs[parameter] is inspect.Parameter.empty, message
        else:
            assert default == torchs[parameter], message
            assert (default is None) == (torchs[parameter] is None), message


def test_every_optimizer_of_the_installed_torch_is_declared_or_left_out_for_a_reason() -> None:
    torchs = {
        name
        for name, found in vars(torch.optim).items()
        if inspect.isclass(found) and issubclass(found, torch.optim.Optimizer)
    }
    declared = {kind.__name__ for kind in choices("optimizer")}
    assert torchs - declared - set(OPTIMIZERS_LEFT_OUT) == set(), f"new in torch {torch.__version__}"
    assert declared - torchs == set(), f"gone in torch {torch.__version__}"
    assert set(OPTIMIZERS_LEFT_OUT) == torchs - declared


def test_every_schedule_of_the_installed_torch_is_declared_or_left_out_for_a_reason() -> None:
    module = torch.optim.lr_scheduler
    torchs = {
        name for name, found in vars(module).items() if inspect.isclass(found) and issubclass(found, module.LRScheduler)
    }
    declared = {kind.__name__ for kind in choices("scheduler")} - {"Constant"}
    assert torchs - declared - set(SCHEDULES_LEFT_OUT) == set(), f"new in torch {torch.__version__}"
    assert declared - torchs == set(), f"gone in torch {torch.__version__}"
    assert set(SCHEDULES_LEFT_OUT) == torchs - declared


@everything
def test_a_declaration_has_the_parameters_and_defaults_of_the_installed_torch(kind: type[Component]) -> None:
    name, ours, torchs = kind.__name__, fields_of(kind), parameters_of(torch_class(kind))
    own = NEWER_PARAMETERS | (set() if name == "AdamW" else set(OWN_PARAMETERS_LEFT_OUT))
    left_out = set(PARAMETERS_LEFT_OUT) | {parameter for owner, parameter in own if owner == name}
    assert_same_parameters(name, ours, torchs, left_out)
    assert_same_defaults(name, ours, torchs)


def test_the_second_half_of_muon_has_parameters_and_defaults_of_adamw() -> None:
    fields = {name: field.default for name, field in Muon.model_fields.items() if name.startswith(ADAMW_PREFIX)}
    ours = {name.removeprefix(ADAMW_PREFIX): default for name, default in fields.items()}
    left_out = set(PARAMETERS_LEFT_OUT) | {name for owner, name in OWN_PARAMETERS_LEFT_OUT if owner == "AdamW"}
    assert_same_parameters("AdamW", ours, parameters_of(torch.optim.AdamW), left_out)
    assert_same_defaults("AdamW", ours, parameters_of(torch.optim.AdamW))


def test_every_reason_for_leaving_a_parameter_out_or_a_default_of_our_own_is_needed() -> None:
    known = {kind.__name__: parameters_of(torch_class(kind)) for kind in DECLARED}
    assert set(PARAMETERS_LEFT_OUT) <= {name for parameters in known.values() for name in parameters}
    for owner, name in [*OWN_PARAMETERS_LEFT_OUT, *OWN_DEFAULTS]:
        assert name in known[owner]


@pytest.mark.parametrize("kind", DECLARED, ids=lambda kind: kind.__name__)
def test_a_declaration_links_to_torchs_page_of_the_same_name(kind: type[Component]) -> None:
    place = "torch.optim" if issubclass(kind, OptimizerComponent) else "torch.optim.lr_scheduler"
    assert kind.documentation == f"https://docs.pytorch.org/docs/stable/generated/{place}.{kind.__name__}.html"


@pytest.mark.parametrize(
    "kind", [kind for kind in choices("optimizer") if kind is not Muon], ids=lambda kind: kind.__name__
)
def test_an_optimizer_is_torchs_with_every_field_of_its_declaration(kind: type[Any]) -> None:
    odd = {"lr": 0.5, "maximize": True, "foreach": False, "eps": 1e-3, "weight_decay": 0.1, "betas": (0.8, 0.9)}
    if kind is Adafactor:
        odd["eps"] = (1e-20, 1e-2)
    spec = kind(**{field: value for field, value in odd.items() if field in kind.model_fields})
    optimizer = build_optimizer(spec, nn.Linear(2, 2))
    assert type(optimizer) is getattr(torch.optim, spec.name)
    (group,) = optimizer.param_groups
    fields = spec.model_dump(exclude={"name"} | ({"max_eval"} if spec.name == "LBFGS" else set()))
    assert {field: group[field] for field in fields} == fields
    assert len(group["params"]) == 2


BOUNDS: list[tuple[str, dict[str, Any]]] = [
    ("SGD", {"lr": -1e-9}),
    ("SGD", {"momentum": -0.1}),
    ("SGD", {"nesterov": True}),
    ("SGD", {"weight_decay": -1.0}),
    ("Adam", {"betas": (1.0, 0.9)}),
    ("Adam", {"eps": -1.0}),
    ("AdamW", {"betas": (0.9, 1.0)}),
    ("Adamax", {"betas": (-0.1, 0.9)}),
    ("NAdam", {"momentum_decay": -1.0}),
    ("RAdam", {"weight_decay": -1.0}),
    ("SparseAdam", {"lr": 0.0}),
    ("SparseAdam", {"eps": 0.0}),
    ("RMSprop", {"alpha": -0.1}),
    ("RMSprop", {"momentum": -0.1}),
    ("Adagrad", {"lr_decay": -0.1}),
    ("Adagrad", {"initial_accumulator_value": -0.1}),
    ("Adadelta", {"rho": 1.1}),
    ("Adafactor", {"beta2_decay": 0.1}),
    ("Adafactor", {"eps": (-1.0, 1e-3)}),
    ("Adafactor", {"eps": (None, -1.0)}),
    ("Adafactor", {"d": 0.9}),
    ("ASGD", {"weight_decay": -1.0}),
    ("Rprop", {"etas": (0.5, 1.0)}),
    ("Rprop", {"etas": (0.0, 1.2)}),
    ("Rprop", {"etas": (1.0, 1.2)}),
    ("LBFGS", {"lr": -1.0}),
    ("Muon", {"momentum": -0.1}),
    ("Muon", {"adjust_lr_fn": "other"}),
]


def refused_fields(kind: type[Any], fields: dict[str, Any]) -> set[str]:
    try:
        return {conflict.field for conflict in kind(**fields).conflicts()}
    except ValidationError as error:
        return {str(fault["loc"][0]) for fault in error.errors()}


@pytest.mark.parametrize(("name", "wrong"), BOUNDS)
def test_what_torch_refuses_a_declaration_refuses_before(name: str, wrong: dict[str, Any]) -> None:
    weights = [nn.Parameter(torch.ones(2, 2))]
    with pytest.raises(ValueError):  # noqa: PT011  torch's words are its own
        getattr(torch.optim, name)(weights, **wrong)
    kind = next(kind for kind in choices("optimizer") if kind.__name__ == name)
    assert refused_fields(kind, wrong) == set(wrong)


SPARSE = EmbeddingBag(sparse=True)
SPARSE_SETTINGS = [
    *((kind.__name__, {}) for kind in choices("optimizer")),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("SGD", {"momentum": 0.9, "dampening": 0.1, "foreach": True}),
    ("SGD", {"weight_decay": 0.1}),
    ("SGD", {"weight_decay": 0.1, "momentum": 0.9}),
    ("SGD", {"fused": True}),
    ("SGD", {"maximize": True}),
    ("Adagrad", {"lr_decay": 0.1, "initial_accumulator_value": 0.1, "foreach": True}),
    ("Adagrad", {"weight_decay": 0.1}),
    ("Adagrad", {"fused": True}),
    ("LBFGS", {"line_search_fn": "strong_wolfe"}),
    ("SparseAdam", {"maximize": True}),
]


@pytest.mark.parametrize(("name", "settings"), SPARSE_SETTINGS)
def test_an_optimizer_takes_sparse_gradients_just_where_its_declaration_says_so(
    name: str, settings: dict[str, Any]
) -> None:
    kind = next(kind for kind in choices("optimizer") if kind.__name__ == name)
    spec: Any = kind(**settings)
    model = nn.EmbeddingBag(9, 3, sparse=True)
    optimizer = build_optimizer(spec, model) if kind is not Muon else torch.optim.Muon(model.parameters())

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss: torch.Tensor = model(torch.tensor([[1, 2, 2], [3, 4, 1]])).square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    conflicts = spec.misfits(SPARSE)
    if not conflicts:
        for _ in range(3):
            optimizer.step(closure)
        return
    assert conflicts[0].field in ("name", *settings)
    with pytest.raises(RuntimeError, match="sparse"):
        optimizer.step(closure)


def test_sparse_adam_refuses_dense_gradients_and_so_does_its_declaration() -> None:
    (conflict,) = SparseAdam().misfits(MLP())
    assert (conflict.field, conflict.reason) == (
        "name",
        "takes sparse gradients alone, and those of MLP are not: choose Adam.",
    )
    model = nn.Linear(2, 2)
    model(torch.ones(1, 2)).sum().backward()
    with pytest.raises(RuntimeError, match="does not support dense gradients"):
        build_optimizer(SparseAdam(), model).step()


def test_other_optimizers_take_dense_gradients() -> None:
    assert SGD().misfits(MLP()) == Adam().misfits(MLP()) == Muon().misfits(MLP()) == []


INFOS = {
    "image": DatasetInfo(
        task="multiclass", kind="image", shape=(3, 64, 64), targets=("a", "b"), train_samples=9, validation_samples=9
    ),
    "table": DatasetInfo(
        task="multiclass",
        kind="table",
        shape=(6,),
        targets=("a", "b"),
        train_samples=9,
        validation_samples=9,
        categories=(3, 4),
    ),
    "tokens": DatasetInfo(
        task="multiclass",
        kind="tokens",
        shape=(8,),
        targets=("a", "b"),
        train_samples=9,
        validation_samples=9,
        vocabulary=50,
    ),
}
MODELS = [
    *(kind() for kind in choices("model") if kind is not Torchvision),
    MLP(hidden=()),
    MLP(hidden=(3,)),
    EmbeddingBag(sparse=True),
    *(Torchvision(architecture=architecture) for architecture in get_args(Architecture)),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.summary())
def test_a_model_says_whether_it_has_matrices_for_muon(model: Any, experiment: Experiment) -> None:
    for kind in model.kinds:
        network = outline_model(experiment.model_copy(update={"model": model}), INFOS[kind])
        assert bool(hidden_matrices(network)) is model.has_hidden_matrices
