"""What the declaration of a table says by itself."""

from pathlib import Path
from typing import Any

import pytest

from workbench.spec.component import Conflict
from workbench.spec.datasets.table import ColumnRole, Table, near_names
from workbench.spec.yaml_io import dump_fields, plain

HERE = str(Path(__file__).absolute())


def test_a_table_is_known_only_after_its_file_is_read() -> None:
    assert Table(path=HERE, target=("a",)).info() is None


def test_one_target_is_written_as_a_name_and_several_as_a_list() -> None:
    assert Table.model_validate({"path": HERE, "target": "price"}).target == ("price",)
    assert dump_fields(Table(path="a.csv", target=("price",))) == "name: Table\npath: a.csv\ntarget: price\n"
    assert plain(Table(target=("a", "b")))["target"] == ["a", "b"]


def test_its_path_is_the_first_field_of_its_form() -> None:
    assert list(Table.model_fields)[:3] == ["name", "path", "target"]


def test_a_column_with_its_role_is_one_word_of_the_summary() -> None:
    table = Table(columns=(ColumnRole(name="zip", role="embedding"), ColumnRole(name="id", role="ignored")))
    assert table.summary() == "Table (CSV, Parquet) · columns=zip: embedding, id: ignored"


@pytest.mark.parametrize(
    ("fields", "conflict"),
    [
        ({"target": ()}, Conflict(field="target", reason="is empty: name the column to predict.")),
        ({"target": ("a", "b", "a")}, Conflict(field="target", reason="names a twice: name each column once.")),
        (
            {"target": ("a", "b"), "task": "binary"},
            Conflict(field="task", reason="is binary, which takes one target, not 2: choose multilabel or regression."),
        ),
        (
            {"columns": (ColumnRole(name="b", role="text"), ColumnRole(name="b", role="date"))},
            Conflict(field="columns", reason="gives b two roles: leave one."),
        ),
        (
            {"columns": (ColumnRole(name="a", role="numeric"),)},
            Conflict(field="columns", reason="gives a role to the target a: leave it out."),
        ),
    ],
)
def test_fields_that_do_not_go_together_are_named(fields: dict[str, Any], conflict: Conflict) -> None:
    assert Table(**{"path": HERE, "target": ("a",), **fields}).conflicts() == [conflict]


def test_a_table_without_a_file_or_with_part_of_a_path_is_refused() -> None:
    assert {conflict.field for conflict in Table().conflicts()} == {"path", "target"}
    (conflict,) = Table(path="a.csv", target=("a",)).conflicts()
    assert conflict.field == "path"
    assert conflict.reason.startswith("is not a whole path")


def test_the_nearest_names_are_found_whatever_their_capitals() -> None:
    names = ["Price", "size", "precise", "colour", "prices"]
    assert near_names("price", names) == ["Price", "prices", "precise"]
    assert near_names("xyz", names) == []
