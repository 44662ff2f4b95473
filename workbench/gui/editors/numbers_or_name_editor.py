"""An editor of several numbers that may be a name instead."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Slot

from workbench.gui.editors.controls import Chooser
from workbench.gui.editors.field_editor import FieldEditor
from workbench.gui.editors.help_text import choice_text, value_text
from workbench.gui.editors.line_editors import NumbersEditor


class NumbersOrNameEditor(FieldEditor):
    """Several numbers, or one of ``names`` instead: a chooser with the numbers beside it.

    ``first_numbers`` are offered when numbers are chosen instead of a name.
    """

    def __init__(self, names: Sequence[str], first_numbers: object, whole: bool) -> None:
        super().__init__()
        self._names = tuple(names)
        self.chooser = Chooser()
        numbers_name = QCoreApplication.translate("Editors", "Numbers")
        self.chooser.addItems([*(choice_text(name) for name in names), numbers_name])
        self.chooser.activated.connect(self._pick)
        self.add_control(self.chooser)
        self._numbers = NumbersEditor(whole, None)
        self._numbers.set_text(value_text(first_numbers))
        self._numbers.edited.connect(self.edited)
        self._numbers.left.connect(self.left)
        self._numbers.line.removeAction(self._numbers.reset_action)
        self.add_control(self._numbers.line)

    def value(self) -> object:
        return self._names[self.chooser.currentIndex()] if self._names_one() else self._numbers.value()

    def set_value(self, value: object) -> None:
        named = value in self._names
        self.chooser.setCurrentIndex(self._names.index(str(value)) if named else len(self._names))
        if not named:
            self._numbers.set_value(value)
        self._show_numbers()

    def text(self) -> str:
        return "" if self._names_one() else self._numbers.text()

    def set_text(self, text: str) -> None:
        self.chooser.setCurrentIndex(len(self._names))
        self._numbers.set_text(text)
        self._show_numbers()

    def is_unfinished(self) -> bool:
        return not self._names_one() and self._numbers.is_unfinished()

    def describe(self, name: str, description: str, tooltip: str) -> None:
        super().describe(name, description, tooltip)
        self._numbers.line.setAccessibleName(f"{name}, {self.chooser.itemText(len(self._names))}")

    @Slot()
    def _pick(self) -> None:
        self._show_numbers()
        self.edited.emit()

    def _names_one(self) -> bool:
        return self.chooser.currentIndex() < len(self._names)

    def _show_numbers(self) -> None:
        self._numbers.line.setVisible(not self._names_one())
