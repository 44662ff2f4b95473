"""The text of a CSV file: its encoding, its delimiter, and whether all of its rows have the same length."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workbench.core.progress import Progress
from workbench.errors import DataError
from workbench.spec.datasets.table import Delimiter, Encoding

DELIMITERS: Final[dict[str, str]] = {",": ",", ";": ";", "tab": "\t", "|": "|"}
"""By what the declaration calls them; the first is preferred where several do equally well."""

_ENCODINGS: Final[dict[str, str]] = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Windows-1252",
    "gb18030": "GB18030",
}
_BINARY: Final[dict[bytes, str]] = {
    b"PK\x03\x04": "a workbook or an archive: save it as CSV, or unpack it",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook: save it as CSV",
    b"\x1f\x8b": "packed with gzip: unpack it",
    b"BZh": "packed with bzip2: unpack it",
    b"\xfd7zXZ": "packed with xz: unpack it",
}
_PAIRED = re.compile(rb"[\xa1-\xfe]{2}")
_BLANK_LINES = re.compile(rb"(?:[ \t\r]*\n)*")
_ASCII = bytes(range(128))
_SAMPLE = 1 << 20
"""Bytes in which the header must lie, and which the delimiter is guessed from."""
_SAMPLE_LINES = 200
PIECE = 1 << 22
"""Bytes that are looked at between two reports of progress."""

_NEWLINE, _QUOTE = 10, 34


@dataclass(frozen=True)
class CsvText:
    """A CSV file's text as UTF-8, its rows all of the length of the header."""

    names: tuple[str, ...]
    rows: bytes
    """Everything after the header and the empty lines that follow it."""
    delimiter: str
    skipped: int
    """Lines of the file before ``rows``."""


def read_csv_text(content: bytes, path: Path, delimiter: Delimiter, encoding: Encoding, progress: Progress) -> CsvText:
    """The header and the rows of a CSV file, checked.

    Raises:
        DataError: the file is empty, of another encoding or delimiter, no text, or has rows of different lengths.
        Cancelled: ``progress`` said so.
    """
    text = _to_utf8(content, path, encoding)
    if b"\r" in text and b"\n" not in text:
        text = text.replace(b"\r", b"\n")
    body = text[_blank_lines(text) :]
    if not body.strip():
        raise DataError(f"{path} is empty: choose a file with a line of column names and a line for each sample.")
    skipped = text[: len(text) - len(body)].count(b"\n")
    used = DELIMITERS[delimiter] if delimiter != "automatic" else _guess_delimiter(body)
    end = _header_end(body)
    names = _header(body[:end], path, used, delimiter, body)
    rows = body[end:]
    rows = rows[_blank_lines(rows) :]
    skipped += body[: len(body) - len(rows)].count(b"\n")
    if not rows.strip():
        raise DataError(f"{path} has column names and no rows: choose a file with a line for each sample.")
    _check_rows(rows, path, used, len(names), skipped, progress)
    return CsvText(names, rows, used, skipped)


def line_of_row(text: CsvText, row: int) -> int:
    """The line of the file, counted from 1, in which row ``row``, counted from 0, begins."""
    ends = _row_ends(np.frombuffer(text.rows, np.uint8))
    start = 0 if row == 0 else int(ends[row - 1]) + 1
    return text.skipped + text.rows.count(b"\n", 0, start) + 1


def line_of_stray_quote(text: CsvText) -> int | None:
    """The line of the first quotation mark that neither opens nor closes a value nor is doubled, counted from 1."""
    return _stray_quote(text.rows, text.delimiter, text.skipped)


def _to_utf8(content: bytes, path: Path, encoding: Encoding) -> bytes:
    for mark, what in _BINARY.items():
        if content.startswith(mark):
            raise DataError(f"{path} is {what} and choose the result.")
    chosen = _guess_encoding(content) if encoding == "automatic" else encoding
    if chosen == "utf-8":
        content = content.removeprefix(codecs.BOM_UTF8)
    if chosen != "utf-8" and _is_utf8_beyond_doubt(content, chosen):
        raise DataError(
            f"{path} is a text in UTF-8, not in {_ENCODINGS[chosen]}: set the encoding to utf-8 or automatic."
        )
    try:
        text = content.decode(chosen)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        if encoding == "automatic":
            advice = "Save it as UTF-8."
        else:
            guess = _guess_encoding(content)
            other = _ENCODINGS[guess] if guess != chosen else "another encoding"
            advice = f"Choose the encoding automatic, or {other}, or save the file as UTF-8."
        raise DataError(
            f"{path} is not a text in {_ENCODINGS[chosen]}: line {line} cannot be read. {advice}"
        ) from error
    if "\0" in text[:PIECE]:
        raise DataError(
            f"{path} is not a text in {_ENCODINGS[chosen]}: choose a CSV file, or the encoding it was saved in."
        )
    return content if chosen == "utf-8" else text.removeprefix("\ufeff").encode()


def _guess_encoding(content: bytes) -> Encoding:
    """By the rule that ``Table.encoding`` states."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if content.startswith(codecs.BOM_UTF8) or _decodes(content, "utf-8"):
        return "utf-8"
    beyond = len(content.translate(None, delete=_ASCII))
    if 2 * _PAIRED.subn(b"", content)[1] >= 0.9 * beyond and _decodes(content, "gb18030"):
        return "gb18030"
    return "cp1252"


def _is_utf8_beyond_doubt(content: bytes, encoding: Encoding) -> bool:
    """Whether a text that is said to be of another encoding is UTF-8, and differs in the two."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content:
        return False
    return (encoding == "utf-16" or not content.isascii()) and _decodes(content, "utf-8")


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _blank_lines(text: bytes) -> int:
    """How many bytes the empty lines take that ``text`` begins with."""
    found = _BLANK_LINES.match(text)
    return found.end() if found else 0


