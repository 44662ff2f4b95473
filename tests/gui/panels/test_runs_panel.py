"""The runs: rows that stay themselves, order by value, ticks, renaming, deleting, and which actions make sense."""

import math
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.panels.run_cells import Column
from workbench.gui.panels.runs_model import RunsModel
from workbench.gui.panels.runs_panel import RunsPanel
from workbench.gui.panels.runs_table import RunsTable
from workbench.gui.theme.palette import DARK, LIGHT
from workbench.gui.theme.series import SERIES_COUNT, series_style
from workbench.runs.events import CheckpointKind, Status
from workbench.runs.store import Run, RunRecord

Row = tuple[Run, RunRecord]
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def row(number: int, status: Status = Status.FINISHED, **facts: object) -> Row:
    """A run that began *number* hours after New Year."""
    record = {
        "title": f"Run {number}",
        "status": status,
        "created": NEW_YEAR + timedelta(hours=number),
        "epochs": 5,
        "epoch": 5,
        "device": "cpu",
        "seconds": 10.0,
        "best": {"epoch": 4, "val_loss": 0.5, "val_accuracy": 0.9},
    }
    return Run(Path(f"runs/{number:04}")), RunRecord.model_validate(record | facts)


@pytest.fixture
def panel(qtbot: QtBot) -> RunsPanel:
    panel = RunsPanel()
    qtbot.addWidget(panel)
    panel.resize(1366, 190)
    panel.show()
    qtbot.waitExposed(panel)
    panel.activateWindow()
    return panel


def table(panel: RunsPanel) -> RunsTable:
    (found,) = panel.findChildren(RunsTable)
    return found


def model(panel: RunsPanel) -> RunsModel:
    found = table(panel).model()
    assert isinstance(found, RunsModel)
    return found


def column(panel: RunsPanel, which: Column) -> list[str]:
    rows = model(panel)
    return [str(rows.index(place, which).data()) for place in range(rows.rowCount())]


def titles(panel: RunsPanel) -> list[str]:
    return column(panel, Column.TITLE)


def sort(panel: RunsPanel, which: Column, descending: bool = False) -> None:
    order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
    table(panel).sortByColumn(which, order)


def focused_table(panel: RunsPanel, qtbot: QtBot) -> RunsTable:
    found = table(panel)
    found.setFocus()
    qtbot.waitUntil(found.hasFocus)
    return found


def action(panel: RunsPanel, text: str) -> QAction:
    (found,) = [found for found in table(panel).actions() if found.text().removesuffix(" …") == text]
    return found


def enabled_actions(panel: RunsPanel) -> set[str]:
    return {found.text().removesuffix(" …") for found in table(panel).actions() if found.isEnabled()}


def shown_texts(panel: RunsPanel) -> set[str]:
    return {str(found.property("text")) for found in panel.findChildren(QWidget) if found.isVisible()}


def button(panel: RunsPanel, text: str) -> QPushButton:
    (found,) = [found for found in panel.findChildren(QPushButton) if found.text() == text]
    return found


# ---- rows ----


def test_a_run_is_shown_with_its_figures(panel: RunsPanel) -> None:
    best = {"epoch": 2, "val_loss": 0.35142, "val_accuracy": 0.87314}
    panel.set_runs([row(3, title="LeNet", epoch=3, seconds=200.0, device="cuda:0", best=best)])
    started = (NEW_YEAR + timedelta(hours=3)).astimezone().strftime("%Y-%m-%d %H:%M")
    texts = [str(model(panel).index(0, which).data()) for which in Column]
    assert texts == ["", "LeNet", "Finished", "3/5", "87.31 %", "0.3514", "cuda:0", "3 min 20 s", started]
    assert model(panel).index(0, Column.LOSS).data(Qt.ItemDataRole.ToolTipRole) == "In epoch 2"


def test_the_newest_run_is_first(panel: RunsPanel) -> None:
    panel.set_runs([row(2), row(9), row(5)])
    assert titles(panel) == ["Run 9", "Run 5", "Run 2"]
    panel.update_run(*row(7))
    assert titles(panel) == ["Run 9", "Run 7", "Run 5", "Run 2"]


