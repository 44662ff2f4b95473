"""The editor of several numbers or a name: an image set's mean and standard deviation."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.gui.editors.factory import editor_for
from workbench.gui.editors.numbers_or_name_editor import NumbersOrNameEditor
from workbench.spec.datasets import FashionMNIST


@pytest.fixture
def editor(qtbot: QtBot) -> NumbersOrNameEditor:
    editor = editor_for("mean", FashionMNIST.model_fields["mean"])
    assert isinstance(editor, NumbersOrNameEditor)
    qtbot.addWidget(editor)
    qtbot.addWidget(editor.error_label)
    editor.show()
    qtbot.waitExposed(editor)
    editor.set_value((0.0,))
    return editor


def pick(editor: NumbersOrNameEditor, name: str) -> None:
    editor.chooser.setCurrentText(name)
    editor.chooser.activated.emit(editor.chooser.currentIndex())


def test_numbers_are_shown_beside_the_chooser(editor: NumbersOrNameEditor) -> None:
    chooser, line = editor.controls()
    assert [editor.chooser.itemText(index) for index in range(editor.chooser.count())] == ["Measured", "Numbers"]
    assert (editor.chooser.currentText(), editor.text(), editor.value()) == ("Numbers", "0", (0.0,))
    assert (chooser.isVisible(), line.isVisible()) == (True, True)
    assert (chooser.accessibleName(), line.accessibleName()) == ("Mean", "Mean, Numbers")


def test_a_name_hides_the_numbers_which_come_back(editor: NumbersOrNameEditor, qtbot: QtBot) -> None:
    editor.set_value((0.25, 0.5))
    with qtbot.waitSignal(editor.edited):
        pick(editor, "Measured")
    assert (editor.value(), editor.text(), editor.controls()[1].isVisible()) == ("measured", "", False)
    with qtbot.waitSignal(editor.edited):
        pick(editor, "Numbers")
    assert (editor.value(), editor.controls()[1].isVisible()) == ((0.25, 0.5), True)


def test_setting_a_value_tells_no_edit(editor: NumbersOrNameEditor, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(editor.edited):
        editor.set_value("measured")
        assert editor.value() == "measured"
        editor.set_value((0.1307,))
    assert (editor.value(), editor.text()) == ((0.1307,), "0.1307")


def test_typed_numbers_are_read_and_what_is_none_is_refused(editor: NumbersOrNameEditor, qtbot: QtBot) -> None:
    line = editor.controls()[1]
    with qtbot.waitSignal(editor.edited):
        qtbot.keyClicks(line, ", 0.5")
    assert editor.value() == (0.0, 0.5)
    qtbot.keyClicks(line, "x")
    with pytest.raises(ValueError, match=r"must be a number, not '0\.5x'"):
        editor.value()
    qtbot.keyClick(line, Qt.Key.Key_Backspace)
    assert editor.value() == (0.0, 0.5)


def test_text_that_is_put_back_is_shown_as_numbers(editor: NumbersOrNameEditor) -> None:
    editor.set_value("measured")
    editor.set_text("0.1, 0.")
    assert (editor.text(), editor.controls()[1].isVisible()) == ("0.1, 0.", True)
    assert editor.value() == (0.1, 0.0)
