"""The layer table: shapes, parameters, multiply-adds and memory of each layer, without allocating any of it."""

import importlib
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from workbench.core import build
from workbench.core.data.mirrors import torchvision_datasets
from workbench.core.layers import describe, describe_model
from workbench.spec import models as specs
from workbench.spec.experiment import Experiment, choices
from workbench.spec.layer_table import LayerRow, ModelTotals
from workbench.spec.models.base import ModelComponent
from workbench.spec.tasks import DatasetInfo

IMAGES = DatasetInfo(
    task="multiclass",
    kind="image",
    shape=(1, 28, 28),
    targets=tuple("0123456789"),
    train_samples=100,
    validation_samples=10,
)
TABLE = IMAGES.model_copy(update={"kind": "table", "shape": (5,), "categories": (3, 7)})
TOKENS = IMAGES.model_copy(update={"kind": "tokens", "shape": (9,), "vocabulary": 50})
FITTING = {"image": IMAGES, "table": TABLE, "tokens": TOKENS}


def with_model(experiment: Experiment, model: ModelComponent) -> Experiment:
    return experiment.model_copy(update={"model": model})


def sized(height: int, width: int) -> DatasetInfo:
    return IMAGES.model_copy(update={"shape": (1, height, width)})


def row_of(rows: tuple[LayerRow, ...], name: str) -> LayerRow:
    return next(row for row in rows if row.name == name)


def test_the_table_of_lenet_5_is_that_of_a_hand_calculation(experiment: Experiment) -> None:
    batch = 10
    description = describe_model(with_model(experiment, specs.LeNet5()), IMAGES, batch)
    floats = 4 * batch
    # A convolution or linear layer keeps its input, which the layer before it kept already; ReLU keeps its output,
    # pooling the places of its maxima (int64), and what comes after a pooling keeps its output.
    assert description.rows == (
        LayerRow("convolutions.0", "Conv2d", (6, 24, 24), 156, 24 * 24 * 6 * 25, 0),
        LayerRow("convolutions.1", "ReLU", (6, 24, 24), 0, 0, floats * 6 * 24 * 24),
        LayerRow("convolutions.2", "MaxPool2d", (6, 12, 12), 0, 0, 2 * floats * 6 * 12 * 12),
        LayerRow("convolutions.3", "Conv2d", (16, 8, 8), 2_416, 8 * 8 * 16 * 150, floats * 6 * 12 * 12),
        LayerRow("convolutions.4", "ReLU", (16, 8, 8), 0, 0, floats * 16 * 8 * 8),
        LayerRow("convolutions.5", "MaxPool2d", (16, 4, 4), 0, 0, 2 * floats * 16 * 4 * 4),
        LayerRow("classifier.0", "Flatten", (256,), 0, 0, 0),
        LayerRow("classifier.1", "Linear", (120,), 30_840, 256 * 120, floats * 256),
        LayerRow("classifier.2", "ReLU", (120,), 0, 0, floats * 120),
        LayerRow("classifier.3", "Linear", (84,), 10_164, 120 * 84, 0),
        LayerRow("classifier.4", "ReLU", (84,), 0, 0, floats * 84),
        LayerRow("classifier.5", "Linear", (10,), 850, 84 * 10, 0),
    )
    assert description.problem == ""
    assert description.batch_size == batch
    assert description.totals == ModelTotals(
        parameters=44_426,
        trainable_parameters=44_426,
        parameter_bytes=4 * 44_426,
        activation_bytes=floats * (6 * 24 * 24 + 3 * 6 * 12 * 12 + 16 * 8 * 8 + 3 * 256 + 120 + 84),
        multiply_adds=281_640,
    )


def kept_by_autograd(model: nn.Module, batch: torch.Tensor) -> int:
    """Bytes of what a real training step keeps, by their addresses."""
    known = {tensor.data_ptr() for tensor in (batch, *model.parameters(), *model.buffers())}
    kept: dict[int, int] = {}
    alive = []

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        alive.append(tensor)
        if storage.data_ptr() not in known:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model.train()(batch)
    return sum(kept.values())


