"""The form of one class of ``workbench.spec``: a row for each field, rare ones folded away."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from workbench.gui.editors.field_check import with_field
from workbench.gui.editors.field_editor import FieldEditor
from workbench.gui.editors.field_row import FieldRow
from workbench.gui.editors.fold_header import FoldHeader
from workbench.spec.component import Spec

LABEL_WIDTH = 19
"""Of the titles' column, in average letters, so that the forms of all sections line up."""
_SPACE = 8


class ComponentForm(QWidget):
    """Shows a value of ``kind`` and makes a new one of each edit that the class allows. GUI thread only.

    ``fields`` are shown; without it all but ``name``. A text that is no value stays as it was typed, with
    the reason under it, and the field keeps its last value.
    """

    edited = Signal(str)
    """The name of the field the user changed; ``component`` and ``unfit`` are up to date."""

    def __init__(self, kind: type[Spec], fields: Sequence[str] | None = None) -> None:
        super().__init__()
        self._component: Spec | None = None
        self._unfit: dict[str, str] = {}
        names = [name for name in kind.model_fields if name != "name"] if fields is None else fields
        self._rows = {name: FieldRow(name, kind.model_fields[name], self) for name in names}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(_SPACE)
        usual = [row for row in self._rows.values() if not row.advanced]
        advanced = [row for row in self._rows.values() if row.advanced]
        if usual:
            self._layout.addWidget(self._lay_out(usual))
        self._fold: FoldHeader | None = None
        if advanced:
            self._fold = FoldHeader(self.tr("More options"), prominent=False)
            self._layout.addWidget(self._fold)
            hidden = self._lay_out(advanced)
            self._layout.addWidget(hidden)
            self._fold.set_body(hidden)
        for row in self._rows.values():
            row.edited.connect(self._take_edit)

    @property
    def component(self) -> Spec:
        """The last value that all fields allow. Raises RuntimeError before ``show_component``."""
        if self._component is None:
            raise RuntimeError("The form shows no component yet")
        return self._component

    @property
    def unfit(self) -> dict[str, str]:
        """Field to text, of each text that is no value of its field."""
        return dict(self._unfit)

    def show_component(self, component: Spec, unfit: Mapping[str, str]) -> None:
        """Show ``component``, and in the fields of ``unfit`` these texts instead. Emits nothing."""
        self._component = component
        self._unfit = dict(unfit)
        for name, row in self._rows.items():
            if name in unfit:
                row.editor.set_text(unfit[name])
                row.set_error(self._error_of(row))
            else:
                row.editor.set_value(getattr(component, name))
                row.set_error("")
        self._mark_fold()

    def show_conflicts(self, conflicts: Mapping[str, str]) -> None:
        """Show beside each field why it does not go with others; fields left out go well."""
        for name, row in self._rows.items():
            row.set_conflict(conflicts.get(name, ""))
        self._mark_fold()

    def problems(self) -> list[tuple[str, str]]:
        """Title and reason of each field that needs mending, in the order of the form."""
        return [(row.title, row.reason) for row in self._rows.values() if row.reason]

    def title_of(self, field: str) -> str:
        """What ``field`` is called in the form."""
        return self._rows[field].title

    def reveal(self, field: str) -> FieldEditor:
        """Unfold what hides ``field``; its editor is returned."""
        row = self._rows[field]
        if row.advanced and self._fold is not None:
            self._fold.setChecked(True)
        return row.editor

    def focus_chain(self) -> list[QWidget]:
        """All that takes the keyboard, in reading order."""
        usual = [control for row in self._rows.values() if not row.advanced for control in row.editor.controls()]
        advanced = [control for row in self._rows.values() if row.advanced for control in row.editor.controls()]
        return [*usual, *([self._fold] if self._fold is not None else []), *advanced]

    def _lay_out(self, rows: Sequence[FieldRow]) -> QWidget:
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(_SPACE)
        grid.setVerticalSpacing(_SPACE // 2)
        grid.setColumnStretch(1, 1)
        width = self.fontMetrics().averageCharWidth() * LABEL_WIDTH
        for row in rows:
            line = grid.rowCount()
            row.label.setFixedWidth(width)
            grid.addWidget(row.label, line, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(row.editor, line, 1)
            if row.editor.below is not None:
                line += 1
                grid.addWidget(row.editor.below, line, 0, 1, 2)
            grid.addWidget(row.editor.error_label, line + 1, 0, 1, 2)
        return body

    def _error_of(self, row: FieldRow) -> str:
        try:
            with_field(self.component, row.name, row.editor.value())
        except ValueError as error:
            return str(error)
        return ""

    @Slot(str)
    def _take_edit(self, name: str) -> None:
        row = self._rows[name]
        try:
            self._component = with_field(self.component, name, row.editor.value())
        except ValueError as error:
            self._unfit[name] = row.editor.text()
            row.set_error(str(error))
        else:
            self._unfit.pop(name, None)
            row.set_error("")
        self._mark_fold()
        self.edited.emit(name)

    def _mark_fold(self) -> None:
        if self._fold is not None:
            wrong = [f"{row.title}: {row.reason}" for row in self._rows.values() if row.advanced and row.reason]
            self._fold.set_warning("\n".join(wrong))
