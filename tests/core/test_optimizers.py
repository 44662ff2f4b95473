"""Every optimizer trains, computes what its formula says, and goes on exactly where it stopped."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import nn

from workbench.core.muon import MuonWithAdamW, hidden_matrices
from workbench.core.optimizers import build_optimizer
from workbench.runs.events import BatchBlock
from workbench.spec.datasets import Tokens
from workbench.spec.experiment import Experiment, ExperimentError, choices
from workbench.spec.models import MLP, EmbeddingBag
from workbench.spec.optimizers import (
    ASGD,
    LBFGS,
    SGD,
    Adadelta,
    Adafactor,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    Muon,
    NAdam,
    RAdam,
    RMSprop,
    Rprop,
    SparseAdam,
)
from workbench.spec.parameter_groups import ParameterGroup
from workbench.spec.training import Training

Array = npt.NDArray[np.float64]


def names(cases: list[Any]) -> list[str]:
    """An id for each case: the optimizer it begins with."""
    return [case[0].summary() for case in cases]


class TwoLayers(nn.Module):
    """The sum of two linear layers: convex, with a matrix beside the last, and a sum of weights that is unique."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Linear(3, 2, bias=False)
        self.two = nn.Linear(3, 2)
        for parameter in self.parameters():
            nn.init.zeros_(parameter)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.one(inputs) + self.two(inputs)
        return outputs


CONVEX: list[tuple[Any, int, float, float]] = [
    (SGD(lr=0.1), 400, 1.0, 1e-7),
    (SGD(lr=0.05, momentum=0.9, nesterov=True), 400, 1.0, 1e-7),
    (Adam(lr=0.1), 600, 1.0, 1e-10),
    (AdamW(lr=0.1, weight_decay=0.0), 600, 1.0, 1e-10),
    (Adamax(lr=0.1), 600, 1.0, 1e-10),
    (NAdam(lr=0.1), 600, 0.99, 1e-10),
    (RAdam(lr=0.1), 800, 1.0, 1e-10),
    (RMSprop(lr=0.1), 600, 0.98, 1e-4),
    (Adagrad(lr=1.0), 600, 1.0, 1e-10),
    (Adadelta(eps=1e-4), 1200, 0.993, 1e-4),
    (ASGD(lr=0.1, lambd=0.0), 600, 1.0, 1e-7),
    (Rprop(), 300, 1.0, 1e-4),
    (LBFGS(), 5, 1.0, 1e-4),
    (LBFGS(line_search_fn="strong_wolfe"), 5, 1.0, 1e-4),
    (Adafactor(lr=0.02), 1000, 1.0, 1e-6),
    (Muon(lr=0.1, weight_decay=0.0, adamw_lr=0.1, adamw_weight_decay=0.0), 600, 0.98, 1e-3),
]
"""Declaration, steps, what the learning rate is multiplied by after each, and how near each weight comes."""


@pytest.mark.parametrize(("spec", "steps", "decay", "tolerance"), CONVEX, ids=names(CONVEX))
def test_an_optimizer_reaches_the_optimum_of_least_squares(
    spec: Any, steps: int, decay: float, tolerance: float
) -> None:
    generator = np.random.default_rng(0)
    inputs = generator.normal(size=(40, 3)) * (1.5, 1.0, 1.0)
    targets = inputs @ generator.normal(size=(3, 2)) + (0.5, -1.0) + 0.1 * generator.normal(size=(40, 2))
    optimum = np.linalg.lstsq(np.column_stack([inputs, np.ones(40)]), targets, rcond=None)[0]

    model = TwoLayers().double()
    optimizer = build_optimizer(spec, model)
    samples, wanted = torch.from_numpy(inputs), torch.from_numpy(targets)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = (model(samples) - wanted).square().mean()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    for _ in range(steps):
        optimizer.step(closure)  # type: ignore[arg-type]
        for group in optimizer.param_groups:
            group["lr"] *= decay
    weights = (model.one.weight + model.two.weight).detach().numpy().T
    assert np.abs(weights - optimum[:3]).max() < tolerance
    assert np.abs(model.two.bias.detach().numpy() - optimum[3]).max() < tolerance


def test_every_optimizer_is_among_the_convex_problems_but_that_for_sparse_gradients() -> None:
    assert {type(spec) for spec, *_ in CONVEX} == set(choices("optimizer")) - {SparseAdam}


