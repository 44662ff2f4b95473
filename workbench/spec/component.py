"""The base of all declarations: a frozen value whose fields carry all that editors, YAML and help need."""

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo

Scale = Literal["linear", "log"]
PathKind = Literal["", "folder", "file"]


class Spec(BaseModel):
    """An immutable declaration. Unknown fields, wrong types and non-finite numbers are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, validate_default=True)


class Component(Spec):
    """One choice of an experiment's section, found by its ``name``, which each class fixes with a Literal."""

    label: ClassVar[str]
    """What a chooser shows."""
    about: ClassVar[str]
    """One sentence: what it is and when to take it."""
    documentation: ClassVar[str] = ""
    """The address of the page that defines it."""

    name: str

    def conflicts(self) -> list["Conflict"]:
        """Fields of this component that do not go together, each valid by itself."""
        return []

    def summary(self) -> str:
        """The component in one line: its label and the fields that differ from their defaults."""
        changed = [
            f"{field}={format_value(getattr(self, field))}"
            for field, info in type(self).model_fields.items()
            if field != "name" and getattr(self, field) != info.default
        ]
        return " · ".join([self.label, *changed])


class Conflict(Spec):
    """Why valid fields do not go together."""

    field: str
    """The dotted path of the field to mend, such as ``optimizer.nesterov``."""
    reason: str
    """A sentence without the field's name: what is wrong and what to do."""

    def within(self, section: str) -> "Conflict":
        """The same conflict seen from the experiment."""
        return Conflict(field=f"{section}.{self.field}" if self.field else section, reason=self.reason)


def parameter(
    default: Any,
    title: str,
    description: str,
    *,
    gt: float | None = None,
    ge: float | None = None,
    lt: float | None = None,
    le: float | None = None,
    scale: Scale = "linear",
    unit: str = "",
    advanced: bool = False,
    path: PathKind = "",
    min_length: int | None = None,
    max_length: int | None = None,
    pattern: str | None = None,
) -> Any:
    """A field with everything its editor and its help need.

    ``scale`` says whether steps add or multiply, ``unit`` is shown behind the value, ``advanced`` fields are folded
    away. ``path`` says what a text leads to that is the path of a file or folder.
    """
    return Field(
        default,
        title=title,
        description=description,
        gt=gt,
        ge=ge,
        lt=lt,
        le=le,
        min_length=min_length,
        max_length=max_length,
        pattern=pattern,
        json_schema_extra={"scale": scale, "unit": unit, "advanced": advanced, "path": path},
    )


def hint(field: FieldInfo, key: Literal["scale", "unit", "advanced", "path"]) -> Any:
    """What ``parameter`` was told under ``key``; the default of ``parameter`` for a plain field."""
    extra = field.json_schema_extra
    defaults = {"scale": "linear", "unit": "", "advanced": False, "path": ""}
    return extra.get(key, defaults[key]) if isinstance(extra, dict) else defaults[key]


def format_value(value: Any) -> str:
    """``value`` as a person writes it: ``0.001``, ``512, 512``, ``yes``."""
    if value is None:
        return "automatic"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(format_value(item) for item in value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
