"""What pydantic found, as sentences a person can act on."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from workbench.spec.component import Conflict, Spec

Path = tuple[str | int, ...]

LONGEST_QUOTE = 60
"""Characters of a wrong value that a sentence repeats; a longer one is left out."""


def sentences(error: ValidationError, data: Any, kind: type[Spec] | None = None) -> list[Conflict]:
    """One Conflict for each wrong field of ``data``, which was validated as a ``kind``, or as a value without fields.

    The alternatives of a field that takes several types become one sentence.
    """
    reasons: dict[Path, list[str]] = {}
    for detail in error.errors(include_url=False):
        path = _field_path(detail, data)
        reasons.setdefault(path, []).append(_requirement(detail, path, kind))
    return [
        Conflict(field=dotted(path), reason=_join(requirements, _at(data, path)))
        for path, requirements in reasons.items()
    ]


def dotted(path: Iterable[str | int]) -> str:
    """``("model", "hidden", 1)`` as ``model.hidden[1]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """``; did you mean lr?``, or the known words where none is near; empty where there are none."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5) or [
        name for name in known if name.lower() == word.lower()
    ]
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known: {', '.join(known)}" if known else ""


_ABSENT = object()


def _at(data: Any, path: Path) -> Any:
    """The value at ``path``; _ABSENT where the path leads nowhere."""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return _ABSENT
    return data


def _field_path(detail: ErrorDetails, data: Any) -> Path:
    """Where the error lies in ``data``: pydantic's location without the union tags it puts in between."""
    path: Path = ()
    for part in detail["loc"]:
        if _at(data, (*path, part)) is not _ABSENT:
            path = (*path, part)
    if detail["type"] == "missing":
        path = (*path, detail["loc"][-1])
    if detail["type"] == "union_tag_invalid":
        path = (*path, "name")
    return path


def _requirement(detail: ErrorDetails, path: Path, kind: type[Spec] | None) -> str:
    """What the field has to be, as the end of a sentence that starts with its name."""
    context: Mapping[str, Any] = detail.get("ctx", {})
    match detail["type"]:
        case "extra_forbidden":
            return "is not a field" + did_you_mean(str(path[-1]), _known_fields(kind, detail["loc"]))
        case "missing":
            return "is missing"
        case "union_tag_invalid":
            known = [tag.strip(" '") for tag in str(context["expected_tags"]).split(",")]
            return f"is not known: {context['tag']}" + did_you_mean(str(context["tag"]), known)
        case "union_tag_not_found":
            return "needs a name"
        case "literal_error":
            return f"must be {context['expected']}"
        case "greater_than":
            return f"must be greater than {_number(context['gt'])}"
        case "greater_than_equal":
            return f"must be at least {_number(context['ge'])}"
        case "less_than":
            return f"must be less than {_number(context['lt'])}"
        case "less_than_equal":
            return f"must be at most {_number(context['le'])}"
        case "float_type" | "float_parsing":
            return "must be a number"
        case "finite_number":
            return "must be a finite number"
        case "int_type" | "int_parsing" | "int_from_float":
            return "must be a whole number"
        case "bool_type" | "bool_parsing":
            return "must be true or false"
        case "string_type" | "string_unicode":
            return "must be text"
        case "string_too_short":
            return "must not be empty"
        case "string_too_long":
            return f"must have at most {context['max_length']} characters"
        case "string_pattern_mismatch":
            return f"must be one of {context['pattern'].strip('^$()').replace('|', ', ')}"
        case "too_long":
            return f"must have at most {context['max_length']} items"
        case "too_short":
            return f"must have at least {context['min_length']} items"
        case "tuple_type":
            return "must be a list such as [1, 2]"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "must be a mapping such as {name: …}"
        case "none_required":
            return "must be null"
        case _:
            return detail["msg"]


def _known_fields(kind: type[Spec] | None, loc: Sequence[str | int]) -> list[str]:
    """The fields of the class the unknown one was given to; ``loc`` leads there from ``kind``."""
    candidates = [kind] if kind else []
    for part in loc[:-1]:
        if isinstance(part, int):
            continue
        if named := [candidate for candidate in candidates if candidate.__name__ == part]:
            candidates = named
            continue
        annotations = [found.model_fields[part].annotation for found in candidates if part in found.model_fields]
        members = [member for annotation in annotations for member in (get_args(annotation) or (annotation,))]
        candidates = [member for member in members if isinstance(member, type) and issubclass(member, Spec)]
    return [field for candidate in candidates for field in candidate.model_fields if field != "name"]


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() and abs(value) < 1e9 else f"{value:g}"


def _join(requirements: Sequence[str], value: Any) -> str:
    """``must be 'test' or less than 1, not 1.5``."""
    first, *others = dict.fromkeys(requirements)
    text = " or ".join([first, *(other.removeprefix("must be ") for other in others)])
    if text.startswith("must") and isinstance(value, str | int | float) and value != "":
        given = repr(value)
        text += f", not {given}" if len(given) <= LONGEST_QUOTE else ""
    return text
