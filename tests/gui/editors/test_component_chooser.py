"""The chooser of a section's class: its list, the search in it, keyboard and mouse."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.editors.component_chooser import ChoiceList, ComponentChooser
from workbench.gui.theme.appearance import apply
from workbench.spec.experiment import choices

OPTIMIZERS = choices("optimizer")
LABELS = [kind.label for kind in OPTIMIZERS]


@pytest.fixture
def chooser(qtbot: QtBot, qapp: QApplication) -> Iterator[ComponentChooser]:
    """A chooser with the optimizers of the catalogue, the first one chosen."""
    apply(qapp, "light")
    window = QWidget()
    window.resize(320, 300)
    chooser = ComponentChooser()
    chooser.setAccessibleName("Optimizer")
    column = QVBoxLayout(window)
    column.addWidget(chooser)
    column.addStretch(1)
    for kind in OPTIMIZERS:
        chooser.add_choice(kind.label, kind.about)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    chooser.setFocus()
    qtbot.waitUntil(chooser.hasFocus)
    yield chooser
    window.close()


def opened(chooser: ComponentChooser) -> tuple[ChoiceList, QLineEdit, QListView]:
    (found,) = chooser.findChildren(ChoiceList)
    assert found.isVisible()
    return found, found.line, found.list


def marked(listed: ChoiceList) -> str:
    return str(listed.list.currentIndex().data())


def test_it_opens_with_every_choice_and_what_it_is_and_the_present_one_marked(
    chooser: ComponentChooser, qtbot: QtBot
) -> None:
    chooser.setCurrentIndex(LABELS.index("RMSprop"))
    qtbot.keyClick(chooser, Qt.Key.Key_Space)
    listed, line, view = opened(chooser)
    assert listed.labels == LABELS
    assert marked(listed) == "RMSprop"
    assert line.text() == ""
    spoken = view.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == f"{OPTIMIZERS[0].label}. {OPTIMIZERS[0].about}"
    assert view.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole) == OPTIMIZERS[0].about
    assert (line.accessibleName(), view.accessibleName()) == ("Search: Optimizer", "Choices: Optimizer")


def test_typing_on_the_closed_chooser_searches_and_return_takes_the_best_match(
    chooser: ComponentChooser, qtbot: QtBot
) -> None:
    told: list[int] = []
    chooser.activated.connect(told.append)
    qtbot.keyClick(chooser, "r")
    listed, line, _ = opened(chooser)
    qtbot.keyClicks(line, "prop")
    assert marked(listed) == "Rprop"
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert not listed.isVisible()
    assert chooser.currentText() == "Rprop"
    assert told == [LABELS.index("Rprop")]


def test_a_search_looks_into_what_a_choice_is_too_and_marks_what_is_called_so(
    chooser: ComponentChooser, qtbot: QtBot
) -> None:
    chooser.showPopup()
    listed, line, _ = opened(chooser)
    qtbot.keyClicks(line, "ADAM")
    assert {"Adam", "AdamW", "Muon"} <= set(listed.labels)
    assert "SGD" not in listed.labels
    assert marked(listed) == "Adam"
    line.setText("sparse gradients")
    assert listed.labels == ["SparseAdam"]
    line.setText("nonsense")
    assert listed.labels == []
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert listed.isVisible()
    line.clear()
    assert listed.labels == LABELS


def test_arrow_keys_move_in_the_list_while_the_search_line_has_the_keyboard(
    chooser: ComponentChooser, qtbot: QtBot
) -> None:
    chooser.showPopup()
    listed, line, _ = opened(chooser)
    for _ in range(2):
        qtbot.keyClick(line, Qt.Key.Key_Down)
    assert marked(listed) == LABELS[2]
    qtbot.keyClick(line, Qt.Key.Key_Up)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert chooser.currentText() == LABELS[1]


def test_escape_closes_without_a_choice(chooser: ComponentChooser, qtbot: QtBot) -> None:
    told: list[int] = []
    chooser.activated.connect(told.append)
    chooser.showPopup()
    listed, line, _ = opened(chooser)
    qtbot.keyClick(line, Qt.Key.Key_Down)
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert not listed.isVisible()
    assert (chooser.currentText(), told) == (LABELS[0], [])


def test_a_click_takes_a_choice_of_the_filtered_list(chooser: ComponentChooser, qtbot: QtBot) -> None:
    chooser.showPopup()
    listed, line, view = opened(chooser)
    line.setText("adam")
    place = view.visualRect(view.model().index(1, 0)).center()
    expected = listed.labels[1]
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chooser.currentText() == expected
    assert not listed.isVisible()


def test_it_opens_anew_with_an_empty_search(chooser: ComponentChooser, qtbot: QtBot) -> None:
    chooser.showPopup()
    listed, line, _ = opened(chooser)
    line.setText("adam")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    chooser.showPopup()
    assert line.text() == ""
    assert listed.labels == LABELS
    chooser.hidePopup()
    assert not listed.isVisible()


def test_it_stays_on_the_screen(chooser: ComponentChooser, qtbot: QtBot) -> None:
    screen = chooser.screen().availableGeometry()
    chooser.window().move(screen.right() - 100, screen.bottom() - 60)
    qtbot.waitUntil(lambda: chooser.mapToGlobal(QPoint(0, 0)).y() > screen.bottom() - 80)
    chooser.showPopup()
    listed, _, _ = opened(chooser)
    assert screen.contains(listed.geometry())
    assert listed.geometry().bottom() <= chooser.mapToGlobal(QPoint(0, 0)).y()


def test_up_and_down_choose_without_opening(chooser: ComponentChooser, qtbot: QtBot) -> None:
    qtbot.keyClick(chooser, Qt.Key.Key_Down)
    assert chooser.currentText() == LABELS[1]
    assert chooser.findChildren(ChoiceList) == []
