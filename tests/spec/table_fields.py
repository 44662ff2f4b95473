"""What the fields of tables take and refuse, and values for them: for the tests of all fields."""

import math
from typing import Any, get_args

from hypothesis import strategies as st

from tests.spec import own_data_fields
from workbench.spec.component import Component
from workbench.spec.datasets import ImageFolder, ImageTable
from workbench.spec.datasets.table import ColumnRole, Delimiter, Encoding, Role, Table

FLAG = ([True, False], [None, 1, 0, "true"])
NAMES: list[Any] = [(), ("price",), ("价格", "a, b")]

FIELDS: dict[type[Component], dict[str, tuple[list[Any], list[Any]]]] = {
    Table: {
        "path": (["", "/data/表 1.csv"], [None, 3, ("a",)]),
        "target": (NAMES, [None, 3, ("",), (1,), ["a"], "", {"a": 1}]),
        "task": (["automatic", "multiclass", "binary", "multilabel", "regression"], ["classes", None, 1]),
        "columns": (
            [(), (ColumnRole(name="a", role="one-hot"), ColumnRole(name="b", role="ignored"))],
            [None, "a", ({},), ({"name": "", "role": "text"},), ({"name": "a", "role": "number"},), ({"name": "a"},)],
        ),
        "delimiter": (list(get_args(Delimiter)), ["\t", "comma", "", None]),
        "encoding": (list(get_args(Encoding)), ["ascii", "", None]),
        "missing_indicator": FLAG,
        "max_categories": ([2, 100_000], [1, 100_001, 2.5, "9", None, True]),
        "text_width": ([2, 4_096], [1, 4_097, 8.5, "8", None, True]),
        "validation": ([1e-6, 0.2, 0.999999], ["test", 0.0, 1.0, math.nan, None]),
        "split_seed": ([0, 2**32 - 1], [-1, 2**32, 1.0, "1", None, True]),
        "standardize": FLAG,
    }
}
FIELDS[ImageTable] = {
    **own_data_fields.FIELDS[ImageFolder],
    **{field: FIELDS[Table][field] for field in ("path", "target", "task", "delimiter", "encoding")},
    **dict.fromkeys(("images", "folder"), own_data_fields.TEXT),
}

_texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
_names = _texts.filter(bool)

VALUES: dict[type[Component], dict[str, st.SearchStrategy[Any]]] = {
    Table: {
        "path": _texts,
        "target": st.lists(_names, max_size=3).map(tuple),
        "task": st.sampled_from(FIELDS[Table]["task"][0]),
        "columns": st.lists(st.builds(ColumnRole, name=_names, role=st.sampled_from(get_args(Role))), max_size=3).map(
            tuple
        ),
        "delimiter": st.sampled_from(get_args(Delimiter)),
        "encoding": st.sampled_from(get_args(Encoding)),
        "missing_indicator": st.booleans(),
        "max_categories": st.integers(2, 100_000),
        "text_width": st.integers(2, 4_096),
        "validation": st.floats(0, 1, exclude_min=True, exclude_max=True),
        "split_seed": st.integers(0, 2**32 - 1),
        "standardize": st.booleans(),
    }
}
VALUES[ImageTable] = {
    **own_data_fields.VALUES[ImageFolder],
    **{field: VALUES[Table][field] for field in ("path", "target", "task", "delimiter", "encoding")},
    **dict.fromkeys(("images", "folder"), _texts),
}
"""A strategy for every field."""