@pytest.mark.parametrize(
    ("spec", "info"),
    [
        (specs.LeNet5(), IMAGES),
        (specs.MLP(hidden=(7, 5), activation="GELU"), IMAGES),
        (specs.MLP(hidden=(7, 5)), TABLE),
        (specs.Linear(), TABLE),
        (specs.CNN(channels=(3, 4)), IMAGES),
        (specs.CNN2c2d(), IMAGES),
        (specs.CNN3c3d(), sized(17, 32)),
        (specs.ResNet(depth=14, width=4), sized(9, 33)),
        (specs.Torchvision(), IMAGES),
        (specs.EmbeddingBag(dim=3), TOKENS),
        (specs.EmbeddingBag(dim=3, sparse=True), TOKENS),
    ],
    ids=lambda part: getattr(part, "name", None),
)
def test_the_totals_are_those_of_a_real_step(spec: ModelComponent, info: DatasetInfo, experiment: Experiment) -> None:
    batch_size = 6
    asked = with_model(experiment, spec)
    description = describe_model(asked, info, batch_size)
    model = build.build_model(asked, info)
    batch = torch.zeros(batch_size, *info.shape, dtype=torch.int64 if info.kind == "tokens" else torch.float32)
    with FlopCounterMode(display=False) as counter:
        outputs = model(batch)
    parameters = list(model.parameters())
    kept = kept_by_autograd(model, batch)
    # of a bag of embeddings the CPU's kernel keeps where each sample starts, and the meta device's does not
    assert kept - description.totals.activation_bytes == (8 * (batch_size + 1) if info.kind == "tokens" else 0)
    assert replace(description.totals, activation_bytes=kept) == ModelTotals(
        parameters=sum(parameter.numel() for parameter in parameters),
        trainable_parameters=sum(parameter.numel() for parameter in parameters),
        parameter_bytes=sum(parameter.nbytes for parameter in parameters),
        activation_bytes=kept,
        multiply_adds=counter.get_total_flops() // 2 // batch_size,
    )
    assert description.rows[-1].output_shape == tuple(outputs.shape[1:])
    assert sum(row.parameters for row in description.rows) == description.totals.parameters
    assert description.problem == ""


@pytest.mark.parametrize("model", choices("model"))
def test_every_model_of_the_catalogue_is_described(model: Any, experiment: Experiment) -> None:
    for kind in model.kinds:
        description = describe_model(with_model(experiment, model()), FITTING[kind], 64)
        assert description.problem == ""
        assert description.totals.parameters > 0
        assert description.rows[-1].output_shape == (10,)
        assert all(row.output_shape is not None and row.problem == "" for row in description.rows)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", get_args(specs.Architecture))
def test_every_torchvision_classifier_has_the_parameters_and_work_that_torchvision_tells(
    architecture: Any, experiment: Experiment
) -> None:
    """Torchvision's table of weights has them, in thousand millions of multiply-adds of an image."""
    published = next(iter(torchvision_models().get_model_weights(architecture))).meta
    side = 384 if architecture == "efficientnet_v2_s" else 224
    info = IMAGES.model_copy(update={"shape": (3, side, side), "targets": tuple(map(str, range(1000)))})
    spec = specs.Torchvision(architecture=architecture)
    description = describe_model(with_model(experiment, spec), info, 2)
    assert description.problem == ""
    assert description.totals.parameters == published["num_params"]
    assert sum(row.parameters for row in description.rows) == published["num_params"]
    assert description.totals.multiply_adds / 1e9 == pytest.approx(published["_ops"], abs=0.0006)


def torchvision_models() -> Any:
    torchvision_datasets()
    return importlib.import_module("torchvision.models")


@pytest.mark.parametrize(
    ("model", "info", "layer", "sentence"),
    [
        (specs.LeNet5(), sized(8, 8), "convolutions.3", "the input 2×2 is smaller than the 5×5 kernel."),
        (specs.LeNet5(), sized(13, 20), "convolutions.3", "the input 4×8 is smaller than the 5×5 kernel."),
        (specs.LeNet5(), sized(15, 28), "convolutions.5", "the input 1×8 is too small to pool over 2×2."),
        (specs.LeNet5(), sized(3, 28), "convolutions.0", "the input 3×28 is smaller than the 5×5 kernel."),
        (specs.CNN(channels=(4, 4, 4)), sized(7, 7), "blocks.2.3", "the input 1×1 is too small to pool over 2×2."),
        (specs.CNN3c3d(), sized(8, 40), "convolutions.3", "the input 2×18 is smaller than the 3×3 kernel."),
    ],
)
def test_an_image_that_is_too_small_is_reported_at_the_layer_where_it_fails(
    model: ModelComponent, info: DatasetInfo, layer: str, sentence: str, experiment: Experiment
) -> None:
    description = describe_model(with_model(experiment, model), info, 4)
    assert {row.name: row.problem for row in description.rows if row.problem} == {layer: sentence}
    names = [row.name for row in description.rows]
    reached = [row.name for row in description.rows if row.output_shape is not None]
    assert reached == names[: names.index(layer)]
    assert description.problem == model.misfit(info), "with what to do"
    assert row_of(description.rows, layer).multiply_adds == 0


