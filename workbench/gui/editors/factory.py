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
from workbench.gui.editors.names_editor import NamesEditor
from workbench.gui.editors.numbers_or_name_editor import NumbersOrNameEditor
from workbench.gui.editors.path_editor import PathEditor
from workbench.gui.editors.rows_editor import RowsEditor
from workbench.spec.component import Spec, hint
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
        return PathEditor(kind) if (kind := hint(field, "path")) else TextEditor()
    if annotation in (int, float):
        return NumberEditor(annotation is int, hint(field, "scale"), bounds_of(field), spec_text(hint(field, "unit")))
    if origin is Literal:
        return ChoiceEditor(arguments)
    if origin is tuple and isinstance(arguments[0], type) and issubclass(arguments[0], Spec):
        return _rows(arguments[0])
    if origin is tuple and _plain(arguments[0]) is str:
        return NamesEditor()
    if origin is tuple:
        length = None if Ellipsis in arguments else len(arguments)
        has_automatic = any(NoneType in get_args(item) for item in arguments)
        return NumbersEditor(_plain(arguments[0]) is int, length, has_automatic)
    if origin in (Union, UnionType):
        if set(arguments) == {bool, NoneType}:
            return ChoiceEditor((None, True, False))
        if {get_origin(alternative) for alternative in arguments} == {tuple, Literal}:
            return _numbers_or_name(field, arguments)
        return _number_or_name(name, field, arguments)
    raise TypeError(f"No editor for the field {name} of type {annotation}")


def _rows(kind: type[Spec]) -> FieldEditor:
    """Rows of values of ``kind``, whose fields are texts, names and numbers that may be None."""
    numbers = {}
    for name, field in kind.model_fields.items():
        if field.annotation is not str and get_origin(field.annotation) is not Literal:
            (number,) = (alternative for alternative in get_args(field.annotation) if alternative is not NoneType)
            numbers[name] = _NumberCheck(number)
    return RowsEditor(kind, numbers)


def _numbers_or_name(field: FieldInfo, alternatives: tuple[Any, ...]) -> FieldEditor:
    (names,) = (alternative for alternative in alternatives if get_origin(alternative) is Literal)
    (numbers,) = (alternative for alternative in alternatives if alternative is not names)
    return NumbersOrNameEditor(get_args(names), default_of(field), _plain(get_args(numbers)[0]) is int)


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
    if names and not numbers:
        return ChoiceEditor(sorted(names, key=lambda name: name is not None))
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
