"""What the Model tab shows: asked of the warm engine whenever the experiment or its dataset is another."""

from PySide6.QtCore import QObject, QTimer, Slot

from workbench.engine.messages import DescribeModel, DrawSchedule, TryLoss
from workbench.gui.editors.help_text import spec_text
from workbench.gui.engines import Engines
from workbench.gui.latest_answer import LatestAnswer
from workbench.gui.panels.experiment_panel import ExperimentPanel
from workbench.gui.panels.model_panel import ModelPanel
from workbench.spec.experiment import Experiment

_AFTER = 200
"""Milliseconds without an edit before the engine is asked."""


class ModelLookup(QObject):
    """Keeps the Model tab true to the experiment while it is in sight. Lives in the GUI thread.

    It asks only an engine that is warm already, and a run that takes that engine breaks the questions off: they are
    put again to the next one.
    """

    def __init__(self, engines: Engines, experiments: ExperimentPanel, panel: ModelPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._engines = engines
        self._experiments = experiments
        self._panel = panel
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER)
        self._timer.timeout.connect(self.look)
        self._model = LatestAnswer(engines, self)
        self._schedule = LatestAnswer(engines, self)
        self._trial = LatestAnswer(engines, self)
        self._model.came.connect(panel.show_model)
        self._model.failed.connect(panel.show_no_model)
        self._schedule.came.connect(panel.show_schedule)
        self._schedule.failed.connect(panel.show_no_schedule)
        self._trial.came.connect(panel.show_trial)
        self._trial.failed.connect(panel.show_no_trial)
        experiments.experimentChanged.connect(self._look_later)
        engines.ready.connect(self.look)
        panel.shown.connect(self.look)

    @Slot()
    def look(self) -> None:
        """Bring the tab up to date, if it is in sight."""
        self._timer.stop()
        if not self._panel.isVisible():
            return
        experiment, info = self._experiments.experiment, self._experiments.dataset_info
        model, dataset = spec_text(experiment.model.label), spec_text(experiment.dataset.label)
        self._panel.show_title(self.tr("{model} on {dataset}").format(model=model, dataset=dataset))
        if info is None or info.train_samples == 0:
            self.forget()
            text = self.tr("The layers depend on the samples, which are not there yet: see the Data tab.")
            self._panel.show_waiting(text)
        elif self._engines.is_warm:
            bare = _untitled(experiment)
            batches = experiment.training.batches_per_epoch(info.train_samples)
            self._model.ask(DescribeModel(bare, info, experiment.training.batch_samples(info.train_samples)))
            self._schedule.ask(DrawSchedule(bare, batches))
            self._trial.ask(TryLoss(bare, info))

    @Slot(object, object)
    def take_info(self, dataset: object, info: object) -> None:
        """Look again: reading a dataset has told more of it."""
        self._look_later()

    def stop(self) -> None:
        """Look up nothing more."""
        self._timer.stop()
        self.forget()

    def forget(self) -> None:
        """Wait for no answer, and ask everything anew next time."""
        for answer in (self._model, self._schedule, self._trial):
            answer.forget()

    @Slot()
    def _look_later(self) -> None:
        self._timer.start()


def _untitled(experiment: Experiment) -> Experiment:
    """``experiment`` without its texts, which change nothing that is asked."""
    return experiment.model_copy(update={"title": "Untitled", "source": "", "expected": ""})
