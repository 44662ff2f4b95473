"""A table of the user's own, from a CSV or Parquet file."""

import difflib
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from workbench.spec.component import Conflict, Spec, parameter
from workbench.spec.datasets.component import DatasetComponent, Fraction
from workbench.spec.datasets.own_files import FilePath
from workbench.spec.tasks import Task

Role = Literal["numeric", "one-hot", "embedding", "text", "date", "ignored"]
Delimiter = Literal["automatic", ",", ";", "tab", "|"]
Encoding = Literal["automatic", "utf-8", "utf-16", "cp1252", "gb18030"]

ONE_HOT_CATEGORIES = 10
"""Up to so many categories are guessed to be one-hot."""
WORDS_OF_TEXT = 3
"""From so many words a value on, on average, a column of many different values is guessed to be text."""
MOST_ONE_HOT = 1_000
"""More categories cannot be asked for as one-hot."""
MOST_CLASSES = 1_000


class ColumnRole(Spec):
    """What one column of a table is used for, instead of what would be guessed."""

    name: str = parameter(..., "Column", "The column's name in the first line of the file.", min_length=1)
    role: Role = parameter(..., "Role", "What the column is used for.")

    def __str__(self) -> str:
        return f"{self.name}: {self.role}"


class ColumnFacts(Spec):
    """What is known of one column of a table after its file was read."""

    name: str
    role: Role | Literal["target"]
    """What it is used for, guessed or given."""
    reason: str
    """A sentence: why the role is what it is."""
    missing: int
    """Rows without a value."""
    distinct: int
    """Different values, a missing one not counted."""
    example: str
    """The first value there is; empty where there is none."""


def _as_names(value: object) -> object:
    """One name is a list of one."""
    return (value,) if isinstance(value, str) else value


def _as_written(names: tuple[str, ...]) -> str | list[str]:
    return names[0] if len(names) == 1 else list(names)


Names = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...], BeforeValidator(_as_names), PlainSerializer(_as_written)
]
"""Names of columns; a single one is written without a list."""


class TargetColumns(FilePath):
    """Lies in a CSV or Parquet file with a row a sample, of which some columns are to be predicted."""

    target: Names = parameter(
        (), "Target", "The column to predict; several columns for several numbers or labels.", max_length=1_000
    )
    task: Literal["automatic"] | Task = parameter(
        "automatic",
        "Task",
        "Automatic: one column of texts, or of up to 20 different whole numbers, is a class, and where | or ; stands "
        "between such texts they are labels; other numbers are to be predicted; several columns of 0 and 1 (or yes and "
        "no) are labels. With labels in one column, the first of | ; and , that occurs stands between them.",
    )
    delimiter: Delimiter = parameter(
        "automatic",
        "Delimiter",
        "What stands between the values of a CSV file. Automatic: the one that gives the first lines the most columns, "
        "the same number in each.",
        advanced=True,
    )
    encoding: Encoding = parameter(
        "automatic",
        "Encoding",
        "Of a CSV file's text. Automatic: UTF-16 or UTF-8 where the file begins with their mark, UTF-8 where all of it "
        "is, GB18030 where it is that and nine tenths of the bytes beyond ASCII stand in pairs, else Windows-1252.",
        advanced=True,
    )

    def conflicts(self) -> list[Conflict]:
        conflicts = super().conflicts()
        if not self.target:
            conflicts.append(Conflict(field="target", reason="is empty: name the column to predict."))
        conflicts += [
            Conflict(field="target", reason=f"names {name} twice: name each column once.")
            for name in _repeated(self.target)
        ]
        if len(self.target) > 1 and self.task in ("multiclass", "binary"):
            reason = f"is {self.task}, which takes one target, not {len(self.target)}: choose multilabel or regression."
            conflicts.append(Conflict(field="task", reason=reason))
        return conflicts


