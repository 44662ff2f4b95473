"""Numbers as people write them, read and written without losing a bit."""

import re

from PySide6.QtCore import QCoreApplication

_EXPONENT = re.compile(r"e([+-])0*(\d+)$")
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")
_UNFINISHED = re.compile(r"[+-]?(\d*\.?\d*[eE][+-]?|\.?)")
_LONGEST_QUOTE = 24


def number_text(number: float) -> str:
    """The shortest text that reads back as ``number``: ``0.001``, ``1e-8``, ``0``, ``512``."""
    if isinstance(number, int):
        return str(number)
    short = f"{number:g}"
    text = short if float(short) == number else repr(number)
    return _EXPONENT.sub(lambda match: f"e{'-' if match[1] == '-' else ''}{match[2]}", text).removesuffix(".0")


def read_number(text: str, whole: bool) -> float | int:
    """The number that ``text`` means, an int where ``whole``.

    Raises:
        ValueError: ``text`` is no such number; the message is the end of a sentence that starts with the field's name.
    """
    text = text.strip()
    if not text:
        raise ValueError(QCoreApplication.translate("Editors", "is empty: give a number"))
    try:
        return int(text) if whole else float(text)
    except ValueError:
        pass
    if _DECIMAL_COMMA.fullmatch(text) and not whole:
        raise ValueError(
            QCoreApplication.translate("Editors", "must be written with a point, such as %1").replace(
                "%1", text.replace(",", ".")
            )
        )
    wanted = (
        QCoreApplication.translate("Editors", "must be a whole number, not %1")
        if whole
        else QCoreApplication.translate("Editors", "must be a number, not %1")
    )
    raise ValueError(wanted.replace("%1", quoted(text)))


def is_unfinished(text: str) -> bool:
    """Whether ``text`` is the beginning of a number that is still being typed, such as ``1e-``."""
    return bool(text.strip()) and bool(_UNFINISHED.fullmatch(text.strip()))


def quoted(text: str) -> str:
    """``text`` in quotes, cut where it is long."""
    return f"'{text}'" if len(text) <= _LONGEST_QUOTE else f"'{text[:_LONGEST_QUOTE]}…'"
