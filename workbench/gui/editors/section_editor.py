"""One section of the experiment: a fold with a chooser of classes and the form of the chosen one."""

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from workbench.gui.editors.captions import AboutCaption, Caption
from workbench.gui.editors.component_chooser import ComponentChooser
from workbench.gui.editors.component_form import ComponentForm
from workbench.gui.editors.fold_header import FoldHeader
from workbench.gui.editors.help_text import in_sentence, spec_text
from workbench.spec.component import Component, Spec, format_value, hint
from workbench.spec.experiment import choices

_SPACE = 8


class SectionEditor(QWidget):
    """Edits the part ``section`` of an experiment, called ``title`` in the window. GUI thread only.

    What was set for a class is remembered while another is chosen, until ``forget``.
    """

    edited = Signal(str, str, object, object)
    """Section, field the user changed (``name`` for the chooser), new component, and its unfit texts by field."""
    rebuilt = Signal()
    """There is another form, so the tab order needs another look."""

    def __init__(self, section: str, title: str) -> None:
        super().__init__()
        self.title = title
        self._section = section
        self._kinds = choices(section)
        self._remembered: dict[type[Spec], tuple[Spec, dict[str, str]]] = {}
        self._conflict = ""
        self._form: ComponentForm | None = None
        self.header = FoldHeader(title, prominent=True)
        self._body = QWidget()
        self.header.set_body(self._body)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self.header)
        outer.addWidget(self._body)
        self._layout = QVBoxLayout(self._body)
        self._layout.setContentsMargins(_SPACE, 0, _SPACE, _SPACE)
        self._layout.setSpacing(_SPACE)
        self._chooser: ComponentChooser | None = None
        self._only_choice = QLabel()
        self._conflict_label = Caption(QPalette.ColorRole.BrightText)
        self._conflict_label.setProperty("role", "error")
        self._about = AboutCaption()
        self._add_choice()

    def show_component(self, component: Spec, unfit: Mapping[str, str]) -> None:
        """Show ``component``, and in the fields of ``unfit`` these texts instead. Emits nothing but ``rebuilt``."""
        kind = type(component)
        if self._form is None or type(self._form.component) is not kind:
            self._show_form(kind)
        self._shown_form().show_component(component, unfit)
        self.header.set_summary(_summary(component))

    def show_conflicts(self, conflicts: Mapping[str, str]) -> None:
        """Show why fields do not go together, by field; ``name`` is the chooser's."""
        self._conflict = conflicts.get("name", "")
        self._conflict_label.setText(self._conflict[:1].upper() + self._conflict[1:])
        self._conflict_label.setVisible(bool(self._conflict))
        self._shown_form().show_conflicts(conflicts)
        self.header.set_warning("\n".join(self.problems()))

    def problems(self) -> list[str]:
        """A sentence for each thing to mend, such as ``Optimizer, learning rate: must be …``."""
        found = [f"{self.title}: {self._conflict}"] if self._conflict else []
        return found + [
            f"{self.title}, {in_sentence(title)}: {reason}" for title, reason in self._shown_form().problems()
        ]

    def path_title(self, field: str) -> str:
        """What ``field`` is called outside this section."""
        return self.title if field == "name" else f"{self.title}, {in_sentence(self._shown_form().title_of(field))}"

    def reveal(self, field: str) -> QWidget:
        """Unfold what hides ``field``; what takes the keyboard there is returned."""
        self.header.setChecked(True)
        if field == "name":
            return self._chooser or self.header
        return self._shown_form().reveal(field).controls()[0]

    def forget(self) -> None:
        """Forget what was set for the classes not chosen now."""
        self._remembered.clear()

    def focus_chain(self) -> list[QWidget]:
        """All that takes the keyboard, in reading order."""
        chooser = [self._chooser] if self._chooser is not None else []
        return [self.header, *chooser, self._about, *self._shown_form().focus_chain()]

    def _add_choice(self) -> None:
        if len(self._kinds) > 1:
            self._chooser = ComponentChooser()
            self._chooser.setAccessibleName(self.title)
            for kind in self._kinds:
                self._chooser.add_choice(spec_text(_label(kind)), spec_text(_about(kind)))
            self._chooser.activated.connect(self._choose)
            self._layout.addWidget(self._chooser)
        elif issubclass(self._kinds[0], Component):
            self._only_choice.setText(spec_text(_label(self._kinds[0])))
            self._layout.addWidget(self._only_choice)
        self._conflict_label.hide()
        self._layout.addWidget(self._conflict_label)
        self._layout.addWidget(self._about)

    def _show_form(self, kind: type[Spec]) -> None:
        if self._form is not None:
            self._form.hide()
            self._layout.removeWidget(self._form)
            self._form.deleteLater()
        self._form = ComponentForm(kind)
        self._form.edited.connect(self._take_edit)
        self._layout.addWidget(self._form)
        self._form.setVisible(bool(self._form.focus_chain()))
        if self._chooser is not None:
            self._chooser.setCurrentIndex(self._kinds.index(kind))
            self._chooser.setToolTip(spec_text(_about(kind)))
            self._chooser.setAccessibleDescription(spec_text(_about(kind)))
        address = kind.documentation if issubclass(kind, Component) else ""
        self._about.show_about(spec_text(_label(kind)), spec_text(_about(kind)), address)
        self.rebuilt.emit()

    def _shown_form(self) -> ComponentForm:
        if self._form is None:
            raise RuntimeError("The section shows no component yet")
        return self._form

    @Slot(int)
    def _choose(self, index: int) -> None:
        kind = self._kinds[index]
        form = self._shown_form()
        if type(form.component) is kind:
            return
        self._remembered[type(form.component)] = (form.component, form.unfit)
        component, unfit = self._remembered.get(kind) or (kind(), {})
        self.edited.emit(self._section, "name", component, unfit)

    @Slot(str)
    def _take_edit(self, field: str) -> None:
        form = self._shown_form()
        self.edited.emit(self._section, field, form.component, form.unfit)


def _label(kind: type[Spec]) -> str:
    return kind.label if issubclass(kind, Component) else kind.__name__


def _about(kind: type[Spec]) -> str:
    return kind.about if issubclass(kind, Component) else ""


def _summary(component: Spec) -> str:
    """The component in one line; what is no choice has no label, so its usual fields are told."""
    if isinstance(component, Component):
        return component.summary()
    return " · ".join(
        f"{name}={format_value(getattr(component, name))}"
        for name, field in type(component).model_fields.items()
        if not hint(field, "advanced")
    )
