"""Every dataset that needs no network: what it holds, and that all told of it beforehand is true."""

import inspect
from typing import Any, get_args

import numpy as np
import pytest
import sklearn.datasets
import torch
from numpy.typing import NDArray
from torch import nn

from workbench.core.data import datasets
from workbench.core.data.parts import Data
from workbench.core.data.published import PUBLISHED
from workbench.errors import DataError
from workbench.folders import Folders
from workbench.spec.datasets import (
    BreastCancer,
    Circles,
    Dataset,
    Diabetes,
    DigitProperties,
    Digits,
    Iris,
    KnownDataset,
    KnownTable,
    Linnerud,
    Moons,
    Spirals,
    Tokens,
    TwoClassSum,
    Wine,
)

KINDS: list[type[KnownDataset]] = [
    kind
    for kind in get_args(get_args(Dataset)[0])
    if inspect.isclass(kind) and issubclass(kind, KnownDataset) and kind not in PUBLISHED
]
by_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def whole(data: Data) -> tuple[NDArray[Any], NDArray[Any]]:
    """Inputs and targets of both parts."""
    parts = (data.train, data.validation)
    return (
        torch.cat([part.inputs for part in parts]).numpy(),
        torch.cat([part.targets for part in parts]).numpy(),
    )


def rows(array: NDArray[Any]) -> list[bytes]:
    """The samples of an array in an order that does not depend on theirs."""
    return sorted(row.tobytes() for row in array)


def test_this_walk_has_every_embedded_dataset() -> None:
    assert {kind.__name__ for kind in KINDS} == {
        "Digits", "DigitProperties", "Iris", "Wine", "BreastCancer", "Diabetes", "Linnerud", "TwoClassSum", "Moons",
        "Circles", "Spirals", "Tokens",
    }  # fmt: skip


@by_kind
def test_what_is_told_beforehand_is_what_is_loaded(kind: type[KnownDataset], folders: Folders) -> None:
    dataset = kind()
    assert dataset.conflicts() == []
    data = datasets.load(dataset, folders, may_download=False)
    info = dataset.info()
    assert data.info == info
    for part, count in ((data.train, info.train_samples), (data.validation, info.validation_samples)):
        assert part.inputs.shape == (count, *info.shape)
        assert part.inputs.dtype == {"image": torch.uint8, "table": torch.float32, "tokens": torch.int64}[info.kind]
        if info.is_classification:
            assert (part.targets.shape, part.targets.dtype) == ((count,), torch.int64)
            assert part.targets.unique().tolist() == list(range(len(info.targets)))
        else:
            assert (part.targets.shape, part.targets.dtype) == ((count, len(info.targets)), torch.float32)
            assert torch.isfinite(part.targets).all()
        if info.task == "multilabel":
            assert part.targets.unique().tolist() == [0, 1]
        if info.kind == "table":
            assert torch.isfinite(part.inputs).all()
    assert info.task == ("binary" if info.is_classification and len(info.targets) == 2 else info.task)
    assert len(data.features) == (info.shape[0] if isinstance(dataset, KnownTable) else 0)


@by_kind
def test_the_parts_are_disjoint_and_make_the_whole(kind: type[KnownDataset], folders: Folders) -> None:
    one = datasets.load(kind(validation=0.3), folders)
    other = datasets.load(kind(validation=0.5, split_seed=9), folders)
    for first, second in zip(whole(one), whole(other), strict=True):
        assert rows(first) == rows(second)


@by_kind
def test_every_class_gives_the_same_share_to_validation(kind: type[KnownDataset], folders: Folders) -> None:
    data = datasets.load(kind(validation=0.25), folders)
    if data.info.task == "regression":
        assert len(data.validation) == round(0.25 * (len(data.train) + len(data.validation)))
        return
    targets = whole(data)[1]
    held_out = data.validation.targets.numpy()
    groups, sizes = np.unique(targets, axis=0, return_counts=True)
    for group, size in zip(groups, sizes, strict=True):
        taken = (held_out == group).all(axis=1).sum() if targets.ndim == 2 else (held_out == group).sum()
        assert abs(taken - size / 4) < 1


