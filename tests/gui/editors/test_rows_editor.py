"""The editor of several values, a row each: parameter groups, by real key events."""

import itertools
from collections.abc import Iterator
from typing import Literal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.editors.component_form import ComponentForm
from workbench.gui.editors.fold_header import FoldHeader
from workbench.gui.editors.rows_editor import RowsEditor
from workbench.spec.component import Spec, parameter
from workbench.spec.parameter_groups import ParameterGroup
from workbench.spec.training import Training

BIAS = ParameterGroup(pattern="*.bias", weight_decay=0.0)
FIRST = ParameterGroup(pattern="layers.1.*", lr=1e-3)


@pytest.fixture
def form(qtbot: QtBot) -> Iterator[ComponentForm]:
    """The form of the groups alone, as narrow as the window's panel, without groups."""
    form = ComponentForm(Training, ["groups"])
    qtbot.addWidget(form)
    form.resize(304, 300)
    form.show_component(Training(), {})
    for fold in form.findChildren(FoldHeader):
        fold.setChecked(True)
    form.show()
    qtbot.waitExposed(form)
    form.activateWindow()
    return form


def named(form: ComponentForm, name: str) -> QWidget:
    (found,) = [widget for widget in controls(form) if widget.accessibleName() == f"Parameter groups{name}"]
    return found


def controls(form: ComponentForm) -> list[QWidget]:
    return form.reveal("groups").controls()


def line(form: ComponentForm, name: str) -> QLineEdit:
    found = named(form, name)
    assert isinstance(found, QLineEdit)
    return found


def press(qtbot: QtBot, widget: QWidget) -> None:
    widget.setFocus()
    qtbot.keyClick(widget, Qt.Key.Key_Space)