@pytest.mark.parametrize("maximize", [False, True])
def test_sparse_adam_finds_embeddings_and_leaves_those_that_are_not_used(maximize: bool) -> None:
    wanted = torch.tensor([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.0]])
    torch.manual_seed(0)
    embeddings = nn.Embedding(5, 2, sparse=True)
    untouched = embeddings.weight.detach()[3:].clone()
    optimizer = build_optimizer(SparseAdam(lr=0.1, maximize=maximize), embeddings)
    rows = torch.tensor([0, 1, 2, 2])
    for _ in range(600):
        optimizer.zero_grad()
        loss = (embeddings(rows) - wanted[rows]).square().sum()
        (-loss if maximize else loss).backward()
        optimizer.step()
    assert torch.allclose(embeddings.weight[:3], wanted, atol=1e-3)
    assert torch.equal(embeddings.weight[3:], untouched)


HESSIAN = np.array([[3.0, 0.5, 0.0], [0.5, 1.0, 0.2], [0.0, 0.2, 0.3]])
SHIFT = np.array([1.0, -2.0, 0.5])


def gradient(weights: Array) -> Array:
    """Of ½·wᵀHw − sᵀw + ¼·Σw⁴."""
    slope: Array = HESSIAN @ weights - SHIFT + weights**3
    return slope


def sgd(spec: SGD, weights: Array, steps: int) -> Array:
    """The formula of Sutskever, Martens, Dahl and Hinton 2013 as torch's page states it."""
    step = np.zeros_like(weights)
    for t in range(1, steps + 1):
        g = gradient(weights) * (-1 if spec.maximize else 1) + spec.weight_decay * weights
        if spec.momentum:
            step = spec.momentum * step + (1 - spec.dampening) * g if t > 1 else g
            g = g + spec.momentum * step if spec.nesterov else step
        weights = weights - spec.lr * g
    return weights


def adam(spec: Adam | AdamW, weights: Array, steps: int) -> Array:
    """Algorithm 1 of Kingma and Ba 2014; AMSGrad of Reddi, Kale and Kumar 2018 with torch's bias correction."""
    first, second, largest = (np.zeros_like(weights) for _ in range(3))
    decoupled = isinstance(spec, AdamW) or spec.decoupled_weight_decay
    for t in range(1, steps + 1):
        g = gradient(weights) * (-1 if spec.maximize else 1)
        if decoupled:
            weights = weights * (1 - spec.lr * spec.weight_decay)
        else:
            g = g + spec.weight_decay * weights
        first = spec.betas[0] * first + (1 - spec.betas[0]) * g
        second = spec.betas[1] * second + (1 - spec.betas[1]) * g**2
        largest = np.maximum(largest, second)
        size = (largest if spec.amsgrad else second) / (1 - spec.betas[1] ** t)
        weights = weights - spec.lr * first / (1 - spec.betas[0] ** t) / (np.sqrt(size) + spec.eps)
    return weights


FORMULAS: list[tuple[Any, Callable[..., Array]]] = [
    (SGD(lr=0.03), sgd),
    (SGD(lr=0.01, momentum=0.9), sgd),
    (SGD(lr=0.02, momentum=0.8, dampening=0.3), sgd),
    (SGD(lr=0.01, momentum=0.9, nesterov=True), sgd),
    (SGD(lr=0.03, weight_decay=0.1), sgd),
    (SGD(lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.1, foreach=True), sgd),
    (SGD(lr=0.01, momentum=0.5, dampening=0.5, weight_decay=0.1, fused=True), sgd),
    (SGD(lr=0.0001, maximize=True), sgd),
    (Adam(lr=0.02), adam),
    (Adam(lr=0.02, betas=(0.5, 0.7), eps=1e-2), adam),
    (Adam(lr=0.05, betas=(0.9, 0.8), amsgrad=True), adam),
    (Adam(lr=0.02, weight_decay=0.1), adam),
    (Adam(lr=0.02, weight_decay=0.1, amsgrad=True, foreach=True), adam),
    (Adam(lr=0.02, weight_decay=0.1, decoupled_weight_decay=True), adam),
    (Adam(lr=0.02, weight_decay=0.1, fused=True), adam),
    (Adam(lr=0.001, maximize=True), adam),
    (AdamW(lr=0.02), adam),
    (AdamW(lr=0.02, weight_decay=0.2, amsgrad=True), adam),
]


