"""The main window: everything in sight, and what follows from each press and each event."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QAction, QCloseEvent, QDesktopServices
from PySide6.QtWidgets import QMainWindow, QSplitter, QTabWidget, QVBoxLayout, QWidget

from workbench.engine.messages import DatasetPreview, Device, ListDevices, PreviewDataset
from workbench.folders import Folders
from workbench.gui.actions import Actions
from workbench.gui.control_bar import ControlBar
from workbench.gui.dialogs.settings_dialog import SettingsDialog
from workbench.gui.documents import Documents
from workbench.gui.engines import Engines
from workbench.gui.history import History, StoredRun
from workbench.gui.jobs import Background, Job
from workbench.gui.message_bar import Kind, MessageBar
from workbench.gui.panels.data_panel import DataPanel
from workbench.gui.panels.experiment_panel import ExperimentPanel
from workbench.gui.panels.runs_panel import RunsPanel
from workbench.gui.theme.appearance import Appearance
from workbench.gui.theme.palette import Theme
from workbench.gui.training import State, Training
from workbench.runs.events import (
    BatchBlock,
    CheckpointKind,
    CheckpointSaved,
    EpochEnd,
    Event,
    Notice,
    Paused,
    Progress,
    Resumed,
    RunEnded,
    RunStarted,
    Status,
)
from workbench.runs.metrics import BatchCurve
from workbench.runs.store import Run, RunRecord, Workspace
from workbench.settings import Settings, save_settings
from workbench.spec.experiment import Experiment, first_experiment, first_experiment_offline

if TYPE_CHECKING:
    from workbench.gui.panels.train_panel import TrainPanel

_PREVIEW_AFTER = 150
"""Milliseconds without an edit of the dataset before it is looked up."""
_UPDATE_AFTER = 250
"""Milliseconds in which changes of a run's record are gathered: small runs have fifty epochs a second."""


