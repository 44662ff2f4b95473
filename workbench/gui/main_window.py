"""The main window: everything in sight, and what follows from each press and each event."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QCloseEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QTabWidget, QVBoxLayout, QWidget

from workbench.engine.messages import Device, ListDevices
from workbench.folders import Folders
from workbench.gui.actions import Actions
from workbench.gui.control_bar import ControlBar
from workbench.gui.dataset_lookup import DatasetLookup
from workbench.gui.dialogs.settings_dialog import SettingsDialog
from workbench.gui.documents import Documents
from workbench.gui.engines import Engines
from workbench.gui.history import History
from workbench.gui.jobs import Background
from workbench.gui.message_bar import Kind, MessageBar
from workbench.gui.panels.data_panel import DataPanel
from workbench.gui.panels.experiment_panel import ExperimentPanel
from workbench.gui.panels.runs_panel import RunsPanel
from workbench.gui.run_board import RunBoard
from workbench.gui.table_lookup import TableLookup
from workbench.gui.theme.appearance import Appearance
from workbench.gui.theme.palette import Theme
from workbench.gui.training import State, Training
from workbench.gui.window_layout import WindowLayout
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
from workbench.runs.store import Run, RunRecord, Workspace
from workbench.settings import Settings, save_settings
from workbench.spec.experiment import Experiment

if TYPE_CHECKING:
    from workbench.gui.model_lookup import ModelLookup
    from workbench.gui.panels.model_panel import ModelPanel
    from workbench.gui.panels.train_panel import TrainPanel


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

        self.background = Background(self)
        self.engines = Engines(folders, self)
        self.training = Training(self.engines, self)
        self.history = History(self.background, self)
        self.experiment_panel = ExperimentPanel(experiment)
        self.data_panel = DataPanel()
        self.train_panel: TrainPanel
        self.model_panel: ModelPanel
        self.models: ModelLookup | None = None
        self.runs_panel = RunsPanel()
        self.messages = MessageBar()
        self.actions_ = Actions(self.experiment_panel.undo_stack, self)
        self.controls = ControlBar(self.actions_)
        self.documents = Documents(self, self.experiment_panel, self.background, self.engines, self.messages)
        self.settings_dialog: SettingsDialog | None = None

        self.datasets = DatasetLookup(self.engines, self.experiment_panel, self.data_panel, self.messages, self)
        self.tables = TableLookup(self.engines, self.experiment_panel, self.data_panel, self)
        self.board = RunBoard(self.history, self.training, self.runs_panel, self)
        self._resuming: Run | None = None
        self._resumable: Run | None = None

        self._lay_out()
        self._layout = WindowLayout(self, {"sides": self._sides, "centre": self._centre}, folders)
        self._make_menus()
        self._connect()
        self._show_settings()
        self._take_theme(appearance.theme)
        self._show_state(State.IDLE)
        self._layout.restore()
        self.controls.train.setFocus()

    def begin(self) -> None:
        """Start the engine and everything else that takes time; the window is shown already."""
        self.engines.warm()
        self.add_train_panel()
        self.add_model_panel()
        self.datasets.look()
        devices = self.engines.ask(ListDevices())
        devices.succeeded.connect(self._take_devices)
        self.board.show_workspace(self.workspace)
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
        self.tabs.addTab(QWidget(), self.tr("Model"))
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
        self.board.set_plots(self.train_panel)
        self._fill_tab(2, self.train_panel)

    def add_model_panel(self) -> None:
        """Fill the Model tab; its plot needs pyqtgraph too."""
        from workbench.gui.model_lookup import ModelLookup
        from workbench.gui.panels.model_panel import ModelPanel

        self.model_panel = ModelPanel()
        self.model_panel.set_theme(self._appearance.theme)
        self._appearance.changed.connect(self.model_panel.set_theme)
        self.models = ModelLookup(self.engines, self.experiment_panel, self.model_panel, self)
        self.datasets.told.connect(self.models.take_info)
        self._fill_tab(1, self.model_panel)

    def _fill_tab(self, place: int, panel: QWidget) -> None:
        current, title = self.tabs.currentIndex(), self.tabs.tabText(place)
        self.tabs.removeTab(place)
        self.tabs.insertTab(place, panel, title)
        self.tabs.setCurrentIndex(current)

    def _make_menus(self) -> None:
        view = self.actions_.fill(self.menuBar(), self.documents.samples_menu)
        for index, shortcut in enumerate(("Ctrl+1", "Ctrl+2", "Ctrl+3")):
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
        self.datasets.wanted.connect(self._show_data)
        self.datasets.told.connect(self.experiment_panel.set_dataset_info)

        self.training.state_changed.connect(self._show_state)
        self.training.event_came.connect(self._take_event)
        self.training.refused.connect(self._tell_refusal)
        self.training.engine_died.connect(self._tell_death)

        self.board.changed.connect(self._show_checkpoint_actions)
        self.history.failed.connect(self._tell_failure)
        self.runs_panel.resumeRequested.connect(self.resume)
        self.runs_panel.saveCheckpointRequested.connect(self._save_last_of)
        self.runs_panel.openExperimentRequested.connect(self.documents.open_run)
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
            self.board.show_curves(run)
            self._start(experiment, run, checkpoint)

    @Slot(Run, object)
    def _take_event(self, run: Run, event: Event) -> None:
        match event:
            case RunStarted():
                self.train_panel.begin(run.id, event.title, event)
                self.board.update_later(run)
            case BatchBlock() | Progress() | Paused() | Resumed():
                self.train_panel.add(run.id, event)
            case EpochEnd():
                self.train_panel.add(run.id, event)
            case CheckpointSaved(kind=CheckpointKind.COPY):
                self.documents.tell_saved(event.path)
            case CheckpointSaved():
                self.board.update_later(run)
            case Notice():
                self.messages.show_message("notice", Kind.WARNING, event.message)
            case RunEnded():
                self.train_panel.add(run.id, event)
                self._take_end(run, event)

    def _take_end(self, run: Run, event: RunEnded) -> None:
        if event.status is Status.CANCELLED:
            self.board.forget(run.id)
            self.board.show_workspace(self.workspace)
        else:
            self.board.update_later(run)
        if event.status is Status.FAILED:
            self.messages.show_message("run", Kind.ERROR, event.message)
        if self._is_closing:
            self.close()

    @Slot(str)
    def _tell_refusal(self, sentence: str) -> None:
        self.messages.show_message("run", Kind.ERROR, sentence)
        if self.training.run is not None:
            self.train_panel.hide_run(self.training.run.id)
        self.board.show_workspace(self.workspace)
        if self._is_closing:
            self.close()

    @Slot(Run, str)
    def _tell_death(self, run: Run, how: str) -> None:
        self.board.show_workspace(self.workspace)
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

    # ---- settings and looks ----

    @Slot()
    def _take_experiment(self) -> None:
        self.messages.clear("train")

    @Slot()
    def _show_data(self) -> None:
        self.tabs.setCurrentWidget(self.data_panel)

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
            self.board.show_workspace(self.workspace)
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
        self.datasets.stop()
        self.tables.stop()
        if self.models is not None:
            self.models.stop()
        self.board.stop()
        self._layout.keep()
        self.documents.keep_session(self._folders)
        self.hide()
        self.engines.close()
        self.background.wait()
        super().closeEvent(event)
