"""What a table's rows are to be predicted as: classes, labels or numbers, read from its target columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.table_columns import Column
from workbench.core.data.table_file import TableFile
from workbench.errors import DataError
from workbench.spec.datasets.table import MOST_CLASSES, TargetColumns, near_names
from workbench.spec.tasks import Task

CLASSES_OF_NUMBERS: Final = 20
"""Up to so many different whole numbers are guessed to be classes."""
_LABELS: Final = {"0": 0.0, "1": 1.0, "no": 0.0, "yes": 1.0, "false": 0.0, "true": 1.0}
"""Texts that say whether a label holds, in lower case."""
_SURE_SEPARATORS: Final = ("|", ";")
_SEPARATORS: Final = (*_SURE_SEPARATORS, ",")
"""Of several labels in one value; the first that occurs in the column is it."""
LARGEST: Final = float(np.finfo(np.float32).max)


@dataclass(frozen=True, eq=False)
class Targets:
    """The targets of the rows that have one."""

    task: Task
    names: tuple[str, ...]
    """As ``DatasetInfo.targets``."""
    values: NDArray[np.int64] | NDArray[np.float32]
    """As ``Part.targets``, for ``rows``."""
    rows: NDArray[np.int64]
    """The rows of the file that have a target."""

    def left_out(self, file: TableFile) -> tuple[str, ...]:
        """What ``Data.skipped`` says of the rows of ``file`` that have none."""
        count = file.rows - len(self.rows)
        rows = "row" if count == 1 else "rows"
        return (f"{count:,} {rows} of {file.path.name}: no value to predict",) if count else ()


def read_targets(file: TableFile, table: TargetColumns) -> Targets:
    """The targets of ``file`` that ``table`` names.

    Raises:
        DataError: a column is not there, or does not go with the task.
    """
    import polars as pl

    for name in table.target:
        refuse_unknown(file, name, "target")
        if name in file.kinds:
            raise DataError(f"{file.path}: the target {name} holds {file.kinds[name]}: choose another target.")
    present = np.logical_and.reduce([file.columns[name].is_not_null().to_numpy() for name in table.target])
    rows = np.flatnonzero(present)
    if len(rows) < 2:
        raise DataError(
            f"{file.path} has {len(rows)} rows with a value in {_listed(table.target)}: choose another target, or add "
            "rows. Two are the least."
        )
    kept = pl.Series(rows)
    every = pl.Series(np.arange(len(rows)))
    columns = [
        Column(name, file.columns[name].gather(kept), every, file.kinds.get(name, ""), file.decimal_comma)
        for name in table.target
    ]
    task = _guess_task(columns) if table.task == "automatic" else table.task
    match task:
        case "regression":
            return Targets(task, table.target, _numbers(file, columns, rows), rows)
        case "multilabel" if len(columns) > 1 or _are_labels(columns[0]):
            return Targets(task, table.target, _labels(file, columns, rows), rows)
        case "multilabel":
            names, labels = _listed_labels(file, columns[0])
            return Targets(task, names, labels, rows)
        case _:
            classes, values = _classes(file, columns[0], task)
            if task == "multiclass" and table.task == "automatic" and len(classes) == 2:
                task = "binary"
            return Targets(task, classes, values, rows)


def refuse_infinite(file: TableFile, name: str, numbers: NDArray[np.float64], rows: NDArray[np.int64]) -> None:
    """Refuse infinite numbers, and those that float32 cannot hold.

    ``rows`` says in which row of the file each stands. Raises DataError.
    """
    too_large = np.flatnonzero(np.abs(numbers) > LARGEST)
    if len(too_large):
        first = int(too_large[0])
        place = file.place(int(rows[first]))
        raise DataError(
            f"{file.path}: the column {name} has {numbers[first]:g} in {place}, and only numbers up to 3e38 can be "
            "learned from. Mend the value or leave it empty, or set the column's role to ignored."
        )


def refuse_unknown(file: TableFile, name: str, field: str) -> None:
    """Refuse a column that is not there; ``field`` is what names it. Raises DataError."""
    if name in file.columns:
        return
    names = list(file.columns)
    near = near_names(name, names)
    if near:
        advice = f"did you mean {' or '.join(near)}?"
    else:
        more = f" and {len(names) - 10} more" if len(names) > 10 else ""
        advice = f"its columns are {', '.join(names[:10])}{more}."
        if any(_is_number(other) for other in names):
            advice += " Its first line must hold the names of the columns."
    raise DataError(f"{file.path} has no column {name}, which dataset.{field} names; {advice}")


def _guess_task(columns: Sequence[Column]) -> Task:
    """By the rule that ``Table.task`` states."""
    if len(columns) > 1:
        return "multilabel" if all(_are_labels(column) for column in columns) else "regression"
    (column,) = columns
    if not column.is_numeric:
        return "multilabel" if any(_occurs(separator, column) for separator in _SURE_SEPARATORS) else "multiclass"
    different = column.numbers.unique()
    whole = bool((different == different.round()).all())
    return "multiclass" if whole and len(different) <= CLASSES_OF_NUMBERS else "regression"


def _are_labels(column: Column) -> bool:
    return bool(column.texts.str.to_lowercase().is_in(list(_LABELS)).all())


def _classes(file: TableFile, column: Column, task: Task) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """The classes, in order of number or text, and the class of each row."""
    import polars as pl

    where = f"{file.path}: the target {column.name}"
    classes = column.texts.unique().to_list()
    classes.sort(key=float if column.is_numeric else str)
    if len(classes) == 1:
        raise DataError(
            f"{where} has one class only, {classes[0]}: there is nothing to tell apart. Choose another target, or add "
            "rows of other classes."
        )
    if task == "binary" and len(classes) > 2:
        raise DataError(
            f"{where} has {len(classes):,} classes, and binary takes two: set the task to multiclass or automatic."
        )
    rows = len(column.values)
    if len(classes) > MOST_CLASSES or (2 * len(classes) > rows and len(classes) > CLASSES_OF_NUMBERS):
        advice = "set the task to regression, or choose" if column.is_numeric else "choose"
        raise DataError(
            f"{where} has {len(classes):,} classes in {rows:,} rows, too many to learn: {advice} another target."
        )
    codes = column.texts.replace_strict(classes, list(range(len(classes))), return_dtype=pl.Int64)
    return tuple(classes), codes.to_numpy().astype(np.int64)


def _labels(file: TableFile, columns: Sequence[Column], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    values = np.empty((len(rows), len(columns)), np.float32)
    for place, column in enumerate(columns):
        where = f"{file.path}: the target {column.name}"
        texts = column.texts.str.to_lowercase().to_list()
        strange = next((at for at, text in enumerate(texts) if text not in _LABELS), None)
        if strange is not None:
            raise DataError(
                f"{where} has {column.texts[strange]} in {file.place(int(rows[strange]))}, and a label is 0 or 1, no "
                "or yes, false or true: mend the value, or choose another task."
            )
        values[:, place] = [_LABELS[text] for text in texts]
        if values[:, place].min() == values[:, place].max():
            raise DataError(
                f"{where} is {texts[0]} in every row: there is nothing to tell apart. Choose other targets."
            )
    return values


def _listed_labels(file: TableFile, column: Column) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """The labels of a column whose values list them, in the order of their texts, and which each row has."""
    where = f"{file.path}: the target {column.name}"
    separator = next((each for each in _SEPARATORS if _occurs(each, column)), _SEPARATORS[0])
    listed = [{label.strip() for label in text.split(separator)} - {""} for text in column.texts.to_list()]
    labels = sorted(set().union(*listed))
    if len(labels) > MOST_CLASSES:
        raise DataError(f"{where} has {len(labels):,} labels, too many to learn: choose another target.")
    places = {label: place for place, label in enumerate(labels)}
    values = np.zeros((len(listed), len(labels)), np.float32)
    for row, found in enumerate(listed):
        values[row, [places[label] for label in found]] = 1
    for place in np.flatnonzero(values.all(axis=0)):
        raise DataError(
            f"{where} has {labels[place]} in every row: there is nothing to tell apart. Leave the label out."
        )
    return tuple(labels), values


def _occurs(separator: str, column: Column) -> bool:
    return bool(column.texts.str.contains(separator, literal=True).any())


def _numbers(file: TableFile, columns: Sequence[Column], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    values = np.empty((len(rows), len(columns)), np.float32)
    for place, column in enumerate(columns):
        where = f"{file.path}: the target {column.name}"
        strange = column.numbers.is_null().arg_true()
        if len(strange):
            at = int(strange[0])
            raise DataError(
                f"{where} has {column.texts[at]} in {file.place(int(rows[at]))}, which is no number: mend the value, "
                "or set the task to multiclass."
            )
        numbers = column.numbers.to_numpy()
        refuse_infinite(file, column.name, numbers, rows)
        if numbers.min() == numbers.max():
            raise DataError(
                f"{where} is {numbers[0]:g} in every row: there is nothing to predict. Choose another target."
            )
        values[:, place] = numbers
    return values


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"each of {', '.join(names)}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
