"""The columns of a CSV or Parquet file as they stand there, before anything is known of their roles."""

import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.core.data.table_text import PIECE, line_of_row, line_of_stray_quote, read_csv_text
from workbench.core.progress import Progress
from workbench.errors import DataError
from workbench.files import reason
from workbench.spec.datasets.table import TargetColumns

if TYPE_CHECKING:
    import polars as pl

MISSING: Final = ("", "na", "n/a", "nan", "null", "none", "?")
"""Texts that stand for a missing value, in lower case."""

_PARQUET_MARK = b"PAR1"


@dataclass(frozen=True, eq=False)
class TableFile:
    """What a file holds: columns of the same length, in the order of the file."""

    path: Path
    columns: Mapping[str, "pl.Series"]
    """Each String, Float64 or Datetime (microseconds, no time zone), null where a value is missing; String values are
    stripped of blanks around them. A column of another kind, such as lists, is Null."""
    kinds: Mapping[str, str]
    """What the columns of another kind hold."""
    decimal_comma: bool
    """Whether 3,14 may be a number."""
    place: Callable[[int], str]
    """Where a row, counted from 0, stands: ``line 7``."""

    @property
    def rows(self) -> int:
        return len(next(iter(self.columns.values())))


def read_content(path: Path, progress: Progress) -> tuple[bytes, str]:
    """What is in a file, and its BLAKE2b hash (16 bytes) in hexadecimal digits.

    Raises:
        DataError: there is no such file, it cannot be read or is empty.
        Cancelled: ``progress`` said so.
    """
    content = bytearray()
    key = hashlib.blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            while piece := file.read(PIECE):
                progress(f"Reading {path.name}", len(content), size)
                content += piece
                key.update(piece)
    except FileNotFoundError as error:
        raise DataError(f"There is no file {path}: choose the CSV or Parquet file again.") from error
    except OSError as error:
        raise DataError(f"Cannot read {path}: {reason(error)}. Choose a file you can read.") from error
    if not content:
        raise DataError(f"{path} is empty: choose a file with a line of column names and a line for each sample.")
    return bytes(content), key.hexdigest()


def parse(content: bytes, path: Path, table: TargetColumns, progress: Progress) -> TableFile:
    """The columns that ``content``, read from ``path``, holds; Parquet is told by its content.

    Raises:
        DataError: it is damaged, of another format, delimiter or encoding.
        Cancelled: ``progress`` said so.
    """
    if content.startswith(_PARQUET_MARK):
        return _parse_parquet(content, path)
    if path.suffix.lower() in (".parquet", ".pq"):
        raise DataError(f"{path} is not a Parquet file, or a damaged one: save it again, or choose another file.")
    return _parse_csv(content, path, table, progress)


def _parse_csv(content: bytes, path: Path, table: TargetColumns, progress: Progress) -> TableFile:
    import polars as pl  # imported where needed: it takes a while, and few runs read tables

    text = read_csv_text(content, path, table.delimiter, table.encoding, progress)
    places = [str(place) for place in range(len(text.names))]
    try:
        frame = pl.read_csv(
            text.rows,
            has_header=False,
            schema=dict.fromkeys(places, pl.String),
            infer_schema=False,
            separator=text.delimiter,
        )
    except pl.exceptions.PolarsError as error:
        line = line_of_stray_quote(text)
        raise DataError(
            f"{path} cannot be read as a table: a quotation mark stands inside a value that is not quoted"
            f"{f', in line {line}' if line else ''}. Quote such values and double the quotation marks in them."
        ) from error
    columns: dict[str, pl.Series] = {}
    for name, place in zip(text.names, places, strict=True):
        progress(f"Reading {path.name}", len(columns), len(places))
        columns[name] = _cleaned(frame[place])
    return TableFile(path, columns, {}, text.delimiter != ",", lambda row: f"line {line_of_row(text, row)}")


def _parse_parquet(content: bytes, path: Path) -> TableFile:
    import polars as pl

    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise DataError(f"{path} is a damaged Parquet file: save it again, or choose another file.") from error
    if not frame.width or not frame.height:
        raise DataError(f"{path} has no rows: choose a file with a row for each sample.")
    columns: dict[str, pl.Series] = {}
    kinds: dict[str, str] = {}
    for name, values in zip(_names(frame.columns), frame.get_columns(), strict=True):
        kind = values.dtype
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            columns[name] = pl.Series([None] * len(values), dtype=pl.Null)
            kinds[name] = "bytes" if kind == pl.Binary else "lists or other values with parts"
        elif kind.is_numeric():
            columns[name] = values.cast(pl.Float64).fill_nan(None)
        elif kind == pl.Duration:
            columns[name] = values.dt.total_microseconds().cast(pl.Float64) / 1e6
        elif kind == pl.Date:
            columns[name] = values.cast(pl.Datetime("us"))
        elif isinstance(kind, pl.Datetime):
            aware = values.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if kind.time_zone else values
            columns[name] = aware.cast(pl.Datetime("us"))
        else:
            columns[name] = _cleaned(values.cast(pl.String))
    return TableFile(path, columns, kinds, False, lambda row: f"row {row + 1}")


def _names(given: Sequence[str]) -> list[str]:
    return [name.strip() or f"column {place}" for place, name in enumerate(given, 1)]


def _cleaned(values: "pl.Series") -> "pl.Series":
    """Texts without blanks around them, null where one stands for a missing value."""
    import polars as pl

    stripped = values.str.strip_chars()
    known = stripped.str.to_lowercase().is_in(MISSING)
    return pl.select(pl.when(known).then(None).otherwise(stripped)).to_series()
