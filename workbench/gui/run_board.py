"""The table of runs and the curves that are overlaid from it, kept in step with the run store and the live run."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices

from workbench.gui.history import History, StoredRun
from workbench.gui.panels.runs_panel import RunsPanel
from workbench.gui.training import Training
from workbench.runs.metrics import BatchCurve
from workbench.runs.store import Run, RunRecord, Workspace

if TYPE_CHECKING:
    from workbench.gui.panels.train_panel import TrainPanel

_UPDATE_AFTER = 250
"""Milliseconds in which changes of a run's record are gathered: small runs have fifty epochs a second."""


class RunBoard(QObject):
    """Connects the run store, the table and the plots. Lives in the GUI thread."""

    changed = Signal()
    """A run's record was read again."""

    def __init__(self, history: History, training: Training, panel: RunsPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._history = history
        self._training = training
        self._panel = panel
        self._plots: TrainPanel | None = None
        self._workspace: Workspace | None = None
        self._styles: dict[str, int] = {}
        self._changed_runs: set[Run] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_UPDATE_AFTER)
        self._timer.timeout.connect(self._update)
        history.listed.connect(panel.set_runs)
        history.updated.connect(self._take_runs)
        history.loaded.connect(self._overlay)
        history.deleted.connect(self.forget)
        panel.overlayChanged.connect(self._change_overlay)
        panel.openFolderRequested.connect(self._open_folder)
        panel.renameRequested.connect(history.rename)
        panel.deleteRequested.connect(history.delete)

    def set_plots(self, plots: "TrainPanel") -> None:
        """Overlay curves in ``plots`` from now on."""
        self._plots = plots

    def show_workspace(self, workspace: Workspace) -> None:
        """Read all runs of ``workspace`` and show them."""
        self._workspace = workspace
        self._history.list_runs(workspace)

    def update_later(self, run: Run) -> None:
        """Read the record of ``run`` again soon."""
        self._changed_runs.add(run)
        if not self._timer.isActive():
            self._timer.start()

    def show_curves(self, run: Run) -> None:
        """Tick ``run``, so that its curves are drawn."""
        self._panel.set_ticked(run.id, True)

    @Slot(str)
    def forget(self, run_id: str) -> None:
        """Take away a run that is gone, with its curves."""
        self._changed_runs = {run for run in self._changed_runs if run.id != run_id}
        if self._plots is not None:
            self._plots.hide_run(run_id)
        self._panel.remove_run(run_id)

    def stop(self) -> None:
        """Read nothing more."""
        self._timer.stop()

    @Slot()
    def _update(self) -> None:
        for run in self._changed_runs:
            self._history.update(run)
        self._changed_runs.clear()

    @Slot(object)
    def _take_runs(self, found: list[tuple[Run, RunRecord]]) -> None:
        for run, record in found:
            is_new = self._training.run == run and run.id not in self._panel.ticked
            self._panel.update_run(run, record)
            if is_new and self._training.is_live:
                self.show_curves(run)
        self.changed.emit()

    @Slot(str, bool, int)
    def _change_overlay(self, run_id: str, is_shown: bool, style_index: int) -> None:
        if self._plots is None or self._workspace is None:
            return
        live = self._training.run if self._training.is_live else None
        if not is_shown:
            self._plots.hide_run(run_id)
        elif live is not None and live.id == run_id and self._training.experiment is not None:
            title = self._training.experiment.title
            self._plots.show_run(run_id, title, style_index, BatchCurve.empty().columns, [])
        else:
            self._styles[run_id] = style_index
            self._history.load(Run(self._workspace.runs_folder / run_id))

    @Slot(object)
    def _overlay(self, stored: StoredRun) -> None:
        run_id = stored.run.id
        if self._plots is not None and run_id in self._styles and run_id in self._panel.ticked:
            title = stored.record.title
            self._plots.show_run(run_id, title, self._styles[run_id], stored.batches.columns, stored.epochs)

    @Slot(object)
    def _open_folder(self, run: Run) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.folder)))
