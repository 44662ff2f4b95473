"""Editors of what is typed: texts, numbers and lists of numbers."""

from PySide6.QtCore import QCoreApplication, Slot

from workbench.gui.editors.bounds import Bounds
from workbench.gui.editors.controls import NumberLine, TextLine
from workbench.gui.editors.field_editor import FieldEditor
from workbench.gui.editors.help_text import choice_text, value_text
from workbench.gui.editors.number_text import is_unfinished, number_text, read_number
from workbench.gui.editors.stepping import stepped
from workbench.spec.component import Scale


class TextEditor(FieldEditor):
    """A line of text."""

    def __init__(self) -> None:
        super().__init__()
        self.line = TextLine()
        self.line.textEdited.connect(self.take_edit)
        self.line.editingFinished.connect(self.left)
        self.add_control(self.line)

    def value(self) -> object:
        return self.line.text()

    def set_value(self, value: object) -> None:
        self.set_text(str(value))

    def text(self) -> str:
        return self.line.text()

    def set_text(self, text: str) -> None:
        if text != self.line.text():
            self.line.setText(text)


class NumberEditor(FieldEditor):
    """A number, typed or stepped; ``whole`` numbers are ints."""

    def __init__(self, whole: bool, scale: Scale, bounds: Bounds, unit: str) -> None:
        super().__init__()
        self._whole = whole
        self._scale: Scale = scale
        self._bounds = bounds
        self.line = NumberLine()
        self.line.lineEdit().textEdited.connect(self.take_edit)
        self.line.editingFinished.connect(self.left)
        self.line.stepped.connect(self._step)
        self.add_control(self.line)
        self.add_unit(unit)

    def value(self) -> float | int:
        return read_number(self.text(), self._whole)

    def set_value(self, value: object) -> None:
        if not isinstance(value, int | float):
            raise TypeError(f"A number is needed, not {value!r}")
        try:
            shown: float | None = self.value()
        except ValueError:
            shown = None
        if shown != value:
            self.set_text(number_text(value))

    def text(self) -> str:
        return self.line.lineEdit().text()

    def set_text(self, text: str) -> None:
        if text != self.text():
            self.line.lineEdit().setText(text)

    def is_unfinished(self) -> bool:
        return self.line.hasFocus() and is_unfinished(self.text())

    @Slot(bool)
    def _step(self, up: bool) -> None:
        try:
            shown = self.value()
        except ValueError:
            return
        following = stepped(shown, up, self._scale, self._whole, self._bounds)
        if following != shown:
            self.set_text(number_text(following))
            self.edited.emit()


class NumbersEditor(FieldEditor):
    """Several numbers in one line, such as ``512, 512``; ``length`` of them, or any number where it is None.

    With ``has_automatic`` the word Automatic may stand for a number, which is None then.
    """

    def __init__(self, whole: bool, length: int | None, has_automatic: bool = False) -> None:
        super().__init__()
        self._whole = whole
        self._length = length
        self._has_automatic = has_automatic
        self.line = TextLine()
        self.line.textEdited.connect(self.take_edit)
        self.line.editingFinished.connect(self.left)
        self.add_control(self.line)

    def value(self) -> tuple[float | int | None, ...]:
        inner = self.text().strip().removeprefix("[").removeprefix("(").removesuffix("]").removesuffix(")")
        words = inner.replace(";", " ").replace(",", " ").split()
        numbers = tuple(self._read(word) for word in words)
        if self._length is not None and len(numbers) != self._length:
            wanted = QCoreApplication.translate("Editors", "needs %1 numbers with commas between, not %2")
            raise ValueError(wanted.replace("%1", str(self._length)).replace("%2", str(len(numbers))))
        return numbers

    def set_value(self, value: object) -> None:
        try:
            shown: tuple[float | None, ...] | None = self.value()
        except ValueError:
            shown = None
        if shown != value:
            self.set_text(value_text(value))

    def text(self) -> str:
        return self.line.text()

    def set_text(self, text: str) -> None:
        if text != self.line.text():
            self.line.setText(text)

    def is_unfinished(self) -> bool:
        return self.line.hasFocus() and is_unfinished(self.text().replace(",", " ").split(" ")[-1])

    def _read(self, word: str) -> float | int | None:
        if self._has_automatic and word.casefold() == choice_text(None).casefold():
            return None
        return read_number(word, self._whole)
