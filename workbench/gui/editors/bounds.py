"""The range that a number's declaration allows."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic.fields import FieldInfo


@dataclass(frozen=True, slots=True)
class Bounds:
    """A range of numbers; a bound that is None is open. ``gt`` and ``lt`` are outside it, ``ge`` and ``le`` inside."""

    gt: float | None = None
    ge: float | None = None
    lt: float | None = None
    le: float | None = None

    def allows(self, number: float) -> bool:
        """Whether ``number`` is inside."""
        return (
            (self.gt is None or number > self.gt)
            and (self.ge is None or number >= self.ge)
            and (self.lt is None or number < self.lt)
            and (self.le is None or number <= self.le)
        )

    def nearest(self, number: float) -> float:
        """``number``, or the inclusive bound it lies beyond."""
        if self.ge is not None:
            number = max(number, self.ge)
        return number if self.le is None else min(number, self.le)

    def written(self, name: str) -> str:
        """The range as a formula about ``name``, such as ``0 < gamma ≤ 1``; empty where all is allowed."""
        low, low_sign = (self.gt, "<") if self.gt is not None else (self.ge, "≤")
        high, high_sign = (self.lt, "<") if self.lt is not None else (self.le, "≤")
        if low is None:
            return "" if high is None else f"{name} {high_sign} {_written(high)}"
        if high is None:
            return f"{name} {'>' if low_sign == '<' else '≥'} {_written(low)}"
        return f"{_written(low)} {low_sign} {name} {high_sign} {_written(high)}"


def bounds_of(field: FieldInfo) -> Bounds:
    """The range of ``field``'s number; of each item of a tuple, of the number where it may be a name instead.

    Open where the items of a tuple have different ranges, of which the description has to tell.
    """
    inner = [
        FieldInfo.from_annotation(part).metadata
        for part in (field.annotation, *get_args(field.annotation))
        if get_origin(part) in (None, Annotated) and part not in (None, Ellipsis)
    ]
    if get_origin(field.annotation) is tuple and len({_from_metadata(metadata) for metadata in inner}) > 1:
        return Bounds()
    return _from_metadata([*field.metadata, *(entry for metadata in inner for entry in metadata)])


def _from_metadata(metadata: Iterable[Any]) -> Bounds:
    found: dict[str, float] = {}
    for entry in metadata:
        for bound in ("gt", "ge", "lt", "le"):
            value = getattr(entry, bound, None)
            if value is not None:
                found[bound] = value
    return Bounds(**found)


def _written(number: float) -> str:
    return f"{number:,.0f}" if float(number).is_integer() and abs(number) < 1e15 else f"{number:g}"