class Table(DatasetComponent, TargetColumns):
    """Rows of a CSV or Parquet file with a class, labels or numbers to predict.

    The first line of a CSV file names its columns; values with delimiters, quotation marks or line ends inside are
    quoted as RFC 4180 says. A value is missing where it is empty or one of NA, N/A, NaN, null, None and ? (capitals or
    not). Rows whose target is missing are left out and counted.

    What a column is used for is guessed from the training part, by the first rule that holds:

    ========================================================================  =========
    the column                                                                role
    ========================================================================  =========
    holds lists or other values with parts                                    ignored
    has no value at all, or the same in every row                             ignored
    has a single value, and rows without one                                  one-hot
    has dates, such as 2026-03-31, 2026-03-31 14:30, 3/31/2026 or 31.03.2026  date
    has numbers, all different and whole, and is named like an identifier     ignored
    has numbers                                                               numeric
    has texts that are all different and have less than 3 words on average    ignored
    has up to 10 different texts                                              one-hot
    has up to *most categories*, at most half as many as there are values     embedding
    has 3 words or more on average (two Chinese characters count as a word)   text
    has anything else                                                         ignored
    ========================================================================  =========

    Whole numbers with a leading zero (00501) are texts. Where the delimiter is not a comma, 3,14 is a number, too.

    What each role gives the model, everything measured on the training part alone:

    - numeric: the number; where it is missing the median. Standardized where asked for.
    - date: days since the first date of the training part, standardized like a number, then sine and cosine of the
      position in the week and in the year, and in the day where the training part has times. A missing date is the
      median.
    - one-hot: a 0 or 1 for each category; missing is a category of its own, and a category that the training part does
      not have is all zeros.
    - embedding: the category's number, from 1 on; 0 is a category that the training part does not have. These columns
      are the last of the input.
    - text: its words and Chinese characters counted in *text width* cells, each in the cell and with the sign that a
      fixed hash gives it (Weinberger et al. 2009, arXiv:0902.2206), scaled to length 1.

    Numeric columns and dates with missing values get a further column that says where, if asked for.
    """

    label: ClassVar[str] = "Table (CSV, Parquet)"
    about: ClassVar[str] = (
        "Your own table: one row a sample, from a CSV or Parquet file; columns of numbers, categories, dates and text."
    )
    documentation: ClassVar[str] = "https://www.rfc-editor.org/rfc/rfc4180"

    name: Literal["Table"] = "Table"
    columns: tuple[ColumnRole, ...] = parameter(
        (),
        "Columns",
        "Roles that are not as guessed.",
        max_length=10_000,
        advanced=True,
    )
    missing_indicator: bool = parameter(
        True,
        "Missing values as columns",
        "Numeric columns and dates with missing values get a further column that is 1 where the value was missing.",
        advanced=True,
    )
    max_categories: int = parameter(
        1_000,
        "Most categories",
        "A column of texts with more different values is not guessed to be of categories.",
        ge=2,
        le=100_000,
        scale="log",
        advanced=True,
    )
    text_width: int = parameter(
        64,
        "Text width",
        "Numbers that each column of text becomes. More tell more words apart.",
        ge=2,
        le=4_096,
        scale="log",
        advanced=True,
    )
    validation: Fraction = parameter(
        0.2, "Validation", "The fraction of the rows held out for validation; of classes, the same share of each."
    )
    standardize: bool = parameter(
        True,
        "Standardize",
        "Each number less its mean and divided by its standard deviation, both measured on the training part alone.",
    )

    def conflicts(self) -> list[Conflict]:
        conflicts = super().conflicts()
        conflicts += [
            Conflict(field="columns", reason=f"gives {name} two roles: leave one.")
            for name in _repeated([column.name for column in self.columns])
        ]
        conflicts += [
            Conflict(field="columns", reason=f"gives a role to the target {column.name}: leave it out.")
            for column in self.columns
            if column.name in self.target
        ]
        return conflicts


def near_names(name: str, names: Sequence[str], most: int = 3) -> list[str]:
    """Up to ``most`` of ``names`` that ``name`` may have been meant to be, the nearest first."""
    lowered = {other.lower(): other for other in reversed(names)}
    return [lowered[near] for near in difflib.get_close_matches(name.lower(), list(lowered), n=most, cutoff=0.5)]


def _repeated(names: Sequence[str]) -> list[str]:
    """The names that occur more than once, each once."""
    return [name for name, count in Counter(names).items() if count > 1]
