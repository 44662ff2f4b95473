"""How the files of tables are read, and the sentence for each way in which one cannot be."""

import codecs
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch

from workbench.core.data import datasets, table_text
from workbench.core.data.parts import Data
from workbench.core.data.table import describe_table
from workbench.errors import DataError
from workbench.folders import Folders
from workbench.spec.datasets.table import ColumnRole, Table

PLAIN = "size,kind,price\n" + "".join(f"{row},{'ab'[row % 2]},{row * 1.5}\n" for row in range(20))
WORDS = ["小", "大", "中"]


@pytest.fixture
def load(tmp_path: Path) -> Callable[[Table], Data]:
    folders = Folders(tmp_path, tmp_path, tmp_path / "cache", tmp_path, system_datasets=())
    return lambda table: datasets.load(table, folders)


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Table]:
    """Writes a file; its declaration is returned."""

    def save(content: str | bytes, name: str = "a.csv", target: Any = "price", **fields: Any) -> Table:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Table(path=str(path), target=target, **fields)

    return save


def names_of(table: Table) -> list[str]:
    return [fact.name for fact in describe_table(table)]


@pytest.mark.parametrize(
    ("delimiter", "name"), [(",", ","), (";", ";"), ("\t", "tab"), ("|", "|")], ids=["comma", "semicolon", "tab", "bar"]
)
def test_the_delimiter_is_found_and_may_be_given(
    save: Callable[..., Table], load: Callable[[Table], Data], delimiter: str, name: str
) -> None:
    plain = load(save(PLAIN))
    text = PLAIN.replace(",", delimiter)
    for table in (save(text), save(text, delimiter=name)):
        data = load(table)
        assert data.features == plain.features
        assert torch.equal(data.train.inputs, plain.train.inputs)


def test_commas_inside_other_delimiters_do_not_mislead(save: Callable[..., Table]) -> None:
    text = "name;size;price\n" + "".join(f"Smith, John, Dr.{row};{row},5;{row}\n" for row in range(20))
    facts = describe_table(save(text))
    assert [(fact.name, fact.role) for fact in facts] == [("name", "text"), ("size", "numeric"), ("price", "target")]


def test_a_decimal_comma_is_read_where_the_delimiter_is_another(
    save: Callable[..., Table], load: Callable[[Table], Data]
) -> None:
    with_point = load(save(PLAIN))
    with_comma = load(save(PLAIN.replace(",", ";").replace(".", ",")))
    assert torch.equal(with_comma.train.targets, with_point.train.targets)


