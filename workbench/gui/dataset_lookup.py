"""What the Data tab shows: asked of an engine whenever the experiment names another dataset."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from workbench.engine.messages import DatasetPreview, PreviewDataset
from workbench.gui.engines import Engines
from workbench.gui.jobs import Job
from workbench.gui.message_bar import Kind, MessageBar
from workbench.gui.panels.data_panel import DataPanel
from workbench.gui.panels.experiment_panel import ExperimentPanel
from workbench.spec.experiment import Experiment, first_experiment, first_experiment_offline

_AFTER = 150
"""Milliseconds without an edit of the dataset before it is looked up."""


class DatasetLookup(QObject):
    """Finds the experiment's dataset and shows it; downloads it only when the user says so. Lives in the GUI thread."""

    wanted = Signal()
    """The user asked for a dataset: the Data tab should be in front."""
    told = Signal(object, object)
    """A dataset's declaration, and the DatasetInfo that reading it told."""

    def __init__(
        self, engines: Engines, experiments: ExperimentPanel, panel: DataPanel, messages: MessageBar, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._engines = engines
        self._experiments = experiments
        self._panel = panel
        self._messages = messages
        self._job: Job | None = None
        self._dataset = experiments.experiment.dataset
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER)
        self._timer.timeout.connect(self.look)
        experiments.experimentChanged.connect(self._take_experiment)
        panel.cancelRequested.connect(self._cancel)
        panel.retryRequested.connect(self.look)
        panel.downloadRequested.connect(self.download)
        panel.moreRequested.connect(self._look_at_others)

    @Slot()
    def look(self) -> None:
        """Show the experiment's dataset, where it is on this computer."""
        self._ask(PreviewDataset(self._experiments.experiment.dataset))

    @Slot()
    def download(self) -> None:
        """Show the experiment's dataset, downloaded where it is not on this computer."""
        self._ask(PreviewDataset(self._experiments.experiment.dataset, may_download=True))

    def stop(self) -> None:
        """Look up nothing more."""
        self._timer.stop()

    @Slot(int)
    def _look_at_others(self, seed: int) -> None:
        self._ask(PreviewDataset(self._experiments.experiment.dataset, seed=seed))

    @Slot(object)
    def _take_experiment(self, experiment: Experiment) -> None:
        if experiment.dataset != self._dataset:
            self._dataset = experiment.dataset
            self._timer.start()

    def _ask(self, question: PreviewDataset) -> None:
        self._timer.stop()
        self._cancel()
        self._dataset = question.dataset
        title = self.tr("Looking for {0}…").format(question.dataset.label)
        self._panel.show_loading(title, question.dataset.download_megabytes)
        self._job = self._engines.ask(question)
        self._job.progressed.connect(self._panel.show_progress)
        self._job.succeeded.connect(self._show)
        self._job.failed.connect(self._tell)

    @Slot()
    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()

    @Slot(object)
    def _show(self, preview: DatasetPreview) -> None:
        if self.sender() is self._job:
            self._job = None
            self._panel.show_preview(preview)
            self.told.emit(preview.dataset, preview.info)

    @Slot(str)
    def _tell(self, sentence: str) -> None:
        job = self.sender()
        if job is not self._job or not isinstance(job, Job):
            return
        self._job = None
        if job.can_download and self._experiments.experiment == first_experiment():
            self._experiments.set_experiment(first_experiment_offline())
            text = self.tr("Fashion-MNIST is not on this computer, so here are scikit-learn's digits.")
            message = self._messages.show_message("data", Kind.INFO, text, get=self.tr("Get Fashion-MNIST (30 MB)"))
            message.triggered.connect(self._get_first_dataset)
        else:
            self._panel.show_error(sentence, job.can_download)

    @Slot()
    def _get_first_dataset(self) -> None:
        self._experiments.set_experiment(first_experiment())
        self.wanted.emit()
        self.download()
