"""Augmentation: what each variation does to pixels and targets, and that it is a function of seed, epoch and place."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from workbench.core.data.augmentation import Augmentation, _rotate, augmentation_for
from workbench.core.data.batches import STRETCH, Batches
from workbench.core.data.parts import Normalisation, Part
from workbench.spec.datasets import CIFAR10, Digits

CPU = torch.device("cpu")
PLAIN = Normalisation((0.0,) * 3, (1.0,) * 3)


def images(samples: int = 200, size: int = 12, channels: int = 3) -> torch.Tensor:
    return torch.rand(samples, channels, size, size, generator=torch.Generator().manual_seed(0))


def vary(pixels: torch.Tensor, epoch: int = 1, place: int = 0, seed: int = 0, **fields: Any) -> torch.Tensor:
    before = pixels.clone()
    varied = Augmentation(CIFAR10(**fields), 10).vary(pixels, seed, epoch, place)
    assert torch.equal(pixels, before), "the samples themselves are changed"
    assert varied.shape == pixels.shape
    return varied


def rows_equal(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    return (one == other).flatten(1).all(dim=1)


def test_nothing_is_varied_by_default() -> None:
    dataset = CIFAR10()
    info = dataset.info()
    assert augmentation_for(dataset, info) is None
    assert augmentation_for(CIFAR10(rotation=5.0), info) is not None
    assert augmentation_for(CIFAR10(cutmix=1.0), info) is not None


@pytest.mark.parametrize(("field", "axis"), [("horizontal_flip", 3), ("vertical_flip", 2)])
def test_about_the_asked_share_of_images_is_mirrored_whole(field: str, axis: int) -> None:
    pixels = images(1000)
    varied = vary(pixels, **{field: 0.3})
    mirrored, kept = rows_equal(varied, pixels.flip(axis)), rows_equal(varied, pixels)
    assert (mirrored ^ kept).all()
    assert 0.25 < mirrored.float().mean() < 0.35


def test_a_crop_is_the_image_moved_by_up_to_the_padding_with_black_around_it() -> None:
    pixels = images(300) + 0.1
    varied = vary(pixels, crop_padding=2)
    padded = torch.nn.functional.pad(pixels, (2,) * 4)
    moves = set()
    for sample in range(len(pixels)):
        found = [
            (top, left)
            for top in range(5)
            for left in range(5)
            if torch.equal(varied[sample], padded[sample, :, top : top + 12, left : left + 12])
        ]
        assert len(found) == 1
        moves.add(found[0])
    assert len(moves) == 25


def test_a_quarter_turn_is_numpys() -> None:
    pixels = images(1, size=9)
    turn = torch.tensor([90.0], dtype=torch.float64)
    assert np.allclose(_rotate(pixels, turn).numpy(), np.rot90(pixels.numpy(), axes=(2, 3)), atol=1e-5)


def test_images_are_turned_either_way_by_up_to_the_angle() -> None:
    pixels = torch.zeros(400, 3, 33, 33)
    pixels[:, :, 16, 26] = 1.0
    varied = vary(pixels, rotation=30.0)[:, 0]
    places = torch.stack([varied.flatten(1).argmax(dim=1) // 33 - 16, varied.flatten(1).argmax(dim=1) % 33 - 16])
    angles = torch.atan2(places[0].float(), places[1].float()) * 180 / math.pi
    assert 27 < angles.max() < 34
    assert -34 < angles.min() < -27


@pytest.mark.parametrize(("field", "bounds"), [("brightness", (0.8, 1.2)), ("contrast", (0.8, 1.2))])
def test_jitter_scales_within_its_bounds(field: str, bounds: tuple[float, float]) -> None:
    pixels = 0.4 + 0.2 * images(500)
    varied = vary(pixels, **{field: 0.2})
    grey = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    centre = (pixels * grey).sum(dim=1, keepdim=True).mean(dim=(2, 3), keepdim=True) if field == "contrast" else 0.0
    factors = ((varied - centre) / (pixels - centre)).flatten(1).median(dim=1).values
    assert bounds[0] <= factors.min() < bounds[0] + 0.02
    assert bounds[1] - 0.02 < factors.max() <= bounds[1] + 1e-4


def test_saturation_keeps_the_brightness_and_leaves_grey_images_alone() -> None:
    grey = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    pixels = 0.4 + 0.2 * images()
    varied = vary(pixels, saturation=0.5)
    assert not torch.allclose(varied, pixels)
    assert torch.allclose((varied * grey).sum(dim=1), (pixels * grey).sum(dim=1), atol=1e-5)
    plain = images(channels=1)
    assert torch.equal(Augmentation(Digits(saturation=0.5), 10).vary(plain, 0, 1, 0), plain)


def test_pixels_stay_between_black_and_white() -> None:
    varied = vary(images(), brightness=1.0, contrast=1.0, saturation=1.0)
    assert varied.min() >= 0
    assert varied.max() <= 1


def test_erased_is_one_rectangle_of_2_to_33_percent() -> None:
    pixels = images(400, size=32)
    varied = vary(pixels, erasing=0.5)
    gone = varied.isnan()
    assert torch.equal(varied[~gone], pixels[~gone])
    assert torch.equal(gone[:, 0], gone[:, 2])
    erased = gone[:, 0].flatten(1).any(dim=1)
    assert 0.42 < erased.float().mean() < 0.58
    for mask in gone[erased, 0]:
        rows, columns = mask.any(dim=1).sum(), mask.any(dim=0).sum()
        assert mask.sum() == rows * columns
        assert 0.01 < mask.float().mean() < 0.36


def test_erased_pixels_get_the_mean() -> None:
    part = Part(torch.full((64, 3, 8, 8), 255, dtype=torch.uint8), torch.zeros(64).long())
    augmentation = Augmentation(CIFAR10(erasing=1.0), 10)
    inputs, _ = Batches(part, 64, Normalisation((0.4,) * 3, (0.2,) * 3), CPU, augmentation).batch(0, None)
    assert sorted(set(inputs.flatten().tolist())) == pytest.approx([0.0, 3.0])


def test_mixup_blends_each_sample_with_a_partner_by_its_own_share() -> None:
    pixels = images(100)
    mixed, targets = Augmentation(CIFAR10(mixup=1.0), 100).mix(pixels, torch.arange(100), 0, 1, 0)
    assert targets.shape == (100, 100)
    assert torch.allclose(targets.sum(dim=1), torch.ones(100))
    shares = set()
    for sample in range(100):
        own = targets[sample, sample].item()
        partner = int(targets[sample].index_fill(0, torch.tensor(sample), -1.0).argmax())
        partner = partner if own < 1 else sample
        assert torch.allclose(mixed[sample], torch.lerp(pixels[partner], pixels[sample], own), atol=1e-5)
        shares.add(round(own, 3))
    assert len(shares) > 50


def test_cutmix_shares_the_target_by_area() -> None:
    pixels = (torch.arange(60) + 1).float().view(-1, 1, 1, 1).expand(60, 3, 16, 16).contiguous()
    mixed, targets = Augmentation(CIFAR10(cutmix=1.0), 60).mix(pixels, torch.arange(60), 0, 1, 0)
    for sample in range(60):
        own = (mixed[sample, 0] == sample + 1).float().mean()
        assert targets[sample, sample].item() == pytest.approx(own.item(), abs=1e-6)
    assert 0.2 < targets.diagonal().mean() < 0.8


def test_targets_of_labels_are_blended_as_they_are() -> None:
    labels = torch.tensor([[0.0, 1.0], [1.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
    _, targets = Augmentation(CIFAR10(mixup=1.0), 0).mix(images(4), labels, 0, 1, 0)
    assert targets.shape == (4, 2)
    assert ((targets >= 0) & (targets <= 1)).all()
    assert ((targets > 0) & (targets < 1)).any()


EVERYTHING = {
    "crop_padding": 2, "horizontal_flip": 0.5, "vertical_flip": 0.5, "rotation": 20.0, "brightness": 0.2,
    "contrast": 0.2, "saturation": 0.2, "erasing": 0.5, "mixup": 0.2, "cutmix": 1.0,
}  # fmt: skip


@pytest.mark.parametrize("batch_size", [4, 64, STRETCH * 2])
def test_a_batch_is_the_same_whatever_was_asked_for_before(batch_size: int) -> None:
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (900, 3, 8, 8), dtype=torch.uint8, generator=generator)
    part = Part(pixels, torch.arange(900) % 10)

    def batches() -> Batches:
        return Batches(part, batch_size, PLAIN, CPU, Augmentation(CIFAR10(**EVERYTHING), 10))

    straight = batches()
    order = straight.begin_epoch(3, 2, shuffle=True)
    wanted = [tuple(value.clone() for value in straight.batch(index, order)) for index in range(len(straight))]
    for index in (len(straight) - 1, 1 % len(straight), 0):
        resumed = batches()
        order = resumed.begin_epoch(3, 2, shuffle=True)
        assert all(torch.equal(*pair) for pair in zip(resumed.batch(index, order), wanted[index], strict=True))
    other_epoch = batches()
    order = other_epoch.begin_epoch(3, 3, shuffle=False)
    assert not torch.equal(other_epoch.batch(0, order)[0], wanted[0][0])
