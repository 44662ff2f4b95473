"""The columns of the user's own table in the Data tab: asked of the warm engine, their roles edited there."""

from PySide6.QtCore import QObject, QTimer, Slot

from workbench.engine.messages import DescribeTable
from workbench.gui.engines import Engines
from workbench.gui.latest_answer import LatestAnswer
from workbench.gui.panels.data_panel import DataPanel
from workbench.gui.panels.experiment_panel import ExperimentPanel
from workbench.spec.datasets.table import ColumnFacts, ColumnRole, Table

_AFTER = 200
"""Milliseconds without an edit before the engine is asked."""


class TableLookup(QObject):
    """Shows the columns with the guessed roles, and puts other choices into the experiment. Lives in the GUI thread.

    The question leaves out the roles that are given: so what would be guessed is known of every column, and another
    choice needs no further question.
    """

    def __init__(self, engines: Engines, experiments: ExperimentPanel, panel: DataPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._engines = engines
        self._experiments = experiments
        self._panel = panel
        self._facts: tuple[ColumnFacts, ...] = ()
        self._path = ""
        """The file that ``_facts`` tell of."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER)
        self._timer.timeout.connect(self.look)
        self._answer = LatestAnswer(engines, self)
        self._answer.came.connect(self._take)
        self._answer.failed.connect(self._forget)
        experiments.experimentChanged.connect(self._follow)
        engines.ready.connect(self.look)
        panel.retryRequested.connect(self._look_again)
        panel.roleChosen.connect(self._choose)

    @Slot()
    def look(self) -> None:
        """Ask what the columns are, where the experiment's dataset is an own table."""
        self._timer.stop()
        table = self._table
        if table is None:
            self._answer.forget()
            self._forget()
        elif self._engines.is_warm:
            self._answer.ask(DescribeTable(table.model_copy(update={"columns": ()})))

    def stop(self) -> None:
        """Look up nothing more."""
        self._timer.stop()
        self._answer.forget()

    @property
    def _table(self) -> Table | None:
        """The experiment's own table; None where there is no file to read."""
        dataset = self._experiments.experiment.dataset
        return dataset if isinstance(dataset, Table) and dataset.path else None

    @Slot()
    def _look_again(self) -> None:
        self._answer.forget()
        self.look()

    @Slot(object)
    def _follow(self, experiment: object) -> None:
        table = self._table
        if self._facts and (table is None or table.path != self._path):
            self._forget()
        self._show()
        self._timer.start()

    @Slot(object)
    def _take(self, facts: tuple[ColumnFacts, ...]) -> None:
        table = self._table
        if table is not None:
            self._facts, self._path = facts, table.path
            self._show()

    @Slot()
    def _forget(self) -> None:
        self._facts, self._path = (), ""
        self._panel.show_columns((), ())

    def _show(self) -> None:
        table = self._table
        if table is not None and self._facts:
            self._panel.show_columns(self._facts, table.columns)

    @Slot(str, str)
    def _choose(self, name: str, role: str) -> None:
        """Use the column ``name`` as ``role``; as guessed, it needs no mention in the experiment."""
        table = self._table
        guessed = {facts.name: facts.role for facts in self._facts}
        if table is None or name not in guessed:
            return
        columns = {column.name: column for column in table.columns}
        if role == guessed[name]:
            columns.pop(name, None)
        else:
            columns[name] = ColumnRole.model_validate({"name": name, "role": role})
        self._experiments.edit("dataset", "columns", tuple(columns.values()))
