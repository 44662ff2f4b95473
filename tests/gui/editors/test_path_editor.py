"""The editor of paths: typed, chosen or dropped."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from workbench.gui.editors.factory import editor_for
from workbench.gui.editors.path_editor import PathEditor
from workbench.spec.component import Spec
from workbench.spec.datasets import Arrays, ImageFolder

Make = Callable[[type[Spec]], PathEditor]


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    """Makes a shown editor of a class's path."""

    def shown(kind: type[Spec]) -> PathEditor:
        editor = editor_for("path", kind.model_fields["path"])
        assert isinstance(editor, PathEditor)
        qtbot.addWidget(editor)
        qtbot.addWidget(editor.error_label)
        editor.show()
        qtbot.waitExposed(editor)
        return editor

    return shown


def drop(editor: PathEditor, *paths: Path) -> bool:
    """Drag ``paths`` over the line and drop them; whether the line takes them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, left, no = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), action, data, left, no)
    enter.ignore()
    QApplication.sendEvent(editor.line, enter)
    if not enter.isAccepted():
        return False
    move = QDragMoveEvent(QPoint(6, 5), action, data, left, no)
    QApplication.sendEvent(editor.line, move)
    assert move.isAccepted()
    QApplication.sendEvent(editor.line, QDropEvent(QPointF(6, 5), action, data, left, no))
    return True


def test_a_typed_path_is_the_value(make: Make, qtbot: QtBot) -> None:
    editor = make(ImageFolder)
    with qtbot.waitSignal(editor.edited):
        qtbot.keyClicks(editor.line, '"/data/my images" ')
    assert editor.value() == "/data/my images", "quotation marks and blanks of a copied path do not count"


def test_showing_a_value_is_no_edit_and_keeps_what_already_means_it(make: Make, qtbot: QtBot) -> None:
    editor = make(ImageFolder)
    editor.set_text('"/data"')
    with qtbot.assertNotEmitted(editor.edited):
        editor.set_value("/data")
        assert editor.text() == '"/data"'
        editor.set_value("/other")
    assert editor.value() == "/other"
    editor.set_value(' "odd" ')
    assert editor.value() == ' "odd" ', "what was not typed here is left alone"


def test_a_dropped_folder_is_taken(make: Make, qtbot: QtBot, tmp_path: Path) -> None:
    editor = make(ImageFolder)
    folder = tmp_path / "我的 images"
    folder.mkdir()
    with qtbot.waitSignals([editor.edited, editor.left]):
        assert drop(editor, folder)
    assert editor.value() == str(folder)


def test_a_dropped_file_is_taken_where_a_file_is_wanted(make: Make, tmp_path: Path) -> None:
    file = tmp_path / "x.npz"
    file.touch()
    editor = make(Arrays)
    assert drop(editor, file)
    assert editor.value() == str(file)


def test_what_is_of_the_other_kind_or_too_many_is_not_taken(make: Make, tmp_path: Path) -> None:
    file = tmp_path / "x.npz"
    file.touch()
    editor = make(ImageFolder)
    assert not drop(editor, file)
    assert not drop(editor, tmp_path, tmp_path)
    assert not drop(make(Arrays), tmp_path)
    assert editor.value() == ""


@pytest.mark.parametrize(
    ("kind", "mode"), [(ImageFolder, QFileDialog.FileMode.Directory), (Arrays, QFileDialog.FileMode.ExistingFile)]
)
def test_the_button_opens_a_dialog_whose_choice_is_an_edit(
    make: Make, qtbot: QtBot, tmp_path: Path, kind: type[Spec], mode: QFileDialog.FileMode
) -> None:
    editor = make(kind)
    qtbot.mouseClick(editor.button, Qt.MouseButton.LeftButton)
    (dialog,) = editor.findChildren(QFileDialog)
    assert dialog.fileMode() == mode
    with qtbot.waitSignals([editor.edited, editor.left]):
        dialog.fileSelected.emit(str(tmp_path))
    dialog.reject()
    assert editor.value() == str(tmp_path)
    qtbot.waitUntil(lambda: not editor.findChildren(QFileDialog))


def test_both_controls_are_named_and_in_the_ring_of_the_tab_key(make: Make) -> None:
    editor = make(ImageFolder)
    assert editor.controls() == [editor.line, editor.button]
    assert [control.accessibleName() for control in editor.controls()] == ["Folder", "Choose Folder"]


def test_an_error_marks_the_line_and_not_the_button(make: Make) -> None:
    editor = make(ImageFolder)
    editor.show_error("is empty")
    assert editor.line.property("invalid") is True
    assert not editor.button.property("invalid")
    assert editor.error_label.text() == "is empty"
