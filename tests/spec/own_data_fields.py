"""What fields of datasets from own files take and refuse, and values for them: for the tests of all fields."""

import math
from typing import Any

from hypothesis import strategies as st

from tests.spec.dataset_fields import AUGMENTATION, IMAGES, SEEDS, Values
from workbench.spec.component import Component
from workbench.spec.datasets import Arrays, IDXFiles, ImageFolder

PATH: Values = (["", "/data/我的 1", "relative"], [None, 3, ("a",)])
TEXT: Values = (["", "X_train"], [None, 3, ("a",)])
OWN: dict[str, Values] = {
    "validation": (["automatic", "test", 1e-6, 0.999], [0.0, 1.0, "val", None, math.nan]),
    "split_seed": SEEDS,
    "mean": IMAGES["mean"],
    "std": IMAGES["std"],
    **AUGMENTATION,
}

FIELDS: dict[type[Component], dict[str, Values]] = {
    ImageFolder: {
        **OWN,
        "path": PATH,
        "size": ([(4, 4), (1024, 7)], [(3, 4), (4, 1025), (32,), (32, 32, 3), (8.0, 8), 32, None]),
        "fit": (["crop", "squash"], ["pad", "", None]),
        "channels": ([1, 3], [0, 2, 4, "3", None]),
    },
    Arrays: {
        **OWN,
        "path": PATH,
        "task": (["automatic", "multiclass", "binary", "multilabel", "regression"], ["classes", None, 1]),
        **dict.fromkeys(("inputs", "targets", "test_inputs", "test_targets"), TEXT),
    },
    IDXFiles: {**OWN, **dict.fromkeys(("images", "labels", "test_images", "test_labels"), PATH)},
}

_texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
_shares = st.floats(0, 1)
_values: dict[str, st.SearchStrategy[Any]] = {
    "path": _texts,
    "validation": st.sampled_from(["automatic", "test"]) | st.floats(0, 1, exclude_min=True, exclude_max=True),
    "split_seed": st.integers(0, 2**32 - 1),
    "mean": st.just("measured") | st.lists(st.floats(-1e6, 1e6), max_size=3).map(tuple),
    "std": st.just("measured") | st.lists(st.floats(1e-6, 1e6), max_size=3).map(tuple),
    "crop_padding": st.integers(0, 256),
    "rotation": st.floats(0, 180),
    "mixup": st.floats(0, 10),
    "cutmix": st.floats(0, 10),
    **dict.fromkeys(("horizontal_flip", "vertical_flip", "brightness", "contrast", "saturation", "erasing"), _shares),
    "size": st.tuples(st.integers(4, 1024), st.integers(4, 1024)),
    "fit": st.sampled_from(["crop", "squash"]),
    "channels": st.sampled_from([1, 3]),
    "task": st.sampled_from(FIELDS[Arrays]["task"][0]),
    **dict.fromkeys(("inputs", "targets", "test_inputs", "test_targets"), _texts),
    **dict.fromkeys(("images", "labels", "test_images", "test_labels"), _texts),
}

VALUES: dict[type[Component], dict[str, st.SearchStrategy[Any]]] = {
    kind: {field: _values[field] for field in fields} for kind, fields in FIELDS.items()
}
"""A strategy for every field."""
