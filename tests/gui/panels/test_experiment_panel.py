"""The experiment's panel, driven by real key events: editing, errors, conflicts, undo, folding, tab order."""

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.editors import captions
from workbench.gui.editors.bounds import bounds_of
from workbench.gui.editors.component_form import ComponentForm
from workbench.gui.editors.controls import NumberLine
from workbench.gui.editors.field_check import with_field
from workbench.gui.editors.field_row import FieldRow
from workbench.gui.editors.fold_header import FoldHeader
from workbench.gui.editors.section_editor import SectionEditor
from workbench.gui.panels.experiment_panel import ExperimentPanel
from workbench.spec.component import Spec
from workbench.spec.datasets import Digits, FashionMNIST
from workbench.spec.experiment import SECTIONS, Experiment, choices, first_experiment
from workbench.spec.models import MLP, LeNet5
from workbench.spec.optimizers import SGD, Adam
from workbench.spec.schedulers import Constant, StepLR

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def panel(qtbot: QtBot) -> ExperimentPanel:
    """The panel of the first experiment, everything unfolded."""
    panel = ExperimentPanel(first_experiment())
    qtbot.addWidget(panel)
    panel.resize(344, 700)
    panel.show()
    qtbot.waitExposed(panel)
    panel.activateWindow()
    unfold_all(panel)
    return panel


def unfold_all(panel: ExperimentPanel) -> None:
    for header in panel.findChildren(FoldHeader):
        header.setChecked(True)


def control(panel: ExperimentPanel, name: str) -> Any:
    """What takes the keyboard and is called ``name``; folds are not counted."""
    found = [
        widget
        for widget in panel.findChildren(QWidget)
        if widget.accessibleName() == name
        and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and widget.isVisibleTo(panel)
        and not isinstance(widget, FoldHeader)
    ]
    assert len(found) == 1, f"{name}: {found}"
    return found[0]


def header(panel: ExperimentPanel, title: str) -> FoldHeader:
    return next(fold for fold in panel.findChildren(FoldHeader) if fold.text() == title)


def shown_errors(panel: ExperimentPanel) -> list[str]:
    return [
        label.text() for label in panel.findChildren(QLabel) if label.property("role") == "error" and label.isVisible()
    ]


def type_into(qtbot: QtBot, line: QWidget, text: str) -> None:
    """Replace what ``line`` shows by real keys."""
    line.setFocus()
    qtbot.waitUntil(line.hasFocus)
    qtbot.keyClick(line, Qt.Key.Key_A, CONTROL)
    if text:
        qtbot.keyClicks(line, text)
    else:
        qtbot.keyClick(line, Qt.Key.Key_Delete)


def choose(qtbot: QtBot, chooser: QComboBox, key: Qt.Key) -> None:
    chooser.setFocus()
    qtbot.waitUntil(chooser.hasFocus)
    qtbot.keyClick(chooser, key)


def test_adam_with_a_learning_rate_of_one_thousandth_is_set_by_keyboard_alone(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    choose(qtbot, control(panel, "Optimizer"), Qt.Key.Key_Down)
    assert panel.experiment.optimizer == Adam()
    for _ in range(2):  # over the documentation's link
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is control(panel, "Learning rate")
    qtbot.keyClicks(QApplication.focusWidget(), "0.001")
    assert panel.experiment.optimizer == Adam(lr=0.001)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Up)
    assert panel.experiment.optimizer == Adam(lr=0.002)


