"""Instruments inside the window's process: a timer that notes when it is served, and when the loss plot is painted."""

import time

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot

from tests.bench.arithmetic import Floats, Ints, lateness
from workbench.gui.main_window import MainWindow

TICK = 0.001


class LatenessProbe(QObject):
    """A precise timer of a millisecond in the GUI thread."""

    def __init__(self) -> None:
        super().__init__()
        self._fired: list[float] = []
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(round(TICK * 1000))
        self._timer.timeout.connect(self._note)

    def start(self) -> None:
        """Tick from now on."""
        self._timer.start()

    def stop(self) -> Floats:
        """The lateness of every millisecond's tick since the start, in seconds."""
        self._timer.stop()
        return lateness(np.array(self._fired), TICK)

    @Slot()
    def _note(self) -> None:
        self._fired.append(time.perf_counter())


class PaintProbe(QObject):
    """Notes each painting of the loss plot and the newest step of the current run that it shows.

    The time is taken in the first turn of the event loop after the painting, when the window system has the pixels.
    """

    _painting = Signal(int)

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._window = window
        self._plot = window.train_panel.plots.loss
        self._refresh = self._plot.refresh
        self._plot.refresh = self._refresh_and_note
        self._painting.connect(self._note, Qt.ConnectionType.QueuedConnection)
        self._plot.graphics.viewport().installEventFilter(self)
        self._drawn = 0
        self._times: list[float] = []
        self._newest: list[int] = []

    def restart(self) -> None:
        """Forget everything, for the next run."""
        self._drawn = 0
        self._times, self._newest = [], []

    @property
    def newest(self) -> int:
        """The newest step on the screen; 0 for none."""
        return self._newest[-1] if self._newest else 0

    def frames(self) -> tuple[Floats, Ints]:
        """When each painting was done (``time.perf_counter``), and its newest step: two arrays of shape ``(n,)``."""
        return np.array(self._times), np.array(self._newest, dtype=np.int64)

    def first_painted(self) -> float:
        """When the first step was on the screen."""
        return next(time for time, step in zip(self._times, self._newest, strict=True) if step > 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the plot's paint events before they are obeyed."""
        if event.type() == QEvent.Type.Paint:
            self._painting.emit(self._drawn)
        return False

    @Slot(int)
    def _note(self, newest: int) -> None:
        self._times.append(time.perf_counter())
        self._newest.append(newest)

    def _refresh_and_note(self) -> bool:
        drawn = self._refresh()
        run = self._window.training.run
        if drawn and run is not None:
            self._drawn = self._plot.point_count(run.id, "training")
        return drawn
