"""Editor of several values of one small class, a row each."""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, get_args, get_origin

from pydantic import ValidationError
from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QGridLayout, QPushButton, QToolButton, QWidget

from workbench.gui.editors.captions import Caption
from workbench.gui.editors.controls import Chooser, TextLine
from workbench.gui.editors.field_editor import FieldEditor
from workbench.gui.editors.help_text import choice_text, in_sentence, spec_text, title_of, tooltip
from workbench.gui.editors.number_text import is_unfinished, number_text, read_number
from workbench.spec.component import Spec
from workbench.spec.problems import sentences

_SPACE = 4
_TEXT_STRETCH, _NUMBER_STRETCH = 3, 2


class RowsEditor(FieldEditor):
    """Values of ``kind``, whose fields are texts, names to choose from and numbers; a number left empty is None.

    The button that adds a row stands in the field's place, the rows are ``below``. ``numbers`` are the fields that are
    numbers, each with what raises ValueError where one is not allowed, so that the sentence speaks of the number alone.
    """

    def __init__(self, kind: type[Spec], numbers: Mapping[str, Callable[[float], None]]) -> None:
        super().__init__()
        self._kind = kind
        self._numbers = dict(numbers)
        self._name = ""
        self._rows: list[_Row] = []
        self._add = QPushButton(QCoreApplication.translate("Editors", "Add"))
        self._add.clicked.connect(self._append)
        self.add_control(self._add)
        self.below = QWidget()
        self._grid = QGridLayout(self.below)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_SPACE)
        for column, (name, field) in enumerate(kind.model_fields.items()):
            caption = Caption(QPalette.ColorRole.PlaceholderText)
            caption.setText(title_of(name, field))
            self._grid.addWidget(caption, 0, column)
            self._grid.setColumnStretch(column, _NUMBER_STRETCH if name in self._numbers else _TEXT_STRETCH)
        self.below.hide()

    def value(self) -> tuple[Spec, ...]:
        made: list[Spec] = []
        wrong: list[str] = []
        for number, row in enumerate(self._rows, start=1):
            try:
                made.append(self._read(row.texts()))
            except ValueError as error:
                wrong.append(f"{QCoreApplication.translate('Editors', 'number')} {number}, {error}")
        if wrong:
            raise ValueError("; ".join(wrong))
        return tuple(made)

    def set_value(self, value: object) -> None:
        if not isinstance(value, tuple):
            raise TypeError(f"A tuple is needed, not {value!r}")
        try:
            shown: tuple[Spec, ...] | None = self.value()
        except ValueError:
            shown = None
        if shown != value:
            self._show_texts([[_cell_text(getattr(item, name)) for name in self._kind.model_fields] for item in value])

    def text(self) -> str:
        """The texts of all rows as JSON, so that what was typed outlives an undo."""
        return json.dumps([row.texts() for row in self._rows])

    def set_text(self, text: str) -> None:
        self._show_texts(json.loads(text))

    def is_unfinished(self) -> bool:
        """Whether an empty text or the beginning of a number has the keyboard."""
        return any(
            line.hasFocus() and (is_unfinished(line.text()) if name in self._numbers else not line.text())
            for row in self._rows
            for name, line in zip(self._kind.model_fields, row.lines, strict=True)
        )

    def show_error(self, sentence: str) -> None:
        super().show_error(sentence)
        self.mark(self._controls[-1], False)
        for row in self._rows:
            for name, line in zip(self._kind.model_fields, row.lines, strict=True):
                self.mark(line, bool(sentence) and bool(self._reason(name, line.text())))

    def describe(self, name: str, description: str, tooltip: str) -> None:
        super().describe(name, description, tooltip)
        self._name = name
        self._add.setAccessibleName(f"{name}, {self._add.text()}")

    def _read(self, texts: Sequence[str]) -> Spec:
        """The value that a row's ``texts`` mean. Raises ValueError with the title of each wrong field."""
        named = dict(zip(self._kind.model_fields, texts, strict=True))
        wrong = [
            f"{in_sentence(title_of(name, self._kind.model_fields[name]))} {reason}"
            for name, text in named.items()
            if (reason := self._reason(name, text))
        ]
        if wrong:
            raise ValueError(", ".join(wrong))
        return self._kind.model_validate({name: self._cell_value(name, text) for name, text in named.items()})

    def _reason(self, name: str, text: str) -> str:
        """Why ``text`` is no value of the field ``name``, as the end of a sentence; empty where it is one."""
        try:
            value = self._cell_value(name, text)
        except ValueError as error:
            return str(error)
        try:
            self._kind.model_validate({name: value})
        except ValidationError as error:
            found = sentences(error, {name: value}, self._kind)
            return "; ".join(spec_text(conflict.reason) for conflict in found if conflict.field == name)
        return ""

    def _cell_value(self, name: str, text: str) -> object:
        text = text.strip()
        if name not in self._numbers:
            return text
        if not text:
            return None
        number = read_number(text, whole=False)
        self._numbers[name](number)
        return number

    def _show_texts(self, table: Sequence[Sequence[str]]) -> None:
        """Show a row for each of ``table``; rows that are there already stay, and the keyboard with them."""
        while len(self._rows) > len(table):
            row = self._rows.pop()
            for control in row.controls():
                self._controls.remove(control)
            row.remove()
        while len(self._rows) < len(table):
            self._insert_row()
        for row, texts in zip(self._rows, table, strict=True):
            row.set_texts(texts)
        assert self.below is not None
        self.below.setVisible(bool(self._rows))

    def _insert_row(self) -> None:
        row = _Row(len(self._rows) + 1, self._name, self._kind, self)
        for column, control in enumerate(row.controls()):
            self.adopt(control)
            self._grid.addWidget(control, row.number, column)
        row.button.removeAction(self.reset_action)  # a tool button shows that it has some
        row.edited.connect(self.take_edit)
        row.left.connect(self.left)
        row.dropped.connect(self._drop)
        self._rows.append(row)
        for first, second in itertools.pairwise(self._controls):
            if first.window() is second.window():  # Qt warns of others; a form orders its own again
                QWidget.setTabOrder(first, second)

    @Slot()
    def _append(self) -> None:
        self._show_texts([*(row.texts() for row in self._rows), [""] * len(self._kind.model_fields)])
        self._rows[-1].lines[0].setFocus(Qt.FocusReason.OtherFocusReason)
        self.edited.emit()

    @Slot(int)
    def _drop(self, number: int) -> None:
        self._show_texts([row.texts() for row in self._rows if row.number != number])
        if not self._rows:
            self._add.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._rows[min(number, len(self._rows)) - 1].button.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edited.emit()


