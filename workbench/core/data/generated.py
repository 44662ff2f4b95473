"""The datasets that are computed from a seed: the same numbers for ever, whatever numpy or scikit-learn do."""

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.random_stream import RandomStream
from workbench.spec.datasets import Circles, Moons, Spirals, Tokens, TwoClassSum

Samples = tuple[NDArray[np.generic], NDArray[np.int64]]
"""Inputs, float32 ``(N, features)`` or int64 ``(N, length)``, and classes, int64 ``(N,)``; in random order."""


def two_class_sum(dataset: TwoClassSum) -> Samples:
    """Standard normal rows; the class is 1 where the sum of the row, as float32 numbers, is above 0."""
    rows = RandomStream(dataset.seed).normal(dataset.samples, dataset.features).astype(np.float32)
    return rows, (rows.sum(axis=1, dtype=np.float64) > 0).astype(np.int64)


def moons(dataset: Moons) -> Samples:
    """Half circles of radius 1 around (0, 0) and, upside down, around (1, 0.5)."""
    upper, lower = (np.linspace(0, np.pi, count) for count in _halves(dataset.samples))
    points = np.concatenate(
        [
            np.stack([np.cos(upper), np.sin(upper)], axis=1),
            np.stack([1 - np.cos(lower), 0.5 - np.sin(lower)], axis=1),
        ]
    )
    return _scattered(points, np.repeat([0, 1], [len(upper), len(lower)]), dataset.noise, dataset.seed)


def circles(dataset: Circles) -> Samples:
    """A circle of radius 1 and one of radius ``factor`` inside, around the origin."""
    outer, inner = (np.linspace(0, 2 * np.pi, count, endpoint=False) for count in _halves(dataset.samples))
    radii = np.repeat([1, dataset.factor], [len(outer), len(inner)])[:, None]
    angles = np.concatenate([outer, inner])
    points = radii * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return _scattered(points, np.repeat([0, 1], [len(outer), len(inner)]), dataset.noise, dataset.seed)


def spirals(dataset: Spirals) -> Samples:
    """Arms from near the origin to radius 1, whose angle grows in proportion to the radius."""
    labels = np.sort(np.arange(dataset.samples) % dataset.classes)
    sizes = np.bincount(labels, minlength=dataset.classes)
    radii = np.concatenate([np.linspace(0, 1, size + 1)[1:] for size in sizes])
    angles = 2 * np.pi * (labels / dataset.classes + dataset.turns * radii)
    points = radii[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return _scattered(points, labels, dataset.noise, dataset.seed)


def tokens(dataset: Tokens) -> Samples:
    """Documents of the tokens 1 to ``vocabulary - 1``, padded with 0 at the end.

    Token *t* is one of topic ``(t - 1) % classes``. Each token of a document comes from its topic with the chance
    ``purity``, else from all tokens.
    """
    stream = RandomStream(dataset.seed)
    shape = (dataset.samples, dataset.length)
    labels = stream.permutation(dataset.samples) % dataset.classes
    lengths = dataset.shortest() + stream.integers(dataset.length - dataset.shortest() + 1, dataset.samples)
    words = dataset.vocabulary - 1
    from_all = 1 + stream.integers(words, *shape)
    # Topics have as many tokens as the vocabulary gives each; those of the remainder are of topics, too, but rarer.
    of_topic = 1 + labels[:, None] + dataset.classes * stream.integers(words // dataset.classes, *shape)
    documents = np.where(stream.uniform(*shape) < dataset.purity, of_topic, from_all)
    documents[np.arange(dataset.length) >= lengths[:, None]] = 0
    return documents, labels


def _halves(count: int) -> tuple[int, int]:
    return count // 2, count - count // 2


def _scattered(points: NDArray[np.float64], labels: NDArray[np.int64], noise: float, seed: int) -> Samples:
    """The points with noise on each coordinate, in random order."""
    stream = RandomStream(seed)
    order = stream.permutation(len(points))
    noisy = points + noise * stream.normal(*points.shape)
    return noisy[order].astype(np.float32), labels[order].astype(np.int64)