@pytest.mark.parametrize(("spec", "formula"), FORMULAS, ids=names(FORMULAS))
def test_a_hundred_steps_are_those_of_the_textbook(spec: Any, formula: Callable[..., Array]) -> None:
    start = np.array([0.5, -1.0, 2.0])
    weights = nn.Parameter(torch.from_numpy(start.copy()))
    module = nn.Module()
    module.register_parameter("weights", weights)
    optimizer = build_optimizer(spec, module)
    hessian, shift = torch.from_numpy(HESSIAN), torch.from_numpy(SHIFT)
    for _ in range(100):
        optimizer.zero_grad()
        loss = weights @ hessian @ weights / 2 - shift @ weights + weights.pow(4).sum() / 4
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    expected = formula(spec, start, 100)
    assert np.abs(expected - start).max() > 0.01
    np.testing.assert_allclose(weights.detach().numpy(), expected, rtol=1e-10, atol=1e-12)


DIGITS: list[tuple[Any, int, Any]] = [
    (SGD(lr=0.1, momentum=0.9), 5, 64),
    (Adam(lr=0.005), 5, 64),
    (AdamW(lr=0.005), 5, 64),
    (Adamax(lr=0.01), 5, 64),
    (NAdam(lr=0.005), 5, 64),
    (RAdam(lr=0.03), 5, 64),
    (RMSprop(lr=0.002), 5, 64),
    (Adagrad(lr=0.03), 5, 64),
    (Adadelta(), 6, 32),
    (ASGD(lr=0.2), 5, 32),
    (Rprop(lr=0.001), 40, "all"),
    (LBFGS(line_search_fn="strong_wolfe"), 2, "all"),
    (Adafactor(lr=0.03), 5, 64),
    (Muon(lr=0.02, adamw_lr=0.005), 5, 64),
]


@pytest.mark.slow
@pytest.mark.parametrize(("spec", "epochs", "batch_size"), DIGITS, ids=names(DIGITS))
def test_an_optimizer_learns_the_digits(
    spec: Any, epochs: int, batch_size: Any, experiment: Experiment, trainer: Any
) -> None:
    training = Training(epochs=epochs, batch_size=batch_size)
    asked = experiment.model_copy(update={"optimizer": spec, "model": MLP(hidden=(32,)), "training": training})
    assert max(epoch.metrics["val_accuracy"] for epoch in trainer(asked, threads=1).epochs) > 0.9


def test_every_optimizer_learns_the_digits_but_that_for_sparse_gradients() -> None:
    assert {type(spec) for spec, *_ in DIGITS} == set(choices("optimizer")) - {SparseAdam}


TOKENS = {"dataset": Tokens(), "model": EmbeddingBag(dim=16, sparse=True)}


def test_sparse_adam_learns_the_topics_of_token_lists(experiment: Experiment, trainer: Any) -> None:
    training = Training(epochs=5, batch_size=64)
    asked = experiment.model_copy(update={**TOKENS, "optimizer": SparseAdam(lr=0.02), "training": training})
    assert trainer(asked, threads=1).epochs[-1].metrics["val_accuracy"] > 0.9


RESUMED = [
    *((kind(), {}) for kind in choices("optimizer") if kind is not SparseAdam),
    (SGD(momentum=0.9, fused=True), {}),
    (Adam(amsgrad=True, foreach=True), {}),
    (Adagrad(lr=0.1, fused=True), {}),
    (RMSprop(momentum=0.9, centered=True), {}),
    (LBFGS(lr=0.5, line_search_fn="strong_wolfe", max_iter=3, history_size=5), {}),
    (SparseAdam(), TOKENS),
    (SGD(lr=0.5, momentum=0.9), TOKENS),
    (Adagrad(lr=0.1), TOKENS),
    (LBFGS(max_iter=3), TOKENS),
]


@pytest.mark.parametrize(("spec", "changes"), RESUMED, ids=names(RESUMED))
def test_a_run_stopped_twice_is_bit_for_bit_one_never_stopped(
    spec: Any,
    changes: dict[str, Any],
    experiment: Experiment,
    make_trainer: Callable[[], Any],
    is_same: Callable[[Any, Any], bool],
) -> None:
    training = Training(epochs=2, batch_size=256, seed=5, best_by="val_loss")
    asked = experiment.model_copy(update={"optimizer": spec, "training": training, **changes})
    whole, stopped = make_trainer(), make_trainer()
    reference = whole(asked)

    def stop_after(batch: int) -> Callable[[Any, Any], None]:
        def act(event: Any, control: Any) -> None:
            if isinstance(event, BatchBlock) and event.last_step == batch:
                control.stop()

        return act

    told = stopped(asked, stop_after(4))
    told.events += stopped(asked, stop_after(9), start=stopped.load()).events
    told.events += stopped(asked, start=stopped.load()).events
    assert told.losses == reference.losses
    assert len(told.losses) == 2 * reference.started.batches_per_epoch > 9
    assert is_same(stopped.load().model, whole.load().model)
    if not changes:  # sparse momentum has no bits to compare as the others have
        assert is_same(stopped.load().optimizer, whole.load().optimizer)