class _NameLine(Chooser):
    """A chooser that shows and gives texts as a line does; none is chosen where the text is none of ``names``."""

    textEdited = Signal(str)

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self._names = tuple(names)
        self.addItems([choice_text(name) for name in names])
        self.setCurrentIndex(-1)
        self.activated.connect(self._tell)

    def text(self) -> str:
        index = self.currentIndex()
        return self._names[index] if index >= 0 else ""

    def setText(self, text: str) -> None:
        self.setCurrentIndex(self._names.index(text) if text in self._names else -1)

    @Slot()
    def _tell(self) -> None:
        self.textEdited.emit(self.text())


class _Row(QObject):
    """The controls of row ``number``, counted from 1; who owns it lays them out."""

    edited = Signal()
    left = Signal()
    dropped = Signal(int)
    """``number``, when the button that takes the row away was pressed."""

    def __init__(self, number: int, owner: str, kind: type[Spec], parent: QObject) -> None:
        super().__init__(parent)
        self.number = number
        self.lines: list[TextLine | _NameLine] = []
        for name, field in kind.model_fields.items():
            is_name = get_origin(field.annotation) is Literal
            line = _NameLine(get_args(field.annotation)) if is_name else TextLine()
            line.setAccessibleName(f"{owner} {number}, {in_sentence(title_of(name, field))}")
            line.setAccessibleDescription(spec_text(field.description or ""))
            line.setToolTip(tooltip(name, field))
            line.textEdited.connect(self.edited)
            if isinstance(line, TextLine):
                line.editingFinished.connect(self.left)
            self.lines.append(line)
        self.button = QToolButton()
        self.button.setText("\N{MULTIPLICATION SIGN}")
        self.button.setAutoRaise(True)
        remove = QCoreApplication.translate("Editors", "remove")
        self.button.setAccessibleName(f"{owner} {number}, {remove}")
        self.button.setToolTip(self.button.accessibleName())
        self.button.clicked.connect(self._tell)

    def controls(self) -> list[QWidget]:
        """In reading order."""
        return [*self.lines, self.button]

    def texts(self) -> list[str]:
        return [line.text() for line in self.lines]

    def set_texts(self, texts: Sequence[str]) -> None:
        """Show ``texts`` without ``edited``; a line that shows its text already is left alone."""
        for line, text in zip(self.lines, texts, strict=True):
            if line.text() != text:
                line.setText(text)

    def remove(self) -> None:
        """Take the controls away."""
        for control in self.controls():
            control.hide()
            control.deleteLater()
        self.deleteLater()

    @Slot()
    def _tell(self) -> None:
        self.dropped.emit(self.number)


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    return number_text(value) if isinstance(value, int | float) else str(value)
