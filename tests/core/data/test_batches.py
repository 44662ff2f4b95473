"""Batches: which samples, in which order, normalised how."""

import numpy as np
import pytest
import torch

from workbench.core.data.batches import Batches
from workbench.core.data.parts import Normalisation, Part
from workbench.core.rng import sample_order

CPU = torch.device("cpu")
PLAIN = Normalisation((0.0,) * 3, (1.0,) * 3)


@pytest.fixture
def part() -> Part:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (23, 3, 4, 5), dtype=torch.uint8, generator=generator)
    return Part(images, torch.arange(23) % 7)


@pytest.mark.parametrize(
    ("mean", "std"), [((0.0,) * 3, (1.0,) * 3), ((0.5,) * 3, (0.5,) * 3), ((0.1, 0.5, -2.0), (0.25, 1e-3, 7.0))]
)
def test_pixels_are_scaled_to_one_then_normalised_by_channel(
    part: Part, mean: tuple[float, ...], std: tuple[float, ...]
) -> None:
    images, labels = Batches(part, 23, Normalisation(mean, std), CPU).batch(0, None)
    scaled = part.inputs.numpy().astype(np.float64) / 255
    expected = (scaled - np.reshape(mean, (3, 1, 1))) / np.reshape(std, (3, 1, 1))
    assert (images.dtype, labels.dtype) == (torch.float32, torch.int64)
    bound = (
        4
        * np.finfo(np.float32).eps
        * (np.abs(expected) + np.abs(np.reshape(mean, (3, 1, 1)) / np.reshape(std, (3, 1, 1))))
    )
    assert (np.abs(images.numpy() - expected) <= bound + 1e-7).all()


def test_without_mean_and_std_black_is_0_and_white_is_1() -> None:
    extremes = Part(torch.tensor([0, 255], dtype=torch.uint8).view(2, 1, 1, 1), torch.zeros(2).long())
    images, _ = Batches(extremes, 2, Normalisation((0.0,), (1.0,)), CPU).batch(0, None)
    assert images.flatten().tolist() == [0.0, 1.0]


def test_the_samples_stay_as_they_were(part: Part) -> None:
    before = part.inputs.clone()
    batches = Batches(part, 5, Normalisation((0.5,) * 3, (0.5,) * 3), CPU)
    first = batches.batch(0, None)[0].clone()
    assert torch.equal(batches.batch(0, None)[0], first)
    assert torch.equal(part.inputs, before)


@pytest.mark.parametrize(("size", "sizes"), [(5, [5, 5, 5, 5, 3]), (23, [23]), (1, [1] * 23), (22, [22, 1])])
def test_an_epoch_has_every_sample_once(part: Part, size: int, sizes: list[int]) -> None:
    batches = Batches(part, size, PLAIN, CPU)
    assert len(batches) == len(sizes)
    assert [batches.size_of(index) for index in range(len(batches))] == sizes
    for order in (None, batches.begin_epoch(3, 1, shuffle=True)):
        labels = [batches.batch(index, order)[1] for index in range(len(batches))]
        assert [len(batch) for batch in labels] == sizes
        expected = part.targets if order is None else part.targets[order]
        assert torch.equal(torch.cat(labels), expected)


def test_images_keep_their_labels_when_shuffled(part: Part) -> None:
    batches = Batches(part, 23, PLAIN, CPU)
    order = batches.begin_epoch(0, 1, shuffle=True)
    assert order is not None
    images, labels = batches.batch(0, order)
    assert torch.equal((images * 255).round().to(torch.uint8), part.inputs[order])
    assert torch.equal(labels, part.targets[order])


def test_the_order_of_an_epoch_is_a_function_of_seed_and_epoch_alone() -> None:
    torch.manual_seed(1)
    first = sample_order(50, seed=7, epoch=3)
    torch.manual_seed(2)
    state = torch.get_rng_state()
    assert torch.equal(sample_order(50, seed=7, epoch=3), first)
    assert torch.equal(torch.get_rng_state(), state)
    assert first.sort().values.tolist() == list(range(50))
    others = [sample_order(50, seed=7, epoch=4), sample_order(50, seed=8, epoch=3), torch.arange(50)]
    assert not any(torch.equal(first, other) for other in others)


def test_orders_stay_the_same_for_ever() -> None:
    assert sample_order(10, seed=0, epoch=1).tolist() == [1, 9, 4, 3, 8, 6, 2, 7, 0, 5]


def test_no_shuffling_is_the_order_of_the_file(part: Part) -> None:
    assert Batches(part, 5, PLAIN, CPU).begin_epoch(0, 1, shuffle=False) is None


def test_features_of_a_table_are_normalised_each_by_its_own_numbers() -> None:
    table = Part(torch.tensor([[1.0, 100.0], [3.0, 300.0]]), torch.zeros(2, 1))
    inputs, _ = Batches(table, 2, Normalisation((2.0, 200.0), (1.0, 50.0)), CPU).batch(0, None)
    assert inputs.tolist() == [[-1.0, -2.0], [1.0, 2.0]]
    assert table.inputs.tolist() == [[1.0, 100.0], [3.0, 300.0]]


def test_tokens_stay_the_numbers_they_are() -> None:
    tokens = torch.tensor([[3, 1, 0], [2, 2, 5]])
    inputs, _ = Batches(Part(tokens, torch.zeros(2).long()), 2, None, CPU).batch(0, None)
    assert inputs.dtype == torch.int64
    assert torch.equal(inputs, tokens)
