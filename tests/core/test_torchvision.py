"""Torchvision's classifiers: the sizes they take, grey images, weights from a file."""

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from torch import nn

from workbench.core import build
from workbench.core.control import Control
from workbench.core.data.mirrors import torchvision_datasets
from workbench.core.models.torchvision_classifiers import classifier, load_weights
from workbench.errors import FileError
from workbench.runs.events import BatchBlock, Event, Status
from workbench.spec.experiment import Experiment
from workbench.spec.models import Architecture, Torchvision
from workbench.spec.models.pretrained import SIZES
from workbench.spec.tasks import DatasetInfo
from workbench.spec.training import Training

SMALL = "shufflenet_v2_x1_0"
"""The quickest to make."""


def images(*shape: int, classes: int = 10) -> DatasetInfo:
    names = tuple(map(str, range(classes)))
    return DatasetInfo(
        task="multiclass", kind="image", shape=shape, targets=names, train_samples=100, validation_samples=10
    )


def trains(architecture: Any, side: int, samples: int) -> bool:
    """Whether the architecture takes a training batch of square images, on the meta device."""
    with torch.device("meta"):
        model = classifier(architecture, (3, side, side), 10)
    try:
        return bool(model.train()(torch.zeros(samples, 3, side, side, device="meta")).shape == (samples, 10))
    except (RuntimeError, ValueError):
        return False


def asked(experiment: Experiment, **fields: Any) -> Experiment:
    return experiment.model_copy(update={"model": Torchvision(**fields), "training": Training(seed=3)})


@pytest.mark.slow
@pytest.mark.parametrize("architecture", get_args(Architecture))
def test_the_sizes_of_a_classifier_are_the_smallest_that_train(architecture: Any) -> None:
    sizes = SIZES[architecture]
    assert trains(architecture, sizes.smallest, 2)
    side = max(sizes.smallest, sizes.single)
    assert trains(architecture, side, 1)
    if sizes.multiple:
        return
    if sizes.smallest > 1:
        assert not trains(architecture, sizes.smallest - 1, 2)
    if sizes.single > sizes.smallest:
        assert not trains(architecture, sizes.single - 1, 1)


def test_a_classifier_refuses_smaller_images_and_says_what_takes_them() -> None:
    alexnet, resnet = Torchvision(architecture="alexnet"), Torchvision()
    assert alexnet.misfit(images(3, 63, 63)) is None
    assert alexnet.misfit(images(3, 63, 62)) == (
        "input 63×62 is too small for alexnet; the smallest is 63×63. "
        "Choose resnet18, which takes any size, or CNN2c2d."
    )
    assert resnet.misfit(images(1, 1, 1)) is None
    assert resnet.misfit(images(4, 32, 32)) == (
        "takes grey or colour images, and these have 4 channels: choose CNN or ResNet."
    )


@pytest.mark.parametrize("shape", [(3, 32, 48), (3, 40, 40), (3, 8, 8), (1, 28, 28)])
def test_a_vision_transformer_takes_only_squares_of_whole_patches(shape: tuple[int, ...]) -> None:
    vit = Torchvision(architecture="vit_b_16")
    misfit = vit.misfit(images(*shape))
    assert misfit is not None
    assert "squares with a side that is a multiple of 16" in misfit
    assert vit.misfit(images(3, 32, 32)) is None


