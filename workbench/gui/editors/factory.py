"""The one place that turns a field's declaration into its editor."""

from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from PySide6.QtCore import QCoreApplication

from workbench.gui.editors.bounds import bounds_of
from workbench.gui.editors.choice_editors import ChoiceEditor, NumberOrNameEditor, SwitchEditor
from workbench.gui.editors.field_editor import FieldEditor
from workbench.gui.editors.help_text import default_of, spec_text, title_of, tooltip
from workbench.gui.editors.line_editors import NumberEditor, NumbersEditor, TextEditor
from workbench.spec.component import hint
from workbench.spec.problems import sentences

_FIRST_FRACTION = 0.2
"""What is offered when a fraction is chosen instead of a name."""


def editor_for(name: str, field: FieldInfo) -> FieldEditor:
    """A new editor for the field ``name``, described by its declaration; it shows nothing yet.

    Raises:
        TypeError: there is no editor for the field's type.
    """
    editor = _editor(name, field)
    editor.describe(title_of(name, field), spec_text(field.description or ""), tooltip(name, field))
    return editor


def _editor(name: str, field: FieldInfo) -> FieldEditor:
    annotation = field.annotation
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is bool:
        return SwitchEditor()
    if annotation is str:
        return TextEditor()
    if annotation in (int, float):
        return NumberEditor(annotation is int, hint(field, "scale"), bounds_of(field), spec_text(hint(field, "unit")))
    if origin is Literal:
        return ChoiceEditor(arguments)
    if origin is tuple:
        length = None if Ellipsis in arguments else len(arguments)
        return NumbersEditor(_plain(arguments[0]) is int, length)
    if origin in (Union, UnionType):
        if set(arguments) == {bool, NoneType}:
            return ChoiceEditor((None, True, False))
        return _number_or_name(name, field, arguments)
    raise TypeError(f"No editor for the field {name} of type {annotation}")


def _number_or_name(name: str, field: FieldInfo, alternatives: tuple[Any, ...]) -> FieldEditor:
    names: list[object] = []
    numbers = []
    for alternative in alternatives:
        if alternative is NoneType:
            names.append(None)
        elif get_origin(alternative) is Literal:
            names.extend(get_args(alternative))
        elif _plain(alternative) in (int, float):
            numbers.append(alternative)
    if len(numbers) != 1 or not names:
        raise TypeError(f"No editor for the field {name} of type {field.annotation}")
    number = numbers[0]
    whole = _plain(number) is int
    bounds = bounds_of(field)
    default = default_of(field)
    fraction = not whole and bounds.gt == 0 and bounds.lt == 1
    return NumberOrNameEditor(
        names,
        QCoreApplication.translate("Editors", "Fraction")
        if fraction
        else QCoreApplication.translate("Editors", "Number"),
        default if isinstance(default, int | float) else _FIRST_FRACTION if fraction else bounds.nearest(1),
        _NumberCheck(number),
        whole,
        hint(field, "scale"),
        bounds,
        spec_text(hint(field, "unit")),
    )


class _NumberCheck:
    """Refuses numbers outside one annotation, with the sentence of ``workbench.spec.problems``."""

    def __init__(self, annotation: Any) -> None:
        self._adapter: TypeAdapter[float] = TypeAdapter(annotation, config={"strict": True, "allow_inf_nan": False})

    def __call__(self, number: float) -> None:
        try:
            self._adapter.validate_python(number)
        except ValidationError as error:
            raise ValueError(spec_text(sentences(error, number)[0].reason)) from error


def _plain(annotation: Any) -> Any:
    """The type under ``Annotated``."""
    return FieldInfo.from_annotation(annotation).annotation
