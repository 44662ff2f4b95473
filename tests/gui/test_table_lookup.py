"""The columns of an own table in the Data tab: guessed by the engine, their roles chosen in the window."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QTabBar
from pytestqt.qtbot import QtBot

from tests.gui.conftest import MakeWindow
from workbench.engine.messages import DescribeTable, Question
from workbench.gui.editors.controls import Chooser
from workbench.gui.jobs import Job
from workbench.gui.panels.column_roles import ROLES, ColumnRoles
from workbench.gui.panels.data_panel import DataPanel
from workbench.gui.panels.experiment_panel import ExperimentPanel
from workbench.gui.table_lookup import TableLookup
from workbench.gui.theme.palette import DARK, LIGHT, Theme
from workbench.spec.datasets import Digits, Table
from workbench.spec.datasets.table import ColumnFacts, ColumnRole
from workbench.spec.experiment import Experiment, first_experiment_offline
from workbench.spec.models import MLP

LONG = 60_000
FACTS = (
    ColumnFacts(name="size", role="numeric", reason="Every value is a number.", missing=2, distinct=28, example="0.5"),
    ColumnFacts(name="kind", role="one-hot", reason="It has 2 texts.", missing=0, distinct=2, example="a"),
    ColumnFacts(name="sold", role="target", reason="It is to be predicted.", missing=0, distinct=3, example="1"),
)


class FakeEngines(QObject):
    """Notes the questions; the test answers them."""

    ready = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.is_warm = True
        self.asked: list[Question] = []
        self.jobs: list[Job] = []

    def ask(self, question: Question) -> Job:
        self.asked.append(question)
        self.jobs.append(Job(self))
        return self.jobs[-1]


class Desk(QObject):
    """The panels and the lookup without a window."""

    def __init__(self, qtbot: QtBot, experiment: Experiment) -> None:
        super().__init__()
        self.qtbot = qtbot
        self.engines = FakeEngines()
        self.experiments = ExperimentPanel(experiment)
        self.panel = DataPanel()
        for widget in (self.experiments, self.panel):
            qtbot.addWidget(widget)
            widget.show()
        self.panel.resize(1000, 500)
        self.lookup = TableLookup(self.engines, self.experiments, self.panel, self)  # type: ignore[arg-type]

    @property
    def roles(self) -> ColumnRoles:
        (found,) = self.panel.findChildren(ColumnRoles)
        return found

    @property
    def views(self) -> QTabBar:
        (found,) = self.panel.findChildren(QTabBar)
        return found

    @property
    def given(self) -> tuple[ColumnRole, ...]:
        dataset = self.experiments.experiment.dataset
        assert isinstance(dataset, Table)
        return dataset.columns

    def answer(self) -> None:
        self.lookup.look()
        self.engines.jobs[-1].succeed(FACTS)
        self.views.setCurrentIndex(1)

    def choose(self, row: int, role: str) -> None:
        """As a user does: press Return on the row, then choose in the list."""
        table = self.roles.table
        table.setCurrentIndex(table.model().index(row, 0))
        table.setFocus()
        table.activated.emit(table.currentIndex())
        (chooser,) = table.viewport().findChildren(Chooser)
        self.qtbot.waitUntil(lambda: chooser.view().isVisible())
        chooser.view().setCurrentIndex(chooser.model().index(ROLES.index(role), 0))
        self.qtbot.keyClick(chooser.view(), Qt.Key.Key_Return)
        self.qtbot.waitUntil(lambda: not table.viewport().findChildren(Chooser))


def experiment_of(table: Table) -> Experiment:
    return first_experiment_offline().model_copy(update={"dataset": table, "model": MLP(hidden=(4,))})


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    desk = Desk(qtbot, experiment_of(Table(path="/data/sales.csv", target="sold")))
    yield desk
    desk.lookup.stop()


def texts(roles: ColumnRoles) -> list[list[str]]:
    model = roles.columns
    return [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_each_column_is_shown_with_role_counts_example_and_reason(desk: Desk) -> None:
    assert not desk.views.isVisible()
    desk.answer()
    assert desk.views.isVisible()
    assert desk.roles.isVisible()
    assert texts(desk.roles) == [
        ["size", "numeric", "0.5", "Every value is a number.", "2", "28"],
        ["kind", "one-hot", "a", "It has 2 texts.", "0", "2"],
        ["sold", "target", "1", "It is to be predicted.", "0", "3"],
    ]
    role = desk.roles.columns.index(0, 1)
    assert role.data(Qt.ItemDataRole.ToolTipRole) == "Every value is a number."


def test_choosing_a_role_edits_the_experiment_and_choosing_the_guess_takes_it_back(desk: Desk) -> None:
    desk.answer()
    desk.choose(0, "ignored")
    assert desk.given == (ColumnRole(name="size", role="ignored"),)
    assert texts(desk.roles)[0][1] == "ignored"
    assert texts(desk.roles)[0][3] == "Chosen; guessed: numeric. Every value is a number."
    font = desk.roles.columns.index(0, 1).data(Qt.ItemDataRole.FontRole)
    assert isinstance(font, QFont)
    assert font.bold()
    desk.choose(0, "numeric")
    assert desk.given == ()
    assert texts(desk.roles)[0][1] == "numeric"
    assert desk.roles.columns.index(0, 1).data(Qt.ItemDataRole.FontRole) is None


def test_each_choice_is_a_step_of_its_own_to_undo(desk: Desk) -> None:
    desk.answer()
    desk.choose(0, "ignored")
    desk.choose(1, "embedding")
    desk.choose(0, "date")
    assert desk.given == (ColumnRole(name="size", role="date"), ColumnRole(name="kind", role="embedding"))
    assert desk.experiments.undo_stack.undoText() == "Dataset, columns"
    desk.experiments.undo_stack.undo()
    assert [column.role for column in desk.given] == ["ignored", "embedding"]
    desk.experiments.undo_stack.undo()
    assert desk.given == (ColumnRole(name="size", role="ignored"),)
    assert [row[1] for row in texts(desk.roles)] == ["ignored", "one-hot", "target"]
    desk.experiments.undo_stack.redo()
    assert texts(desk.roles)[1][1] == "embedding"


def test_another_role_asks_nothing_anew_and_another_file_does(desk: Desk, qtbot: QtBot) -> None:
    desk.answer()
    desk.choose(0, "ignored")
    qtbot.wait(300)
    assert desk.engines.asked == [DescribeTable(Table(path="/data/sales.csv", target="sold"))]
    desk.experiments.edit("dataset", "path", "/data/other.csv")
    assert not desk.views.isVisible(), "what is known of one file says nothing of another"
    qtbot.waitUntil(lambda: len(desk.engines.asked) == 2)
    first = desk.engines.jobs[-1]
    desk.experiments.edit("dataset", "target", "kind")
    qtbot.waitUntil(lambda: len(desk.engines.asked) == 3)
    assert first.is_cancelled
    first.succeed(FACTS)
    assert not desk.views.isVisible(), "the answer came too late"
    desk.engines.jobs[-1].fail("There is no file /data/other.csv: choose the CSV or Parquet file again.")
    assert not desk.views.isVisible()


def test_a_question_that_a_run_broke_off_is_put_again_when_an_engine_is_warm(desk: Desk) -> None:
    desk.lookup.look()
    desk.engines.jobs[-1].fail("")
    desk.engines.is_warm = False
    desk.lookup.look()
    assert len(desk.engines.asked) == 1
    desk.engines.is_warm = True
    desk.engines.ready.emit()
    assert len(desk.engines.asked) == 2


def test_the_target_is_shown_but_cannot_be_chosen(desk: Desk) -> None:
    desk.answer()
    target, kind = desk.roles.columns.index(2, 1), desk.roles.columns.index(1, 1)
    assert not target.flags() & Qt.ItemFlag.ItemIsEditable
    assert kind.flags() & Qt.ItemFlag.ItemIsEditable
    desk.roles.table.activated.emit(target)
    assert desk.roles.table.viewport().findChildren(Chooser) == []
    desk.roles.table.clicked.emit(desk.roles.columns.index(1, 0))
    assert desk.roles.table.viewport().findChildren(Chooser) == []
    desk.roles.table.clicked.emit(kind)
    (chooser,) = desk.roles.table.viewport().findChildren(Chooser)
    assert chooser.accessibleName() == "Role of kind"
    assert [chooser.itemText(place) for place in range(chooser.count())] == list(ROLES)


def test_other_datasets_have_samples_only(desk: Desk, qtbot: QtBot) -> None:
    desk.answer()
    desk.experiments.set_experiment(
        experiment_of(Table(path="/data/sales.csv")).model_copy(update={"dataset": Digits()})
    )
    assert not desk.views.isVisible()
    assert desk.views.currentIndex() == 0
    assert not desk.roles.isVisible()
    desk.lookup.look()
    assert len(desk.engines.asked) == 1


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_why_there_are_no_samples_stands_over_the_columns(desk: Desk, theme: Theme) -> None:
    desk.panel.set_theme(theme)
    desk.answer()
    desk.panel.show_error("No column is left to learn from: give one another role than ignored.", can_download=False)
    assert desk.roles.isVisible()
    assert desk.roles.problem.startswith("No column is left")
    assert desk.roles.columns.index(2, 1).data(Qt.ItemDataRole.ForegroundRole).name() == theme.muted_text


def test_a_real_table_is_described_and_a_chosen_role_reaches_the_samples(
    qtbot: QtBot, make_window: MakeWindow, tmp_path: Path
) -> None:
    path = tmp_path / "sales.csv"
    rows = [f"{place / 2},{'ab'[place % 2]},{place % 3}" for place in range(60)]
    path.write_text("\n".join(["size,kind,grade", *rows]), encoding="utf-8")
    window = make_window(experiment_of(Table(path=str(path), target="grade")))
    (roles,) = window.data_panel.findChildren(ColumnRoles)
    qtbot.waitUntil(lambda: roles.columns.rowCount() == 3 and window.data_panel.preview is not None, timeout=LONG)
    assert [row[:2] for row in texts(roles)] == [["size", "numeric"], ["kind", "one-hot"], ["grade", "target"]]
    assert window.data_panel.preview is not None
    assert [column.name for column in window.data_panel.preview.columns] == ["size", "kind=a", "kind=b"]
    roles.columns.setData(roles.columns.index(1, 1), "ignored")
    qtbot.waitUntil(lambda: [column.name for column in window.data_panel.preview.columns] == ["size"], timeout=LONG)
    assert texts(roles)[1][1] == "ignored"
    assert "columns" in str(window.experiment_panel.experiment.dataset.model_dump(exclude_defaults=True))