def test_batch_normalisation_needs_two_samples_on_small_images() -> None:
    resnet = Torchvision()
    assert [resnet.smallest_batch(images(3, *sides)) for sides in ((32, 32), (33, 8), (224, 224))] == [2, 1, 1]
    assert Torchvision(architecture="vgg16_bn").smallest_batch(images(3, 32, 32)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("architecture", get_args(Architecture))
def test_the_last_layer_is_the_last_of_a_classifiers_parameters(architecture: Any) -> None:
    """``load_weights`` goes by that."""
    with torch.device("meta"):
        model = classifier(architecture, (3, 64, 64), 7)
    *others, weight, bias = model.parameters()
    assert (weight.shape[0], tuple(bias.shape)) == (7, (7,))
    with torch.device("meta"):
        larger = classifier(architecture, (3, 64, 64), 9)
    assert [parameter.shape for parameter in others] == [parameter.shape for parameter in larger.parameters()][:-2]


def test_random_weights_are_those_of_a_plain_script_with_the_same_seed(
    experiment: Experiment, is_same: Callable[..., bool]
) -> None:
    torchvision_datasets()
    torchvision_models: Any = importlib.import_module("torchvision.models")
    for architecture in ("resnet18", "squeezenet1_1", SMALL):
        model = build.build_model(asked(experiment, architecture=architecture), images(3, 32, 32))
        torch.manual_seed(3)
        script = getattr(torchvision_models, architecture)(num_classes=10)
        assert is_same(dict(model.state_dict()), dict(script.state_dict()))


def test_a_grey_image_is_taken_as_three_equal_channels(experiment: Experiment) -> None:
    grey = build.build_model(asked(experiment), images(1, 28, 28)).eval()
    colour = build.build_model(asked(experiment), images(3, 28, 28)).eval()
    assert list(grey.state_dict()) == list(colour.state_dict())
    batch = torch.rand(2, 1, 28, 28)
    assert torch.equal(grey(batch), colour(batch.repeat(1, 3, 1, 1)))
    grey.train()(batch).sum().backward()
    assert all(parameter.grad is not None for parameter in grey.parameters())


@pytest.mark.parametrize("wrapped", [None, "model", "state_dict"])
def test_the_weights_of_a_file_are_taken_over(
    wrapped: str | None, experiment: Experiment, tmp_path: Path, is_same: Callable[..., bool]
) -> None:
    torch.manual_seed(99)
    state = dict(classifier(SMALL, (3, 32, 32), 10).state_dict())
    torch.save({wrapped: state, "epoch": 3} if wrapped else state, tmp_path / "weights ä.pth")
    chosen = asked(experiment, architecture=SMALL, weights=str(tmp_path / "weights ä.pth"))
    for shape in ((3, 32, 32), (1, 28, 28)):
        assert is_same(dict(build.build_model(chosen, images(*shape)).state_dict()), state)


def test_the_last_layer_starts_anew_where_the_number_of_outputs_is_another(
    experiment: Experiment, tmp_path: Path, is_same: Callable[..., bool]
) -> None:
    torch.manual_seed(99)
    state = dict(classifier(SMALL, (3, 32, 32), 1000).state_dict())
    torch.save(state, tmp_path / "imagenet.pth")
    fresh = build.build_model(asked(experiment, architecture=SMALL), images(3, 32, 32)).state_dict()
    chosen = asked(experiment, architecture=SMALL, weights=str(tmp_path / "imagenet.pth"))
    model = build.build_model(chosen, images(3, 32, 32)).state_dict()
    head = {"fc.weight", "fc.bias"}
    for name, value in model.items():
        assert is_same(value, (fresh if name in head else state)[name]), name


@pytest.mark.slow
def test_a_run_starts_from_the_file_and_goes_on_without_it(
    experiment: Experiment, trainer: Any, tmp_path: Path
) -> None:
    path = tmp_path / "weights.pth"
    torch.manual_seed(99)
    torch.save(classifier(SMALL, (1, 8, 8), 10).state_dict(), path)
    options = Training(epochs=2, batch_size=1438)
    chosen = asked(experiment, architecture=SMALL, weights=str(path)).model_copy(update={"training": options})

    def stop(event: Event, control: Control) -> None:
        if isinstance(event, BatchBlock):
            control.stop()

    first = trainer(chosen, stop).losses
    fresh = chosen.model_copy(update={"model": Torchvision(architecture=SMALL)})
    assert trainer(fresh, stop).losses != first
    assert trainer(chosen, stop).losses == first
    path.unlink()
    assert trainer(chosen, start=trainer.load()).end.status is Status.FINISHED
    with pytest.raises(FileError, match="There is no weights file"):
        trainer(chosen)


class Bomb:
    """A pickle of this makes a folder when it is loaded without care."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.path),)


@pytest.fixture(scope="module")
def model() -> nn.Module:
    return classifier(SMALL, (3, 32, 32), 10)


def refusal(model: nn.Module, path: Path) -> str:
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(FileError) as caught:
        load_weights(model, path, SMALL)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    return str(caught.value)


def test_a_missing_weights_file_is_named(model: nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "gone.pth"
    assert refusal(model, path) == f"There is no weights file {path}: choose another, or none for random weights."
    assert refusal(model, tmp_path).startswith(f"Cannot read the weights file {tmp_path}: ")


def test_the_weights_of_another_network_are_refused(model: nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "other.pth"
    torch.save(classifier("squeezenet1_1", (3, 32, 32), 10).state_dict(), path)
    assert refusal(model, path).startswith(
        f"{path} does not hold the weights of {SMALL} for this dataset: conv1.0.weight and "
    )
    state = {**model.state_dict(), "conv1.0.weight": torch.zeros(2, 2)}
    torch.save(state, path)
    assert "conv1.0.weight differs. Choose" in refusal(model, path)
    del state["conv1.0.weight"]
    torch.save(state, path)
    assert "conv1.0.weight differs. Choose" in refusal(model, path)


def test_a_file_with_program_code_is_not_run(model: nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "bomb.pth"
    torch.save({"conv1.0.weight": Bomb(tmp_path / "exploded")}, path)
    assert refusal(model, path).startswith(f"{path} holds program code or is no file of weights: it was not loaded.")
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("content", [b"", b"not weights", b"PK\x03\x04" + bytes(100)])
def test_a_file_that_is_no_weights_is_refused(content: bytes, model: nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "file.pth"
    path.write_bytes(content)
    assert str(path) in refusal(model, path)


@pytest.mark.parametrize("content", [[torch.zeros(2)], {"a": 1}, {"model": {"a": "b"}}, torch.zeros(3)])
def test_a_file_without_a_state_dict_is_refused(content: Any, model: nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "file.pth"
    torch.save(content, path)
    assert refusal(model, path).startswith(f"{path} holds no state dict")
