"""Columns of a table as numbers, by the roles that ``workbench.spec.datasets.table.Table`` describes."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.table_columns import CHARACTER, Column
from workbench.core.progress import Progress
from workbench.errors import DataError
from workbench.spec.datasets.table import MOST_ONE_HOT, Role, Table

if TYPE_CHECKING:
    import polars as pl

_TOKEN: Final = rf"[{CHARACTER}]|[\w--[{CHARACTER}]]+"
_ROWS_AT_ONCE: Final = 8_192
"""Texts that are hashed between two reports of progress."""
_DAY: Final = 86_400_000_000
"""Microseconds."""
_MONDAY: Final = 3
"""1970-01-01, day 0 of the dates, was a Thursday: so many days after a Monday."""


@dataclass(frozen=True, eq=False)
class Features:
    """What a column gives the model."""

    names: tuple[str, ...]
    values: NDArray[np.float32]
    """``(N, features)``."""
    measured: int = 0
    """How many of the features, the first ones, are standardized where that is asked for."""
    categories: int = 0
    """How many codes a single feature of codes has, 0 for unknown ones included."""


@dataclass(frozen=True)
class Rows:
    """The rows that are encoded, and who hears of it."""

    training: NDArray[np.int64]
    """Places of the training part."""
    refuse_infinite: Callable[[str, NDArray[np.float64]], None]
    """Told the name and the numbers of a numeric column; raises DataError."""
    where: str
    """What sentences call the file."""
    progress: Progress


def encode(column: Column, role: Role, table: Table, rows: Rows) -> Features:
    """The features of ``column`` in ``role``; everything is measured on the training part.

    Raises:
        DataError: the column cannot be used so.
        Cancelled: ``rows.progress`` said so.
    """
    return _ENCODERS[role](column, table, rows)


def _numeric(column: Column, table: Table, rows: Rows) -> Features:
    numbers = column.numbers.fill_null(np.nan).to_numpy()
    missing = np.isnan(numbers)
    if missing[rows.training].all():
        raise _unusable(column, "numeric", "a number", rows)
    rows.refuse_infinite(column.name, np.where(missing, 0.0, numbers))
    filled = np.where(missing, np.nanmedian(numbers[rows.training]), numbers)
    return _with_indicator(column.name, [(column.name, filled)], missing, 1, table, rows)


def _date(column: Column, table: Table, rows: Rows) -> Features:
    missing = column.dates.is_null().to_numpy()
    if missing[rows.training].all():
        raise _unusable(column, "date", "a date", rows)
    moments = column.dates.to_physical().fill_null(0).to_numpy()
    known = np.sort(moments[rows.training][~missing[rows.training]])
    moments = np.where(missing, known[(len(known) - 1) // 2], moments)
    days, time = np.divmod(moments, _DAY)
    first = known[0] - known[0] % _DAY
    dates = days.astype("datetime64[D]")
    years = dates.astype("datetime64[Y]")
    year_starts, year_ends = years.astype("datetime64[D]"), (years + 1).astype("datetime64[D]")
    cycles = {
        "week": (days + _MONDAY) % 7 / 7,
        "year": (dates - year_starts).astype(np.int64) / (year_ends - year_starts).astype(np.int64),
    }
    if (known % _DAY).any():
        cycles["day"] = time / _DAY
    parts = [(f"{column.name} (days)", (moments - first) / _DAY)]
    for name, share in cycles.items():
        parts += [
            (f"{column.name} ({name}, sine)", np.sin(2 * np.pi * share)),
            (f"{column.name} ({name}, cosine)", np.cos(2 * np.pi * share)),
        ]
    return _with_indicator(column.name, parts, missing, 1, table, rows)


def _one_hot(column: Column, table: Table, rows: Rows) -> Features:
    categories, codes = _codes(column, rows)
    if len(categories) > MOST_ONE_HOT:
        raise DataError(
            f"{rows.where}: the column {column.name} has {len(categories):,} different values, and one-hot takes "
            f"{MOST_ONE_HOT:,}: set its role to embedding or ignored."
        )
    values = (codes[:, None] == np.arange(1, len(categories) + 1)).astype(np.float32)
    names = [f"{column.name} is missing" if name is None else f"{column.name}={name}" for name in categories]
    return Features(tuple(names), values)


def _embedding(column: Column, table: Table, rows: Rows) -> Features:
    categories, codes = _codes(column, rows)
    return Features((column.name,), codes[:, None].astype(np.float32), categories=len(categories) + 1)


def _text(column: Column, table: Table, rows: Rows) -> Features:
    """Counts of hashed tokens with signs, scaled to length 1; all 0 where there is none."""
    values = np.empty((len(column.texts), table.text_width), np.float32)
    for first in range(0, len(values), _ROWS_AT_ONCE):
        rows.progress(f"Encoding {column.name}", first, len(values))
        stretch = slice(first, first + _ROWS_AT_ONCE)
        values[stretch] = _hashed(column.texts[stretch], table.text_width)
    return Features(tuple(f"{column.name} [{cell}]" for cell in range(table.text_width)), values)


def _hashed(texts: "pl.Series", width: int) -> NDArray[np.float64]:
    tokens = texts.str.to_lowercase().str.extract_all(_TOKEN)
    lengths = tokens.list.len().fill_null(0).to_numpy()
    flat = tokens.filter(tokens.list.len() > 0).explode()
    different = flat.unique()
    hashes = [int.from_bytes(hashlib.blake2b(token.encode(), digest_size=8).digest(), "big") for token in different]
    cells = _looked_up(flat, different, [number % width for number in hashes])
    signs = _looked_up(flat, different, [1 if number >> 63 else -1 for number in hashes])
    counts = np.zeros((len(texts), width))
    np.add.at(counts, (np.repeat(np.arange(len(texts)), lengths), cells), signs)
    norms = np.sqrt((counts**2).sum(axis=1, keepdims=True))
    return counts / np.where(norms == 0, 1, norms)


def _ignored(column: Column, table: Table, rows: Rows) -> Features:
    return Features((), np.empty((len(column.values), 0), np.float32))


_ENCODERS: Final[Mapping[Role, Callable[[Column, Table, Rows], Features]]] = {
    "numeric": _numeric,
    "one-hot": _one_hot,
    "embedding": _embedding,
    "text": _text,
    "date": _date,
    "ignored": _ignored,
}


def _codes(column: Column, rows: Rows) -> tuple[list[str | None], NDArray[np.int64]]:
    """The categories of the training part, None for a missing value, and each row's: from 1 on, 0 for another."""
    texts = column.texts
    used = column.of_training(texts)
    known: list[str] = used.drop_nulls().unique().to_list()
    known.sort(key=float if column.is_numeric else str)
    codes = _looked_up(texts, known, list(range(1, len(known) + 1)))
    categories: list[str | None] = [*known]
    if used.null_count():
        categories.append(None)
        codes = np.where(texts.is_null().to_numpy(), len(categories), codes)
    if not categories:
        raise _unusable(column, "categories", "a value", rows)
    return categories, codes


def _looked_up(texts: "pl.Series", known: "pl.Series | list[str]", numbers: list[int]) -> NDArray[np.int64]:
    """The number of each text; 0 for one that is not ``known``."""
    import polars as pl

    if not numbers:
        return np.zeros(len(texts), np.int64)
    found = texts.replace_strict(known, numbers, default=0, return_dtype=pl.Int64)
    return found.fill_null(0).to_numpy()


def _with_indicator(
    name: str,
    parts: list[tuple[str, NDArray[np.float64]]],
    missing: NDArray[np.bool_],
    measured: int,
    table: Table,
    rows: Rows,
) -> Features:
    """``parts``, and a column that says where the value is missing, if asked for and if any is in the training part."""
    if table.missing_indicator and missing[rows.training].any():
        parts = [*parts, (f"{name} is missing", missing.astype(np.float64))]
    values = np.stack([values for _, values in parts], axis=1).astype(np.float32)
    return Features(tuple(name for name, _ in parts), values, measured)


def _unusable(column: Column, role: str, wanted: str, rows: Rows) -> DataError:
    return DataError(
        f"{rows.where}: the column {column.name} has the role {role} and not {wanted} in the training part: give it "
        "another role, or ignored."
    )
