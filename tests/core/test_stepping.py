"""What is done between a batch and the changed weights, against the same arithmetic in NumPy."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from workbench.core import build
from workbench.core.data import datasets
from workbench.core.gradients import add_noise, noise_deviation
from workbench.core.stepping import Stepper
from workbench.folders import Folders
from workbench.spec.datasets import Digits
from workbench.spec.losses import CrossEntropyLoss, MSELoss
from workbench.spec.tasks import DatasetInfo
from workbench.spec.training import Training

Array = NDArray[np.float64]

SAMPLES = 300
"""In batches of 32: nine whole ones and one of 12."""
RATE = 0.5
INFO = DatasetInfo(
    task="multiclass",
    kind="image",
    shape=(1, 8, 8),
    targets=tuple("0123456789"),
    train_samples=SAMPLES,
    validation_samples=0,
)


@dataclass(frozen=True)
class Sample:
    """Digits as float64 ``(300, 64)`` between 0 and 1, with their classes."""

    pixels: torch.Tensor
    classes: torch.Tensor

    def batches(self, size: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        return zip(self.pixels.split(size), self.classes.split(size), strict=True)


@pytest.fixture(scope="module")
def digits(folders: Folders) -> Sample:
    part = datasets.load(Digits(), folders).train
    return Sample(part.inputs[:SAMPLES].reshape(SAMPLES, 64).double() / 255, part.targets[:SAMPLES])


def linear() -> nn.Linear:
    torch.manual_seed(1)
    return nn.Linear(64, 10).double()


def network() -> nn.Sequential:
    torch.manual_seed(2)
    return nn.Sequential(nn.Linear(64, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 10)).double()


def plain_network() -> nn.Sequential:
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(64, 16), nn.Tanh(), nn.Linear(16, 10)).double()


def stepper(
    model: nn.Module,
    optimizer: torch.optim.Optimizer | None = None,
    weight: tuple[float, ...] = (),
    **options: Any,
) -> Stepper:
    return Stepper(
        model,
        build.build_objective(CrossEntropyLoss(weight=weight), INFO).double(),
        optimizer or torch.optim.SGD(model.parameters(), lr=RATE),
        Training(**options),
        SAMPLES,
    )


def learn(made: Stepper, digits: Sample, size: int, epochs: int = 1) -> list[float]:
    """The losses of all batches."""
    return [
        made.learn(batch, epoch, index).item()
        for epoch in range(1, epochs + 1)
        for index, batch in enumerate(digits.batches(size))
    ]


def gradient(weight: Array, bias: Array, pixels: Array, classes: Array) -> tuple[Array, Array, float]:
    """Of the mean cross-entropy of a softmax regression, for weight and bias, and the mean itself."""
    logits = pixels @ weight.T + bias
    odds = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = odds / odds.sum(axis=1, keepdims=True)
    loss = -np.log(shares[np.arange(len(classes)), classes]).mean()
    shares[np.arange(len(classes)), classes] -= 1
    return shares.T @ pixels / len(classes), shares.mean(axis=0), float(loss)


def descend(
    digits: Sample, size: int, epochs: int, change: Callable[[Array, Array, Array, Array], tuple[Array, Array]]
) -> tuple[Array, Array, list[float]]:
    """Gradient descent on the softmax regression; ``change`` makes of weight, bias and gradients new gradients."""
    weight, bias = (value.detach().numpy().copy() for value in linear().parameters())
    losses = []
    for _ in range(epochs):
        for pixels, classes in digits.batches(size):
            of_weight, of_bias, loss = gradient(weight, bias, pixels.numpy(), classes.numpy())
            losses.append(loss)
            of_weight, of_bias = change(weight, bias, of_weight, of_bias)
            weight, bias = weight - RATE * of_weight, bias - RATE * of_bias
    return weight, bias, losses


def assert_descends_like(
    digits: Sample,
    change: Callable[[Array, Array, Array, Array], tuple[Array, Array]],
    size: int = 64,
    **options: Any,
) -> None:
    """Three epochs with ``options`` give the weights and losses that ``change`` gives in NumPy."""
    model = linear()
    losses = learn(stepper(model, batch_size=size, **options), digits, size, 3)
    weight, bias, expected = descend(digits, size, 3, change)
    np.testing.assert_allclose(losses, expected, rtol=1e-12)
    np.testing.assert_allclose(model.weight.detach().numpy(), weight, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(model.bias.detach().numpy(), bias, rtol=1e-11, atol=1e-14)


def test_without_options_it_is_gradient_descent(digits: Sample) -> None:
    assert_descends_like(digits, lambda weight, bias, of_weight, of_bias: (of_weight, of_bias))


def test_a_batch_of_all_samples_is_full_batch_gradient_descent(digits: Sample) -> None:
    model = linear()
    losses = learn(stepper(model, batch_size="all"), digits, SAMPLES, 20)
    weight, _, expected = descend(digits, SAMPLES, 20, lambda weight, bias, *gradients: gradients)
    assert len(losses) == 20
    assert sorted(losses, reverse=True) == losses
    np.testing.assert_allclose(losses, expected, rtol=1e-12)
    np.testing.assert_allclose(model.weight.detach().numpy(), weight, rtol=1e-11)


def test_penalties_pull_at_weights_alone_and_are_not_in_the_loss(digits: Sample) -> None:
    assert_descends_like(
        digits,
        lambda weight, bias, of_weight, of_bias: (of_weight + 0.01 * np.sign(weight) + 0.1 * weight, of_bias),
        l1_penalty=0.01,
        l2_penalty=0.1,
    )


def test_an_l2_penalty_is_the_weight_decay_of_sgd(digits: Sample) -> None:
    model, decayed = linear(), linear()
    learn(stepper(model, batch_size=32, l2_penalty=0.1), digits, 32)
    groups = [{"params": [decayed.weight], "weight_decay": 0.1}, {"params": [decayed.bias]}]
    learn(stepper(decayed, torch.optim.SGD(groups, lr=RATE), batch_size=32), digits, 32)
    torch.testing.assert_close(model.weight, decayed.weight, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(model.bias, decayed.bias, rtol=1e-12, atol=1e-14)


def test_a_weight_the_loss_does_not_depend_on_is_penalised_too(digits: Sample) -> None:
    class Idle(nn.Linear):
        def __init__(self) -> None:
            super().__init__(64, 10)
            self.idle = nn.Parameter(torch.ones(2, 2))

    model = Idle().double()
    learn(stepper(model, batch_size=SAMPLES, l2_penalty=0.1), digits, SAMPLES)
    assert model.idle.tolist() == [[1 - RATE * 0.1] * 2] * 2


def test_a_gradient_is_shortened_to_the_norm_of_all_parameters_together(digits: Sample) -> None:
    shortened = []

    def change(weight: Array, bias: Array, of_weight: Array, of_bias: Array) -> tuple[Array, Array]:
        norm = np.sqrt((of_weight**2).sum() + (of_bias**2).sum())
        factor = min(1.0, 0.5 / (norm + 1e-6))  # torch.nn.utils.clip_grad_norm_ adds this to the norm
        shortened.append(factor < 1)
        return factor * of_weight, factor * of_bias

    assert_descends_like(digits, change, clip_norm=0.5)
    assert {True, False} == set(shortened)


def test_single_numbers_of_a_gradient_are_cut_off(digits: Sample) -> None:
    cut = []

    def change(weight: Array, bias: Array, of_weight: Array, of_bias: Array) -> tuple[Array, Array]:
        cut.append(np.abs(of_weight).max() > 0.02)
        return np.clip(of_weight, -0.02, 0.02), np.clip(of_bias, -0.02, 0.02)

    assert_descends_like(digits, change, clip_value=0.02)
    assert all(cut)


def test_noise_comes_last_from_torchs_generator_and_grows_less(digits: Sample) -> None:
    torch.manual_seed(9)
    batches = -(-SAMPLES // 64)
    drawn = [
        [torch.randn(10, 64, dtype=torch.float64).numpy(), torch.randn(10, dtype=torch.float64).numpy()]
        for _ in range(3 * batches)
    ]
    deviations = [0.2 / np.sqrt((1 + step) ** 0.55) for step in range(3 * batches)]
    todo = iter(zip(drawn, deviations, strict=True))

    def change(weight: Array, bias: Array, of_weight: Array, of_bias: Array) -> tuple[Array, Array]:
        (for_weight, for_bias), deviation = next(todo)
        of_weight = np.clip(of_weight + 0.1 * weight, -0.02, 0.02)
        return of_weight + deviation * for_weight, np.clip(of_bias, -0.02, 0.02) + deviation * for_bias

    model = linear()
    made = stepper(model, batch_size=64, clip_value=0.02, l2_penalty=0.1, gradient_noise=0.2)
    torch.manual_seed(9)
    learn(made, digits, 64, 3)
    weight, bias, _ = descend(digits, 64, 3, change)
    np.testing.assert_allclose(model.weight.detach().numpy(), weight, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(model.bias.detach().numpy(), bias, rtol=1e-11, atol=1e-14)


def test_the_noise_has_the_deviation_it_was_given_and_its_variance_falls_by_the_papers_formula() -> None:
    parameter = nn.Parameter(torch.zeros(400, 500))
    parameter.grad = torch.full((400, 500), 3.0)
    torch.manual_seed(0)
    add_noise([parameter, nn.Parameter(torch.zeros(2))], 0.7)
    assert parameter.grad.mean().item() == pytest.approx(3.0, abs=5 * 0.7 / 200_000**0.5)
    assert parameter.grad.std().item() == pytest.approx(0.7, rel=0.01)
    for step in (0, 1, 99):
        assert noise_deviation(0.7, 0.55, step) ** 2 == pytest.approx(0.49 / (1 + step) ** 0.55)
    assert noise_deviation(0.7, 0.0, 1_000) == 0.7


OPTIMIZERS: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "SGD": lambda parameters: torch.optim.SGD(parameters, lr=0.3, momentum=0.9, nesterov=True),
    "Adam": lambda parameters: torch.optim.Adam(parameters, lr=0.01, weight_decay=0.01),
    "RMSprop": lambda parameters: torch.optim.RMSprop(parameters, lr=0.01),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("options", [{}, {"clip_norm": 0.3, "l1_penalty": 0.01, "l2_penalty": 0.1, "ema_decay": 0.9}])
@pytest.mark.parametrize("accumulate", [2, 4, 10])
def test_accumulated_batches_are_one_larger_batch(
    optimizer: str, options: dict[str, Any], accumulate: int, digits: Sample
) -> None:
    larger = 32 * accumulate
    assert SAMPLES % larger % 32 == 12, "the last group has fewer batches, and a short one"
    small, large = plain_network(), plain_network()
    by_parts = stepper(
        small, OPTIMIZERS[optimizer](small.parameters()), batch_size=32, accumulate=accumulate, **options
    )
    at_once = stepper(large, OPTIMIZERS[optimizer](large.parameters()), batch_size=min(larger, SAMPLES), **options)
    for epoch in (1, 2, 3):
        parts = list(enumerate(digits.batches(32)))
        for index, batch in enumerate(digits.batches(larger)):
            whole = at_once.learn(batch, epoch, index)
            group = [parts.pop(0) for _ in range(min(accumulate, len(parts)))]
            before = [parameter.clone() for parameter in small.parameters()]
            shares = []
            for place, part in group:
                assert all(map(torch.equal, small.parameters(), before)), "no step within a group"
                loss = by_parts.learn(part, epoch, place)
                shares.append(loss * len(part[1]) / len(batch[1]))
                assert by_parts.completes_group(place) is (place == group[-1][0])
            torch.testing.assert_close(sum(shares), whole.detach(), rtol=1e-10, atol=0)
            for one, other in zip(small.parameters(), large.parameters(), strict=True):
                torch.testing.assert_close(one, other, rtol=1e-8, atol=1e-10)
    for one, other in zip(by_parts.evaluated_model.parameters(), at_once.evaluated_model.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-8, atol=1e-10)


def test_weights_of_classes_count_in_an_accumulated_step_as_in_a_larger_batch(digits: Sample) -> None:
    small, large = linear(), linear()
    weight = (1.0, 20.0, 1.0, 5.0, 0.1, 1.0, 1.0, 3.0, 1.0, 1.0)
    learn(stepper(small, weight=weight, batch_size=32, accumulate=4), digits, 32, 2)
    learn(stepper(large, weight=weight, batch_size=128), digits, 128, 2)
    torch.testing.assert_close(small.weight, large.weight, rtol=1e-9, atol=1e-12)


def test_the_noise_of_accumulated_batches_is_drawn_once_a_step(digits: Sample) -> None:
    small, large = linear(), linear()
    torch.manual_seed(4)
    learn(stepper(small, batch_size=32, accumulate=4, gradient_noise=0.2), digits, 32, 2)
    torch.manual_seed(4)
    learn(stepper(large, batch_size=128, gradient_noise=0.2), digits, 128, 2)
    torch.testing.assert_close(small.weight, large.weight, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("accumulate", [1, 3])
def test_the_average_follows_the_weights_by_the_textbook(accumulate: int, digits: Sample) -> None:
    model = network()
    made = stepper(model, batch_size=32, accumulate=accumulate, ema_decay=0.8)
    expected: list[torch.Tensor] | None = None
    updates = 0
    for epoch in (1, 2):
        for index, batch in enumerate(digits.batches(32)):
            made.learn(batch, epoch, index)
            if not made.completes_group(index):
                continue
            now = [parameter.detach().clone() for parameter in model.parameters()]
            # the first average is the weights after the first step
            expected = now if expected is None else [0.8 * e + 0.2 * w for e, w in zip(expected, now, strict=True)]
            updates += 1
            for average, wanted in zip(made.evaluated_model.parameters(), expected, strict=True):
                torch.testing.assert_close(average, wanted, rtol=1e-12, atol=1e-14)
            for average, statistic in zip(made.evaluated_model.buffers(), model.buffers(), strict=True):
                assert torch.equal(average, statistic), "statistics of batch normalisation are those of the last step"
    assert updates == (20 if accumulate == 1 else 8)
    assert not torch.equal(made.evaluated_model[0].weight, model[0].weight)  # type: ignore[index]


def test_lbfgs_sees_the_penalised_objective_and_finds_the_optimum_of_ridge_regression(digits: Sample) -> None:
    torch.manual_seed(5)
    model = nn.Linear(64, 1, bias=False).double()
    targets = digits.classes.double().unsqueeze(1)
    optimizer = torch.optim.LBFGS(
        model.parameters(), max_iter=500, tolerance_grad=1e-12, tolerance_change=1e-16, line_search_fn="strong_wolfe"
    )
    info = INFO.model_copy(update={"task": "regression", "targets": ("digit",)})
    made = Stepper(
        model, build.build_objective(MSELoss(), info), optimizer, Training(batch_size="all", l2_penalty=0.1), SAMPLES
    )
    first = nn.functional.mse_loss(model(digits.pixels), targets).item()
    assert made.learn((digits.pixels, targets), 1, 0).item() == pytest.approx(first, rel=1e-12)
    pixels = digits.pixels.numpy()
    # the gradient 2/n Xᵀ(Xw - y) + 0.1 w is 0
    optimum = np.linalg.solve(
        2 / SAMPLES * pixels.T @ pixels + 0.1 * np.eye(64), 2 / SAMPLES * pixels.T @ targets.numpy()
    )
    np.testing.assert_allclose(model.weight.detach().numpy().T, optimum, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("accumulate", [1, 2])
def test_sparse_gradients_are_accumulated_averaged_and_stepped(accumulate: int) -> None:
    torch.manual_seed(6)
    tokens, classes = torch.randint(0, 50, (40, 7)), torch.randint(0, 3, (40,))
    sparse, dense = (nn.EmbeddingBag(50, 3, sparse=is_sparse).double() for is_sparse in (True, False))
    dense.load_state_dict(sparse.state_dict())
    for model in (sparse, dense):
        options = Training(batch_size=10, accumulate=accumulate, ema_decay=0.5)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
        made = Stepper(model, build.build_objective(CrossEntropyLoss(), INFO), optimizer, options, 40)
        for index, batch in enumerate(zip(tokens.split(10), classes.split(10), strict=True)):
            made.learn(batch, 1, index)
    torch.testing.assert_close(sparse.weight, dense.weight, rtol=1e-12, atol=1e-14)


def test_gradients_of_an_open_group_go_on_from_a_copy(digits: Sample) -> None:
    whole, first, second = plain_network(), plain_network(), plain_network()
    options = {"batch_size": 32, "accumulate": 4, "ema_decay": 0.9}
    learn(stepper(whole, **options), digits, 32)
    batches = list(digits.batches(32))
    before, after = stepper(first, **options), stepper(second, **options)
    for index in range(6):
        before.learn(batches[index], 1, index)
    accumulated = before.accumulated(6)
    assert accumulated is not None
    gradients = accumulated["gradients"]
    assert before.accumulated(4) is before.accumulated(10) is before.accumulated(0) is None
    kept = {name: gradient.clone() for name, gradient in gradients.items()}
    second.load_state_dict(first.state_dict())
    after.restore(accumulated, before.averages(), 1, 6)
    for index in range(6, 10):
        after.learn(batches[index], 1, index)
    assert all(map(torch.equal, whole.parameters(), second.parameters()))
    assert all(torch.equal(gradients[name], gradient) for name, gradient in kept.items())


def test_sparse_gradients_of_an_open_group_go_on_too() -> None:
    torch.manual_seed(7)
    tokens, classes = torch.randint(0, 50, (40, 7)).split(10), torch.randint(0, 3, (40,)).split(10)
    whole = nn.EmbeddingBag(50, 3, sparse=True)
    first, second = copy.deepcopy(whole), copy.deepcopy(whole)
    objective = build.build_objective(CrossEntropyLoss(), INFO)
    by_parts, before, after = (
        Stepper(model, objective, torch.optim.SparseAdam(model.parameters()), Training(batch_size=10, accumulate=4), 40)
        for model in (whole, first, second)
    )
    for index in range(4):
        by_parts.learn((tokens[index], classes[index]), 1, index)
    for index in range(2):
        before.learn((tokens[index], classes[index]), 1, index)
    after.restore(before.accumulated(2), None, 1, 2)
    for index in range(2, 4):
        after.learn((tokens[index], classes[index]), 1, index)
    assert torch.equal(whole.weight, second.weight)
    assert not torch.equal(first.weight, second.weight)
