"""Tables from the user's files: what columns are used for, what they become, and that nothing leaks."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch

from workbench.core.data import datasets, table_file
from workbench.core.data.parts import Data
from workbench.core.data.table import describe_table
from workbench.core.progress import Cancelled
from workbench.errors import DataError
from workbench.folders import Folders
from workbench.spec.datasets.table import ColumnFacts, ColumnRole, Table

ROWS = 60


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    home = tmp_path / "folders"
    return Folders(home / "settings", home / "data", home / "cache", home / "workspace", system_datasets=())


@pytest.fixture
def load(folders: Folders) -> Callable[[Table], Data]:
    return lambda table: datasets.load(table, folders)


def columns() -> dict[str, list[Any]]:
    """A column for each rule, and a target that half of the rows have as ``yes``."""
    rng = np.random.default_rng(1)
    words = np.array(["good", "bad", "slow", "fast", "red", "green", "blue"])
    return {
        "customer_id": [1000 + row for row in range(ROWS)],
        "height": [round(float(value), 3) for value in rng.normal(170, 10, ROWS)],
        "rooms": [int(value) for value in rng.integers(1, 8, ROWS)],
        "colour": [["red", "green", "blue"][row % 3] for row in range(ROWS)],
        "town": [f"town {row % 20:02}" for row in range(ROWS)],
        "zip": [f"{row % 15:05}" for row in range(ROWS)],
        "day": [str(np.datetime64("2026-03-01") + row) for row in range(ROWS)],
        "note": [" ".join([*words[rng.integers(0, 7, 5)], str(row)]) for row in range(ROWS)],
        "code": [f"x{row * 7919 % 104729}" for row in range(ROWS)],
        "unit": ["cm"] * ROWS,
        "empty": [""] * ROWS,
        "flag": ["x" if row % 4 == 0 else "" for row in range(ROWS)],
        "target": ["yes" if row % 2 else "no" for row in range(ROWS)],
    }


def write(path: Path, values: dict[str, Sequence[Any]], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(values)
        writer.writerows(zip(*values.values(), strict=True))
    return path


def a_table(path: Path, **fields: Any) -> Table:
    return Table(path=str(path), **{"target": ("target",), **fields})


def by_name(facts: Sequence[ColumnFacts]) -> dict[str, ColumnFacts]:
    return {fact.name: fact for fact in facts}


def feature(data: Data, name: str) -> torch.Tensor:
    """The training part's values of one feature."""
    return data.train.inputs[:, data.features.index(name)]


def role(name: str, role: str) -> ColumnRole:
    return ColumnRole.model_validate({"name": name, "role": role})


def test_each_column_gets_the_role_that_the_rules_state(tmp_path: Path) -> None:
    facts = describe_table(a_table(write(tmp_path / "a.csv", columns())))
    assert {fact.name: fact.role for fact in facts} == {
        "customer_id": "ignored",
        "height": "numeric",
        "rooms": "numeric",
        "colour": "one-hot",
        "town": "embedding",
        "zip": "embedding",
        "day": "date",
        "note": "text",
        "code": "ignored",
        "unit": "ignored",
        "empty": "ignored",
        "flag": "one-hot",
        "target": "target",
    }
    assert by_name(facts)["town"] == ColumnFacts(
        name="town", role="embedding", reason="It has 20 different texts.", missing=0, distinct=20, example="town 00"
    )
    assert by_name(facts)["empty"].missing == ROWS
    assert by_name(facts)["code"].reason == "Every value is different, as in an identifier."