def test_newcomers_are_told_what_to_do(panel: RunsPanel) -> None:
    empty = table(panel).viewport().grab().toImage()
    panel.set_runs([row(1)])
    panel.remove_run("0001")
    assert titles(panel) == []
    assert table(panel).viewport().grab().toImage() == empty
    background = empty.pixelColor(2, 2)
    middle = empty.height() // 2
    lines = range(middle - 8, middle + 8)
    assert any(empty.pixelColor(x, y) != background for x in range(empty.width()) for y in lines)


def test_columns_sort_by_value_and_not_by_text(panel: RunsPanel) -> None:
    panel.set_runs(
        [
            row(1, epoch=10, seconds=7200.0, best={"val_loss": 12.0, "val_accuracy": 0.0953}),
            row(2, epoch=9, seconds=59.0, best={"val_loss": 567065088.0, "val_accuracy": 1.0}),
            row(3, epoch=100, seconds=600.0, best={"val_loss": 2.5, "val_accuracy": 0.871}),
        ]
    )
    for which, expected in (
        (Column.EPOCH, ["9/5", "10/5", "100/5"]),
        (Column.METRIC, ["9.53 %", "87.10 %", "100.00 %"]),
        (Column.LOSS, ["2.5000", "12.0000", "5.67e+08"]),
        (Column.TIME, ["59 s", "10 min", "2 h"]),
    ):
        sort(panel, which)
        assert column(panel, which) == expected
        sort(panel, which, descending=True)
        assert column(panel, which) == expected[::-1]


def test_runs_without_a_figure_come_last_in_both_directions(panel: RunsPanel) -> None:
    panel.set_runs([row(1, best={}), row(2, best={"val_loss": math.nan}), row(3), row(4, best={"val_loss": 0.1})])
    sort(panel, Column.LOSS)
    assert titles(panel) == ["Run 4", "Run 3", "Run 2", "Run 1"]
    sort(panel, Column.LOSS, descending=True)
    assert titles(panel) == ["Run 3", "Run 4", "Run 2", "Run 1"]