def layers() -> nn.Sequential:
    """An embedding, a convolution, norms, two hidden matrices and the output layer."""
    return nn.Sequential(
        nn.Embedding(7, 5),
        nn.Conv1d(4, 4, 1),
        nn.LayerNorm(5),
        nn.Linear(5, 6),
        nn.Linear(6, 6, bias=False),
        nn.Linear(6, 2),
    )


def test_muon_steps_hidden_matrices_and_adamw_the_rest() -> None:
    model = layers()
    assert hidden_matrices(model) == {model[3].weight, model[4].weight}
    spec = Muon(lr=0.02, momentum=0.9, adamw_lr=0.001, adamw_betas=(0.8, 0.95), adamw_eps=1e-6, adamw_weight_decay=0.0)
    optimizer = build_optimizer(spec, model)
    assert isinstance(optimizer, MuonWithAdamW)
    muon, adamw = optimizer.param_groups
    assert set(muon["params"]) == hidden_matrices(model)
    assert set(adamw["params"]) == set(model.parameters()) - hidden_matrices(model)
    assert (muon["lr"], muon["momentum"], muon["weight_decay"], muon["ns_steps"]) == (0.02, 0.9, 0.1, 5)
    assert (adamw["lr"], adamw["betas"], adamw["eps"], adamw["weight_decay"]) == (0.001, (0.8, 0.95), 1e-6, 0.0)


def test_muon_with_adamw_is_torchs_two_optimizers_side_by_side(is_same: Callable[[Any, Any], bool]) -> None:
    torch.manual_seed(3)
    model, twin = layers(), layers()
    twin.load_state_dict(model.state_dict())
    ours = build_optimizer(Muon(lr=0.02, adamw_lr=0.003), model)
    theirs: list[torch.optim.Optimizer] = [
        torch.optim.Muon([twin[3].weight, twin[4].weight], lr=0.02),
        torch.optim.AdamW([weight for weight in twin.parameters() if weight not in hidden_matrices(twin)], lr=0.003),
    ]
    tokens = torch.randint(0, 7, (8, 4))

    def loss_of(network: nn.Module) -> torch.Tensor:
        loss: torch.Tensor = (network(tokens) - 1).square().mean()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    def closure() -> torch.Tensor:
        ours.zero_grad()
        return loss_of(model)

    for step in range(6):
        for part in theirs:
            part.zero_grad()
        expected = loss_of(twin)
        for part in theirs:
            part.step()
        assert torch.equal(ours.step(closure), expected)  # type: ignore[arg-type]
        for optimizer in (ours, *theirs):  # as a schedule would
            for group in optimizer.param_groups:
                group["lr"] *= 0.9
        if step == 2:
            ours.load_state_dict(ours.state_dict())
    assert is_same(dict(model.state_dict()), dict(twin.state_dict()))


def test_muon_takes_parameter_groups() -> None:
    model = layers()
    optimizer = build_optimizer(
        Muon(), model, (ParameterGroup(pattern="3.*", lr=0.5), ParameterGroup(pattern="*.bias", weight_decay=0.0))
    )
    shown = [
        (group["lr"], group["weight_decay"], [tuple(weight.shape) for weight in group["params"]])
        for group in optimizer.param_groups
    ]
    assert shown == [
        (1e-3, 0.1, [(6, 6)]),
        (0.5, 0.1, [(6, 5)]),
        (1e-3, 0.01, [(7, 5), (4, 4, 1), (5,), (2, 6)]),
        (0.5, 0.01, [(6,)]),
        (1e-3, 0.0, [(4,), (5,), (2,)]),
    ]


def test_muon_refuses_a_model_without_hidden_matrices_also_when_it_is_built() -> None:
    (conflict,) = Muon().misfits(MLP(hidden=()))
    assert (conflict.field, conflict.reason) == (
        "name",
        "steps the matrices of hidden layers, and MLP as it is set has none: choose AdamW.",
    )
    with pytest.raises(ExperimentError, match=r"optimizer\.name Muon steps matrices of hidden layers"):
        build_optimizer(Muon(), nn.Sequential(nn.Conv2d(1, 1, 3), nn.Linear(3, 2)))