def test_roles_can_be_looked_at_before_a_target_is_chosen_or_when_it_does_not_fit(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", columns())
    without = by_name(describe_table(Table(path=str(path))))
    assert without["target"].role == "one-hot"
    assert without["height"].role == "numeric"
    assert by_name(describe_table(a_table(path, target=("unit",))))["unit"].role == "target"
    assert by_name(describe_table(a_table(path, target=("nothing",))))["target"].role == "one-hot"


def test_given_roles_replace_guessed_ones(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    path = write(tmp_path / "a.csv", columns())
    table = a_table(
        path,
        columns=(
            role("rooms", "one-hot"),
            role("zip", "ignored"),
            role("town", "ignored"),
            role("note", "ignored"),
            role("colour", "embedding"),
            role("customer_id", "numeric"),
            role("day", "ignored"),
            role("flag", "ignored"),
        ),
    )
    data = load(table)
    assert data.features == ("customer_id", "height", *(f"rooms={rooms}" for rooms in range(1, 8)), "colour")
    assert data.info.categories == (4,)
    facts = by_name(describe_table(table))
    assert facts["rooms"].role == "one-hot"
    assert facts["rooms"].reason == "Chosen; guessed: numeric. Every value is a number."


def test_columns_that_are_ignored_unasked_are_named(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    path = write(tmp_path / "a.csv", columns())
    assert load(a_table(path, columns=(role("code", "ignored"),))).skipped == (
        "column customer_id: it is named like an identifier, and every value is different",
        "column unit: it has the same value in every row",
        "column empty: it has no value",
    )


def test_few_columns_become_the_numbers_they_should(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    path = tmp_path / "a.csv"
    rows = [("1.5", "b", "1"), ("", "a", "2"), ("3.5", "", "3"), ("9.5", "b", "4"), ("2.5", "a", "5"), ("4", "b", "6")]
    write(path, {"x": [x for x, _, _ in rows], "kind": [kind for _, kind, _ in rows], "y": [y for _, _, y in rows]})
    data = load(Table(path=str(path), target=("y",), task="regression", validation=0.1))
    assert data.info.task == "regression"
    assert data.info.targets == ("y",)
    (held_out,) = data.validation.targets.reshape(-1).tolist()
    kept = [row for row in rows if float(row[2]) != held_out]
    numbers = [float(x) for x, _, _ in kept if x]
    median = float(np.median(numbers))
    assert data.features == ("x", "x is missing", "kind=a", "kind=b", "kind is missing")
    assert data.train.inputs.tolist() == [
        [float(x) if x else median, float(not x), float(kind == "a"), float(kind == "b"), float(not kind)]
        for x, kind, _ in kept
    ]
    assert data.train.targets.tolist() == [[float(y)] for _, _, y in kept]
    assert data.normalisation is not None
    filled = [float(x) if x else median for x, _, _ in kept]
    assert data.normalisation.mean == pytest.approx((np.mean(filled), 0, 0, 0, 0))
    assert data.normalisation.std == pytest.approx((np.std(filled), 1, 1, 1, 1))


def test_the_missing_indicator_and_standardizing_can_be_left_out(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    values = {"x": ["", *(str(row) for row in range(1, 40))], "target": [row % 2 for row in range(40)]}
    data = load(a_table(write(tmp_path / "a.csv", values), missing_indicator=False, standardize=False))
    assert data.features == ("x",)
    assert data.normalisation is None


def test_codes_of_embeddings_are_the_last_features(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    data = load(a_table(write(tmp_path / "a.csv", columns())))
    assert data.features[-2:] == ("town", "zip")
    assert data.info.categories == (21, 16)
    assert data.info.shape == (len(data.features),)
    codes = data.train.inputs[:, -2:]
    assert codes.min() == 1
    assert codes.amax(dim=0).tolist() == [20, 15]
    assert data.normalisation is not None
    assert data.normalisation.mean[-2:] == (0, 0)
    assert data.normalisation.std[-2:] == (1, 1)


def test_dates_become_days_and_places_in_the_week_and_year(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    days = [np.datetime64("2026-01-05") + 3 * row for row in range(40)]  # a Monday
    values = {"day": [str(day) for day in days], "target": [row % 2 for row in range(40)]}
    data = load(a_table(write(tmp_path / "a.csv", values)))
    assert data.features == (
        "day (days)", "day (week, sine)", "day (week, cosine)", "day (year, sine)", "day (year, cosine)",
    )  # fmt: skip
    ahead = feature(data, "day (days)")
    assert ahead.min() == 0
    assert (ahead % 3 == 0).all()
    assert len(ahead.unique()) == len(data.train) == 32
    week = torch.atan2(feature(data, "day (week, sine)"), feature(data, "day (week, cosine)")) / (2 * torch.pi) * 7 % 7
    first = (week[0] - ahead[0]) % 7
    torch.testing.assert_close((first + ahead) % 7, week.round() % 7)
    assert float(first) in {0.0, 3.0, 6.0}


@pytest.mark.parametrize(
    ("texts", "months"),
    [
        (["3/31/2026", "1/2/2026"], [3, 1]),
        (["31/3/2026", "1/2/2026"], [3, 2]),
        (["31.03.2026", "01.02.2026"], [3, 2]),
        (["2026年3月31日", "2026年2月1日"], [3, 2]),
        (["2026-03-31 14:30", "2026-02-01 00:15"], [3, 2]),
        (["2026-03-31T14:30:01.5", "2026-02-01T00:15:00"], [3, 2]),
        (["2026-03-31T14:30:01Z", "2026-02-01T00:15:00Z"], [3, 2]),
    ],
)
def test_dates_are_read_in_the_usual_ways_of_writing(
    tmp_path: Path, load: Callable[[Table], Data], texts: list[str], months: list[int]
) -> None:
    values = {"day": texts * 20, "target": [row % 4 // 2 for row in range(40)]}
    data = load(a_table(write(tmp_path / "a.csv", values)))
    first, second = (np.datetime64(f"2026-{month:02}") for month in months)
    whole_days = feature(data, "day (days)").floor().unique().tolist()
    expected = {3: 31, 1: 2, 2: 1}
    days = [
        np.datetime64(f"{moment}-{expected[month]:02}") for moment, month in zip((first, second), months, strict=True)
    ]
    assert whole_days == [0, abs((days[1] - days[0]).astype(int))]
    assert ("day (day, sine)" in data.features) == (":" in texts[0])


def test_text_becomes_counts_in_cells_that_are_the_same_on_every_machine(
    tmp_path: Path, load: Callable[[Table], Data]
) -> None:
    texts = [f"{'good ' * (row % 3 + 1)}day 你好 {row}" for row in range(40)]
    values = {"note": texts, "target": [row % 2 for row in range(40)]}
    data = load(a_table(write(tmp_path / "a.csv", values), columns=(role("note", "text"),), text_width=8))
    assert data.features == tuple(f"note [{cell}]" for cell in range(8))
    torch.testing.assert_close(data.train.inputs.norm(dim=1), torch.ones(32))
    whole = a_table(
        write(tmp_path / "b.csv", {"note": ["Good day"] * 20 + ["good, good"] * 20, "target": [0, 1] * 20}),
        columns=(role("note", "text"),),
        text_width=8,
    )
    half = -(2**-0.5)
    torch.testing.assert_close(
        load(whole).train.inputs.unique(dim=0),
        torch.tensor([[-1.0, 0, 0, 0, 0, 0, 0, 0], [half, 0, half, 0, 0, 0, 0, 0]]),
    )


def test_words_count_whatever_their_capitals_and_commas(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    values = {"note": ["Red, green", "green RED", "red;GREEN!", "Green red"] * 10, "target": [0, 1] * 20}
    table = a_table(write(tmp_path / "a.csv", values), columns=(role("note", "text"),))
    assert len(load(table).train.inputs.unique(dim=0)) == 1


def test_rows_without_a_target_are_left_out_and_counted(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    values = {"x": range(40), "target": ["NA" if row in (3, 17) else row % 2 for row in range(40)]}
    table = a_table(write(tmp_path / "a.csv", values))
    data = load(table)
    assert (data.info.train_samples, data.info.validation_samples) == (30, 8)
    assert data.skipped == ("2 rows of a.csv: no value to predict",)
    assert by_name(describe_table(table))["target"].reason == (
        "It is to be predicted; 2 rows without a target are left out."
    )


@pytest.mark.parametrize(
    ("target", "task", "names"),
    [
        (["b", "a", "b", "c"], "multiclass", ("a", "b", "c")),
        (["no", "yes", "no", "no"], "binary", ("no", "yes")),
        ([10, 9, 10, 9], "binary", ("9", "10")),
        ([3.0, 1.0, 2.0, 1.0], "multiclass", ("1", "2", "3")),
        ([0.5, 1, 2, 3], "regression", ("target",)),
    ],
)
def test_the_task_is_guessed_from_the_target(
    tmp_path: Path, load: Callable[[Table], Data], target: list[Any], task: str, names: tuple[str, ...]
) -> None:
    info = load(a_table(write(tmp_path / "a.csv", {"x": range(40), "target": target * 10}))).info
    assert (info.task, info.targets) == (task, names)


def test_many_whole_numbers_are_a_regression_and_may_be_called_classes(
    tmp_path: Path, load: Callable[[Table], Data]
) -> None:
    path = write(tmp_path / "a.csv", {"x": range(66), "target": [row % 22 for row in range(66)]})
    assert load(a_table(path)).info.task == "regression"
    assert len(load(a_table(path, task="multiclass")).info.targets) == 22


def test_several_targets_are_labels_or_numbers(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    values = {
        "x": range(40),
        "red": ["Yes" if row % 2 else "No" for row in range(40)],
        "round": [row % 4 // 2 for row in range(40)],
        "price": [row / 2 for row in range(40)],
    }
    path = write(tmp_path / "a.csv", values)
    labels = load(Table(path=str(path), target=("red", "round"), columns=(role("price", "ignored"),)))
    assert labels.info.task == "multilabel"
    assert labels.info.targets == ("red", "round")
    assert labels.train.targets.dtype == torch.float32
    rows = labels.train.inputs[:, 0].long()
    assert labels.train.targets.tolist() == [[int(row) % 2, int(row) % 4 // 2] for row in rows]
    numbers = load(Table(path=str(path), target=("price", "round")))
    assert numbers.info.task == "regression"
    assert numbers.train.targets[:, 0].tolist() == [float(row) / 2 for row in numbers.train.inputs[:, 0]]


def test_labels_in_one_column_stand_between_separators(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    texts = ["red; big", "blue", "red ;blue;", "big"]
    path = write(tmp_path / "a.csv", {"x": range(40), "target": texts * 10})
    data = load(a_table(path))
    assert (data.info.task, data.info.targets) == ("multilabel", ("big", "blue", "red"))
    expected = [[1, 0, 1], [0, 1, 0], [0, 1, 1], [1, 0, 0]]
    assert data.train.targets.tolist() == [expected[int(row) % 4] for row in data.train.inputs[:, 0]]
    assert load(a_table(path, task="multiclass")).info.targets == ("big", "blue", "red ;blue;", "red; big")


def held_out_rows(load: Callable[[Table], Data], folder: Path, targets: list[Any]) -> set[int]:
    """Which rows of a table with these targets are held out."""
    path = write(folder / "rows.csv", {"x": range(len(targets)), "target": targets})
    return {int(row) for row in load(a_table(path, columns=(role("x", "numeric"),))).validation.inputs[:, 0]}


def test_what_only_held_out_rows_have_changes_nothing_of_the_training_part(
    tmp_path: Path, load: Callable[[Table], Data]
) -> None:
    values = columns()
    held_out = held_out_rows(load, tmp_path, values["target"])
    path = write(tmp_path / "a.csv", values)
    table = a_table(path)
    before = load(table)
    strange = {
        "height": 1e30, "rooms": "many", "colour": "violet", "town": "elsewhere", "zip": "99999", "day": "1066-10-14",
        "note": "", "unit": "inch", "empty": "full", "flag": "y",
    }  # fmt: skip
    for name, value in strange.items():
        for row in held_out:
            values[name][row] = f"{value}{row}" if name == "colour" else value
    after = load(a_table(write(tmp_path / "b.csv", values)))
    assert after.features == before.features
    assert after.info == before.info
    assert after.normalisation == before.normalisation
    assert torch.equal(after.train.inputs, before.train.inputs)
    assert torch.equal(after.train.targets, before.train.targets)
    assert not torch.equal(after.validation.inputs, before.validation.inputs)
    assert (after.validation.inputs[:, -2:] == 0).all()
    roles = {name: fact.role for name, fact in by_name(describe_table(a_table(tmp_path / "b.csv"))).items()}
    assert roles == {name: fact.role for name, fact in by_name(describe_table(table)).items()}


def test_parquet_gives_the_same_as_csv(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    values = columns()
    values["height"][5] = ""
    from_csv = load(a_table(write(tmp_path / "a.csv", values)))
    typed = pl.read_csv(tmp_path / "a.csv", try_parse_dates=True, schema_overrides={"zip": pl.String})
    assert typed["day"].dtype == pl.Date
    typed.write_parquet(tmp_path / "a.parquet")
    typed.write_parquet(tmp_path / "without a suffix")
    for name in ("a.parquet", "without a suffix"):
        data = load(a_table(tmp_path / name))
        assert data.features == from_csv.features
        assert data.info == from_csv.info
        assert data.normalisation == from_csv.normalisation
        for part in ("train", "validation"):
            assert torch.equal(getattr(data, part).inputs, getattr(from_csv, part).inputs)
            assert torch.equal(getattr(data, part).targets, getattr(from_csv, part).targets)


def test_lists_in_parquet_are_ignored_and_other_types_are_used(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    moments = [np.datetime64("2026-01-01T06:00:00", "us") + np.timedelta64(row * 30, "h") for row in range(40)]
    frame = pl.DataFrame(
        {
            "list": [[row] for row in range(40)],
            "bytes": [b"x"] * 40,
            "flag": [row % 3 == 0 for row in range(40)],
            "kind": pl.Series(["a", "b"] * 20, dtype=pl.Categorical),
            "moment": pl.Series(np.array(moments)).dt.replace_time_zone("Asia/Shanghai"),
            "length": pl.Series([row * 1_000_000 for row in range(40)], dtype=pl.Duration("us")),
            "target": [row % 2 for row in range(40)],
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")
    table = a_table(tmp_path / "a.parquet")
    facts = by_name(describe_table(table))
    assert (facts["list"].role, facts["list"].reason) == ("ignored", "It holds lists or other values with parts.")
    assert (facts["bytes"].role, facts["bytes"].reason) == ("ignored", "It holds bytes.")
    assert load(table).features == (
        "flag=false", "flag=true", "kind=a", "kind=b", "moment (days)", "moment (week, sine)", "moment (week, cosine)",
        "moment (year, sine)", "moment (year, cosine)", "moment (day, sine)", "moment (day, cosine)", "length",
    )  # fmt: skip


def test_equal_files_give_equal_data_wherever_they_lie(tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        home = tmp_path / name
        home.mkdir()
        folders = Folders(home, home, home / "cache", home, ())
        made.append(datasets.load(a_table(write(home / f"{name}.csv", columns())), folders))
    assert torch.equal(made[0].train.inputs, made[1].train.inputs)
    assert torch.equal(made[0].validation.inputs, made[1].validation.inputs)
    assert made[0].normalisation == made[1].normalisation


def test_another_split_seed_holds_out_other_rows(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    path = write(tmp_path / "a.csv", columns())
    one, other = (load(a_table(path, split_seed=seed)) for seed in (0, 1))
    assert not torch.equal(one.validation.inputs[:, 0], other.validation.inputs[:, 0])


def test_a_second_start_reads_the_cache_until_the_file_or_the_declaration_changes(
    tmp_path: Path, load: Callable[[Table], Data], monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[Path] = []
    parse = table_file.parse

    def counting(content: bytes, path: Path, *others: Any) -> table_file.TableFile:
        parsed.append(path)
        return parse(content, path, *others)

    monkeypatch.setattr("workbench.core.data.table.parse", counting)
    path = write(tmp_path / "a.csv", columns())
    first = load(a_table(path))
    again = load(a_table(path))
    assert len(parsed) == 1
    assert torch.equal(first.train.inputs, again.train.inputs)
    assert (first.info, first.normalisation, first.features, first.skipped) == (
        again.info, again.normalisation, again.features, again.skipped,
    )  # fmt: skip
    load(a_table(path, text_width=8))
    assert len(parsed) == 2
    values = columns()
    values["height"][0] = 300
    write(path, values)
    assert feature(load(a_table(path)), "height").max() == 300
    assert len(parsed) == 3


def test_the_work_tells_its_progress_and_ends_when_asked(tmp_path: Path, folders: Folders) -> None:
    path = write(tmp_path / "a.csv", columns())
    told: list[str] = []

    def progress(stage: str, done: int, total: int) -> None:
        assert 0 <= done <= total
        told.append(stage)

    datasets.load(a_table(path), folders, progress)
    assert told[:2] == ["Reading a.csv"] * 2
    assert list(dict.fromkeys(stage for stage in told if stage.startswith("Encoding"))) == [
        f"Encoding {name}" for name in columns() if name != "target"
    ]

    def cancel(stage: str, done: int, total: int) -> None:
        if stage == "Encoding note":
            raise Cancelled

    with pytest.raises(Cancelled):
        datasets.load(a_table(path, text_width=4), folders, cancel)
    assert len(list(folders.cache.iterdir())) == 1


def test_a_role_that_no_value_fits_is_refused(tmp_path: Path, load: Callable[[Table], Data]) -> None:
    path = write(tmp_path / "a.csv", columns())
    for name, wanted, what in (("colour", "numeric", "a number"), ("colour", "date", "a date")):
        with pytest.raises(DataError, match=f"the column colour has the role {wanted} and not {what} in the training"):
            load(a_table(path, columns=(role(name, wanted),)))
