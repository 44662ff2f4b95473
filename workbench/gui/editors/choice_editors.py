"""Editors of what is picked: switches, names, and a number that may be a name instead."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Slot

from workbench.gui.editors.bounds import Bounds
from workbench.gui.editors.controls import Chooser, Switch
from workbench.gui.editors.field_editor import FieldEditor
from workbench.gui.editors.help_text import choice_text
from workbench.gui.editors.line_editors import NumberEditor
from workbench.gui.editors.number_text import number_text
from workbench.spec.component import Scale


class SwitchEditor(FieldEditor):
    """Yes or no."""

    def __init__(self) -> None:
        super().__init__()
        self.switch = Switch()
        self.switch.clicked.connect(self.take_edit)
        self.add_control(self.switch)

    def value(self) -> bool:
        return self.switch.isChecked()

    def set_value(self, value: object) -> None:
        self.switch.setChecked(bool(value))


class ChoiceEditor(FieldEditor):
    """One of several values, each shown by its text."""

    def __init__(self, values: Sequence[object]) -> None:
        super().__init__()
        self._values = tuple(values)
        self.chooser = Chooser()
        self.chooser.addItems([choice_text(value) for value in values])
        self.chooser.activated.connect(self.take_edit)
        self.add_control(self.chooser)

    def value(self) -> object:
        return self._values[self.chooser.currentIndex()]

    def set_value(self, value: object) -> None:
        self.chooser.setCurrentIndex(self._values.index(value))


class NumberOrNameEditor(FieldEditor):
    """A number, or one of ``names`` instead: a chooser with the number beside it.

    ``check`` raises ValueError where a number is not allowed, so that the sentence speaks of the number alone.
    """

    def __init__(
        self,
        names: Sequence[object],
        number_name: str,
        first_number: float,
        check: Callable[[float], None],
        whole: bool,
        scale: Scale,
        bounds: Bounds,
        unit: str,
    ) -> None:
        super().__init__()
        self._names = tuple(names)
        self._check = check
        self.chooser = Chooser()
        self.chooser.addItems([*(choice_text(name) for name in names), number_name])
        self.chooser.activated.connect(self._pick)
        self.add_control(self.chooser)
        self._number = NumberEditor(whole, scale, bounds, unit)
        self._number.set_text(number_text(first_number))
        self._number.edited.connect(self.edited)
        self._number.left.connect(self.left)
        self._number.line.removeAction(self._number.reset_action)
        self.add_control(self._number.line)
        self.add_unit(unit)

    def value(self) -> object:
        if self._names_one():
            return self._names[self.chooser.currentIndex()]
        number = self._number.value()
        self._check(number)
        return number

    def set_value(self, value: object) -> None:
        named = value in self._names
        self.chooser.setCurrentIndex(self._names.index(value) if named else len(self._names))
        if not named:
            self._number.set_value(value)
        self._show_number()

    def text(self) -> str:
        return "" if self._names_one() else self._number.text()

    def set_text(self, text: str) -> None:
        self.chooser.setCurrentIndex(len(self._names))
        self._number.set_text(text)
        self._show_number()

    def is_unfinished(self) -> bool:
        return not self._names_one() and self._number.is_unfinished()

    def describe(self, name: str, description: str, tooltip: str) -> None:
        super().describe(name, description, tooltip)
        self._number.line.setAccessibleName(f"{name}, {self.chooser.itemText(len(self._names))}")

    @Slot()
    def _pick(self) -> None:
        self._show_number()
        self.edited.emit()

    def _names_one(self) -> bool:
        return self.chooser.currentIndex() < len(self._names)

    def _show_number(self) -> None:
        self._number.line.setVisible(not self._names_one())