def _guess_delimiter(text: bytes) -> str:
    """The delimiter that gives the first rows the most columns, the same number in each; the most in the first row
    where none gives all rows the same number."""
    widths = {delimiter: _widths(text, delimiter) for delimiter in DELIMITERS.values()}
    return max(widths, key=lambda delimiter: (_is_even(widths[delimiter]), widths[delimiter][0]))


def _is_even(widths: Sequence[int]) -> bool:
    return widths[0] > 1 and len(set(widths)) == 1


def _widths(text: bytes, delimiter: str) -> list[int]:
    """How many values each of the first rows has; empty rows left out."""
    lines = io.StringIO(text[:_SAMPLE].decode(errors="ignore"), newline="")
    widths = []
    try:
        for row in csv.reader(lines, delimiter=delimiter):
            if row:
                widths.append(len(row))
            if len(widths) == _SAMPLE_LINES:
                break
    except csv.Error:  # a value of over 128 KiB, which a quotation mark that is never closed makes
        pass
    # the sample may end inside a row
    return widths[:-1] if len(text) > _SAMPLE and 1 < len(widths) < _SAMPLE_LINES else widths or [1]


def _header_end(text: bytes) -> int:
    """Where the first row ends, its line end included."""
    ends = _row_ends(np.frombuffer(text[:_SAMPLE], np.uint8))
    return int(ends[0]) + 1 if len(ends) else len(text)


def _row_ends(data: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Where the line ends are that no quotation marks enclose."""
    # the sum overflows, which leaves its last bit right
    inside = np.cumsum(data == _QUOTE, dtype=np.uint8) & 1
    return np.flatnonzero((data == _NEWLINE) & (inside == 0))


def _header(line: bytes, path: Path, delimiter: str, asked: Delimiter, text: bytes) -> tuple[str, ...]:
    try:
        given = next(csv.reader(io.StringIO(line.decode(), newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise DataError(
            f"{path} has no line of column names: its first line is too long. Choose a CSV file."
        ) from error
    names = tuple(name.strip() or f"column {place}" for place, name in enumerate(given, 1))
    if len(names) == 1:
        raise DataError(_one_column(path, delimiter, asked, text))
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise DataError(
            f"{path} has more than one column named {', '.join(repeated)}: give each column a name of its own."
        )
    return names


def _one_column(path: Path, delimiter: str, asked: Delimiter, text: bytes) -> str:
    """Why a file of one column cannot be used, and which delimiter would give more."""
    columns = {name: _widths(text, other)[0] for name, other in DELIMITERS.items() if other != delimiter}
    best = max(columns, key=lambda name: columns[name])
    if asked == "automatic" or columns[best] == 1:
        return (
            f"{path} has one column only: neither comma, semicolon, tab nor | divides its first line. "
            "Choose a file with a target and at least one other column."
        )
    return (
        f"{path} has one column only with the delimiter {asked}; with {best} it would have {columns[best]}: "
        f"set the delimiter to {best} or automatic."
    )


def _check_rows(rows: bytes, path: Path, delimiter: str, expected: int, skipped: int, progress: Progress) -> None:
    """Refuse rows that have not ``expected`` values, and a quotation mark that is never closed; empty lines may be."""
    data = np.frombuffer(rows, np.uint8)
    parity = 0
    """1 inside quotation marks."""
    values, start, last_quote = 1, 0, 0
    """Of the row that the piece begins in: its values so far, and where it begins."""
    for first in range(0, len(data), PIECE):
        progress(f"Reading {path.name}", first, len(data))
        piece = data[first : first + PIECE]
        quotes = piece == _QUOTE
        inside = (np.cumsum(quotes, dtype=np.uint8) + np.uint8(parity)) & 1
        if quotes.any():
            parity = int(inside[-1])
            last_quote = first + int(np.flatnonzero(quotes)[-1])
        ends = np.flatnonzero((piece == _NEWLINE) & (inside == 0))
        delimiters = np.flatnonzero((piece == ord(delimiter)) & (inside == 0))
        before = np.searchsorted(delimiters, ends)
        counts = np.diff(before, prepend=0) + 1
        starts = np.concatenate([[start], first + ends[:-1] + 1]) if len(ends) else np.empty(0, np.int64)
        if len(ends):
            counts[0] += values - 1
            start = first + int(ends[-1]) + 1
            values = 1 + len(delimiters) - int(before[-1])
        else:
            values += len(delimiters)
        for at in np.flatnonzero(counts != expected):
            row = rows[int(starts[at]) : first + int(ends[at])]
            if row.strip():
                _refuse_row(path, skipped + rows.count(b"\n", 0, int(starts[at])) + 1, int(counts[at]), expected)
    if parity:
        line = _stray_quote(rows, delimiter, skipped) or skipped + rows.count(b"\n", 0, last_quote) + 1
        raise DataError(
            f"{path} has a quotation mark in line {line} that is never closed: close it, or quote the whole value "
            "and double the mark."
        )
    if rows[start:].strip() and values != expected:
        _refuse_row(path, skipped + rows.count(b"\n", 0, start) + 1, values, expected)


def _stray_quote(rows: bytes, delimiter: str, skipped: int) -> int | None:
    around = rb'[^"\r\n' + re.escape(delimiter.encode()) + b"]"
    found = re.search(around + b'"' + around, rows)
    return skipped + rows.count(b"\n", 0, found.start()) + 1 if found else None


def _refuse_row(path: Path, line: int, values: int, expected: int) -> None:
    raise DataError(
        f"{path} has {values} values in line {line} and {expected} column names: mend the line, or choose another "
        "delimiter."
    )
