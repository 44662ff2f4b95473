"""Previews of every kind of dataset: samples that belong to their targets, and how the values are spread."""

import numpy as np
import pytest
import torch

from workbench.core.data import datasets
from workbench.core.progress import silent
from workbench.engine.messages import DatasetPreview, PreviewDataset
from workbench.engine.preview import BINS, preview, summary
from workbench.folders import Folders
from workbench.spec.datasets import (
    BreastCancer,
    Dataset,
    Diabetes,
    DigitProperties,
    Digits,
    Iris,
    Linnerud,
    Spirals,
    Tokens,
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    home = tmp_path_factory.mktemp("home")
    return Folders(home, home / "data", home / "cache", home, ())


def ask(dataset: Dataset, folders: Folders, samples: int = 60) -> DatasetPreview:
    return preview(PreviewDataset(dataset, samples=samples), folders, silent)


@pytest.mark.parametrize(
    "dataset",
    [Digits(), DigitProperties(), Iris(), BreastCancer(), Diabetes(), Linnerud(validation=0.5), Spirals(), Tokens()],
    ids=lambda dataset: dataset.name,
)
def test_samples_are_those_of_the_training_part_before_normalisation(dataset: Dataset, folders: Folders) -> None:
    shown = ask(dataset, folders)
    data = datasets.load(dataset, folders)
    count = min(60, len(data.train))
    assert (shown.dataset, shown.info) == (dataset, data.info)
    assert shown.indices.shape == (count,)
    chosen = data.train.select(torch.from_numpy(shown.indices))
    inputs = chosen.inputs.permute(0, 2, 3, 1) if shown.info.kind == "image" else chosen.inputs
    np.testing.assert_array_equal(shown.inputs, inputs.numpy())
    np.testing.assert_array_equal(shown.targets, chosen.targets.numpy())
    assert (shown.inputs.dtype, shown.targets.dtype) == (inputs.numpy().dtype, chosen.targets.numpy().dtype)
    assert shown.inputs.flags.c_contiguous


def test_a_table_is_shown_with_the_spread_of_each_feature(folders: Folders) -> None:
    shown = ask(Iris(), folders)
    table = datasets.load(Iris(), folders).train.inputs.numpy()
    assert [column.name for column in shown.columns] == list(Iris.features)
    for column, values in zip(shown.columns, table.T.astype(np.float64), strict=True):
        assert (column.mean, column.std) == pytest.approx((values.mean(), values.std()), rel=1e-12)
        assert (column.minimum, column.maximum) == (values.min(), values.max())
        assert (len(column.edges), len(column.counts)) == (BINS + 1, BINS)
        assert (column.edges[0], column.edges[-1]) == (values.min(), values.max())
        np.testing.assert_array_equal(column.counts, np.histogram(values, column.edges)[0])
        assert column.counts.sum() == 120
    assert (shown.mean, shown.std, shown.target_columns) == ((), (), ())
    assert shown.train_counts.tolist() == [40, 40, 40]
    assert shown.validation_counts.tolist() == [10, 10, 10]
    assert shown.classes == ("setosa", "versicolor", "virginica")


def test_numbers_to_predict_are_shown_with_their_spread_and_without_counts(folders: Folders) -> None:
    shown = ask(Linnerud(validation=0.5), folders)
    targets = datasets.load(Linnerud(validation=0.5), folders).train.targets.numpy()
    assert [column.name for column in shown.target_columns] == ["weight", "waist", "pulse"]
    for column, values in zip(shown.target_columns, targets.T, strict=True):
        assert (column.minimum, column.maximum) == (values.min(), values.max())
        assert column.counts.sum() == 10
    assert shown.targets.shape == (10, 3)
    assert shown.train_counts.size == shown.validation_counts.size == 0


def test_labels_are_counted_each_for_itself(folders: Folders) -> None:
    shown = ask(DigitProperties(), folders)
    targets = datasets.load(DigitProperties(), folders).train.targets.numpy()
    assert shown.train_counts.tolist() == targets.sum(axis=0).tolist()
    assert shown.train_counts.dtype == np.int64
    # 0 6 8 9 have a loop: 178 + 181 + 174 + 180 samples
    assert (shown.train_counts + shown.validation_counts)[3] == 713
    assert shown.mean == pytest.approx((0.305,), abs=0.002)


def test_tokens_are_shown_with_the_lengths_of_the_documents(folders: Folders) -> None:
    shown = ask(Tokens(length=12), folders)
    (lengths,) = shown.columns
    assert (lengths.name, lengths.minimum, lengths.maximum) == ("length", 6, 12)
    assert lengths.edges.tolist() == [5.5, 6.5, 7.5, 8.5, 9.5, 10.5, 11.5, 12.5]
    assert lengths.counts.sum() == 1_600
    assert shown.inputs.shape == (60, 12)
    assert shown.train_counts.tolist() == [400] * 4


@pytest.mark.parametrize(
    ("values", "edges", "counts"),
    [
        ([3.0, 3.0], [2.5, 3.5], [2]),
        ([0.0, 1.0, 1.0], [-0.5, 0.5, 1.5], [1, 2]),
        ([-1.0, 1.0], [-1.5, -0.5, 0.5, 1.5], [1, 0, 1]),
    ],
)
def test_few_whole_numbers_have_a_bin_each(values: list[float], edges: list[float], counts: list[int]) -> None:
    column = summary("x", np.array(values, np.float32))
    assert (column.edges.tolist(), column.counts.tolist()) == (edges, counts)


def test_a_column_of_one_fraction_has_bins_around_it() -> None:
    column = summary("x", np.full(5, 0.3, np.float32))
    assert column.std == pytest.approx(0, abs=1e-9)
    assert column.edges[0] < 0.3 < column.edges[-1]
    assert column.counts.sum() == 5


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_very_small_and_very_large_numbers_are_counted(size: float) -> None:
    column = summary("x", np.linspace(1, 2, 100, dtype=np.float32) * np.float32(size))
    assert column.counts.sum() == 100
    assert (np.diff(column.edges) > 0).all()
