"""Datasets that are computed from a seed; they need no files."""

import math
from typing import ClassVar, Literal

from workbench.spec.component import Conflict, parameter
from workbench.spec.datasets.base import KnownDataset, KnownTable
from workbench.spec.datasets.component import Fraction
from workbench.spec.tasks import DatasetInfo, Task

_VALIDATION = "The fraction of the samples held out for validation, the same share of every class."
_SEED = "Another seed gives another draw of the same kind."
MOST_NUMBERS = 50_000_000
"""In all samples together, so that drawing them does not take more memory than a laptop has."""


def _samples(default: int) -> int:
    number: int = parameter(
        default, "Samples", "How many are drawn, before the split.", ge=4, le=1_000_000, scale="log"
    )
    return number


def _too_many(samples: int, each: int) -> list[Conflict]:
    if samples * each <= MOST_NUMBERS:
        return []
    reason = f"makes {samples * each:,} numbers with {each:,} each: choose {MOST_NUMBERS // each:,} or less."
    return [Conflict(field="samples", reason=reason)]


def _noise(default: float) -> float:
    number: float = parameter(
        default,
        "Noise",
        "Standard deviation of what is added to each coordinate; the curves are about 1 wide.",
        ge=0,
        le=10,
    )
    return number


class TwoClassSum(KnownTable):
    """Rows of standard normal numbers, labelled by the sign of their sum."""

    label: ClassVar[str] = "Two-class sum"
    about: ClassVar[str] = (
        "Rows of random numbers labelled by the sign of their sum; the simplest to learn, a linear model is enough."
    )

    name: Literal["TwoClassSum"] = "TwoClassSum"
    validation: Fraction = parameter(0.2, "Validation", _VALIDATION)
    samples: int = _samples(1_000)
    features: int = parameter(20, "Features", "Numbers in a row.", ge=1, le=10_000)
    seed: int = parameter(0, "Seed", _SEED, ge=0, lt=2**32, advanced=True)

    def task(self) -> Task:
        return "binary"

    def feature_names(self) -> tuple[str, ...]:
        return tuple(f"x{index}" for index in range(1, self.features + 1))

    def target_names(self) -> tuple[str, ...]:
        return ("negative", "positive")

    def part_sizes(self) -> tuple[int, int]:
        return self.samples, 0

    def conflicts(self) -> list[Conflict]:
        return super().conflicts() + _too_many(self.samples, self.features)


class Plane(KnownTable):
    """Points of the plane, each of one class."""

    samples: int
    seed: int

    def task(self) -> Task:
        return "binary" if len(self.target_names()) == 2 else "multiclass"

    def feature_names(self) -> tuple[str, ...]:
        return ("x", "y")

    def target_names(self) -> tuple[str, ...]:
        raise NotImplementedError

    def part_sizes(self) -> tuple[int, int]:
        return self.samples, 0


class Moons(Plane):
    """Two half circles that reach into each other, as scikit-learn's ``make_moons`` draws them."""

    label: ClassVar[str] = "Moons"
    about: ClassVar[str] = (
        "Two half moons in the plane that reach into each other; a line cannot part them, a small MLP can."
    )
    documentation: ClassVar[str] = "https://scikit-learn.org/stable/modules/generated/sklearn.datasets.make_moons.html"

    name: Literal["Moons"] = "Moons"
    validation: Fraction = parameter(0.2, "Validation", _VALIDATION)
    samples: int = _samples(1_000)
    noise: float = _noise(0.1)
    seed: int = parameter(0, "Seed", _SEED, ge=0, lt=2**32, advanced=True)

    def target_names(self) -> tuple[str, ...]:
        return ("upper moon", "lower moon")