@by_kind
def test_loading_twice_gives_the_same_bits(kind: type[KnownDataset], folders: Folders, tmp_path: Any) -> None:
    first = datasets.load(kind(), folders)
    second = datasets.load(kind(), Folders(tmp_path, tmp_path, tmp_path / "cache", tmp_path, ()))
    for one, other in ((first.train, second.train), (first.validation, second.validation)):
        assert torch.equal(one.inputs, other.inputs)
        assert torch.equal(one.targets, other.targets)
    assert first.normalisation == second.normalisation


@by_kind
def test_another_split_seed_holds_out_other_samples(kind: type[KnownDataset], folders: Folders) -> None:
    one, other = (datasets.load(kind(split_seed=seed), folders).validation.inputs for seed in (0, 1))
    assert not torch.equal(one, other)


@pytest.mark.parametrize("kind", [TwoClassSum, Moons, Circles, Spirals, Tokens])
def test_another_seed_draws_other_samples_of_the_same_kind(kind: type[Any], folders: Folders) -> None:
    one, other = (datasets.load(kind(seed=seed), folders) for seed in (0, 1))
    assert not torch.equal(one.train.inputs, other.train.inputs)
    assert one.info == other.info


TABLES = [kind for kind in KINDS if issubclass(kind, KnownTable)]


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.__name__)
def test_a_table_is_standardized_by_its_training_part_alone(kind: type[KnownTable], folders: Folders) -> None:
    data = datasets.load(kind(), folders)
    assert data.normalisation is not None
    table = data.train.inputs.double().numpy()
    np.testing.assert_allclose(data.normalisation.mean, table.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(data.normalisation.std, table.std(axis=0), rtol=1e-9)
    assert datasets.load(kind(standardize=False), folders).normalisation is None


@pytest.mark.parametrize(
    ("kind", "load"),
    [
        (Iris, sklearn.datasets.load_iris),
        (Wine, sklearn.datasets.load_wine),
        (BreastCancer, sklearn.datasets.load_breast_cancer),
        (Linnerud, sklearn.datasets.load_linnerud),
    ],
)
def test_a_table_is_that_of_scikit_learn(kind: type[KnownTable], load: Any, folders: Folders) -> None:
    data = datasets.load(kind(), folders)
    inputs, targets = whole(data)
    theirs = load()
    together = np.concatenate([theirs.data, theirs.target.reshape(len(theirs.data), -1)], axis=1).astype(np.float32)
    ours = np.concatenate([inputs, targets.reshape(len(inputs), -1)], axis=1).astype(np.float32)
    assert rows(ours) == rows(together)
    if kind in (Iris, BreastCancer):
        assert list(data.features) == list(theirs.feature_names)
        assert list(data.info.targets) == list(theirs.target_names)
    assert len(data.features) == len(theirs.feature_names)


def test_diabetes_is_as_it_was_measured(folders: Folders) -> None:
    data = datasets.load(Diabetes(), folders)
    inputs, targets = whole(data)
    assert (targets.min(), targets.max()) == (25, 346)
    ages, sexes = inputs[:, 0], inputs[:, 1]
    assert (ages.min(), ages.max(), np.unique(sexes).tolist()) == (19, 79, [1, 2])
    theirs = sklearn.datasets.load_diabetes()
    order, their_order = np.lexsort(inputs.T), np.lexsort(sklearn.datasets.load_diabetes(scaled=False).data.T)
    scaled = inputs[order].astype(np.float64)
    scaled = (scaled - scaled.mean(axis=0)) / (scaled.std(axis=0) * np.sqrt(len(scaled)))
    np.testing.assert_allclose(scaled, theirs.data[their_order], atol=1e-6)
    np.testing.assert_array_equal(targets[order, 0], theirs.target[their_order])


def test_the_properties_of_a_digit_are_those_of_its_image(folders: Folders) -> None:
    inputs, targets = whole(datasets.load(DigitProperties(), folders))
    images, digits = whole(datasets.load(Digits(), folders))
    digit_of = {image.tobytes(): int(digit) for image, digit in zip(images, digits, strict=True)}
    seen = {
        (digit_of[image.tobytes()], *(bool(label) for label in labels))
        for image, labels in zip(inputs, targets, strict=True)
    }
    assert seen == {
        # digit, even, prime, over 4, has a loop
        (0, True, False, False, True),
        (1, False, False, False, False),
        (2, True, True, False, False),
        (3, False, True, False, False),
        (4, True, False, False, False),
        (5, False, True, True, False),
        (6, True, False, True, True),
        (7, False, True, True, False),
        (8, True, False, True, True),
        (9, False, False, True, True),
    }


def test_fields_that_do_not_go_together_are_refused_in_a_sentence(folders: Folders) -> None:
    with pytest.raises(DataError, match=r"^dataset\.validation leaves 150 samples to train and 0 to validate: each"):
        datasets.load(Iris(validation=1e-6), folders)
    with pytest.raises(
        DataError, match=r"^dataset\.validation leaves 20 samples to train and 0 to validate: .* one at"
    ):
        datasets.load(Linnerud(validation=1e-6), folders)
    with pytest.raises(DataError, match=r"^dataset\.mean has 2 numbers"):
        datasets.load(Digits(mean=(1.0, 2.0)), folders)
    with pytest.raises(DataError, match=r"dataset\.vocabulary has no token for each of the 50 topics: choose 51 or"):
        datasets.load(Tokens(classes=50, vocabulary=50), folders)


def test_one_mean_is_for_all_channels_and_measured_ones_are_the_training_parts(folders: Folders) -> None:
    given = datasets.load(Digits(mean=(0.25,), std="measured"), folders)
    assert given.normalisation is not None
    pixels = given.train.inputs.double().numpy() / 255
    assert given.normalisation.mean == (0.25,)
    assert given.normalisation.std == pytest.approx((pixels.std(),), rel=1e-12)
    measured = datasets.load(Digits(mean="measured", validation=0.5), folders)
    assert measured.normalisation is not None
    assert measured.normalisation.mean == pytest.approx(
        (measured.train.inputs.double().mean().item() / 255,), rel=1e-12
    )
    assert measured.normalisation.std == (1.0,)


def linear(data: Data) -> float:
    """The validation accuracy of a linear model after training for a moment."""
    assert data.normalisation is not None
    mean, std = (torch.tensor(values) for values in (data.normalisation.mean, data.normalisation.std))
    torch.manual_seed(0)
    model = nn.Linear(data.info.shape[0], len(data.info.targets))
    optimizer = torch.optim.LBFGS(model.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model((data.train.inputs - mean) / std), data.train.targets)
        loss.backward()
        return loss

    optimizer.step(closure)
    outputs = model((data.validation.inputs - mean) / std)
    return (outputs.argmax(dim=1) == data.validation.targets).double().mean().item()


def test_tables_are_as_hard_as_their_texts_say(folders: Folders) -> None:
    easy: tuple[KnownTable, ...] = (Iris(), Wine(), BreastCancer(), TwoClassSum())
    assert all(linear(datasets.load(dataset, folders)) >= 0.93 for dataset in easy)
    assert 0.8 <= linear(datasets.load(Moons(), folders)) <= 0.95
    assert 0.4 <= linear(datasets.load(Circles(), folders)) <= 0.6
    assert linear(datasets.load(Spirals(), folders)) <= 0.7


def test_a_bag_of_embeddings_learns_the_tokens(folders: Folders) -> None:
    data = datasets.load(Tokens(), folders)
    torch.manual_seed(0)
    bag = nn.EmbeddingBag(data.info.vocabulary, 16, mode="mean", padding_idx=0, sparse=True)
    linear = nn.Linear(16, len(data.info.targets))
    optimizers = (torch.optim.SparseAdam(bag.parameters(), lr=0.02), torch.optim.Adam(linear.parameters(), lr=0.02))
    for _ in range(10):
        for batch in torch.randperm(len(data.train)).split(64):
            chosen = data.train.select(batch)
            for optimizer in optimizers:
                optimizer.zero_grad()
            nn.functional.cross_entropy(linear(bag(chosen.inputs)), chosen.targets).backward()
            for optimizer in optimizers:
                optimizer.step()
    right = linear(bag(data.validation.inputs)).argmax(dim=1) == data.validation.targets
    assert 0.9 < right.double().mean().item() < 1
