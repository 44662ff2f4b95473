"""The networks: that of the paper, the smallest image each takes, initial weights, tables, tokens."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from workbench.core import build, models
from workbench.core.models.column_embedding import EmbeddedColumns, OneHotColumns
from workbench.spec import models as specs
from workbench.spec.experiment import Experiment, choices
from workbench.spec.models.base import ImageModel, ModelComponent
from workbench.spec.models.sides import same, side_after, smallest_side, window
from workbench.spec.tasks import DatasetInfo
from workbench.spec.training import Training

SMALL: dict[str, ModelComponent] = {
    "LeNet5": specs.LeNet5(),
    "CNN of one block": specs.CNN(channels=(3,)),
    "CNN of four blocks": specs.CNN(channels=(3, 4, 5, 6)),
    "CNN without batch norm": specs.CNN(channels=(3, 4), batch_norm=False, dropout=0.5),
    "CNN2c2d": specs.CNN2c2d(),
    "CNN3c3d": specs.CNN3c3d(),
    "ResNet": specs.ResNet(depth=8, width=2),
}
SMALLEST = {
    "LeNet5": 16,
    "CNN of one block": 2,
    "CNN of four blocks": 16,
    "CNN without batch norm": 4,
    "CNN2c2d": 1,
    "CNN3c3d": 9,
    "ResNet": 5,
}


def images(*shape: int) -> DatasetInfo:
    classes = tuple("0123456789")
    return DatasetInfo(
        task="multiclass", kind="image", shape=shape, targets=classes, train_samples=100, validation_samples=10
    )


def of_kind(kind: Any, **fields: Any) -> DatasetInfo:
    given = {"task": "binary", "targets": ("no", "yes"), "train_samples": 100, "validation_samples": 10, **fields}
    return DatasetInfo(kind=kind, **given)


TABLE = of_kind("table", shape=(5,), categories=(3, 7))
TOKENS = of_kind("tokens", shape=(4,), vocabulary=9)


@pytest.fixture
def build_for(experiment: Experiment) -> Callable[..., nn.Module]:
    def build_for(model: ModelComponent, info: DatasetInfo, seed: int = 0) -> nn.Module:
        asked = experiment.model_copy(update={"model": model, "training": Training(seed=seed)})
        return build.build_model(asked, info)

    return build_for


def take_a_step(model: nn.Module, *shape: int) -> None:
    """One training step on random images; all parameters get a finite gradient."""
    model.train()
    outputs = model(torch.rand(*shape))
    assert outputs.shape == (shape[0], 10)
    outputs.square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("title", SMALL)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_network_trains_on_the_smallest_images_its_declaration_allows(
    title: str, channels: int, build_for: Callable[..., nn.Module]
) -> None:
    spec = SMALL[title]
    assert isinstance(spec, ImageModel)
    side = spec.smallest_image()
    assert side == SMALLEST[title]
    for shape in ((channels, side, side), (channels, side, side + 7), (channels, side + 2, side)):
        assert spec.misfit(images(*shape)) is None
        take_a_step(build_for(spec, images(*shape)), spec.smallest_batch(images(*shape)), *shape)


@pytest.mark.parametrize("title", [title for title, side in SMALLEST.items() if side > 1])
def test_one_pixel_less_is_refused_and_would_not_train(title: str, build_for: Callable[..., nn.Module]) -> None:
    spec = SMALL[title]
    side = SMALLEST[title] - 1
    for shape in ((1, side, side), (1, side, 40), (1, 40, side)):
        misfit = spec.misfit(images(*shape))
        assert misfit is not None
        assert misfit.startswith(f"input {shape[1]}×{shape[2]} is too small for ")
        assert f"; the smallest is {side + 1}×{side + 1}. " in misfit
    with pytest.raises((RuntimeError, ValueError)):
        take_a_step(build_for(spec, images(1, side, side)), 1, 1, side, side)


def test_the_sentence_about_a_small_image_says_what_would_do() -> None:
    assert specs.LeNet5().misfit(images(1, 8, 8)) == (
        "input 8×8 is too small for two 5×5 convolutions; the smallest is 16×16. Choose MLP."
    )


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(5, 1, 0), (3, 1, 1), (2, 2, 0), (3, 2, 1), (7, 3, 2)])
def test_sides_are_those_of_torchs_convolutions(kernel: int, stride: int, padding: int) -> None:
    layer = nn.Conv2d(1, 1, kernel, stride, padding)
    for side in range(1, 40):
        expected = layer(torch.zeros(1, 1, side, side)).shape[-1] if side + 2 * padding >= kernel else 0
        assert side_after(side, [window(kernel, stride, padding)]) == expected


def test_a_side_is_gone_when_one_layer_of_several_does_not_fit() -> None:
    steps = [window(5), window(2, 2), window(3, padding=1)]
    assert [side_after(side, steps) for side in (4, 5, 6, 7, 8)] == [0, 0, 1, 1, 2]
    assert smallest_side(steps) == 6
    assert smallest_side([same(2), same(2)], left=2) == 5


@pytest.mark.parametrize("kind", ["image", "table", "tokens"])
@pytest.mark.parametrize("model", choices("model"))
def test_a_kind_of_dataset_is_taken_or_refused_with_a_model_that_takes_it(model: Any, kind: Any) -> None:
    info = {"image": images(3, 32, 32), "table": TABLE, "tokens": TOKENS}[kind]
    misfit = model().misfit(info)
    if kind in model.kinds:
        assert misfit is None
        return
    assert misfit.endswith(".")
    suggested = misfit.rpartition("choose ")[2].removesuffix(".").split(" or ")
    named = {component.__name__: component for component in choices("model")}
    for name in suggested:
        other = named[name]()
        assert isinstance(other, ModelComponent)
        assert other.misfit(info) is None


def test_a_cnn_has_the_blocks_its_declaration_says(build_for: Callable[..., nn.Module]) -> None:
    info = images(3, 20, 30)
    plain = build_for(specs.CNN(channels=(4, 5), batch_norm=False), info)
    assert [str(layer) for layer in plain.blocks[1]] == [
        "Conv2d(4, 5, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))",
        "ReLU()",
        "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)",
    ]
    assert plain.classifier[-1].in_features == 5 * 5 * 7
    normed = build_for(specs.CNN(channels=(4, 5), dropout=0.3), info)
    assert [type(layer).__name__ for layer in normed.blocks[0]] == ["Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d"]
    assert normed.blocks[0][0].bias is None
    assert normed.classifier[1].p == 0.3


def plain_lenet5() -> list[nn.Module]:
    return [nn.Conv2d(3, 6, 5), nn.Conv2d(6, 16, 5), nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10)]


def plain_cnn() -> list[nn.Module]:
    first = [nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4)]
    return [*first, nn.Conv2d(4, 5, 3, bias=False), nn.BatchNorm2d(5), nn.Linear(5 * 8 * 8, 10)]


@pytest.mark.parametrize(
    ("spec", "info", "plain"),
    [
        (specs.LeNet5(), images(3, 32, 32), plain_lenet5),
        (specs.MLP(hidden=(7,), dropout=0.1), images(1, 8, 8), lambda: [nn.Linear(64, 7), nn.Linear(7, 10)]),
        (specs.Linear(), images(1, 8, 8), lambda: [nn.Linear(64, 10)]),
        (specs.CNN(channels=(4, 5)), images(3, 32, 32), plain_cnn),
        (specs.EmbeddingBag(dim=5), TOKENS, lambda: [nn.EmbeddingBag(9, 5, padding_idx=0), nn.Linear(5, 2)]),
        (
            specs.MLP(hidden=(4,)),
            TABLE,
            lambda: [nn.Embedding(3, 2), nn.Embedding(7, 4), nn.Linear(9, 4), nn.Linear(4, 2)],
        ),
    ],
    ids=lambda part: getattr(part, "name", None),
)
def test_the_initial_weights_are_those_of_a_plain_script_with_the_same_seed(
    spec: ModelComponent,
    info: DatasetInfo,
    plain: Callable[[], list[nn.Module]],
    build_for: Callable[..., nn.Module],
    is_same: Callable[..., bool],
) -> None:
    model = build_for(spec, info, seed=5)
    torch.manual_seed(5)
    script = nn.Sequential(*plain())
    assert is_same(list(model.state_dict().values()), list(script.state_dict().values()))


def test_an_mlp_embeds_each_column_of_codes() -> None:
    columns = EmbeddedColumns(5, (3, 100))
    assert [tuple(embedding.weight.shape) for embedding in columns.embeddings] == [(3, 2), (100, 50)]
    samples = torch.tensor([[0.5, -1.0, 2.5, 2, 99], [0.0, 1.0, 2.0, 0, 7]])
    result = columns(samples)
    assert result.shape == (2, columns.width) == (2, 3 + 2 + 50)
    assert torch.equal(result[:, :3], samples[:, :3])
    assert torch.equal(result[0, 3:5], columns.embeddings[0].weight[2])
    assert torch.equal(result[1, 5:], columns.embeddings[1].weight[7])


def test_a_linear_model_takes_codes_one_hot() -> None:
    columns = OneHotColumns(3, (2, 3))
    assert columns(torch.tensor([[0.5, 1, 0], [-2.0, 0, 2]])).tolist() == [
        [0.5, 0, 1, 1, 0, 0],
        [-2.0, 1, 0, 0, 0, 1],
    ]
    assert models.Linear((3,), 2, (2, 3)).layers[1].in_features == columns.width == 6