def test_batch_normalisation_of_a_single_number_is_reported_at_its_layer(experiment: Experiment) -> None:
    asked = with_model(experiment, specs.Torchvision())
    (row,) = [row for row in describe_model(asked, IMAGES, 1).rows if row.problem]
    assert (row.name, row.kind) == ("layer4.0.bn1", "BatchNorm2d")
    assert row.problem == "needs more than one number a channel: take at least 2 samples in a batch."
    assert describe_model(asked, IMAGES, 1).problem == f"layer4.0.bn1: {row.problem}"
    assert describe_model(asked, IMAGES, 2).problem == ""


@pytest.mark.parametrize(
    ("model", "info"),
    [
        (specs.LeNet5(), TABLE),
        (specs.EmbeddingBag(), IMAGES),
        (specs.MLP(), TOKENS),
        (specs.Torchvision(architecture="vit_b_16"), IMAGES),
    ],
)
def test_a_model_that_cannot_be_made_for_a_dataset_has_no_rows_but_a_reason(
    model: ModelComponent, info: DatasetInfo, experiment: Experiment
) -> None:
    description = describe_model(with_model(experiment, model), info, 4)
    assert description.rows == ()
    assert description.problem == model.misfit(info) != None  # noqa: E711


def test_layers_of_an_own_network_that_do_not_fit_are_told_in_words() -> None:
    def problem(*layers: nn.Module, info: DatasetInfo = IMAGES) -> str:
        with torch.device("meta"):
            return describe(nn.Sequential(*layers), info, 2).problem

    assert problem(nn.Conv2d(3, 6, 5)) == "0: takes 3 channels and is given 1."
    assert problem(nn.Flatten(), nn.Linear(700, 10)) == "1: takes 700 numbers a sample and is given 784."
    assert problem(nn.BatchNorm2d(3)) == "0: takes 3 channels and is given 1."
    assert problem(nn.AvgPool2d(30)) == "0: the input 28×28 is too small to pool over 30×30."
    assert problem(nn.Unflatten(1, (2, 3))).startswith("0: cannot take an input of 1×28×28: ")
    assert problem(nn.Flatten(), nn.Linear(784, 10)) == ""


def test_a_layer_that_is_used_twice_has_one_row_with_the_work_of_both() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.flatten, self.linear = nn.Flatten(), nn.Linear(784, 784, bias=False)
            self.linear.weight.requires_grad_(False)
            self.scale = nn.Parameter(torch.ones(784))

        def forward(self, samples: torch.Tensor) -> torch.Tensor:
            result: torch.Tensor = self.linear(self.linear(self.flatten(samples))) * self.scale
            return result

    description = describe(Twice(), IMAGES, 3)
    assert [row.name for row in description.rows] == ["Twice", "flatten", "linear"]
    assert row_of(description.rows, "linear").multiply_adds == 2 * 784 * 784
    assert row_of(description.rows, "Twice").parameters == 784
    assert description.totals.parameters == 784 * 785
    assert description.totals.trainable_parameters == 784


def test_the_table_draws_no_random_numbers_and_leaves_a_network_as_it_was(
    experiment: Experiment, is_same: Callable[..., bool]
) -> None:
    state = torch.get_rng_state()
    describe_model(with_model(experiment, specs.CNN(dropout=0.5)), IMAGES, 4)
    describe_model(with_model(experiment, specs.Torchvision(architecture="mobilenet_v2")), IMAGES, 4)
    assert torch.equal(torch.get_rng_state(), state)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 3)).eval()
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    describe(model, IMAGES, 4)
    assert not model.training
    assert is_same(weights, dict(model.state_dict()))
    assert all(not layer._forward_hooks and not layer._forward_pre_hooks for layer in model.modules())


def test_activations_grow_with_the_batch_and_nothing_else_does(experiment: Experiment) -> None:
    asked = with_model(experiment, specs.CNN(batch_norm=False))
    small, large = (describe_model(asked, IMAGES, batch_size) for batch_size in (1, 100_000))
    assert large.totals.activation_bytes == 100_000 * small.totals.activation_bytes
    assert large.totals.multiply_adds == small.totals.multiply_adds
    assert large.totals.parameter_bytes == small.totals.parameter_bytes


def test_a_network_of_a_thousand_million_parameters_is_described_without_allocating(experiment: Experiment) -> None:
    describe_model(with_model(experiment, specs.MLP()), IMAGES, 2)  # whatever torch loads the first time
    before = peak_bytes()
    description = describe_model(with_model(experiment, specs.MLP(hidden=(16_384,) * 5)), IMAGES, 60_000)
    assert description.totals.parameters > 1_000_000_000
    assert description.totals.activation_bytes > 10_000_000_000
    assert peak_bytes() - before < 50_000_000


def peak_bytes() -> int:
    """The most memory this process ever held."""
    resource = pytest.importorskip("resource", reason="POSIX")
    peak: int = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak
