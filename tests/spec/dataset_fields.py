"""What the fields of the catalogue's datasets take and refuse, and values for them: for the tests of all fields."""

import math
from typing import Any, get_args

from hypothesis import strategies as st

from workbench.spec import datasets
from workbench.spec.component import Component
from workbench.spec.datasets.images import EMNISTSplit

Values = tuple[list[Any], list[Any]]
"""Some that are taken and some that are refused."""

SEEDS: Values = ([0, 2**32 - 1], [-1, 2**32, 1.0, "1", None, True])
SHARES: Values = ([0, 0.0, 0.5, 1.0, 1], [-0.1, 1.1, math.nan, "0.5", None])
STRENGTHS: Values = ([0, 0.2, 10.0], [-0.1, 10.1, math.nan, "1", None])
FRACTION: Values = ([1e-6, 0.2, 0.999999], ["test", 0.0, 1.0, math.nan, None])
FRACTION_OR_TEST: Values = (["test", 1e-6, 0.5, 0.999999], [0, 0.0, 1, 1.0, -0.1, 2.0, "train", None, True])
SAMPLES: Values = ([4, 1_000_000], [3, 0, -1, 1_000_001, 1.5, "9", None, True])
NOISE: Values = ([0, 0.0, 0.3, 10.0], [-0.1, 10.1, math.nan, "0", None])

SPLIT: dict[str, Values] = {"validation": FRACTION, "split_seed": SEEDS}
AUGMENTATION: dict[str, Values] = {
    "crop_padding": ([0, 256], [-1, 257, 1.5, "4", None]),
    "rotation": ([0, 15.0, 180], [-0.1, 180.1, math.nan, "5", None]),
    "mixup": STRENGTHS,
    "cutmix": STRENGTHS,
    **dict.fromkeys(("horizontal_flip", "vertical_flip", "brightness", "contrast", "saturation", "erasing"), SHARES),
}
IMAGES: dict[str, Values] = {
    "mean": (["measured", (0.5,), (-1.0,), ()], [0.5, ("0.5",), (math.nan,), None, [0.5], "automatic"]),
    "std": (["measured", (0.5,), (3,)], [(0.0,), (-1.0,), (math.inf,), 1.0, "given"]),
    "split_seed": SEEDS,
    **AUGMENTATION,
}
TABLE: dict[str, Values] = {**SPLIT, "standardize": ([True, False], [None, 1, 0, "true"])}
DRAWN: dict[str, Values] = {"samples": SAMPLES, "seed": SEEDS}
COUNTS_OF_CLASSES: Values = ([2, 20], [1, 21, 2.5, "3", None])

WITH_TEST_PART = (
    datasets.FashionMNIST,
    datasets.MNIST,
    datasets.KMNIST,
    datasets.QMNIST,
    datasets.USPS,
    datasets.CIFAR10,
    datasets.CIFAR100,
    datasets.SVHN,
    datasets.STL10,
)

FIELDS: dict[type[Component], dict[str, Values]] = {
    **{kind: {**IMAGES, "validation": FRACTION_OR_TEST} for kind in WITH_TEST_PART},
    datasets.EMNIST: {
        **IMAGES,
        "validation": FRACTION_OR_TEST,
        "split": (
            ["byclass", "bymerge", "balanced", "letters", "digits", "mnist"],
            ["Letters", "", "train", None, 3],
        ),
    },
    **{key: {**IMAGES, "validation": FRACTION} for key in (datasets.Digits, datasets.DigitProperties)},
    **dict.fromkeys((datasets.Iris, datasets.Wine, datasets.BreastCancer, datasets.Diabetes, datasets.Linnerud), TABLE),
    datasets.TwoClassSum: {**TABLE, **DRAWN, "features": ([1, 10_000], [0, 10_001, 1.5, "2", None])},
    datasets.Moons: {**TABLE, **DRAWN, "noise": NOISE},
    datasets.Circles: {**TABLE, **DRAWN, "noise": NOISE, "factor": ([0.01, 0.99], [0.0, 1.0, math.nan, None])},
    datasets.Spirals: {
        **TABLE,
        **DRAWN,
        "noise": NOISE,
        "classes": COUNTS_OF_CLASSES,
        "turns": ([0.01, 5], [0, 5.1, math.inf, "1", None]),
    },
    datasets.Tokens: {
        **SPLIT,
        **DRAWN,
        "classes": ([2, 100], [1, 101, 2.5, "3", None]),
        "vocabulary": ([8, 1_000_000], [7, 1_000_001, 9.5, "9", None]),
        "length": ([2, 10_000], [1, 10_001, 3.5, "3", None]),
        "purity": SHARES,
    },
}


def _lists(elements: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.just("measured") | st.lists(elements, max_size=3).map(tuple)


_seeds = st.integers(0, 2**32 - 1)
_fractions = st.floats(0, 1, exclude_min=True, exclude_max=True)
_shares = st.floats(0, 1)
_augmentation = {
    "crop_padding": st.integers(0, 256),
    "rotation": st.floats(0, 180),
    "mixup": st.floats(0, 10),
    "cutmix": st.floats(0, 10),
    **dict.fromkeys(("horizontal_flip", "vertical_flip", "brightness", "contrast", "saturation", "erasing"), _shares),
}
_values: dict[str, st.SearchStrategy[Any]] = {
    "mean": _lists(st.floats(allow_nan=False, allow_infinity=False)),
    "std": _lists(st.floats(0, exclude_min=True, allow_infinity=False)),
    "split_seed": _seeds,
    "split": st.sampled_from(get_args(EMNISTSplit)),
    "standardize": st.booleans(),
    "samples": st.integers(4, 1_000_000),
    "seed": _seeds,
    "features": st.integers(1, 10_000),
    "noise": st.floats(0, 10),
    "factor": _fractions,
    "classes": st.integers(2, 20),
    "turns": st.floats(0, 5, exclude_min=True),
    "vocabulary": st.integers(8, 1_000_000),
    "length": st.integers(2, 10_000),
    "purity": _shares,
    **_augmentation,
}
VALUES: dict[type[Component], dict[str, st.SearchStrategy[Any]]] = {
    kind: {
        field: (st.just("test") | _fractions if "test" in fields["validation"][0] else _fractions)
        if field == "validation"
        else _values[field]
        for field in fields
    }
    for kind, fields in FIELDS.items()
}
"""A strategy for every field."""
