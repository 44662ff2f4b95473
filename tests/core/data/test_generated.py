"""Datasets from a seed: the same numbers for ever, with the shape they are said to have."""

import numpy as np
import pytest
import sklearn.datasets
from scipy import stats

from workbench.core.data import generated
from workbench.core.data.random_stream import RandomStream
from workbench.spec.datasets import Circles, Moons, Spirals, Tokens, TwoClassSum


def test_random_numbers_stay_the_same_for_ever() -> None:
    stream = RandomStream(7)
    assert stream.uniform(3).tolist() == [0.46881748695593284, 0.42614583623918467, 0.3629817008336008]
    np.testing.assert_allclose(stream.normal(2), [-0.7340670118365001, -0.1778871457231253], rtol=1e-14)
    assert stream.integers(1_000, 4).tolist() == [985, 100, 760, 802]
    assert stream.permutation(8).tolist() == [4, 2, 1, 3, 6, 0, 7, 5]


def test_random_numbers_are_spread_as_they_should_be() -> None:
    stream = RandomStream(0)
    assert stats.kstest(stream.uniform(20_000), "uniform").pvalue > 0.01
    normal = stream.normal(100, 200)
    assert normal.shape == (100, 200)
    assert stats.kstest(normal.ravel(), "norm").pvalue > 0.01
    assert stats.chisquare(np.bincount(stream.integers(10, 20_000), minlength=10)).pvalue > 0.01
    assert sorted(stream.permutation(100).tolist()) == list(range(100))


def test_another_seed_is_another_stream() -> None:
    assert RandomStream(0).uniform(5).tolist() == RandomStream(0).uniform(5).tolist()
    assert RandomStream(0).uniform(5).tolist() != RandomStream(1).uniform(5).tolist()


def test_two_class_sum_is_labelled_by_the_sign_of_the_sum() -> None:
    rows, labels = generated.two_class_sum(TwoClassSum())
    assert (rows.shape, rows.dtype) == ((1_000, 20), np.float32)
    np.testing.assert_array_equal(labels, (rows.astype(np.float64).sum(axis=1) > 0).astype(int))
    assert 450 < labels.sum() < 550
    np.testing.assert_allclose(rows[0, :3], [0.14419691264629364, 0.7699744701385498, 0.9461058378219604], rtol=1e-6)


def same_points(ours: np.ndarray, theirs: np.ndarray) -> None:
    """Whether both hold the same points, in whatever order."""
    ours, theirs = (points[np.lexsort(np.round(points, 4).T)] for points in (ours, theirs))
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("count", [10, 501])
def test_without_noise_moons_and_circles_are_those_of_scikit_learn(count: int) -> None:
    pairs = (
        (generated.moons(Moons(samples=count, noise=0.0)), sklearn.datasets.make_moons(count)),
        (
            generated.circles(Circles(samples=count, noise=0.0, factor=0.3)),
            sklearn.datasets.make_circles(count, factor=0.3),
        ),
    )
    for (points, labels), (theirs, their_labels) in pairs:
        for label in (0, 1):
            same_points(points[labels == label].astype(float), theirs[their_labels == label])


def test_noise_is_a_standard_deviation() -> None:
    clean, _ = generated.moons(Moons(samples=20_000, noise=0.0))
    noisy, _ = generated.moons(Moons(samples=20_000, noise=0.25))
    assert (noisy - clean).std() == pytest.approx(0.25, rel=0.02)
    assert (noisy - clean).mean() == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_an_arm_of_a_spiral_winds_outwards_as_often_as_asked(classes: int) -> None:
    points, labels = generated.spirals(Spirals(samples=700, classes=classes, turns=0.9, noise=0.0))
    assert sorted(set(np.bincount(labels).tolist())) == sorted({700 // classes, -(-700 // classes)})
    for arm in range(classes):
        chosen = points[labels == arm].astype(float)
        radii = np.hypot(*chosen.T)
        order = np.argsort(radii)
        angles = np.unwrap(np.arctan2(chosen[order, 1], chosen[order, 0]))
        steps = np.arange(1, len(chosen) + 1) / len(chosen)
        np.testing.assert_allclose(radii[order], steps, atol=1e-6)
        np.testing.assert_allclose(np.diff(angles), 2 * np.pi * 0.9 * np.diff(steps), atol=1e-5)
        assert angles[-1] % (2 * np.pi) == pytest.approx((2 * np.pi * (arm / classes + 0.9)) % (2 * np.pi), abs=1e-5)


def test_samples_come_in_random_order() -> None:
    for _, labels in (
        generated.moons(Moons()),
        generated.circles(Circles()),
        generated.spirals(Spirals(classes=2)),
        generated.tokens(Tokens(classes=2)),
        generated.two_class_sum(TwoClassSum()),
    ):
        changes = np.count_nonzero(np.diff(labels)) / (len(labels) - 1)
        assert 0.4 < changes < 0.6


def test_documents_have_the_length_and_the_tokens_they_are_said_to_have() -> None:
    dataset = Tokens(samples=4_000, length=21, vocabulary=50, classes=3, purity=0.5)
    documents, labels = generated.tokens(dataset)
    assert (documents.shape, documents.dtype) == ((4_000, 21), np.int64)
    assert (documents.min(), documents.max()) == (0, 49)
    lengths = (documents != 0).sum(axis=1)
    assert sorted(set(lengths.tolist())) == list(range(11, 22))
    assert all((row[:length] > 0).all() for row, length in zip(documents, lengths, strict=True)), (
        "only the end is padded"
    )
    assert np.bincount(labels).tolist() == [1_334, 1_333, 1_333]
    own = [np.mean((row[row > 0] - 1) % 3 == label) for row, label in zip(documents, labels, strict=True)]
    assert np.mean(own) == pytest.approx(0.5 + 0.5 / 3, abs=0.02)


def test_pure_documents_have_the_tokens_of_their_topic_alone() -> None:
    documents, labels = generated.tokens(Tokens(samples=200, purity=1.0, vocabulary=8, classes=7))
    for row, label in zip(documents, labels, strict=True):
        assert set(row[row > 0].tolist()) == {label + 1}
