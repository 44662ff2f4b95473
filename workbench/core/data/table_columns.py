"""What the columns of a table are used for: the rules that ``workbench.spec.datasets.table.Table`` states."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

from workbench.core.data.table_file import TableFile
from workbench.core.progress import Progress
from workbench.spec.datasets.table import ONE_HOT_CATEGORIES, WORDS_OF_TEXT, ColumnFacts, Role, Table

if TYPE_CHECKING:
    import polars as pl

CHARACTER: Final = r"\p{Han}\p{Hiragana}\p{Katakana}"
"""Of scripts that put no blanks between words; inside a class of a regular expression of Rust."""

_CODE = r"^[+-]?0\d"
_DECIMAL_COMMA = r"^([+-]?\d+),(\d+(?:[eE][+-]?\d+)?)$"
_FOUR_DIGITS = r"(?:^|\D)\d{4}(?:\D|$)"
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y.%m.%d", "%Y年%m月%d日")
_DATES: Final = (
    *_DAYS,
    *(f"{day} {time}" for day in _DAYS for time in ("%H:%M", "%H:%M:%S%.f")),
    *(f"%Y-%m-%dT%H:%M{rest}" for rest in ("", ":%S%.f", ":%S%.fZ")),
)
"""Month before day where both could be."""
_COMPACT_DATE = "%Y%m%d"
"""Read only where a column is said to be a date: as likely as not such numbers are something else."""
_IDENTIFIER = re.compile(
    r"(?i:^(?:column 1|unnamed: \d+|index|nr|no|row|key|uuid|guid|id)$|[\W_](?:id|nr|no|uuid|guid)$|^id[\W_])"
    r"|[a-z]I[Dd]$|编号$|序号$|^编号|^序号"
)
"""Names of columns that number or name the rows; the first column without a name is one."""


class Column:
    """One column with the rows of the training part, by which all is decided."""

    def __init__(self, name: str, values: "pl.Series", training: "pl.Series", kind: str, decimal_comma: bool) -> None:
        self.name = name
        self.values = values
        self.kind = kind
        """What it holds where that cannot be used, else empty."""
        self._training = training
        self._decimal_comma = decimal_comma

    def of_training(self, values: "pl.Series") -> "pl.Series":
        """Those of ``values``, one a row, that belong to the training part."""
        return values.gather(self._training)

    @cached_property
    def texts(self) -> "pl.Series":
        """The values as texts; of a column of numbers or dates, each number and date in one way of writing."""
        import polars as pl

        if self.values.dtype == pl.String and not self.is_numeric:
            return self.values
        if self.is_numeric:
            different = self.numbers.drop_nulls().unique()
            written = [_written(number) for number in different]
            return self.numbers.replace_strict(different, written, return_dtype=pl.String, default=None)
        return self.values.cast(pl.String)

    @cached_property
    def numbers(self) -> "pl.Series":
        """The values as Float64, null where they are none."""
        import polars as pl

        if self.values.dtype == pl.Float64:
            return self.values
        if self.values.dtype != pl.String:
            return pl.Series([None] * len(self.values), dtype=pl.Float64)
        read = self.values.cast(pl.Float64, strict=False).fill_nan(None)
        if self._decimal_comma:
            with_point = self.values.str.replace(_DECIMAL_COMMA, "$1.$2").cast(pl.Float64, strict=False)
            read = pl.select(pl.coalesce(read, with_point)).to_series()
        return pl.select(pl.when(self.values.str.contains(_CODE)).then(None).otherwise(read)).to_series()

    @cached_property
    def dates(self) -> "pl.Series":
        """The values as dates, null where they are none: by the way of writing that reads most of the training part."""
        import polars as pl

        if isinstance(self.values.dtype, pl.Datetime):
            return self.values
        best = pl.Series([None] * len(self.values), dtype=pl.Datetime("us"))
        texts = self.texts if self.is_numeric else self.values
        if texts.dtype != pl.String:
            return best
        texts = pl.select(
            pl.when(texts.str.contains(_FOUR_DIGITS) | texts.str.contains(r"^\d{8}$")).then(texts)
        ).to_series()
        wanted = self._count(texts)
        most = 0
        for way in (*_DATES, _COMPACT_DATE):
            if most == wanted:
                break
            read = texts.str.to_datetime(way, strict=False, time_unit="us", exact=True)
            if (count := self._count(read)) > most:
                best, most = read, count
        return best

    @cached_property
    def is_numeric(self) -> bool:
        """Whether every value of the training part is a number, and there is one."""
        return 0 < self._present == self._count(self.numbers)

    @cached_property
    def is_date(self) -> bool:
        """Whether every value of the training part is a date, and there is one; numbers are none."""
        return not self.is_numeric and 0 < self._present == self._count(self.dates)

    @cached_property
    def _present(self) -> int:
        return self._count(self.values)

    def _count(self, values: "pl.Series") -> int:
        """Values of the training part that are there."""
        return len(self._training) - self.of_training(values).null_count()

    def guess(self, max_categories: int) -> tuple[Role, str]:
        """The role by the first rule of ``Table`` that holds, and why."""
        if self.kind:
            return "ignored", f"It holds {self.kind}."
        if self._present == 0:
            return "ignored", "It has no value."
        used = self.of_training(self.numbers if self.is_numeric else self.texts).drop_nulls()
        distinct = used.n_unique()
        if distinct == 1:
            if self._present == len(self._training):
                return "ignored", "It has the same value in every row."
            return "one-hot", "It has a single value, and rows without one."
        if self.is_date:
            return "date", "Every value is a date."
        if self.is_numeric:
            whole = bool((used == used.round()).all())
            if whole and distinct == self._present and _IDENTIFIER.search(self.name):
                return "ignored", "It is named like an identifier, and every value is different."
            return "numeric", "Every value is a number."
        words = _average_words(used)
        if distinct == self._present and words < WORDS_OF_TEXT:
            return "ignored", "Every value is different, as in an identifier."
        if distinct <= ONE_HOT_CATEGORIES:
            return "one-hot", f"It has {distinct} different texts."
        if distinct <= max_categories and 2 * distinct <= self._present:
            return "embedding", f"It has {distinct:,} different texts."
        if words >= WORDS_OF_TEXT:
            return "text", f"It has {words:.1f} words a value."
        return "ignored", f"It has {distinct:,} different texts, too many to be categories."

    def facts(self, role: Role | Literal["target"], reason: str) -> ColumnFacts:
        """What is known of it, with its role and why it has it."""
        present = self.values.drop_nulls()
        return ColumnFacts(
            name=self.name,
            role=role,
            reason=reason,
            missing=self.values.null_count(),
            distinct=present.n_unique() if not self.kind else 0,
            example=str(self.texts.drop_nulls().head(1).to_list()[0]) if len(present) else "",
        )


def assign_roles(
    file: TableFile, table: Table, training: "pl.Series", progress: Progress
) -> list[tuple[Column, Role, str]]:
    """Every column but the targets with its role, given or guessed from the rows ``training``, and why it has it."""
    given: Mapping[str, Role] = {column.name: column.role for column in table.columns}
    assigned: list[tuple[Column, Role, str]] = []
    for done, (name, values) in enumerate(file.columns.items()):
        if name in table.target:
            continue
        progress(f"Looking at {name}", done, len(file.columns))
        column = Column(name, values, training, file.kinds.get(name, ""), file.decimal_comma)
        guess, reason = column.guess(table.max_categories)
        if name in given:
            assigned.append((column, given[name], f"Chosen; guessed: {guess}. {reason}"))
        else:
            assigned.append((column, guess, reason))
    return assigned


def _written(number: float) -> str:
    return f"{number:.0f}" if number.is_integer() and abs(number) < 1e15 else repr(number)


def _average_words(texts: "pl.Series") -> float:
    """Two characters of scripts without blanks count as a word."""
    words = int(texts.str.count_matches(rf"[^\s{CHARACTER}]+").sum())
    characters = int(texts.str.count_matches(rf"[{CHARACTER}]").sum())
    return (words + characters / 2) / len(texts)
