"""The experiment's panel: title and sections, each edit a new experiment that can be undone."""

import itertools

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from workbench.gui.editors.component_form import ComponentForm
from workbench.gui.editors.experiment_draft import Draft, EditExperiment
from workbench.gui.editors.field_check import with_field
from workbench.gui.editors.section_editor import SectionEditor
from workbench.spec.component import Spec
from workbench.spec.datasets import Dataset
from workbench.spec.experiment import SECTIONS, Experiment
from workbench.spec.tasks import DatasetInfo

_FOLDED_AT_FIRST = ("loss", "scheduler")
_MINIMUM_WIDTH = 320
_USUAL_WIDTH = 344


class ExperimentPanel(QWidget):
    """Shows an experiment and lets the user edit it; what is being trained has a copy of its own. GUI thread only."""

    experimentChanged = Signal(object)
    """The new ``Experiment``, after each valid edit, undo, redo and ``set_experiment`` that changes it."""
    problemsChanged = Signal(object)
    """The new list of ``problems``."""

    def __init__(self, experiment: Experiment, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("experimentPanel")
        self.setAccessibleName(self.tr("Experiment"))
        self.setMinimumWidth(_MINIMUM_WIDTH)
        self.undo_stack = QUndoStack(self)
        """Every edit; the window makes the actions."""
        self._draft = Draft(experiment)
        self._told: tuple[Dataset, DatasetInfo] | None = None
        """A dataset, and what reading it told."""
        self._problems: list[str] = []
        self._title = ComponentForm(Experiment, ["title"])
        self._title.setContentsMargins(8, 8, 8, 8)
        self._title.edited.connect(self._take_title)
        titles = {
            "dataset": self.tr("Dataset"),
            "model": self.tr("Model"),
            "loss": self.tr("Loss"),
            "optimizer": self.tr("Optimizer"),
            "scheduler": self.tr("Schedule"),
            "training": self.tr("Training"),
        }
        self._sections = {section: SectionEditor(section, titles[section]) for section in SECTIONS}
        self._scroll = QScrollArea()
        self._lay_out()
        self._show(self._draft)
        for section, editor in self._sections.items():
            editor.header.setChecked(section not in _FOLDED_AT_FIRST)
            editor.edited.connect(self._take_edit)
            editor.rebuilt.connect(self._order_tabs)
        self._order_tabs()

    @property
    def experiment(self) -> Experiment:
        """The experiment as last edited; fields whose text is no value keep the value they had."""
        return self._draft.experiment

    def set_experiment(self, experiment: Experiment) -> None:
        """Show another experiment. The undo history and what was typed for other classes are forgotten."""
        self.undo_stack.clear()
        for editor in self._sections.values():
            editor.forget()
        self._show(Draft(experiment))

    def edit(self, section: str, field: str, value: object) -> None:
        """Give ``field`` of ``section`` another value: a step of its own to undo, as if the user had typed it.

        Raises:
            ValueError: the declaration refuses ``value``.
        """
        component = with_field(getattr(self.experiment, section), field, value)
        unfit = {name: text for name, text in self._draft.unfit_within(section).items() if name != field}
        after = self._draft.with_section(section, with_field(self.experiment, section, component), unfit)
        self._push(f"{section}.{field}", self._sections[section].path_title(field), after, joins=False)

    @property
    def dataset_info(self) -> DatasetInfo | None:
        """What reading the chosen dataset told, or else its declaration; None where only reading tells."""
        dataset = self.experiment.dataset
        if self._told is not None and self._told[0] == dataset:
            return self._told[1]
        return dataset.info()

    @Slot(object, object)
    def set_dataset_info(self, dataset: Dataset, info: DatasetInfo) -> None:
        """Check the experiment with ``info`` from now on, as long as ``dataset`` is the one it names."""
        self._told = (dataset, info)
        self._show(self._draft)

    def problems(self) -> list[str]:
        """Why the experiment cannot be trained, a sentence for each field to mend; empty when it can."""
        return list(self._problems)

    def reveal(self, path: str) -> None:
        """Unfold, scroll to and focus the field at the dotted ``path``, such as ``optimizer.lr``."""
        section, _, field = path.rpartition(".")
        control = self._sections[section].reveal(field) if section else self._title.reveal(field).controls()[0]
        self._column.activate()  # what was just unfolded has no place yet
        self._scroll.ensureWidgetVisible(control)
        control.setFocus(Qt.FocusReason.OtherFocusReason)

    def sizeHint(self) -> QSize:
        return QSize(_USUAL_WIDTH, 600)

    def _lay_out(self) -> None:
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, 0, 8)
        self._column.setSpacing(0)
        self._column.addWidget(self._title)
        for editor in self._sections.values():
            self._column.addWidget(editor)
        self._column.addStretch(1)
        self._scroll.setWidget(body)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setAccessibleName(self.tr("Sections of the experiment"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._scroll, 1)

    def _show(self, draft: Draft) -> None:
        before, self._draft = self._draft, draft
        self._title.show_component(draft.experiment, draft.unfit_within(""))
        conflicts: dict[str, dict[str, str]] = {}
        for conflict in draft.experiment.conflicts(self.dataset_info):
            section, _, field = conflict.field.partition(".")
            conflicts.setdefault(section, {}).setdefault(field or "name", conflict.reason)
        for section, editor in self._sections.items():
            editor.show_component(getattr(draft.experiment, section), draft.unfit_within(section))
            editor.show_conflicts(conflicts.get(section, {}))
        if draft.experiment != before.experiment:
            self.experimentChanged.emit(draft.experiment)
        problems = [f"{title}: {reason}" for title, reason in self._title.problems()]
        for editor in self._sections.values():
            problems += editor.problems()
        if problems != self._problems:
            self._problems = problems
            self.problemsChanged.emit(list(problems))

    def _push(self, path: str, title: str, after: Draft, *, joins: bool = True) -> None:
        if after != self._draft:
            step = EditExperiment(path, title, self._draft, after, self._show, self.reveal, joins=joins)
            self.undo_stack.push(step)

    @Slot(str)
    def _take_title(self, field: str) -> None:
        experiment = self._title.component
        if isinstance(experiment, Experiment):
            self._push(field, self._title.title_of(field), self._draft.with_section("", experiment, self._title.unfit))

    @Slot(str, str, object, object)
    def _take_edit(self, section: str, field: str, component: Spec, unfit: dict[str, str]) -> None:
        after = self._draft.with_section(section, with_field(self.experiment, section, component), unfit)
        self._push(f"{section}.{field}", self._sections[section].path_title(field), after)

    @Slot()
    def _order_tabs(self) -> None:
        chain = [*self._title.focus_chain()]
        for editor in self._sections.values():
            chain += editor.focus_chain()
        for first, second in itertools.pairwise(chain):
            QWidget.setTabOrder(first, second)
