"""What the Data tab says of data that cannot be used, with real files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QToolButton
from pytestqt.qtbot import QtBot
from sklearn.datasets import load_digits

from workbench.engine.messages import DatasetPreview
from workbench.gui.panels.data_panel import DataPanel
from workbench.gui.panels.left_out import LeftOut
from workbench.gui.theme.palette import DARK, LIGHT, Theme
from workbench.spec.datasets import DatasetComponent, Digits, ImageFolder, Table

Preview = Callable[[DatasetComponent], DatasetPreview]


@pytest.fixture
def panel(qtbot: QtBot) -> DataPanel:
    panel = DataPanel()
    qtbot.addWidget(panel)
    panel.resize(1000, 500)
    panel.show()
    qtbot.waitExposed(panel)
    panel.activateWindow()
    return panel


@pytest.fixture
def damaged_digits(tmp_path: Path) -> ImageFolder:
    """Two classes of real digits, ten files each; one of each class is cut short."""
    digits = load_digits()
    root = tmp_path / "digits"
    for label in (0, 1):
        folder = root / str(label)
        folder.mkdir(parents=True)
        for place, image in enumerate(digits.images[digits.target == label][:10]):
            Image.fromarray((image * 15).astype(np.uint8)).save(folder / f"{place}.png")
        cut = folder / "9.png"
        cut.write_bytes(cut.read_bytes()[:40])
    return ImageFolder(path=str(root), size=(8, 8))


def left_out_of(panel: DataPanel) -> LeftOut:
    (found,) = panel.findChildren(LeftOut)
    return found


def list_of(panel: DataPanel) -> QPlainTextEdit:
    (found,) = left_out_of(panel).findChildren(QPlainTextEdit)
    return found


def button_of(panel: DataPanel) -> QToolButton:
    (found,) = left_out_of(panel).findChildren(QToolButton)
    return found


def test_unreadable_files_are_counted_and_the_list_opens_by_keyboard(
    panel: DataPanel, look_at: Preview, damaged_digits: ImageFolder, qtbot: QtBot
) -> None:
    preview = look_at(damaged_digits)
    assert len(preview.skipped) == 2
    panel.show_preview(preview)
    assert left_out_of(panel).isVisible()
    assert left_out_of(panel).text == f"Left out of the data, 2 in all: {'; '.join(preview.skipped)}"
    assert "9.png" in left_out_of(panel).text
    assert not list_of(panel).isVisible()
    button = button_of(panel)
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert list_of(panel).isVisible()
    assert list_of(panel).toPlainText().splitlines() == list(preview.skipped)
    assert button.text() == "Hide list"
    qtbot.keyClick(button, Qt.Key.Key_Tab)
    assert list_of(panel).hasFocus()
    list_of(panel).selectAll()
    qtbot.keySequence(list_of(panel), QKeySequence(QKeySequence.StandardKey.Copy))
    assert QApplication.clipboard().text().splitlines() == list(preview.skipped)
    qtbot.keyClick(list_of(panel), Qt.Key.Key_Tab)
    assert not list_of(panel).hasFocus()
    button.click()
    assert not list_of(panel).isVisible()


def test_the_list_cannot_be_edited(
    panel: DataPanel, look_at: Preview, damaged_digits: ImageFolder, qtbot: QtBot
) -> None:
    panel.show_preview(look_at(damaged_digits))
    button_of(panel).click()
    before = list_of(panel).toPlainText()
    qtbot.keyClicks(list_of(panel), "x")
    assert list_of(panel).toPlainText() == before


def test_ignored_columns_and_rows_without_a_target_of_a_table_are_told(
    panel: DataPanel, look_at: Preview, tmp_path: Path
) -> None:
    path = tmp_path / "sales.csv"
    rows = [f"{place},shop,{place % 7}.5,{place % 2 if place != 4 else ''}" for place in range(30)]
    path.write_text("\n".join(["id,kind,price,sold", *rows]))
    preview = look_at(Table(path=str(path), target="sold"))
    panel.show_preview(preview)
    button_of(panel).click()
    lines = list_of(panel).toPlainText().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["column id", "column kind", "1 row of sales.csv"]


def test_nothing_is_shown_where_nothing_was_left_out_and_an_open_list_closes_for_other_data(
    panel: DataPanel, look_at: Preview, damaged_digits: ImageFolder
) -> None:
    whole = look_at(Digits())
    panel.show_preview(whole)
    assert not left_out_of(panel).isVisible()
    assert left_out_of(panel).text == ""
    panel.show_preview(look_at(damaged_digits))
    button_of(panel).click()
    panel.show_preview(look_at(damaged_digits))
    assert list_of(panel).isVisible(), "the same data: the list stays open"
    panel.show_preview(whole)
    assert not left_out_of(panel).isVisible()
    panel.show_preview(look_at(damaged_digits))
    assert left_out_of(panel).isVisible()
    assert not list_of(panel).isVisible()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_mark_has_the_colour_of_warnings(qtbot: QtBot, theme: Theme) -> None:
    note = LeftOut()
    qtbot.addWidget(note)
    note.set_theme(theme)
    note.show_skipped(["cats/7.jpg: it is damaged"])
    assert note.text == "Left out of the data: cats/7.jpg: it is damaged"
    (mark,) = note.findChildren(QLabel)
    image = mark.pixmap().toImage()
    painted = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert QColor(theme.warning).name() in painted


def test_a_list_of_thousands_is_filled_in_pieces_and_stays_at_its_beginning(qtbot: QtBot) -> None:
    note = LeftOut()
    qtbot.addWidget(note)
    skipped = [f"cats/{place}.jpg: it is damaged" for place in range(2_500)]
    note.show_skipped(skipped)
    note.show()
    (listed,) = note.findChildren(QPlainTextEdit)
    (button,) = note.findChildren(QToolButton)
    button.click()
    assert listed.blockCount() == 1_000
    qtbot.waitUntil(lambda: listed.blockCount() == 2_500)
    assert listed.toPlainText().splitlines() == skipped
    assert listed.verticalScrollBar().value() == 0
    button.click()
    button.click()
    assert listed.blockCount() == 1_000
    qtbot.waitUntil(lambda: listed.toPlainText().splitlines() == skipped)