def type_into(qtbot: QtBot, widget: QWidget, text: str) -> None:
    widget.setFocus()
    qtbot.keyClick(widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(widget, Qt.Key.Key_Backspace)
    qtbot.keyClicks(widget, text)


def groups(form: ComponentForm) -> tuple[ParameterGroup, ...]:
    training = form.component
    assert isinstance(training, Training)
    return training.groups


def error(form: ComponentForm) -> str:
    label = form.reveal("groups").error_label
    return label.text() if label.isVisible() else ""


def test_a_group_is_added_by_keys_alone(form: ComponentForm, qtbot: QtBot) -> None:
    press(qtbot, named(form, ", Add"))
    assert line(form, " 1, pattern").hasFocus()
    qtbot.keyClicks(line(form, " 1, pattern"), "*.bias")
    qtbot.keyClick(form.focusWidget(), Qt.Key.Key_Tab)
    assert line(form, " 1, learning rate").hasFocus()
    qtbot.keyClick(form.focusWidget(), Qt.Key.Key_Tab)
    qtbot.keyClicks(line(form, " 1, weight decay"), "0")
    assert groups(form) == (BIAS,)
    assert form.problems() == []
    press(qtbot, named(form, ", Add"))
    qtbot.keyClicks(line(form, " 2, pattern"), "layers.1.*")
    qtbot.keyClicks(line(form, " 2, learning rate"), "1e-3")
    assert groups(form) == (BIAS, FIRST)


def test_shown_groups_are_read_back_as_they_are_and_what_was_typed_stays(form: ComponentForm, qtbot: QtBot) -> None:
    editor = form.reveal("groups")
    with qtbot.assertNotEmitted(editor.edited):
        for value in ((BIAS, FIRST), (FIRST,), (), (BIAS,)):
            editor.set_value(value)
            assert editor.value() == value
    type_into(qtbot, line(form, " 1, learning rate"), "5e-2")
    form.show_component(form.component, form.unfit)
    assert line(form, " 1, learning rate").text() == "5e-2"
    assert groups(form)[0].lr == 0.05


def test_a_group_is_removed_and_the_keyboard_goes_to_the_next(form: ComponentForm, qtbot: QtBot) -> None:
    form.show_component(Training(groups=(BIAS, FIRST)), {})
    press(qtbot, named(form, " 1, remove"))
    assert groups(form) == (FIRST,)
    assert named(form, " 1, remove").hasFocus()
    assert line(form, " 1, pattern").text() == "layers.1.*"
    press(qtbot, named(form, " 1, remove"))
    assert groups(form) == ()
    assert controls(form) == [named(form, ", Add")]
    assert named(form, ", Add").hasFocus()


@pytest.mark.parametrize(
    ("cell", "typed", "sentence"),
    [
        ("pattern", "", "Number 2, pattern must not be empty"),
        ("learning rate", "-1", "Number 2, learning rate must be at least 0, not -1.0"),
        ("learning rate", "fast", "Number 2, learning rate must be a number, not 'fast'"),
        ("weight decay", "0,1", "Number 2, weight decay must be written with a point, such as 0.1"),
    ],
)
def test_what_is_wrong_is_said_in_place_and_marked(
    form: ComponentForm, qtbot: QtBot, cell: str, typed: str, sentence: str
) -> None:
    form.show_component(Training(groups=(BIAS, FIRST)), {})
    wrong = line(form, f" 2, {cell}")
    type_into(qtbot, wrong, typed)
    qtbot.keyClick(wrong, Qt.Key.Key_Tab)
    assert error(form) == sentence
    assert groups(form)[0] == BIAS
    marked = [widget for widget in controls(form) if widget.property("invalid")]
    assert marked == [wrong]
    assert wrong.accessibleDescription().startswith(sentence)
    type_into(qtbot, wrong, "0.5" if cell != "pattern" else "a")
    assert error(form) == ""
    assert [widget for widget in controls(form) if widget.property("invalid")] == []


def test_a_new_group_is_not_called_wrong_while_its_pattern_is_being_typed(form: ComponentForm, qtbot: QtBot) -> None:
    press(qtbot, named(form, ", Add"))
    assert error(form) == ""
    assert form.problems() == [("Parameter groups", "number 1, pattern must not be empty")]
    qtbot.keyClick(form.focusWidget(), Qt.Key.Key_Tab)
    qtbot.keyClick(form.focusWidget(), Qt.Key.Key_Tab)
    qtbot.keyClick(form.focusWidget(), Qt.Key.Key_Tab)
    assert error(form) == "Number 1, pattern must not be empty"


def test_unfit_texts_come_back_as_they_were_typed(form: ComponentForm, qtbot: QtBot) -> None:
    form.show_component(Training(groups=(BIAS,)), {})
    type_into(qtbot, line(form, " 1, learning rate"), "1e-x")
    component, unfit = form.component, form.unfit
    assert groups(form) == (BIAS.model_copy(update={"lr": 1.0}),), "what was typed last that is a value"
    form.show_component(Training(), {})
    assert controls(form) == [named(form, ", Add")]
    form.show_component(component, unfit)
    assert line(form, " 1, pattern").text() == "*.bias"
    assert line(form, " 1, learning rate").text() == "1e-x"
    assert form.problems() == [("Parameter groups", "number 1, learning rate must be a number, not '1e-x'")]


class Use(Spec):
    """A value with a name to choose."""

    column: str = parameter(..., "Column", "Which.", min_length=1)
    role: Literal["numeric", "ignored"] = parameter(..., "Role", "What for.")


class Uses(Spec):
    columns: tuple[Use, ...] = parameter((), "Columns", "What each is used for.")


def test_a_name_is_chosen_and_none_is_chosen_at_first(qtbot: QtBot) -> None:
    form = ComponentForm(Uses)
    qtbot.addWidget(form)
    form.show_component(Uses(), {})
    form.show()
    qtbot.waitExposed(form)
    form.activateWindow()
    add, *_ = form.reveal("columns").controls()
    press(qtbot, add)
    _, line, chooser, _ = form.reveal("columns").controls()
    type_into(qtbot, line, "age")
    assert form.problems() == [("Columns", "number 1, role must be 'numeric' or 'ignored'")]
    chooser.setFocus()
    qtbot.keyClick(chooser, Qt.Key.Key_Down)
    qtbot.keyClick(chooser, Qt.Key.Key_Down)
    assert form.component == Uses(columns=(Use(column="age", role="ignored"),))
    form.show_component(Uses(columns=(Use(column="age", role="numeric"),)), {})
    assert isinstance(chooser, QComboBox)
    assert chooser.currentText() == "numeric"


def test_every_control_has_a_name_and_rows_follow_the_button_in_tab_order(form: ComponentForm) -> None:
    form.show_component(Training(groups=(BIAS, FIRST)), {})
    chain = controls(form)
    assert len(chain) == 9
    assert all(widget.accessibleName() for widget in chain)
    for first, second in itertools.pairwise(chain):
        following = first.nextInFocusChain()
        while following.focusPolicy() == Qt.FocusPolicy.NoFocus:
            following = following.nextInFocusChain()
        assert following is second


def test_captions_show_with_the_first_row_and_nothing_is_cut_off(form: ComponentForm, qtbot: QtBot) -> None:
    editor = form.reveal("groups")
    assert isinstance(editor, RowsEditor)
    assert editor.below is not None
    assert not editor.below.isVisible()
    form.show_component(Training(groups=(BIAS,)), {})
    qtbot.waitUntil(lambda: editor.below is not None and editor.below.isVisible())
    captions = [label.text() for label in editor.below.findChildren(QLabel)]
    assert captions == ["Pattern", "Learning rate", "Weight decay"]
    right = editor.below.mapTo(form, editor.below.rect().topRight()).x()
    assert right <= form.width()
    for widget in controls(form)[1:]:
        assert widget.width() >= (60 if isinstance(widget, QLineEdit) else 16)
        assert widget.mapTo(form, widget.rect().topRight()).x() <= form.width()
