"""The four plots of the Train tab, fed with a run's steps and epochs."""

from collections.abc import Iterable, Sequence

import numpy as np
from PySide6.QtCore import QCoreApplication

from workbench.gui.panels.metric_words import metric_about, metric_title
from workbench.gui.panels.run_pace import Floats, Pace
from workbench.gui.panels.run_status import ShownRun
from workbench.gui.plots.curve import CurveKind
from workbench.gui.plots.live_plot import LivePlot
from workbench.gui.theme.palette import Theme
from workbench.runs.events import BatchBlock, EpochEnd
from workbench.runs.figures import SHARES

_FIRST_METRIC = "val_accuracy"


def _tr(text: str) -> str:
    return QCoreApplication.translate("TrainPlots", text)


class TrainPlots:
    """Loss, one validation metric, learning rate and throughput of the same runs. GUI thread only."""

    def __init__(self) -> None:
        step = _tr("Step")
        self.loss = LivePlot(
            _tr("Loss"),
            [
                CurveKind("training", _tr("training"), smoothed=True),
                CurveKind("validation", _tr("validation"), points=True),
            ],
            x_label=step,
            empty_text=_tr("Press Train to see the loss.\nIt falls while the model learns."),
            legend=True,
        )
        self._shown_metric = _FIRST_METRIC
        self.metric = LivePlot(
            metric_title(_FIRST_METRIC),
            [CurveKind("metric", _tr("validation metric"), points=True)],
            x_label=_tr("Epoch"),
            empty_text=metric_about(_FIRST_METRIC),
            percent=True,
        )
        self.learning_rate = LivePlot(
            _tr("Learning rate"),
            [CurveKind("learning_rate", _tr("learning rate"))],
            x_label=step,
            empty_text=_tr("How far each step goes"),
            from_zero=True,
        )
        self.throughput = LivePlot(
            _tr("Samples per second"),
            [CurveKind("throughput", _tr("samples per second"))],
            x_label=step,
            empty_text=_tr("How fast training goes"),
            from_zero=True,
        )
        self.all = (self.loss, self.metric, self.learning_rate, self.throughput)
        small = (None, self.metric, None, self.learning_rate, self.throughput)
        self._turns = [plot for third in small for plot in (self.loss, None, third)]
        """What is drawn when ``refresh`` is called time and again."""
        self._turn = 0

    def register(self, run: ShownRun) -> None:
        """Add ``run``, or take over its label, style and visibility."""
        for plot in self.all:
            plot.set_run(run.key, run.label, run.style_index, visible=run.visible)

    def remove(self, key: str) -> None:
        """Take a run and its data away."""
        for plot in self.all:
            plot.remove_run(key)

    def show_metric(self, name: str, runs: Iterable[ShownRun]) -> None:
        """Show the metric ``name`` of those of ``runs`` that have it; figures of different metrics share no axis."""
        if name == self._shown_metric:
            return
        self._shown_metric = name
        self.metric.set_quantity(metric_title(name), percent=name in SHARES, empty_text=metric_about(name))
        for run in runs:
            self.metric.replace(run.key, "metric", *self._metric_points(run.epochs))

    def truncate_after(self, run: ShownRun, step: int) -> None:
        """Cut what lies after ``step``; ``run.epochs`` has only the epochs that are kept."""
        for plot in (self.loss, self.learning_rate, self.throughput):
            plot.truncate_after(run.key, step)
        self.metric.truncate_after(run.key, run.epochs[-1].epoch if run.epochs else 0)

    def add_block(self, run: ShownRun, block: BatchBlock) -> None:
        """Append a block of batches, and the throughput that ``run.pace`` finds in it."""
        steps = np.arange(block.first_step, block.last_step + 1, dtype=np.float64)
        self.loss.append(run.key, "training", steps, block.losses)
        self.learning_rate.append(run.key, "learning_rate", steps, block.learning_rates)
        self.throughput.append(run.key, "throughput", *run.pace.add(block.epoch, steps, block.seconds))

    def add_epochs(self, run: ShownRun, epochs: Sequence[EpochEnd]) -> None:
        """Append the validation figures of ``epochs``."""
        for epoch in epochs:
            self.loss.append(run.key, "validation", epoch.step, epoch.val_loss)
        self.metric.append(run.key, "metric", *self._metric_points(epochs))

    def replace(
        self,
        run: ShownRun,
        batches: tuple[Floats, Floats, Floats, Floats],
        epochs: Sequence[EpochEnd],
        samples_per_step: float,
    ) -> None:
        """Show a whole stored run; the arguments are those of ``TrainPanel.show_run``."""
        steps, losses, learning_rates, seconds = batches
        self.remove(run.key)
        self.register(run)
        self.loss.append(run.key, "training", steps, losses)
        self.learning_rate.append(run.key, "learning_rate", steps, learning_rates)
        self.add_epochs(run, epochs)
        if samples_per_step > 0:
            pace = Pace(samples_per_step)
            ends = np.searchsorted(steps, [epoch.step for epoch in epochs], side="right")
            pieces = zip(np.split(steps, ends), np.split(seconds, ends), strict=True)
            for number, (part, times) in enumerate(pieces):
                self.throughput.append(run.key, "throughput", *pace.add(number, part, times))

    def refresh(self) -> bool:
        """Redraw what changed and is visible. Returns whether anything was.

        One plot a call, so that no turn of the event loop is long: the loss at every third, each of the small ones at
        every 15th.
        """
        self._turn = (self._turn + 1) % len(self._turns)
        plot = self._turns[self._turn]
        return plot is not None and plot.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        for plot in self.all:
            plot.set_theme(theme)

    def _metric_points(self, epochs: Sequence[EpochEnd]) -> tuple[list[float], list[float]]:
        """Epochs and values of the shown metric, of those epochs that have it."""
        name = self._shown_metric
        known = [epoch for epoch in epochs if name in epoch.metrics]
        return [float(epoch.epoch) for epoch in known], [epoch.metrics[name] for epoch in known]
