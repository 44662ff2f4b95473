"""The networks that others defined are those of their papers: layers, padding, parameters and initial weights."""

import pytest
import torch
from torch import nn

from workbench.core import models


@pytest.fixture(autouse=True)
def seeded(torch_as_before: None) -> None:
    torch.manual_seed(0)


def parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def test_2c2d_is_that_of_deepobs() -> None:
    model = models.CNN2c2d((1, 28, 28), 10)
    assert parameters(model) == (25 * 32 + 32) + (25 * 32 * 64 + 64) + (7 * 7 * 64 * 1024 + 1024) + (1024 * 10 + 10)
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            assert torch.equal(parameter, torch.full_like(parameter, 0.05))
        else:
            assert parameter.abs().max() <= 0.1
            assert parameter.abs().max() > 0.08
    # a normal distribution that is cut off at two standard deviations has 0.8796 of its standard deviation
    assert model.classifier[1].weight.std().item() == pytest.approx(0.05 * 0.8796, rel=0.01)


def test_3c3d_is_that_of_deepobs() -> None:
    model = models.CNN3c3d((3, 32, 32), 10)
    assert parameters(model) == 895_210
    assert model.classifier[1].in_features == 3 * 3 * 128
    assert all(
        torch.equal(layer.bias, torch.zeros_like(layer.bias)) for layer in model.modules() if hasattr(layer, "bias")
    )
    convolution, dense = model.convolutions[3].weight, model.classifier[1].weight
    assert convolution.std().item() == pytest.approx((2 / (9 * 64 + 9 * 96)) ** 0.5, rel=0.02)
    assert convolution.abs().max().item() > 3 * convolution.std().item(), "normal"
    limit = (6 / (1152 + 512)) ** 0.5
    assert 0.999 * limit < dense.abs().max().item() <= limit, "uniform"


@pytest.mark.parametrize(("height", "width"), [(9, 9), (10, 10), (32, 32), (11, 28), (14, 17)])
def test_the_pooling_of_deepobs_is_tensorflows(height: int, width: int) -> None:
    """TensorFlow's "same": ceil(side / stride) windows, the padding shared out with the larger part at the end."""

    def as_tensorflow(maps: torch.Tensor, kernel: int) -> torch.Tensor:
        pads = []
        for side in (maps.shape[3], maps.shape[2]):
            lacking = max(0, (-(-side // 2) - 1) * 2 + kernel - side)
            pads += [lacking // 2, lacking - lacking // 2]
        return nn.functional.max_pool2d(nn.functional.pad(maps, pads), kernel, 2)

    for model, kernel in ((models.CNN2c2d((2, height, width), 3), 2), (models.CNN3c3d((2, height, width), 3), 3)):
        maps = torch.rand(4, 2, height, width)
        for layer in model.convolutions:
            expected = as_tensorflow(maps, kernel) if isinstance(layer, nn.MaxPool2d) else layer(maps)
            maps = layer(maps)
            assert torch.equal(maps, expected)


@pytest.mark.parametrize(("depth", "millions"), [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.7)])
def test_a_resnet_has_the_layers_and_parameters_of_the_papers_table_6(depth: int, millions: float) -> None:
    with torch.device("meta"):
        model = models.ResNet((3, 32, 32), 10, depth, 16)
    assert parameters(model) / 1e6 == pytest.approx(millions, abs=0.005 if millions < 1 else 0.05)
    assert sum(isinstance(layer, nn.Conv2d | nn.Linear) for layer in model.modules()) == depth


def test_a_resnets_shortcut_has_no_weights_and_fills_up_with_zeros() -> None:
    model = models.ResNet((3, 32, 32), 10, 8, 4).eval()
    block = model.stages[1][0]
    for layer in block.residual:
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.zeros_(layer.weight)
    maps = torch.rand(2, 4, 9, 9)
    result = block(maps)
    assert result.shape == (2, 8, 5, 5)
    assert torch.equal(result[:, :4], maps[:, :, ::2, ::2])
    assert torch.equal(result[:, 4:], torch.zeros(2, 4, 5, 5))


def test_a_resnet_starts_with_the_weights_of_he_et_al() -> None:
    torch.manual_seed(0)
    model = models.ResNet((3, 32, 32), 10, 8, 64)
    weight = model.stages[2][0].residual[3].weight
    assert weight.std().item() == pytest.approx((2 / (256 * 9)) ** 0.5, rel=0.01)
    assert torch.equal(model.classifier[2].bias, torch.zeros(10))
