"""Files the user opens and saves: experiments and checkpoints."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMainWindow, QMenu

from workbench import files
from workbench.engine.messages import CheckpointSummary, DescribeCheckpoint
from workbench.errors import WorkbenchError
from workbench.folders import Folders, resources
from workbench.gui.engines import Engines
from workbench.gui.jobs import Background
from workbench.gui.message_bar import Kind, MessageBar
from workbench.gui.panels.experiment_panel import ExperimentPanel
from workbench.gui.panels.metric_words import metric_name, metric_text
from workbench.runs.figures import main_metric
from workbench.runs.store import Run
from workbench.spec.experiment import Experiment
from workbench.spec.yaml_io import load_experiment, save_experiment

CHECKPOINT_SUFFIX = ".pt"
EXPERIMENT_SUFFIX = ".yaml"


@dataclass(frozen=True)
class Continuation:
    """A loaded checkpoint that the next run goes on from."""

    path: Path
    original: Experiment
    epochs_done: int

    def problems(self, experiment: Experiment) -> list[str]:
        """Why ``experiment`` cannot go on from it, a sentence each."""
        return [f"{found.field} {found.reason}" for found in experiment.continues(self.original, self.epochs_done)]


def session_file(folders: Folders) -> Path:
    """Where the experiment in the editor is kept from one start of the program to the next."""
    return folders.settings / "session.yaml"


class Documents(QObject):
    """Opens and saves files for the window. Lives in the GUI thread; reads and writes on worker threads."""

    live_copy_requested = Signal(Path)
    """A checkpoint of the live run is wanted at this path."""

    def __init__(
        self,
        window: QMainWindow,
        panel: ExperimentPanel,
        background: Background,
        engines: Engines,
        messages: MessageBar,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._panel = panel
        self._background = background
        self._engines = engines
        self._messages = messages
        self._file: Path | None = None
        self._saved: Experiment | None = None
        self._copied: Path | None = None
        self._folder = Path.home()
        self.continuation: Continuation | None = None
        self.samples_menu = QMenu(self.tr("Sa&mples"), window)
        panel.experimentChanged.connect(self._show_title)
        self._show_title()

    # ---- experiments ----

    @Slot()
    def ask_open(self) -> None:
        """Let the user choose an experiment file, and open it."""
        dialog = self._dialog(self.tr("Open experiment"), EXPERIMENT_SUFFIX)
        dialog.fileSelected.connect(self.open_path)
        dialog.open()

    @Slot(str)
    def open_path(self, path: str) -> None:
        """Open an experiment file, or a checkpoint."""
        if Path(path).suffix == CHECKPOINT_SUFFIX:
            self.load_checkpoint(Path(path))
            return
        job = self._background.run(lambda: (Path(path), load_experiment(Path(path), trainable=False)))
        job.succeeded.connect(self._take_file)
        job.failed.connect(self._tell_failure)

    @Slot(object)
    def _take_file(self, found: tuple[Path, Experiment]) -> None:
        self._file, self._saved = found
        self._take_experiment(found[1])

    @Slot(object)
    def open_run(self, run: Run) -> None:
        """Put the experiment of a stored run into the editor."""
        job = self._background.run(run.experiment)
        job.succeeded.connect(self._take_copy)
        job.failed.connect(self._tell_failure)

    @Slot(object)
    def _take_copy(self, experiment: Experiment) -> None:
        self._file, self._saved = None, None
        self._take_experiment(experiment)

    def _take_experiment(self, experiment: Experiment) -> None:
        self.forget_continuation()
        self._messages.clear("document")
        self._panel.set_experiment(experiment)
        self._show_title()

    @Slot()
    def save(self) -> None:
        """Save the experiment to its file; asks for one where it has none."""
        if self._file is None:
            self.ask_save()
        else:
            self._save_to(self._file)

    @Slot()
    def ask_save(self) -> None:
        """Let the user choose where to save the experiment."""
        dialog = self._dialog(self.tr("Save experiment"), EXPERIMENT_SUFFIX, saving=True)
        dialog.selectFile(
            str(self._file) if self._file else _file_name(self._panel.experiment.title, EXPERIMENT_SUFFIX)
        )
        dialog.fileSelected.connect(self._save_selected)
        dialog.open()

    @Slot(str)
    def _save_selected(self, path: str) -> None:
        self._save_to(Path(path))

    def _save_to(self, path: Path) -> None:
        experiment = self._panel.experiment

        def work() -> tuple[Path, Experiment]:
            save_experiment(experiment, path)
            return path, experiment

        job = self._background.run(work)
        job.succeeded.connect(self._note_saved)
        job.failed.connect(self._tell_failure)

    @Slot(object)
    def _note_saved(self, saved: tuple[Path, Experiment]) -> None:
        self._file, self._saved = saved
        self._show_title()

    @Slot()
    def _show_title(self) -> None:
        name = self._file.name if self._file else self._panel.experiment.title
        self._window.setWindowTitle(f"{name}[*] — Workbench")
        self._window.setWindowModified(self._saved is not None and self._panel.experiment != self._saved)

    def keep_session(self, folders: Folders) -> None:
        """Keep what is in the editor for the next start."""
        try:
            files.make_folder(folders.settings)
            save_experiment(self._panel.experiment, session_file(folders))
        except WorkbenchError:
            return  # a home that cannot be written must not keep the window from closing

    # ---- samples ----

    def find_samples(self) -> None:
        """Fill the menu of bundled experiments."""
        job = self._background.run(_bundled)
        job.succeeded.connect(self._fill_samples)
        job.failed.connect(self._tell_failure)

    @Slot(object)
    def _fill_samples(self, samples: list[tuple[Path, Experiment]]) -> None:
        self.samples_menu.clear()
        for path, experiment in samples:
            action = QAction(experiment.title, self.samples_menu)
            action.setToolTip(experiment.expected)
            action.setData(str(path))
            action.triggered.connect(self._open_sample)
            self.samples_menu.addAction(action)
        self.samples_menu.setToolTipsVisible(True)

    @Slot()
    def _open_sample(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            path = Path(action.data())
            job = self._background.run(lambda: load_experiment(path))
            job.succeeded.connect(self._take_copy)
            job.failed.connect(self._tell_failure)

    # ---- checkpoints ----

    @Slot()
    def ask_checkpoint(self) -> None:
        """Let the user choose a checkpoint to go on from."""
        dialog = self._dialog(self.tr("Load checkpoint"), CHECKPOINT_SUFFIX)
        dialog.fileSelected.connect(self.open_path)
        dialog.open()

    def load_checkpoint(self, path: Path) -> None:
        """Show the experiment of the checkpoint; the next run goes on from there."""
        job = self._engines.ask(DescribeCheckpoint(path))
        job.succeeded.connect(self._take_checkpoint)
        job.failed.connect(self._tell_failure)

    @Slot(object)
    def _take_checkpoint(self, summary: CheckpointSummary) -> None:
        self._file, self._saved = None, None
        experiment = summary.experiment
        if summary.epochs_done >= experiment.training.epochs:
            further = summary.epochs_done + experiment.training.epochs
            training = experiment.training.model_copy(update={"epochs": further})
            experiment = experiment.model_copy(update={"training": training})
        self._take_experiment(experiment)
        self.continuation = Continuation(summary.path, summary.experiment, summary.epochs_done)
        metric = main_metric(summary.best)
        figure = f"{metric_name(metric)} {metric_text(metric, summary.best[metric], digits=1)}" if metric else ""
        best = self.tr(", best validation {0}").format(figure) if figure else ""
        text = self.tr("{0} is loaded: {1} epochs and {2} steps are done{3}. Train goes on from there.")
        message = self._messages.show_message(
            "continuation",
            Kind.INFO,
            text.format(summary.path.name, summary.epochs_done, f"{summary.step:,}", best),
            anew=self.tr("Start anew instead"),
        )
        message.closed.connect(self.forget_continuation)

    @Slot()
    def forget_continuation(self) -> None:
        """Let the next run start anew."""
        self.continuation = None
        self._messages.clear("continuation")

    def ask_copy(self, source: Path, *, is_live: bool) -> None:
        """Let the user choose where a checkpoint is saved; of a live run its current state is."""
        self._copied = None if is_live else source
        dialog = self._dialog(self.tr("Save checkpoint"), CHECKPOINT_SUFFIX, saving=True)
        dialog.selectFile(_file_name(self._panel.experiment.title, CHECKPOINT_SUFFIX))
        dialog.fileSelected.connect(self._copy_to)
        dialog.open()

    @Slot(str)
    def _copy_to(self, chosen: str) -> None:
        source, target = self._copied, Path(chosen)
        if source is None:
            self.live_copy_requested.emit(target)
            return

        def work() -> Path:
            files.copy(source, target)
            return target

        job = self._background.run(work)
        job.succeeded.connect(self.tell_saved)
        job.failed.connect(self._tell_failure)

    @Slot(object)
    def tell_saved(self, path: Path) -> None:
        """Say that a checkpoint was saved."""
        self._messages.show_message("document", Kind.INFO, self.tr("The checkpoint is saved as {0}.").format(path))

    # ---- shared ----

    def _dialog(self, title: str, suffix: str, *, saving: bool = False) -> QFileDialog:
        kinds = {
            EXPERIMENT_SUFFIX: self.tr("Experiments (*.yaml *.yml)"),
            CHECKPOINT_SUFFIX: self.tr("Checkpoints (*.pt)"),
        }
        dialog = QFileDialog(self._window, title, str(self._folder), kinds[suffix])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile if saving else QFileDialog.FileMode.ExistingFile)
        if saving:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setDefaultSuffix(suffix.removeprefix("."))
        dialog.fileSelected.connect(self._note_folder)
        return dialog

    @Slot(str)
    def _note_folder(self, path: str) -> None:
        self._folder = Path(path).parent

    @Slot(str)
    def _tell_failure(self, sentence: str) -> None:
        if sentence:
            self._messages.show_message("document", Kind.ERROR, sentence)


def _bundled() -> list[tuple[Path, Experiment]]:
    return [(path, load_experiment(path)) for path in sorted((resources() / "experiments").glob("*.yaml"))]


def _file_name(title: str, suffix: str) -> str:
    """``title`` as a file name that every system takes."""
    kept = "".join(letter if letter.isalnum() or letter in "-_ " else "-" for letter in title)
    return (kept.strip(" -")[:60] or "experiment") + suffix