@pytest.mark.parametrize(
    ("encoding", "mark", "given"),
    [
        ("utf-8", b"", "utf-8"),
        ("utf-8", codecs.BOM_UTF8, "utf-8"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "utf-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "utf-16"),
        ("gb18030", b"", "gb18030"),
    ],
)
def test_chinese_names_and_values_are_read_in_every_encoding(
    save: Callable[..., Table], load: Callable[[Table], Data], encoding: str, mark: bytes, given: str
) -> None:
    text = "大小,种类,价格\n" + "".join(f"{row},{WORDS[row % 3]}号,{row * 1.5}\n" for row in range(30))
    for fields in ({}, {"encoding": given}):
        data = load(save(mark + text.encode(encoding), target="价格", **fields))
        assert data.features == ("大小", "种类=中号", "种类=大号", "种类=小号")
        assert data.info.targets == ("价格",)


def test_western_text_without_a_mark_is_windows_1252(save: Callable[..., Table]) -> None:
    text = "größe,prénom,price\n" + "".join(f"{row},{['Zoé', 'Jürgen'][row % 2]},{row}\n" for row in range(20))
    facts = describe_table(save(text.encode("cp1252")))
    assert [fact.name for fact in facts] == ["größe", "prénom", "price"]
    assert facts[1].example == "Zoé"


def test_quoted_values_may_hold_delimiters_line_ends_and_quotation_marks(save: Callable[..., Table]) -> None:
    rows = "".join(f'"{row}, and\r\n""more""",{row}\r\n' for row in range(20))
    facts = describe_table(save("note,price\r\n" + rows))
    assert facts[0].example == '0, and\r\n"more"'
    assert (facts[0].distinct, facts[1].distinct) == (20, 20)


@pytest.mark.parametrize(
    "end", ["\r\n", "\r", "\n\n", "\n \n"], ids=["Windows", "old Mac", "empty lines", "blank lines"]
)
def test_line_ends_of_every_kind_and_empty_lines_are_read(
    save: Callable[..., Table], load: Callable[[Table], Data], end: str
) -> None:
    plain, other = load(save(PLAIN)), load(save(PLAIN.replace("\n", end)))
    assert torch.equal(other.train.inputs, plain.train.inputs)
    assert torch.equal(other.train.targets, plain.train.targets)


def test_the_last_line_needs_no_line_end(save: Callable[..., Table], load: Callable[[Table], Data]) -> None:
    assert torch.equal(load(save(PLAIN.rstrip())).train.inputs, load(save(PLAIN)).train.inputs)


def test_columns_without_a_name_are_counted(save: Callable[..., Table]) -> None:
    text = PLAIN.replace("size,", ",", 1)
    facts = describe_table(save(text))
    assert facts[0].name == "column 1"
    assert (facts[0].role, facts[0].reason) == (
        "ignored", "It is named like an identifier, and every value is different.",
    )  # fmt: skip


def test_a_long_file_is_checked_in_pieces_to_the_last_line(
    save: Callable[..., Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_text, "PIECE", 7)
    quoted = "note,price\n" + "".join(f'"a, b\n ""{row}""",{row}\n' for row in range(30))
    assert describe_table(save(quoted, delimiter=","))[0].distinct == 30
    with pytest.raises(DataError, match="has 3 values in line 62 and 2 column names"):
        describe_table(save(quoted + "1,2,3", delimiter=","))
    with pytest.raises(DataError, match="has 1 values in line 62 and 2 column names"):
        describe_table(save(quoted + "1\n2,3\n", delimiter=","))


REFUSED: dict[str, tuple[str | bytes, dict[str, Any], str]] = {
    "no byte": ("", {}, "is empty: choose a file with a line of column names and a line for each sample."),
    "only line ends": ("\n\r\n\n", {}, "is empty: choose a file with a line of column names"),
    "no rows": ("a,price\n\n", {}, "has column names and no rows: choose a file with a line for each sample."),
    "wrong delimiter": (
        PLAIN,
        {"delimiter": ";"},
        "has one column only with the delimiter ;; with , it would have 3: set the delimiter to , or automatic.",
    ),
    "wrong delimiter, tabs": (
        PLAIN.replace(",", "\t"),
        {"delimiter": "|"},
        "has one column only with the delimiter |; with tab it would have 3: set the delimiter to tab or automatic.",
    ),
    "one column": ("price\n1\n2\n", {}, "has one column only: neither comma, semicolon, tab nor | divides its first"),
    "Latin text as UTF-8": (
        PLAIN.replace("a", "é").encode("cp1252"),
        {"encoding": "utf-8"},
        "is not a text in UTF-8: line 2 cannot be read. Choose the encoding automatic, or Windows-1252, or save",
    ),
    "UTF-8 as Windows-1252": (
        PLAIN.replace("a", "é"),
        {"encoding": "cp1252"},
        "is a text in UTF-8, not in Windows-1252: set the encoding to utf-8 or automatic.",
    ),
    "UTF-8 as UTF-16": (
        PLAIN.replace("a", "é") + "x",
        {"encoding": "utf-16"},
        "is a text in UTF-8, not in UTF-16: set the enc",
    ),
    "no encoding at all": (
        PLAIN.encode() + b"\x81\x8d\x8f,1,1\n",
        {},
        "is not a text in Windows-1252: line 22 cannot be read. Save it as UTF-8.",
    ),
    "UTF-16 without a mark": (PLAIN.encode("utf-16-le"), {}, "is not a text in UTF-8: choose a CSV file, or the encod"),
    "a workbook": (b"PK\x03\x04rest", {}, "is a workbook or an archive: save it as CSV, or unpack it and choose the"),
    "a packed file": (b"\x1f\x8brest", {}, "is packed with gzip: unpack it and choose the result."),
    "an unknown target": (
        PLAIN,
        {"target": "prize"},
        "has no column prize, which dataset.target names; did you mean price or size?",
    ),
    "a target of other capitals": (PLAIN, {"target": "PRICE"}, "has no column PRICE, which dataset.target names; did"),
    "a target like nothing": (
        PLAIN,
        {"target": "xyz"},
        "has no column xyz, which dataset.target names; its columns are size, kind, price.",
    ),
    "no line of names": (
        "1,2,3\n4,5,6\n",
        {"target": "class"},
        "its columns are 1, 2, 3. Its first line must hold the names of the columns.",
    ),
    "a role for an unknown column": (
        PLAIN,
        {"columns": (ColumnRole(name="sizes", role="numeric"),)},
        "has no column sizes, which dataset.columns names; did you mean size?",
    ),
    "no target": ("a,price\n1,\n2,NA\n3,7\n", {}, "has 1 rows with a value in price: choose another target, or add"),
    "one class": (
        "a,price\n" + "1,yes\n" * 9,
        {},
        "the target price has one class only, yes: there is nothing to tell apart. Choose another target, or add rows",
    ),
    "one number as a class": (
        "a,price\n" + "1,3\n" * 9,
        {},
        "the target price has one class only, 3: there is nothing",
    ),
    "a constant number": (
        "a,price\n" + "1,2.5\n" * 9,
        {"task": "regression"},
        "the target price is 2.5 in every row: there is nothing to predict. Choose another target.",
    ),
    "a constant label": (
        "a,price,b\n" + "1,0,1\n2,1,1\n" * 9,
        {"target": ("price", "b")},
        "the target b is 1 in every row: there is nothing to tell apart. Choose other targets.",
    ),
    "a text as a number": (
        PLAIN,
        {"target": "kind", "task": "regression"},
        "the target kind has a in line 2, which is no number: mend the value, or set the task to multiclass.",
    ),
    "a text among numbers": (
        '"a\nb",price\n\n1,"2"\n"x\ny",many\n3,4\n',
        {"task": "regression"},
        "the target price has many in line 5, which is no number",
    ),
    "a number as a label": (
        "a,b,price\n" + "1,0,1\n2,1,0\n3,1,2\n" * 3,
        {"target": ("price", "b"), "task": "multilabel"},
        "the target price has 2 in line 4, and a label is 0 or 1, no or yes, false or true: mend the value",
    ),
    "three classes as two": (
        "a,price\n" + "1,x\n2,y\n3,z\n" * 3,
        {"task": "binary"},
        "the target price has 3 classes, and binary takes two: set the task to multiclass or automatic.",
    ),
    "too many classes": (
        "a,price\n" + "".join(f"{row % 7},name {row}\n" for row in range(90)),
        {},
        "the target price has 90 classes in 90 rows, too many to learn: choose another target.",
    ),
    "too many classes of numbers": (
        "a,price\n" + "".join(f"{row % 7},{row}\n" for row in range(90)),
        {"task": "multiclass"},
        "too many to learn: set the task to regression, or choose another target.",
    ),
    "a long row": (
        PLAIN + "1,2,3,4\n",
        {},
        "has 4 values in line 22 and 3 column names: mend the line, or choose another delimiter.",
    ),
    "a short row": ("a,b,price\n1,2,3\n\n1,2\n", {}, "has 2 values in line 4 and 3 column names"),
    "two stray quotation marks": (
        'a,price\n"5"" pipe",2\n5" pipe,2\n6" pipe,3\n',
        {},
        "a quotation mark stands inside a value that is not quoted, in line 3. Quote such values and double the quot",
    ),
    "a stray quotation mark": (
        'a,price\n5" pipe,2\n"6",3\n',
        {},
        "has a quotation mark in line 2 that is never closed: close it, or quote the whole value and double the mark.",
    ),
    "an open quotation mark": (
        'a,price\n1,2\n"3,4\n5,6\n',
        {},
        "has a quotation mark in line 3 that is never closed: close it, or quote the whole",
    ),
    "two columns of a name": (
        "a,price,a,b,price \n" + "1,2,3,4,5\n" * 3,
        {},
        "has more than one column named a, price: give each column a name of its own.",
    ),
    "nothing to learn from": (
        "id,unit,price\n" + "".join(f"{row},cm,{row / 2}\n" for row in range(20)),
        {},
        "has no column to learn from beside the target price: give a column another role than ignored. "
        "id: It is named like an identifier, and every value is different. unit: It has the same value in every row.",
    ),
    "an infinite value": (
        PLAIN.replace("\n7,", "\ninf,"),
        {},
        "the column size has inf in line 9, and only numbers up to 3e38 can be learned from. Mend the value or",
    ),
    "a value beyond float32": (PLAIN.replace("\n7,", "\n-1e39,"), {}, "the column size has -1e+39 in line 9, and only"),
    "an infinite target": (
        PLAIN.replace(",10.5\n", ",1e999\n"),
        {},
        "the column price has inf in line 9, and only numbers",
    ),
    "too many one-hot categories": (
        "a,price\n" + "".join(f"{row},{row % 3}\n" for row in range(1500)),
        {"columns": (ColumnRole(name="a", role="one-hot"),)},
        "the column a has 1,200 different values, and one-hot takes 1,000: set its role to embedding or ignored.",
    ),
    "no row to hold out": (
        "a,price\n1,2\n3,4\n",
        {"validation": 0.1, "task": "regression"},
        "has 2 rows, of which 0 would be held out: choose a validation fraction that leaves rows for both parts",
    ),
    "a class that is held out": (
        "a,price\n" + "1,x\n2,y\n" * 50 + "3,z\n",
        {"validation": 0.9},
        "No sample of z is left to train on: add samples, or hold out a smaller fraction.",
    ),
}


@pytest.mark.parametrize(("content", "fields", "sentence"), REFUSED.values(), ids=REFUSED)
def test_each_fault_gets_its_own_sentence(
    save: Callable[..., Table],
    load: Callable[[Table], Data],
    content: str | bytes,
    fields: dict[str, Any],
    sentence: str,
) -> None:
    table = save(content, **fields)
    with pytest.raises(DataError, match=re.escape(sentence)) as refused:
        load(table)
    assert str(refused.value).startswith((table.path, "No sample"))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    with pytest.raises(DataError, match=r"There is no file .*gone\.csv: choose the CSV or Parquet file again"):
        load(Table(path=str(tmp_path / "gone.csv"), target="a"))
    with pytest.raises(DataError, match=r"Cannot read .*Choose a file you can read"):
        load(Table(path=str(tmp_path), target="a"))


def test_a_damaged_parquet_file_is_refused(
    tmp_path: Path, save: Callable[..., Table], load: Callable[[Table], Data]
) -> None:
    with pytest.raises(DataError, match="is not a Parquet file, or a damaged one: save it again"):
        load(save(PLAIN, "a.parquet"))
    pl.DataFrame({"a": range(50), "price": range(50)}).write_parquet(tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    for content in (whole[:-20], whole[:60] + bytes(60) + whole[120:]):
        with pytest.raises(DataError, match="is a damaged Parquet file: save it again, or choose another file"):
            load(save(content, "b.parquet"))


def test_an_infinite_value_of_parquet_is_named_by_its_row(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    sizes = [float(row) for row in range(20)]
    sizes[3] = float("-inf")
    path = tmp_path / "a.parquet"
    pl.DataFrame({"size": sizes, "price": [None, *(row / 2 for row in range(19))]}).write_parquet(path)
    with pytest.raises(DataError, match="the column size has -inf in row 4, and only numbers"):
        load(Table(path=str(path), target="price"))


def test_the_names_of_a_file_may_be_anything(save: Callable[..., Table]) -> None:
    assert names_of(save('"a, b"," ""c"" ",price\n1,2,3\n2,3,4\n')) == ["a, b", '"c"', "price"]
