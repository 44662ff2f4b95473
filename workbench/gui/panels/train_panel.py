"""The Train tab: what the run does now, its live curves, and its epochs."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui.panels.epoch_table import EpochTable
from workbench.gui.panels.run_pace import Floats, Pace
from workbench.gui.panels.run_status import ShownRun
from workbench.gui.panels.train_header import TrainHeader
from workbench.gui.panels.train_plots import TrainPlots
from workbench.gui.theme.palette import LIGHT, Theme
from workbench.gui.theme.series import SERIES_COUNT
from workbench.runs.events import BatchBlock, EpochEnd, Paused, Progress, Resumed, RunEnded, RunStarted

_TICK_MILLISECONDS = 16
"""At most one plot is drawn each tick: the loss 20 times a second, the others four times. More often looks no different
and takes the processor from training, which waits for the slowest of its threads."""
_IDLE_TICKS = 60
"""Ticks without anything to draw after which the timer rests."""
_STATUS_TICKS = 13
"""The status line changes only every so many ticks: nobody can read it 30 times a second."""


class TrainPanel(QWidget):
    """Shows live and stored runs. GUI thread only; ``add`` costs microseconds, a timer draws at most 20 times a second.

    The run begun last has the status line and the table; every run that is not hidden has its curves. The second plot
    shows the most telling metric of that run, and of the others that have it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs: dict[str, ShownRun] = {}
        self._focus: str | None = None
        self._theme = LIGHT
        self.header = TrainHeader()
        self._table = EpochTable()
        self.plots = TrainPlots()
        self._arrange()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MILLISECONDS)
        self._timer.timeout.connect(self._tick)
        self._idle_ticks = 0
        self._status_age = 0
        self._status_stale = False
        for plot in self.plots.all:
            plot.changed.connect(self._wake)
        self.header.smoothing_changed.connect(self.plots.loss.set_smoothing)
        self.header.log_toggled.connect(self.plots.loss.set_log)
        self.plots.loss.set_smoothing(self.header.smoothing)
        self._show_focus()

    # What the main window calls

    @property
    def step(self) -> int:
        """The step of the run in the status line; 0 without one."""
        run = self._focused
        return run.step if run else 0

    @property
    def status_text(self) -> str:
        """The status line."""
        return self.header.text

    def style_index(self, run_key: str) -> int | None:
        """The series style of a shown run, for a chip in its colour elsewhere; None if it is not shown."""
        run = self._runs.get(run_key)
        return run.style_index if run and run.visible else None

    def begin(self, run_key: str, label: str, event: RunStarted, style_index: int | None = None) -> None:
        """Show the run as the current one, in ``style_index`` or the first free style.

        Where it goes on from ``event.step``, what is shown of it up to there stays and later points, which a kill has
        lost, are cut.
        """
        run = self._ensure(run_key, label, style_index)
        samples = event.train_samples / max(event.batches_per_epoch, 1)
        run.started, run.pace, run.preparing = event, Pace(samples), None
        run.paused, run.ended, run.loss, run.step = False, None, None, event.step
        run.epochs = [epoch for epoch in run.epochs if epoch.step <= event.step]
        self.plots.truncate_after(run, event.step)
        self._focus = run_key
        self._show_focus()

    def add(self, run_key: str, event: BatchBlock | EpochEnd | Paused | Resumed | RunEnded | Progress) -> None:
        """Take in an event of a run. Before ``begin`` only Progress and RunEnded make sense; others are passed over."""
        run = self._runs.get(run_key)
        if isinstance(event, Progress) or (run is None and isinstance(event, RunEnded)):
            run = self._ensure(run_key, run.label if run else run_key, None)
            self._focus = run_key
        elif run is None:
            return
        match event:
            case BatchBlock():
                if len(event.losses) == 0:
                    return
                first = run.loss is None
                self.plots.add_block(run, event)
                run.step, run.loss = event.last_step, float(event.losses.mean())
                self._status_stale = True
                if not first:
                    return
            case EpochEnd():
                run.epochs = [*run.epochs, event]
                self.plots.add_epochs(run, [event])
                if run.started:
                    run.pace.end_epoch(event, run.started.batches_per_epoch)
                self._status_stale = True
                if len(run.epochs) > 1 and self._timer.isActive():
                    return  # the next tick shows it: small runs have fifty epochs a second
            case Paused():
                run.paused = True
            case Resumed():
                run.paused = False
            case RunEnded():
                run.ended = event
            case Progress():
                run.preparing = event
                run.started, run.ended = None, None
        if run_key == self._focus:
            self._show_focus()

    def show_run(
        self,
        run_key: str,
        label: str,
        style_index: int,
        batches: tuple[Floats, Floats, Floats, Floats],
        epochs: Sequence[EpochEnd],
        samples_per_step: float = 0.0,
    ) -> None:
        """Overlay a stored run; one that is here live keeps its data and is only shown in this style.

        Args:
            run_key: As for ``begin``.
            label: Its name for the user.
            style_index: See ``theme.series``.
            batches: Steps, losses, learning rates and seconds, each of shape ``(n,)``, as in BatchBlock.
            epochs: In order.
            samples_per_step: Mean samples of a batch; 0 leaves the throughput out.
        """
        known = self._runs.get(run_key)
        run = self._ensure(run_key, label, style_index)
        if known is None or not known.started:
            run.step = int(batches[0][-1]) if len(batches[0]) else 0
            run.epochs = list(epochs)
            self.plots.replace(run, batches, epochs, samples_per_step)
        if self._focus is None or not self._runs[self._focus].visible:
            self._focus = run_key
        self._show_focus()

    def hide_run(self, run_key: str) -> None:
        """Take a run's curves away. A live run goes on below the surface and can be shown again."""
        run = self._runs.get(run_key)
        if run is None:
            return
        run.visible = False
        if run.live:
            self.plots.register(run)
        else:
            del self._runs[run_key]
            self.plots.remove(run_key)
            if self._focus == run_key:
                self._focus = next(reversed(self._runs), None)
        self._show_focus()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self._theme = theme
        self.plots.set_theme(theme)
        self._show_focus()

    # Data

    @property
    def _focused(self) -> ShownRun | None:
        return self._runs.get(self._focus) if self._focus is not None else None

    def _ensure(self, key: str, label: str, style_index: int | None) -> ShownRun:
        """The run ``key``, visible and registered with every plot."""
        run = self._runs.get(key)
        if run is None:
            if style_index is None:
                taken = {other.style_index for other in self._runs.values()}
                style_index = next((index for index in range(SERIES_COUNT) if index not in taken), len(taken))
            run = self._runs[key] = ShownRun(key, label, style_index)
        elif style_index is not None:
            run.style_index = style_index
        run.label, run.visible = label, True
        self.plots.register(run)
        return run

    # Drawing

    @Slot()
    def _tick(self) -> None:
        self._status_age += 1
        if self._status_stale and self._status_age >= _STATUS_TICKS:
            self._show_focus()
            is_busy = True
        else:
            is_busy = self.plots.refresh() or self._status_stale
        self._idle_ticks = 0 if is_busy else self._idle_ticks + 1
        if self._idle_ticks >= _IDLE_TICKS:
            self._timer.stop()

    @Slot()
    def _wake(self) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._idle_ticks = 0
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_focus()
        self._wake()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _show_focus(self) -> None:
        """Bring status, bar and table up to date with the current run."""
        run = self._focused
        self._show_status()
        metrics = run.metrics if run else ()
        self._table.show_epochs(run.epochs if run else [], metrics)
        if metrics:
            self.plots.show_metric(metrics[0], self._runs.values())

    def _show_status(self) -> None:
        self._status_age, self._status_stale = 0, False
        self.header.show_run(self._focused, self._theme)

    # Construction

    def _arrange(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.plots.loss, 5)
        left.addWidget(self._table, 2)
        right = QVBoxLayout()
        right.setSpacing(8)
        for plot in (self.plots.metric, self.plots.learning_rate, self.plots.throughput):
            right.addWidget(plot, 1)
            plot.setMinimumSize(200, 96)
        self.plots.loss.setMinimumSize(320, 180)
        self._table.setMinimumHeight(96)
        body = QHBoxLayout()
        body.setSpacing(8)
        body.addLayout(left, 9)
        body.addLayout(right, 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.header)
        column.addLayout(body, 1)
