"""The line that column names are typed into, and the rows that give columns a role."""

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from workbench.gui.editors.component_form import ComponentForm
from workbench.gui.editors.factory import editor_for
from workbench.gui.editors.names_editor import NamesEditor
from workbench.gui.editors.rows_editor import RowsEditor
from workbench.spec.datasets.table import ColumnRole, Table


@pytest.fixture
def editor(qtbot: QtBot) -> NamesEditor:
    editor = editor_for("target", Table.model_fields["target"])
    assert isinstance(editor, NamesEditor)
    qtbot.addWidget(editor)
    return editor


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ((), ""),
        (("price",), "price"),
        (("height", "body weight"), "height, body weight"),
        (("价格", 'size, in "inches"'), '价格, "size, in ""inches"""'),
    ],
)
def test_names_stand_in_one_line_and_are_read_back(editor: NamesEditor, names: tuple[str, ...], text: str) -> None:
    editor.set_value(names)
    assert editor.text() == text
    assert editor.value() == names


def test_what_means_the_same_names_stays_as_it_was_typed(editor: NamesEditor) -> None:
    editor.set_text("a,b ,")
    editor.set_value(("a", "b"))
    assert editor.text() == "a,b ,"


def test_a_typed_target_becomes_part_of_the_declaration(qtbot: QtBot) -> None:
    form = ComponentForm(Table)
    qtbot.addWidget(form)
    form.show_component(Table(path="a.csv"), {})
    editor = form.reveal("target")
    assert isinstance(editor, NamesEditor)
    QTest.keyClicks(editor.line, "height, weight")
    assert form.component == Table(path="a.csv", target=("height", "weight"))


def test_rows_give_columns_a_role_by_its_name(qtbot: QtBot) -> None:
    editor = editor_for("columns", Table.model_fields["columns"])
    assert isinstance(editor, RowsEditor)
    qtbot.addWidget(editor)
    editor.set_value((ColumnRole(name="zip", role="embedding"),))
    assert editor.value() == (ColumnRole(name="zip", role="embedding"),)
    editor.set_text('[["zip", "category"]]')
    with pytest.raises(ValueError, match="'numeric', 'one-hot', 'embedding', 'text', 'date' or 'ignored'"):
        editor.value()
