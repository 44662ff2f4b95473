"""An editor of several names."""

import csv
import io

from workbench.gui.editors.controls import TextLine
from workbench.gui.editors.field_editor import FieldEditor


class NamesEditor(FieldEditor):
    """Names in one line with commas between, such as ``height, weight``; one that has a comma itself is quoted."""

    def __init__(self) -> None:
        super().__init__()
        self.line = TextLine()
        self.line.textEdited.connect(self.take_edit)
        self.line.editingFinished.connect(self.left)
        self.add_control(self.line)

    def value(self) -> tuple[str, ...]:
        names = next(csv.reader([self.text()], skipinitialspace=True), [])
        return tuple(name.strip() for name in names if name.strip())

    def set_value(self, value: object) -> None:
        if not isinstance(value, tuple):
            raise TypeError(f"A tuple is needed, not {value!r}")
        if self.value() != value:
            self.set_text(", ".join(_quoted(name) for name in value))

    def text(self) -> str:
        return self.line.text()

    def set_text(self, text: str) -> None:
        if text != self.line.text():
            self.line.setText(text)

    def is_unfinished(self) -> bool:
        return self.line.hasFocus() and not self.text().split(",")[-1].strip()


def _quoted(name: str) -> str:
    """``name`` as ``csv`` writes it."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([name])
    return line.getvalue()
