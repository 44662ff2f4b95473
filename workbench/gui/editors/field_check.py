"""Whether a value fits a field: the one declaration in ``workbench.spec`` decides, sentence included."""

from typing import TypeVar

from pydantic import ValidationError
from PySide6.QtCore import QCoreApplication

from workbench.gui.editors.help_text import spec_text
from workbench.spec.component import Spec
from workbench.spec.problems import sentences

S = TypeVar("S", bound=Spec)


def with_field(spec: S, field: str, value: object) -> S:
    """``spec`` with another value in ``field``.

    Raises:
        ValueError: the declaration refuses ``value``; the message ends a sentence that starts with the field's name.
    """
    data = {name: getattr(spec, name) for name in type(spec).model_fields} | {field: value}
    try:
        return type(spec).model_validate(data)
    except ValidationError as error:
        found = sentences(error, data, type(spec))
        raise ValueError("; ".join(_reason(conflict.field, conflict.reason) for conflict in found)) from error


def _reason(path: str, reason: str) -> str:
    """``reason``, saying which item is meant where ``path`` leads into a tuple."""
    _, bracket, index = path.partition("[")
    if not bracket:
        return spec_text(reason)
    number = int(index.removesuffix("]")) + 1
    return f"{QCoreApplication.translate('Editors', 'number')} {number} {spec_text(reason)}"