class MainWindow(QMainWindow):
    """The window. Owns the engines, and ends them when it closes."""

    def __init__(self, folders: Folders, settings: Settings, experiment: Experiment, appearance: Appearance) -> None:
        super().__init__()
        self._folders = folders
        self._settings = settings
        self._appearance = appearance
        self._is_closing = False
        self._devices: tuple[Device, ...] = ()
        self._device_labels = {"auto": self.tr("Automatic"), "cpu": self.tr("CPU")}

        self._changed_runs: set[Run] = set()
        self._update_timer = QTimer(self)
        self._update_timer.setSingleShot(True)
        self._update_timer.setInterval(_UPDATE_AFTER)
        self.background = Background(self)
        self.engines = Engines(folders, self)
        self.training = Training(self.engines, self)
        self.history = History(self.background, self)
        self.experiment_panel = ExperimentPanel(experiment)
        self.data_panel = DataPanel()
        self.train_panel: TrainPanel
        self.runs_panel = RunsPanel()
        self.messages = MessageBar()
        self.actions_ = Actions(self.experiment_panel.undo_stack, self)
        self.controls = ControlBar(self.actions_)
        self.documents = Documents(self, self.experiment_panel, self.background, self.engines, self.messages)
        self.settings_dialog: SettingsDialog | None = None

        self._preview_job: Job | None = None
        self._previewed = experiment.dataset
        self._resuming: Run | None = None
        self._resumable: Run | None = None
        self._overlay_styles: dict[str, int] = {}
        self._preview_timer = QTimer(self)
        self._preview_timer.setSingleShot(True)
        self._preview_timer.setInterval(_PREVIEW_AFTER)

        self._lay_out()
        self._make_menus()
        self._connect()
        self._show_settings()
        self._take_theme(appearance.theme)
        self._show_state(State.IDLE)
        self._restore_geometry()
        self.controls.train.setFocus()

    def begin(self) -> None:
        """Start the engine and everything else that takes time; the window is shown already."""
        self.engines.warm()
        self.add_train_panel()
        self._ask_preview()
        devices = self.engines.ask(ListDevices())
        devices.succeeded.connect(self._take_devices)
        self.history.list_runs(self.workspace)
        self.documents.find_samples()

    @property
    def workspace(self) -> Workspace:
        """Where the runs are."""
        return Workspace(self._settings.workspace_folder(self._folders).absolute())

    # ---- construction ----

    def _lay_out(self) -> None:
        self.setObjectName("mainWindow")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName(self.tr("Views"))
        self.tabs.addTab(self.data_panel, self.tr("Data"))
        self.tabs.addTab(QWidget(), self.tr("Train"))
        self._centre = QSplitter(Qt.Orientation.Vertical)
        self._centre.addWidget(self.tabs)
        self._centre.addWidget(self.runs_panel)
        self._centre.setStretchFactor(0, 1)
        self._centre.setSizes([560, 180])
        self._sides = QSplitter(Qt.Orientation.Horizontal)
        self._sides.addWidget(self.experiment_panel)
        self._sides.addWidget(self._centre)
        self._sides.setStretchFactor(1, 1)
        self._sides.setCollapsible(1, False)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.controls)
        column.addWidget(self.messages)
        column.addWidget(self._sides, 1)
        self.setCentralWidget(body)
        self.resize(1366, 768)

    def add_train_panel(self) -> None:
        """Fill the Train tab. Loading pyqtgraph takes as long as showing the window, so it comes after that."""
        from workbench.gui.panels.train_panel import TrainPanel

        self.train_panel = TrainPanel()
        self.train_panel.set_theme(self._appearance.theme)
        self._appearance.changed.connect(self.train_panel.set_theme)
        current, place = self.tabs.currentIndex(), self.tabs.indexOf(self.data_panel) + 1
        title = self.tabs.tabText(place)
        self.tabs.removeTab(place)
        self.tabs.insertTab(place, self.train_panel, title)
        self.tabs.setCurrentIndex(current)

    def _make_menus(self) -> None:
        actions, bar = self.actions_, self.menuBar()
        file = bar.addMenu(self.tr("&File"))
        file.addAction(actions.open)
        file.addMenu(self.documents.samples_menu)
        file.addActions([actions.save, actions.save_as])
        file.addSeparator()
        file.addActions([actions.load_checkpoint, actions.save_last, actions.save_best])
        file.addSeparator()
        file.addActions([actions.settings, actions.quit])
        edit = bar.addMenu(self.tr("&Edit"))
        edit.addActions([actions.undo, actions.redo])
        run = bar.addMenu(self.tr("&Run"))
        run.addActions([actions.train, actions.pause, actions.stop, actions.cancel])
        view = bar.addMenu(self.tr("&View"))
        for index, shortcut in enumerate(("Ctrl+1", "Ctrl+2")):
            action = QAction(self.tabs.tabText(index), self)
            action.setShortcut(shortcut)
            action.setData(index)
            action.triggered.connect(self._show_tab)
            view.addAction(action)

    def _connect(self) -> None:
        actions = self.actions_
        actions.open.triggered.connect(self.documents.ask_open)
        actions.save.triggered.connect(self.documents.save)
        actions.save_as.triggered.connect(self.documents.ask_save)
        actions.load_checkpoint.triggered.connect(self.documents.ask_checkpoint)
        actions.save_last.triggered.connect(self._save_last)
        actions.save_best.triggered.connect(self._save_best)
        actions.quit.triggered.connect(self.close)
        actions.train.triggered.connect(self.train)
        actions.pause.triggered.connect(self.training.pause_or_resume)
        actions.stop.triggered.connect(self.training.stop)
        actions.cancel.triggered.connect(self.training.cancel)
        actions.settings.triggered.connect(self.open_settings)
        self.controls.device.clicked.connect(self.open_settings)

        self.documents.live_copy_requested.connect(self.training.save_checkpoint)
        self.experiment_panel.experimentChanged.connect(self._take_experiment)
        self._preview_timer.timeout.connect(self._ask_preview)
        self._update_timer.timeout.connect(self._update_runs)
        self.data_panel.cancelRequested.connect(self._cancel_preview)
        self.data_panel.retryRequested.connect(self._ask_preview)
        self.data_panel.downloadRequested.connect(self._download)
        self.data_panel.moreRequested.connect(self._ask_other_samples)

        self.training.state_changed.connect(self._show_state)
        self.training.event_came.connect(self._take_event)
        self.training.refused.connect(self._tell_refusal)
        self.training.engine_died.connect(self._tell_death)

        self.history.listed.connect(self.runs_panel.set_runs)
        self.history.updated.connect(self._take_run)
        self.history.loaded.connect(self._overlay)
        self.history.deleted.connect(self._forget_run)
        self.history.failed.connect(self._tell_failure)
        self.runs_panel.overlayChanged.connect(self._change_overlay)
        self.runs_panel.resumeRequested.connect(self.resume)
        self.runs_panel.saveCheckpointRequested.connect(self._save_last_of)
        self.runs_panel.openExperimentRequested.connect(self.documents.open_run)
        self.runs_panel.openFolderRequested.connect(self._open_folder)
        self.runs_panel.renameRequested.connect(self.history.rename)
        self.runs_panel.deleteRequested.connect(self.history.delete)
        self.runs_panel.selectionChanged.connect(self._show_checkpoint_actions)
        self._appearance.changed.connect(self._take_theme)

    # ---- training ----

    @Slot()
    def train(self) -> None:
        """Train what the editor shows, from the loaded checkpoint where there is one."""
        if self.training.is_live:
            return
        experiment, continuation = self.experiment_panel.experiment, self.documents.continuation
        problems = self.experiment_panel.problems()
        if not problems and continuation is not None:
            problems = continuation.problems(experiment)
        if problems:
            self.messages.show_message("train", Kind.ERROR, self.tr("Not started. ") + "\n".join(problems))
            return
        run = self.workspace.new_run(experiment.title)
        self._start(experiment, run, continuation.path if continuation else None)
        self.documents.forget_continuation()

    def _start(self, experiment: Experiment, run: Run, checkpoint: Path | None) -> None:
        for topic in ("train", "run"):
            self.messages.clear(topic)
        self.training.start(experiment, run, self._settings.device, self._settings.threads, checkpoint)
        self.tabs.setCurrentWidget(self.train_panel)

    @Slot(object)
    def resume(self, run: Run) -> None:
        """Go on with a stored run; a finished one is put into the editor, to be trained further."""
        if self.training.is_live:
            self.messages.show_message(
                "run", Kind.WARNING, self.tr("A run goes on: stop it before you resume another.")
            )
            return
        job = self.background.run(lambda: (run.read(), run.experiment()))
        self._resuming = run
        job.succeeded.connect(self._resume_read)
        job.failed.connect(self._tell_failure)

    @Slot(object)
    def _resume_read(self, found: tuple[RunRecord, Experiment]) -> None:
        record, experiment = found
        run, self._resuming = self._resuming, None
        if run is None:
            return
        checkpoint = run.checkpoint(CheckpointKind.LAST)
        if record.status is Status.FINISHED:
            self.documents.load_checkpoint(checkpoint)
        elif not self.training.is_live:
            self.runs_panel.set_ticked(run.id, True)
            self._start(experiment, run, checkpoint)

    @Slot(Run, object)
    def _take_event(self, run: Run, event: Event) -> None:
        match event:
            case RunStarted():
                self.train_panel.begin(run.id, event.title, event)
                self._update_later(run)
            case BatchBlock() | Progress() | Paused() | Resumed():
                self.train_panel.add(run.id, event)
            case EpochEnd():
                self.train_panel.add(run.id, event)
            case CheckpointSaved(kind=CheckpointKind.COPY):
                self.documents.tell_saved(event.path)
            case CheckpointSaved():
                self._update_later(run)
            case Notice():
                self.messages.show_message("notice", Kind.WARNING, event.message)
            case RunEnded():
                self.train_panel.add(run.id, event)
                self._take_end(run, event)

    def _take_end(self, run: Run, event: RunEnded) -> None:
        if event.status is Status.CANCELLED:
            self._changed_runs.discard(run)
            self.train_panel.hide_run(run.id)
            self.runs_panel.remove_run(run.id)
            self.history.list_runs(self.workspace)
        else:
            self._update_later(run)
        if event.status is Status.FAILED:
            self.messages.show_message("run", Kind.ERROR, event.message)
        if self._is_closing:
            self.close()

    @Slot(str)
    def _tell_refusal(self, sentence: str) -> None:
        self.messages.show_message("run", Kind.ERROR, sentence)
        if self.training.run is not None:
            self.train_panel.hide_run(self.training.run.id)
        self.history.list_runs(self.workspace)
        if self._is_closing:
            self.close()

    @Slot(Run, str)
    def _tell_death(self, run: Run, how: str) -> None:
        self.history.list_runs(self.workspace)
        if self._is_closing:
            self.close()
            return
        self._resumable = run
        if run.checkpoint(CheckpointKind.LAST).exists():
            text = self.tr("The engine ended {0} in the middle of the run. Nothing up to its last checkpoint is lost.")
            message = self.messages.show_message("run", Kind.ERROR, text.format(how), resume=self.tr("Resume"))
            message.triggered.connect(self._resume_dead)
        else:
            text = self.tr("The engine ended {0} before the run had a checkpoint. Press Train to start it again.")
            self.messages.show_message("run", Kind.ERROR, text.format(how))
        self.train_panel.add(run.id, RunEnded(Status.INTERRUPTED, 0, self.train_panel.step))

    @Slot()
    def _resume_dead(self) -> None:
        if self._resumable is not None:
            self.resume(self._resumable)

    @Slot(State)
    def _show_state(self, state: State) -> None:
        self.actions_.show_state(state, self._appearance.theme)

    # ---- runs ----

    def _update_later(self, run: Run) -> None:
        self._changed_runs.add(run)
        if not self._update_timer.isActive():
            self._update_timer.start()

    @Slot()
    def _update_runs(self) -> None:
        for run in self._changed_runs:
            self.history.update(run)
        self._changed_runs.clear()

    @Slot(object)
    def _take_run(self, found: list[tuple[Run, RunRecord]]) -> None:
        for run, record in found:
            is_new = self.training.run == run and run.id not in self.runs_panel.ticked
            self.runs_panel.update_run(run, record)
            if is_new and self.training.is_live:
                self.runs_panel.set_ticked(run.id, True)
        self._show_checkpoint_actions()

    @Slot(str, bool, int)
    def _change_overlay(self, run_id: str, is_shown: bool, style_index: int) -> None:
        run = Run(self.workspace.runs_folder / run_id)
        if not is_shown:
            self.train_panel.hide_run(run_id)
        elif self.training.is_live and self.training.run == run:
            title = self.training.experiment.title if self.training.experiment else run_id
            empty = BatchCurve.empty()
            self.train_panel.show_run(run_id, title, style_index, empty.columns, [])
        else:
            self._overlay_styles[run_id] = style_index
            self.history.load(run)

    @Slot(object)
    def _overlay(self, stored: StoredRun) -> None:
        style_index = self._overlay_styles.get(stored.run.id)
        if style_index is not None and stored.run.id in self.runs_panel.ticked:
            self.train_panel.show_run(
                stored.run.id, stored.record.title, style_index, stored.batches.columns, stored.epochs
            )

    @Slot(str)
    def _forget_run(self, run_id: str) -> None:
        self.train_panel.hide_run(run_id)
        self.runs_panel.remove_run(run_id)

    @Slot(object)
    def _open_folder(self, run: Run) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.folder)))

    # ---- checkpoints ----

    def _chosen_run(self) -> Run | None:
        """The selected run, or the one that was trained last."""
        return self.runs_panel.selected or self.training.run

    @Slot()
    def _show_checkpoint_actions(self) -> None:
        run = self._chosen_run()
        is_live = self.training.is_live and run == self.training.run
        for action, kind in (
            (self.actions_.save_last, CheckpointKind.LAST),
            (self.actions_.save_best, CheckpointKind.BEST),
        ):
            has_one = run is not None and run.checkpoint(kind).exists()
            action.setEnabled(has_one or (is_live and kind is CheckpointKind.LAST))

    @Slot()
    def _save_last(self) -> None:
        self._save_checkpoint(self._chosen_run(), CheckpointKind.LAST)

    @Slot()
    def _save_best(self) -> None:
        self._save_checkpoint(self._chosen_run(), CheckpointKind.BEST)

    @Slot(object)
    def _save_last_of(self, run: Run) -> None:
        self._save_checkpoint(run, CheckpointKind.LAST)

    def _save_checkpoint(self, run: Run | None, kind: CheckpointKind) -> None:
        if run is not None:
            is_live = self.training.is_live and run == self.training.run and kind is CheckpointKind.LAST
            self.documents.ask_copy(run.checkpoint(kind), is_live=is_live)

    # ---- data ----

    @Slot(object)
    def _take_experiment(self, experiment: Experiment) -> None:
        self.messages.clear("train")
        if experiment.dataset != self._previewed:
            self._previewed = experiment.dataset
            self._preview_timer.start()

    @Slot()
    def _ask_preview(self) -> None:
        self._look_up(PreviewDataset(self.experiment_panel.experiment.dataset))

    @Slot(int)
    def _ask_other_samples(self, seed: int) -> None:
        self._look_up(PreviewDataset(self.experiment_panel.experiment.dataset, seed=seed))

    @Slot()
    def _download(self) -> None:
        self._look_up(PreviewDataset(self.experiment_panel.experiment.dataset, may_download=True))

    def _look_up(self, question: PreviewDataset) -> None:
        self._preview_timer.stop()
        if self._preview_job is not None:
            self._preview_job.cancel()
        self._previewed = question.dataset
        self.data_panel.show_loading(self.tr("Looking for {0}…").format(question.dataset.label))
        self._preview_job = self.engines.ask(question)
        self._preview_job.progressed.connect(self.data_panel.show_progress)
        self._preview_job.succeeded.connect(self._show_preview)
        self._preview_job.failed.connect(self._tell_no_preview)

    @Slot()
    def _cancel_preview(self) -> None:
        if self._preview_job is not None:
            self._preview_job.cancel()

    @Slot(object)
    def _show_preview(self, preview: DatasetPreview) -> None:
        if self.sender() is self._preview_job:
            self._preview_job = None
            self.data_panel.show_preview(preview)

    @Slot(str)
    def _tell_no_preview(self, sentence: str) -> None:
        job = self.sender()
        if job is not self._preview_job or not isinstance(job, Job):
            return
        self._preview_job = None
        if job.can_download and self.experiment_panel.experiment == first_experiment():
            self.experiment_panel.set_experiment(first_experiment_offline())
            text = self.tr("Fashion-MNIST is not on this computer, so here are scikit-learn's digits.")
            message = self.messages.show_message("data", Kind.INFO, text, get=self.tr("Get Fashion-MNIST (30 MB)"))
            message.triggered.connect(self._get_first_dataset)
        else:
            self.data_panel.show_error(sentence or self.tr("Cancelled."), job.can_download)

    @Slot()
    def _get_first_dataset(self) -> None:
        self.experiment_panel.set_experiment(first_experiment())
        self.tabs.setCurrentWidget(self.data_panel)
        self._download()

    # ---- settings and looks ----

    @Slot()
    def open_settings(self) -> None:
        """Show the settings beside the window."""
        if self.settings_dialog is None:
            self.settings_dialog = SettingsDialog(self._settings, self._folders.workspace, self._devices, self)
            self.settings_dialog.changed.connect(self._take_settings)
        self.settings_dialog.show()
        self.settings_dialog.raise_()
        self.settings_dialog.activateWindow()

    @Slot(object)
    def _take_devices(self, devices: tuple[Device, ...]) -> None:
        self._devices = devices
        self._device_labels |= {device.name: device.label for device in devices if device.name != "cpu"}
        if self.settings_dialog is not None:
            self.settings_dialog.show_devices(devices)
        self._show_settings()

    @Slot(Settings)
    def _take_settings(self, settings: Settings) -> None:
        workspace = self.workspace
        self._settings = settings
        self._appearance.set_scheme(settings.theme)
        self._show_settings()
        if self.workspace != workspace:
            self.history.list_runs(self.workspace)
        folders = self._folders
        job = self.background.run(lambda: save_settings(settings, folders))
        job.failed.connect(self._tell_failure)

    def _show_settings(self) -> None:
        device = self._settings.device
        self.controls.show_device(self._device_labels.get(device, device))

    @Slot(object)
    def _take_theme(self, theme: Theme) -> None:
        self.actions_.set_theme(theme)
        for part in (self.controls, self.messages, self.data_panel, self.runs_panel):
            part.set_theme(theme)
        self.actions_.show_state(self.training.state, theme)

    @Slot()
    def _show_tab(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.tabs.setCurrentIndex(action.data())

    @Slot(str)
    def _tell_failure(self, sentence: str) -> None:
        if sentence:
            self.messages.show_message("failure", Kind.ERROR, sentence)

    @Slot(str)
    def tell_fault(self, sentence: str) -> None:
        """Say that an error was caught by nobody."""
        self.messages.show_message("fault", Kind.ERROR, sentence)

    # ---- the end ----

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop and keep a run that goes on, then close; a second close does not wait for it."""
        if self.training.is_live and not self._is_closing:
            self._is_closing = True
            self.messages.show_message("run", Kind.INFO, self.tr("Saving the run; the window closes when it is safe."))
            self.training.stop()
            event.ignore()
            return
        self._preview_timer.stop()
        self._update_timer.stop()
        self._keep_geometry()
        self.documents.keep_session(self._folders)
        self.hide()
        self.engines.close()
        self.background.wait()
        super().closeEvent(event)

    def _layout_file(self) -> QSettings:
        return QSettings(str(self._folders.settings / "window.ini"), QSettings.Format.IniFormat)

    def _keep_geometry(self) -> None:
        kept = self._layout_file()
        kept.setValue("geometry", self.saveGeometry())
        kept.setValue("sides", self._sides.saveState())
        kept.setValue("centre", self._centre.saveState())

    def _restore_geometry(self) -> None:
        kept = self._layout_file()
        for name, restore in (
            ("geometry", self.restoreGeometry),
            ("sides", self._sides.restoreState),
            ("centre", self._centre.restoreState),
        ):
            if (value := kept.value(name)) is not None:
                restore(value)
