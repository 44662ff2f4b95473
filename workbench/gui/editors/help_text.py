"""The texts of a field, from its declaration: title, tooltip, and its place in a sentence."""

import html
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from PySide6.QtCore import QCoreApplication

from workbench.gui.editors.bounds import bounds_of
from workbench.gui.editors.number_text import number_text

_CHOICES = {
    None: "Automatic",
    True: "On",
    False: "Off",
    "test": "Test part",
    "measured": "Measured",
    "val_loss": "Validation loss",
    "val_accuracy": "Validation accuracy",
    "val_exact_match": "Exact match",
    "val_mae": "Mean absolute error",
    "val_rmse": "Root mean squared error",
    "val_r2": "R²",
    "automatic": "Automatic",
    "all": "All samples",
}


def spec_text(text: str) -> str:
    """A title, description or label of ``workbench.spec`` in the user's language."""
    return QCoreApplication.translate("spec", text)


def title_of(name: str, field: FieldInfo) -> str:
    """What the field is called in the window."""
    return spec_text(field.title or name)


def in_sentence(title: str) -> str:
    """``title`` inside a sentence: without its capital, unless it starts with an abbreviation such as AMSGrad."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def choice_text(value: object) -> str:
    """What a chooser shows for ``value``; names of torch stay as they are."""
    known = _CHOICES.get(value) if value is None or isinstance(value, bool | str) else None
    return spec_text(known or str(value))


def value_text(value: object) -> str:
    """``value`` as its editor shows it."""
    if value is None or isinstance(value, bool):
        return choice_text(value)
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, tuple | list):
        return ", ".join(value_text(item) for item in value)
    return choice_text(value)


def default_of(field: FieldInfo) -> Any:
    """The declared default; ``PydanticUndefined`` where there is none."""
    return field.get_default(call_default_factory=False)


def tooltip(name: str, field: FieldInfo) -> str:
    """Meaning, range, default and name in files, as rich text (which Qt wraps)."""
    facts = [bounds_of(field).written(name) or name]
    default = default_of(field)
    if default is not PydanticUndefined and default != "":
        shown = value_text(default) or QCoreApplication.translate("Editors", "none")
        facts.append(QCoreApplication.translate("Editors", "default %1").replace("%1", shown))
    meaning = html.escape(spec_text(field.description or ""))
    return f"<p>{meaning}</p><p><i>{html.escape(' · '.join(facts))}</i></p>"