def test_a_click_on_a_heading_sorts_and_a_second_turns_the_order(panel: RunsPanel, qtbot: QtBot) -> None:
    panel.set_runs([row(1, title="b"), row(2, title="C"), row(3, title="a")])
    header = table(panel).horizontalHeader()
    place = QPoint(header.sectionViewportPosition(Column.TITLE) + 20, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    first = titles(panel)
    assert model(panel).headerData(Column.TITLE, Qt.Orientation.Horizontal) in ("Title ▴", "Title ▾")
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert sorted((first, titles(panel))) == [["C", "b", "a"], ["a", "b", "C"]]
    assert model(panel).headerData(Column.STARTED, Qt.Orientation.Horizontal) == "Started"


def test_a_run_moves_to_its_place_when_its_figures_change(panel: RunsPanel) -> None:
    panel.set_runs([row(1), row(2), row(3)])
    sort(panel, Column.METRIC, descending=True)
    panel.update_run(*row(1, best={"val_accuracy": 0.99}))
    assert titles(panel) == ["Run 1", "Run 3", "Run 2"]


def test_choice_ticks_and_order_outlive_new_lists(panel: RunsPanel) -> None:
    panel.set_runs([row(n) for n in range(6)])
    sort(panel, Column.TITLE)
    panel.select("0003")
    panel.set_ticked("0001", True)
    panel.set_ticked("0004", True)
    panel.set_runs([row(n) for n in (9, 4, 3, 1, 7)])
    assert titles(panel) == ["Run 1", "Run 3", "Run 4", "Run 7", "Run 9"]
    assert panel.selected == Run(Path("runs/0003"))
    assert panel.ticked == ["0001", "0004"]
    panel.update_run(*row(3, title="Zebra"))
    assert titles(panel)[-1] == "Zebra"
    assert panel.selected == Run(Path("runs/0003"))
    panel.remove_run("0009")
    assert panel.selected == Run(Path("runs/0003"))


def test_the_place_in_sight_outlives_new_runs(panel: RunsPanel) -> None:
    panel.set_runs([row(n) for n in range(200)])
    shown = table(panel)
    shown.verticalScrollBar().setValue(1003)
    top = shown.rowAt(0)
    before = (model(panel).run(top).id, shown.rowViewportPosition(top))
    panel.set_runs([row(n) for n in range(230)])
    top = shown.rowAt(0)
    assert (model(panel).run(top).id, shown.rowViewportPosition(top)) == before
    shown.scrollToTop()
    panel.update_run(*row(500))
    assert titles(panel)[shown.rowAt(0)] == "Run 500"


def test_choosing_a_run_is_told_once(panel: RunsPanel) -> None:
    told: list[Run | None] = []
    panel.selectionChanged.connect(told.append)
    panel.set_runs([row(1), row(2)])
    panel.select("0001")
    panel.update_run(*row(1, epoch=2))
    panel.select("0002")
    panel.set_runs([])
    assert told == [Run(Path("runs/0001")), Run(Path("runs/0002")), None]


def test_a_thousand_runs_are_shown_at_once(panel: RunsPanel) -> None:
    runs = [row(n, best={"val_loss": n * 7919 % 1000}) for n in range(1000)]
    sort(panel, Column.LOSS)
    begin = time.perf_counter()
    panel.set_runs(runs)
    assert time.perf_counter() - begin < 0.3
    assert [model(panel).record(place).best["val_loss"] for place in range(1000)] == list(range(1000))


# ---- ticks ----


def test_a_tick_gives_a_style_and_a_chip_in_its_colour(panel: RunsPanel, qtbot: QtBot) -> None:
    panel.set_runs([row(1), row(2)])
    told: list[tuple[str, bool, int]] = []
    panel.overlayChanged.connect(lambda *facts: told.append(facts))
    panel.set_ticked("0002", True)
    panel.set_ticked("0001", True)
    panel.set_ticked("0001", True)
    assert told == [("0002", True, 0), ("0001", True, 1)]
    assert [panel.style_index("0001"), panel.style_index("0002")] == [1, 0]
    for theme in (LIGHT, DARK):
        panel.set_theme(theme)
        for place, index in ((0, 0), (1, 1)):
            cell = model(panel).index(place, Column.OVERLAY)
            grabbed = table(panel).viewport().grab(table(panel).visualRect(cell)).toImage()
            middle = {grabbed.pixelColor(x, grabbed.height() // 2).name() for x in range(grabbed.width())}
            assert series_style(index, theme)[0].name() in middle


def test_a_style_is_kept_while_it_is_free(panel: RunsPanel) -> None:
    panel.set_runs([row(n) for n in range(20)])
    for number in range(3):
        panel.set_ticked(f"{number:04}", True)
    panel.set_ticked("0001", False)
    assert panel.style_index("0001") is None
    panel.set_ticked("0001", True)
    assert panel.style_index("0001") == 1
    panel.set_ticked("0000", False)
    panel.set_ticked("0009", True)
    panel.set_ticked("0000", True)
    assert (panel.style_index("0009"), panel.style_index("0000")) == (0, 3)
    panel.set_ticked("0011", True, 7)
    assert panel.style_index("0011") == 7
    for number in range(20):
        panel.set_ticked(f"{number:04}", True)
    styles = {panel.style_index(run_id) for run_id in panel.ticked}
    assert styles == set(range(SERIES_COUNT))


def test_a_run_that_goes_takes_its_curves_along(panel: RunsPanel) -> None:
    panel.set_runs([row(1), row(2), row(3)])
    panel.set_ticked("0001", True)
    panel.set_ticked("0003", True)
    told: list[tuple[str, bool, int]] = []
    panel.overlayChanged.connect(lambda *facts: told.append(facts))
    panel.remove_run("0001")
    panel.set_runs([row(2)])
    assert told == [("0001", False, 0), ("0003", False, 1)]
    assert panel.ticked == []


def test_space_and_the_mouse_tick(panel: RunsPanel, qtbot: QtBot) -> None:
    panel.set_runs([row(1), row(2)])
    panel.select("0001")
    shown = focused_table(panel, qtbot)
    qtbot.keyClick(shown, Qt.Key.Key_Space)
    assert panel.ticked == ["0001"]
    assert action(panel, "Show curves").isChecked()
    qtbot.keyClick(shown, Qt.Key.Key_Space)
    assert panel.ticked == []
    box = shown.visualRect(model(panel).index(0, Column.OVERLAY))
    qtbot.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=box.topLeft() + QPoint(11, box.height() // 2))
    assert panel.ticked == ["0002"]
    cell = model(panel).index(0, Column.OVERLAY)
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "Curves of Run 2 are shown"


# ---- what can be done ----


def stored(folder: Path, status: Status, checkpoints: tuple[CheckpointKind, ...]) -> Row:
    """A run with checkpoint files in ``folder``."""
    run = Run(folder)
    run.checkpoints.mkdir(parents=True)
    for kind in checkpoints:
        run.checkpoint(kind).touch()
    return run, row(1, status)[1]


ALWAYS = {"Show curves", "Open experiment", "Open folder"}
ENDED = {*ALWAYS, "Rename", "Delete"}
BOTH = (CheckpointKind.LAST, CheckpointKind.BEST)


@pytest.mark.parametrize(
    ("status", "checkpoints", "expected"),
    [
        (Status.FINISHED, BOTH, {*ENDED, "Resume", "Save checkpoint"}),
        (Status.STOPPED, BOTH, {*ENDED, "Resume", "Save checkpoint"}),
        (Status.INTERRUPTED, BOTH, {*ENDED, "Resume", "Save checkpoint"}),
        (Status.FAILED, BOTH, {*ENDED, "Resume", "Save checkpoint"}),
        (Status.FAILED, (), ENDED),
        (Status.FINISHED, (CheckpointKind.BEST,), {*ENDED, "Save checkpoint"}),
        (Status.RUNNING, BOTH, {*ALWAYS, "Save checkpoint"}),
        (Status.PAUSED, (), {*ALWAYS, "Save checkpoint"}),
    ],
)
def test_only_what_makes_sense_can_be_done(
    panel: RunsPanel, tmp_path: Path, status: Status, checkpoints: tuple[CheckpointKind, ...], expected: set[str]
) -> None:
    panel.set_runs([stored(tmp_path / "run", status, checkpoints)])
    assert enabled_actions(panel) == set()
    panel.select("run")
    assert enabled_actions(panel) == expected
    buttons = {found.accessibleName() for found in panel.findChildren(QToolButton) if found.isEnabled()}
    assert {name.removesuffix(" …") for name in buttons if name} == expected - {"Show curves"}


def test_the_actions_follow_the_run(panel: RunsPanel, tmp_path: Path) -> None:
    run, running = stored(tmp_path / "run", Status.RUNNING, BOTH)
    panel.set_runs([(run, running)])
    panel.select("run")
    assert "Resume" not in enabled_actions(panel)
    panel.update_run(run, running.model_copy(update={"status": Status.STOPPED}))
    assert "Resume" in enabled_actions(panel)


@pytest.mark.parametrize(
    ("text", "signal"),
    [
        ("Resume", "resumeRequested"),
        ("Save checkpoint", "saveCheckpointRequested"),
        ("Open experiment", "openExperimentRequested"),
        ("Open folder", "openFolderRequested"),
    ],
)
def test_a_button_asks_for_its_action_on_the_chosen_run(
    panel: RunsPanel, qtbot: QtBot, tmp_path: Path, text: str, signal: str
) -> None:
    run, record = stored(tmp_path / "run", Status.STOPPED, BOTH)
    panel.set_runs([(run, record)])
    panel.select("run")
    (found,) = [found for found in panel.findChildren(QToolButton) if found.accessibleName().removesuffix(" …") == text]
    with qtbot.waitSignal(getattr(panel, signal)) as asked:
        qtbot.mouseClick(found, Qt.MouseButton.LeftButton)
    assert asked.args == [run]


def test_enter_and_a_double_click_open_the_experiment(panel: RunsPanel, qtbot: QtBot) -> None:
    panel.set_runs([row(1), row(2)])
    panel.select("0002")
    shown = focused_table(panel, qtbot)
    asked: list[Run] = []
    panel.openExperimentRequested.connect(asked.append)
    qtbot.keyClick(shown, Qt.Key.Key_Down)
    qtbot.keyClick(shown, Qt.Key.Key_Return)
    place = shown.visualRect(model(panel).index(0, Column.STATUS)).center()
    qtbot.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(shown.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert [run.id for run in asked] == ["0001", "0002"]


def test_f2_renames_in_place(panel: RunsPanel, qtbot: QtBot) -> None:
    panel.set_runs([row(1), row(2)])
    panel.select("0001")
    shown = focused_table(panel, qtbot)
    asked: list[tuple[Run, str]] = []
    panel.renameRequested.connect(lambda *facts: asked.append(facts))
    for keys, end in (
        ("Best so far", Qt.Key.Key_Return),
        ("thrown away", Qt.Key.Key_Escape),
        ("  ", Qt.Key.Key_Return),
    ):
        qtbot.keyClick(shown, Qt.Key.Key_F2)
        (editor,) = shown.findChildren(QLineEdit)
        assert editor.accessibleName() == "Title of the run"
        qtbot.waitUntil(editor.hasFocus)
        qtbot.keyClicks(editor, keys)
        qtbot.keyClick(editor, end)
        qtbot.waitUntil(lambda: not shown.findChildren(QLineEdit))
        assert titles(panel) == ["Run 2", "Best so far"]
    assert asked == [(Run(Path("runs/0001")), "Best so far")]


def test_a_running_run_is_not_renamed(panel: RunsPanel, qtbot: QtBot) -> None:
    panel.set_runs([row(1, Status.RUNNING)])
    panel.select("0001")
    qtbot.keyClick(focused_table(panel, qtbot), Qt.Key.Key_F2)
    assert table(panel).findChildren(QLineEdit) == []
    assert not model(panel).flags(model(panel).index(0, Column.TITLE)) & Qt.ItemFlag.ItemIsEditable


def test_deleting_asks_in_place_first(panel: RunsPanel, qtbot: QtBot) -> None:
    panel.set_runs([row(1, title="T" * 80), row(2)])
    panel.select("0001")
    shown = focused_table(panel, qtbot)
    asked: list[Run] = []
    panel.deleteRequested.connect(asked.append)
    qtbot.keyClick(shown, Qt.Key.Key_Delete)
    assert f"Move “{'T' * 59}…” to the trash?" in shown_texts(panel)
    assert QApplication.activeModalWidget() is None
    qtbot.mouseClick(button(panel, "Keep"), Qt.MouseButton.LeftButton)
    assert asked == []
    assert shown.hasFocus()
    qtbot.keyClick(shown, Qt.Key.Key_Delete)
    qtbot.keyClick(button(panel, "Move to trash"), Qt.Key.Key_Escape)
    assert not button(panel, "Move to trash").isVisible()
    qtbot.keyClick(shown, Qt.Key.Key_Delete)
    qtbot.keyClick(button(panel, "Move to trash"), Qt.Key.Key_Space)
    assert asked == [Run(Path("runs/0001"))]
    assert titles(panel) == ["Run 2", "T" * 80]
    assert not button(panel, "Move to trash").isVisible()


def test_the_question_goes_when_another_run_is_chosen(panel: RunsPanel, qtbot: QtBot) -> None:
    panel.set_runs([row(1), row(2), row(3)])
    panel.select("0001")
    action(panel, "Delete").trigger()
    assert button(panel, "Move to trash").isVisible()
    panel.update_run(*row(3, epoch=2))
    assert button(panel, "Move to trash").isVisible()
    panel.select("0002")
    assert not button(panel, "Move to trash").isVisible()
    action(panel, "Delete").trigger()
    panel.update_run(*row(2, Status.RUNNING))
    assert not button(panel, "Move to trash").isVisible()


def test_a_failed_run_says_why(panel: RunsPanel) -> None:
    why = "The loss became not a number at step 7: choose a smaller learning rate."
    panel.set_runs([row(1, Status.FAILED, message=why), row(2)])
    assert model(panel).index(1, Column.STATUS).data(Qt.ItemDataRole.ToolTipRole) == why
    assert why not in shown_texts(panel)
    panel.select("0001")
    assert why in shown_texts(panel)
    panel.select("0002")
    assert why not in shown_texts(panel)


def test_whatever_takes_the_keyboard_has_an_accessible_name(panel: RunsPanel) -> None:
    panel.set_runs([row(1)])
    nameless = [
        widget
        for widget in panel.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not widget.accessibleName()
        and not isinstance(widget, QComboBox)
    ]
    assert nameless == []