class Circles(Plane):
    """A circle inside another, as scikit-learn's ``make_circles`` draws them."""

    label: ClassVar[str] = "Circles"
    about: ClassVar[str] = (
        "A circle inside another in the plane; a line does no better than chance, a small MLP parts them."
    )
    documentation: ClassVar[str] = (
        "https://scikit-learn.org/stable/modules/generated/sklearn.datasets.make_circles.html"
    )

    name: Literal["Circles"] = "Circles"
    validation: Fraction = parameter(0.2, "Validation", _VALIDATION)
    samples: int = _samples(1_000)
    noise: float = _noise(0.1)
    factor: float = parameter(0.5, "Factor", "Radius of the inner circle; that of the outer one is 1.", gt=0, lt=1)
    seed: int = parameter(0, "Seed", _SEED, ge=0, lt=2**32, advanced=True)

    def target_names(self) -> tuple[str, ...]:
        return ("outer circle", "inner circle")


class Spirals(Plane):
    """Arms that wind around the origin, one a class, after the example of Stanford's course CS231n."""

    label: ClassVar[str] = "Spirals"
    about: ClassVar[str] = (
        "Arms that wind around each other in the plane, one a class; hard for its size, wants hidden layers."
    )
    documentation: ClassVar[str] = "https://cs231n.github.io/neural-networks-case-study/"

    name: Literal["Spirals"] = "Spirals"
    validation: Fraction = parameter(0.2, "Validation", _VALIDATION)
    samples: int = _samples(1_000)
    classes: int = parameter(3, "Classes", "How many arms there are.", ge=2, le=20)
    turns: float = parameter(0.75, "Turns", "How often an arm goes around the origin; more is harder.", gt=0, le=5)
    noise: float = _noise(0.02)
    seed: int = parameter(0, "Seed", _SEED, ge=0, lt=2**32, advanced=True)

    def target_names(self) -> tuple[str, ...]:
        return tuple(f"arm {index}" for index in range(1, self.classes + 1))


class Tokens(KnownDataset):
    """Documents whose class decides which tokens are likely."""

    label: ClassVar[str] = "Tokens"
    about: ClassVar[str] = (
        "Documents of made-up words on one of several topics; for embeddings, whose gradients may be sparse. Easy."
    )

    name: Literal["Tokens"] = "Tokens"
    validation: Fraction = parameter(0.2, "Validation", _VALIDATION)
    samples: int = _samples(2_000)
    classes: int = parameter(4, "Classes", "How many topics there are.", ge=2, le=100)
    vocabulary: int = parameter(
        1_000, "Vocabulary", "How many tokens there are, with token 0, which pads.", ge=8, le=1_000_000, scale="log"
    )
    length: int = parameter(
        30, "Length", "Tokens in the longest document; the shortest has half as many, and 0 pads.", ge=2, le=10_000
    )
    purity: float = parameter(
        0.4,
        "Purity",
        "Share of a document's tokens that are drawn from those of its topic, the others from all; less is harder.",
        ge=0,
        le=1,
    )
    seed: int = parameter(0, "Seed", _SEED, ge=0, lt=2**32, advanced=True)

    def part_sizes(self) -> tuple[int, int]:
        return self.samples, 0

    def info(self) -> DatasetInfo:
        train, validation = self.split_sizes()
        return DatasetInfo(
            task="multiclass" if self.classes > 2 else "binary",
            kind="tokens",
            shape=(self.length,),
            targets=tuple(f"topic {index}" for index in range(1, self.classes + 1)),
            train_samples=train,
            validation_samples=validation,
            vocabulary=self.vocabulary,
        )

    def shortest(self) -> int:
        """Tokens in the shortest document."""
        return math.ceil(self.length / 2)

    def conflicts(self) -> list[Conflict]:
        conflicts = super().conflicts() + _too_many(self.samples, self.length)
        if self.vocabulary - 1 < self.classes:
            least = self.classes + 1
            reason = f"has no token for each of the {self.classes} topics: choose {least} or more."
            conflicts.append(Conflict(field="vocabulary", reason=reason))
        return conflicts