def test_each_valid_keystroke_makes_a_new_experiment_and_leaves_the_old_one(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    before = panel.experiment
    told: list[Experiment] = []
    panel.experimentChanged.connect(told.append)
    type_into(qtbot, control(panel, "Epochs"), "12")
    assert [experiment.training.epochs for experiment in told] == [1, 12]
    assert before == first_experiment()
    assert told[-1] is panel.experiment


@pytest.mark.parametrize(
    ("name", "typed", "problem", "shown"),
    [
        ("Learning rate", "-1", "Optimizer, learning rate: must be at least 0", "Must be at least 0"),
        ("Learning rate", "fast", "Optimizer, learning rate: must be a number, not 'fast'", "Must be a number"),
        ("Learning rate", "inf", "Optimizer, learning rate: must be a finite number", "Must be a finite number"),
        ("Epochs", "1.5", "Training, epochs: must be a whole number, not '1.5'", "Must be a whole number"),
        ("Epochs", "0", "Training, epochs: must be at least 1, not 0", "Must be at least 1, not 0"),
        ("Mean, Numbers", "x", "Dataset, mean: must be a number, not 'x'", "Must be a number, not 'x'"),
        ("Standard deviation, Numbers", "0", "Dataset, standard deviation: number 1 must be greater", "Number 1 must"),
        ("Title", "", "Title: must not be empty", "Must not be empty"),
    ],
)
def test_an_invalid_field_keeps_its_text_and_the_experiment_its_value(
    panel: ExperimentPanel, qtbot: QtBot, name: str, typed: str, problem: str, shown: str
) -> None:
    line = control(panel, name)
    type_into(qtbot, line, "1")
    before = panel.experiment
    type_into(qtbot, line, typed)
    assert panel.experiment == before
    assert (line.lineEdit() if isinstance(line, NumberLine) else line).text() == typed
    assert len(panel.problems()) == 1
    assert panel.problems()[0].startswith(problem)
    assert len(shown_errors(panel)) == 1
    assert shown_errors(panel)[0].startswith(shown)


def test_an_error_leaves_when_the_field_is_mended(panel: ExperimentPanel, qtbot: QtBot) -> None:
    told: list[list[str]] = []
    panel.problemsChanged.connect(told.append)
    type_into(qtbot, control(panel, "Batch size, Number"), "0")
    type_into(qtbot, control(panel, "Batch size, Number"), "32")
    assert panel.problems() == []
    assert shown_errors(panel) == []
    assert panel.experiment.training.batch_size == 32
    assert told == [["Training, batch size: must be at least 1, not 0"], []]


def test_a_valid_edit_is_taken_while_another_field_is_invalid(panel: ExperimentPanel, qtbot: QtBot) -> None:
    type_into(qtbot, control(panel, "Learning rate"), "fast")
    type_into(qtbot, control(panel, "Momentum"), "0.5")
    assert panel.experiment.optimizer == SGD(lr=0.01, momentum=0.5)
    assert panel.problems() == ["Optimizer, learning rate: must be a number, not 'fast'"]


def test_the_beginning_of_a_number_is_no_error_until_the_field_is_left(panel: ExperimentPanel, qtbot: QtBot) -> None:
    type_into(qtbot, control(panel, "Learning rate"), "1e-")
    assert shown_errors(panel) == []
    assert panel.problems() == ["Optimizer, learning rate: must be a number, not '1e-'"]
    control(panel, "Momentum").setFocus()
    assert shown_errors(panel) == ["Must be a number, not '1e-'"]


def numeric_fields() -> list[tuple[str, type[Spec], str]]:
    found = []
    for section in SECTIONS:
        for kind in choices(section):
            for field, info in kind.model_fields.items():
                if bounds_of(info).written(field):
                    found.append((section, kind, field))
    return found


def numbers_in(value: object) -> list[float]:
    return [item for item in (value if isinstance(value, tuple) else (value,)) if isinstance(item, int | float)]


def how_many(field: FieldInfo) -> int:
    """The numbers a field needs: those of a tuple of fixed length."""
    items = get_args(field.annotation) if get_origin(field.annotation) is tuple else ()
    return len(items) if items and Ellipsis not in items else 1


@pytest.mark.parametrize(("section", "kind", "field"), numeric_fields())
def test_every_bound_of_every_declaration_is_kept(qtbot: QtBot, section: str, kind: type[Spec], field: str) -> None:
    form = ComponentForm(kind)
    qtbot.addWidget(form)
    default = kind()
    form.show_component(default, {})
    info = kind.model_fields[field]
    bounds = bounds_of(info)
    beyond = [bound for bound in (bounds.gt, bounds.lt) if bound is not None]
    beyond += [bounds.ge - 1] if bounds.ge is not None else []
    beyond += [bounds.le + 1] if bounds.le is not None else []
    editor = form.reveal(field)
    line = editor.controls()[-1]
    edit: QLineEdit = line.lineEdit() if isinstance(line, NumberLine) else line
    assert beyond
    for number in beyond:
        if isinstance(editor.controls()[0], QComboBox):
            editor.set_text("0.5")
        edit.selectAll()
        typed = ", ".join([f"{number:.0f}"] * how_many(info))
        qtbot.keyClicks(edit, typed)
        assert list(form.unfit) == [field], f"{typed} in {field}"
        assert form.problems()
        assert "must be" in form.problems()[0][1]
        assert all(bounds.allows(kept) for kept in numbers_in(getattr(form.component, field)))


def test_a_conflict_is_shown_beside_the_field_it_names(panel: ExperimentPanel, qtbot: QtBot) -> None:
    type_into(qtbot, control(panel, "Momentum"), "0")
    qtbot.keyClick(control(panel, "Nesterov"), Qt.Key.Key_Space)
    assert panel.experiment.optimizer == SGD(lr=0.01, momentum=0, nesterov=True)
    reason = "needs momentum above 0 and dampening 0: set both or switch it off."
    assert panel.problems() == [f"Optimizer, nesterov: {reason}"]
    assert shown_errors(panel) == [reason[0].upper() + reason[1:]]
    type_into(qtbot, control(panel, "Momentum"), "0.9")
    assert panel.problems() == []
    assert shown_errors(panel) == []


def test_a_conflict_of_two_sections_is_shown_under_the_chooser(panel: ExperimentPanel, qtbot: QtBot) -> None:
    choose(qtbot, control(panel, "Dataset"), Qt.Key.Key_Down)
    assert panel.experiment.dataset == Digits()
    assert len(panel.problems()) == 1
    assert panel.problems()[0].startswith("Model: input 8×8 is too small")
    assert shown_errors(panel)[0].startswith("Input 8×8 is too small")


def test_a_folded_section_marks_what_is_wrong_in_it(panel: ExperimentPanel, qtbot: QtBot) -> None:
    type_into(qtbot, control(panel, "Learning rate"), "-1")
    optimizer = header(panel, "Optimizer")
    assert optimizer.warning.startswith("Optimizer, learning rate: must be at least 0")
    optimizer.setChecked(False)
    assert optimizer.toolTip() == optimizer.warning
    assert optimizer.accessibleDescription().startswith("folded, Optimizer, learning rate: must be at least 0")


def test_an_invalid_field_among_the_folded_options_is_marked_on_their_fold(
    panel: ExperimentPanel, qtbot: QtBot
) -> None:
    type_into(qtbot, control(panel, "Keep every"), "-1")
    folds = [fold for fold in panel.findChildren(FoldHeader) if fold.text() == "More options" and fold.warning]
    assert [fold.warning for fold in folds] == ["Keep every: must be at least 0, not -1"]


def test_another_class_takes_its_defaults_and_what_was_typed_comes_back(panel: ExperimentPanel, qtbot: QtBot) -> None:
    type_into(qtbot, control(panel, "Learning rate"), "0.5")
    type_into(qtbot, control(panel, "Momentum"), "much")
    choose(qtbot, control(panel, "Optimizer"), Qt.Key.Key_Down)
    assert panel.experiment.optimizer == Adam()
    assert panel.problems() == []
    choose(qtbot, control(panel, "Optimizer"), Qt.Key.Key_Up)
    assert panel.experiment.optimizer == SGD(lr=0.5, momentum=0.9)
    assert control(panel, "Momentum").lineEdit().text() == "much"
    assert panel.problems() == ["Optimizer, momentum: must be a number, not 'much'"]


def test_another_experiment_forgets_what_was_typed_and_the_undo_history(panel: ExperimentPanel, qtbot: QtBot) -> None:
    choose(qtbot, control(panel, "Optimizer"), Qt.Key.Key_Down)
    type_into(qtbot, control(panel, "Learning rate"), "0.5")
    choose(qtbot, control(panel, "Optimizer"), Qt.Key.Key_Up)
    panel.set_experiment(first_experiment())
    assert not panel.undo_stack.canUndo()
    choose(qtbot, control(panel, "Optimizer"), Qt.Key.Key_Down)
    assert panel.experiment.optimizer == Adam()


def test_undo_and_redo_restore_every_step_exactly(panel: ExperimentPanel, qtbot: QtBot) -> None:
    states = [panel.experiment]

    def done() -> None:
        states.append(panel.experiment)

    type_into(qtbot, control(panel, "Title"), "Mine")
    done()
    type_into(qtbot, control(panel, "Learning rate"), "1e-4")
    done()
    choose(qtbot, control(panel, "Optimizer"), Qt.Key.Key_Down)
    done()
    choose(qtbot, control(panel, "Dataset"), Qt.Key.Key_Down)
    done()
    choose(qtbot, control(panel, "Schedule"), Qt.Key.Key_Down)
    done()
    qtbot.keyClick(control(panel, "Shuffle"), Qt.Key.Key_Space)
    done()
    assert panel.undo_stack.count() == len(states) - 1
    for state in reversed(states[:-1]):
        panel.undo_stack.undo()
        assert panel.experiment == state
    assert not panel.undo_stack.canUndo()
    for state in states[1:]:
        panel.undo_stack.redo()
        assert panel.experiment == state


def test_undo_takes_back_a_text_that_is_no_value_too(panel: ExperimentPanel, qtbot: QtBot) -> None:
    type_into(qtbot, control(panel, "Epochs"), "many")
    assert panel.undo_stack.undoText() == "Training, epochs"
    panel.undo_stack.undo()
    assert control(panel, "Epochs").lineEdit().text() == "5"
    assert panel.problems() == []
    panel.undo_stack.redo()
    assert control(panel, "Epochs").lineEdit().text() == "many"
    assert panel.problems() == ["Training, epochs: must be a whole number, not 'many'"]


def test_typing_back_what_was_there_leaves_nothing_to_undo(panel: ExperimentPanel, qtbot: QtBot) -> None:
    type_into(qtbot, control(panel, "Epochs"), "12")
    type_into(qtbot, control(panel, "Epochs"), "5")
    assert not panel.undo_stack.canUndo()


def test_the_undo_keys_undo_the_experiment_and_not_the_line(panel: ExperimentPanel, qtbot: QtBot) -> None:
    undo = panel.undo_stack.createUndoAction(panel)
    undo.setShortcut("Ctrl+Z")
    panel.addAction(undo)
    for name, before in (("Epochs", "5"), ("Title", "My first model")):
        line = control(panel, name)
        type_into(qtbot, line, "77")
        qtbot.keyClick(line, Qt.Key.Key_Z, CONTROL)
        assert (line.lineEdit() if isinstance(line, NumberLine) else line).text() == before
    assert panel.experiment == first_experiment()


def test_undo_shows_the_field_it_changed(panel: ExperimentPanel, qtbot: QtBot) -> None:
    type_into(qtbot, control(panel, "Keep every"), "3")
    for fold in panel.findChildren(FoldHeader):
        fold.setChecked(False)
    panel.undo_stack.undo()
    line = control(panel, "Keep every")
    assert line.hasFocus()
    assert line.visibleRegion().boundingRect().height() == line.height()


def test_the_context_menu_resets_a_field_to_its_default(panel: ExperimentPanel, qtbot: QtBot) -> None:
    line = control(panel, "Momentum")
    line.setFocus()
    actions = [action for action in line.actions() if action.text() == "Reset to 0"]
    assert len(actions) == 1
    actions[0].trigger()
    assert panel.experiment.optimizer == SGD(lr=0.01, momentum=0)
    panel.undo_stack.undo()
    assert panel.experiment == first_experiment()


def test_space_and_return_fold_a_section_and_its_summary_shows(panel: ExperimentPanel, qtbot: QtBot) -> None:
    optimizer = header(panel, "Optimizer")
    optimizer.setFocus()
    qtbot.keyClick(optimizer, Qt.Key.Key_Space)
    assert not optimizer.isChecked()
    assert not any(line.isVisible() for line in panel.findChildren(QWidget) if line.accessibleName() == "Momentum")
    assert optimizer.toolTip() == "SGD · lr=0.01 · momentum=0.9"
    qtbot.keyClick(optimizer, Qt.Key.Key_Return)
    assert control(panel, "Momentum").isVisible()
    training = header(panel, "Training")
    training.setChecked(False)
    assert training.toolTip() == "epochs=5 · batch_size=64 · shuffle=yes · seed=0"


def test_tab_visits_everything_from_top_to_bottom(panel: ExperimentPanel, qtbot: QtBot) -> None:
    choose(qtbot, control(panel, "Optimizer"), Qt.Key.Key_Down)  # a form made later than the ones below it
    choose(qtbot, control(panel, "Model"), Qt.Key.Key_Down)
    unfold_all(panel)
    panel.resize(344, 2400)
    start = control(panel, "Title")
    start.setFocus()
    visited: list[QWidget] = [start]
    while True:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        if now is start:
            break
        visited.append(now)
        assert len(visited) < 100
    heights = [widget.mapTo(panel, widget.rect().center()).y() for widget in visited]
    assert heights == sorted(heights)
    reachable = {
        widget
        for widget in panel.findChildren(QWidget)
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None
    }
    assert set(visited) == reachable


def test_everything_that_can_be_reached_has_an_accessible_name(panel: ExperimentPanel, qtbot: QtBot) -> None:
    for optimizer, model, scheduler in ((SGD(), LeNet5(), Constant()), (Adam(), MLP(), StepLR())):
        panel.set_experiment(
            first_experiment().model_copy(update={"optimizer": optimizer, "model": model, "scheduler": scheduler})
        )
        unfold_all(panel)
        reachable = [
            widget
            for widget in panel.findChildren(QWidget)
            if widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.focusProxy() is None
        ]
        assert len(reachable) > 20
        assert [widget for widget in reachable if not widget.accessibleName()] == []


def test_return_on_the_documentation_opens_its_page(
    panel: ExperimentPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(captions.QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    link = control(panel, "Documentation of SGD")
    qtbot.keyClick(link, Qt.Key.Key_Return)
    assert opened == [SGD.documentation]


def test_every_title_is_the_buddy_of_its_editor(panel: ExperimentPanel) -> None:
    buddies = {label.text(): label.buddy() for label in panel.findChildren(QLabel) if label.buddy() is not None}
    assert buddies["Learning rate"] is control(panel, "Learning rate")
    assert buddies["Batch size"] is control(panel, "Batch size")


@pytest.mark.parametrize("width", [320, 360])
def test_nothing_is_cut_off_at_the_narrowest_and_widest(panel: ExperimentPanel, qtbot: QtBot, width: int) -> None:
    panel.set_experiment(
        first_experiment().model_copy(
            update={
                "optimizer": Adam(fused=True, foreach=True),
                "model": MLP(),
                "dataset": FashionMNIST(validation=0.2),
            }
        )
    )
    unfold_all(panel)
    panel.resize(width, 700)
    qtbot.waitUntil(lambda: panel.findChildren(SectionEditor)[0].width() <= width)
    assert panel.width() == width
    for widget in panel.findChildren(QLabel):
        if widget.isVisible() and widget.text():
            right = widget.mapTo(panel, widget.rect().topRight()).x()
            assert right <= width, widget.text()
            assert widget.height() >= widget.heightForWidth(widget.width()), widget.text()


def number_of(annotation: Any, info: Any) -> st.SearchStrategy[Any]:
    bounds = bounds_of(info)
    low = bounds.gt if bounds.gt is not None else bounds.ge
    high = bounds.lt if bounds.lt is not None else bounds.le
    if annotation is int:
        return st.integers(0 if low is None else int(low), 2**32 - 1 if high is None else int(high)).filter(
            bounds.allows
        )
    return st.floats(low, high, allow_nan=False, allow_infinity=False).filter(bounds.allows)


NAMES = st.sampled_from(["*.bias", "layers.1.*", "1", "né"])


def values_of(info: Any) -> st.SearchStrategy[Any]:
    """Values that the field's declaration allows; of what only a file can have, the default."""
    annotation = info.annotation
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is str and info.is_required():
        return NAMES
    if origin is tuple and isinstance(arguments[0], type) and issubclass(arguments[0], Spec):
        return st.lists(builds(arguments[0]), max_size=3).map(tuple)
    if origin is tuple and plain(arguments[0]) in (int, float):
        if Ellipsis in arguments:
            return st.lists(number_of(plain(arguments[0]), info), max_size=6).map(tuple)
        return st.tuples(*(number_of(plain(item), FieldInfo.from_annotation(item)) for item in arguments))
    if origin in (Union, UnionType):
        found = [value_of(alternative, info) for alternative in arguments]
        return st.one_of([values for values in found if values is not None])
    values = value_of(annotation, info)
    return st.just(info.default) if values is None else values


def value_of(annotation: Any, info: Any) -> st.SearchStrategy[Any] | None:
    """Single values of the type; None for a type that has more than one."""
    if annotation in (None, NoneType):
        return st.none()
    if annotation is bool:
        return st.booleans()
    if plain(annotation) in (int, float):
        return number_of(plain(annotation), info)
    return st.sampled_from(get_args(annotation)) if get_origin(annotation) is Literal else None


def plain(annotation: Any) -> Any:
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def builds(kind: type[Spec]) -> st.SearchStrategy[Spec]:
    """Values of the class, fields that do not go together left out."""
    fields = {
        name: values_of(info)
        for name, info in kind.model_fields.items()
        if name != "name" or get_origin(info.annotation) is not Literal
    }

    def built(values: dict[str, Any]) -> Spec | None:
        try:
            return kind(**values)
        except ValidationError:
            return None

    return st.fixed_dictionaries(fields).map(built).filter(lambda made: made is not None)


def components_of(section: str) -> st.SearchStrategy[Spec]:
    return st.one_of([builds(kind) for kind in choices(section)])


EXPERIMENTS = st.builds(
    Experiment,
    title=st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=120),
    **{section: components_of(section) for section in SECTIONS},
)


@given(EXPERIMENTS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_experiment_is_shown_and_read_back_as_it_is(panel: ExperimentPanel, experiment: Experiment) -> None:
    panel.set_experiment(experiment)
    assert panel.experiment == experiment
    read = experiment
    for form in panel.findChildren(ComponentForm):
        if not form.isVisibleTo(panel):
            continue
        component = form.component
        for row in form.findChildren(FieldRow):
            component = with_field(component, row.name, row.editor.value())
        if isinstance(component, Experiment):
            assert component == experiment
        else:
            section = next(part for part in SECTIONS if getattr(experiment, part) == form.component)
            read = with_field(read, section, component)
    assert read == experiment
    assert len(panel.problems()) == len({conflict.field for conflict in experiment.conflicts()})
