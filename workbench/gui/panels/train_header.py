"""The strip above the plots of the Train tab: status line, progress bar, smoothing and log axis."""

import math

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from workbench.gui.live_text import LiveText
from workbench.gui.panels.run_status import ShownRun, status_text
from workbench.gui.progress_line import ProgressLine
from workbench.gui.theme.icons import icon
from workbench.gui.theme.palette import Theme
from workbench.gui.theme.typography import TypeSize, font
from workbench.runs.events import Status

_SMOOTHING_POSITIONS = 100
_FIRST_SMOOTHING = 57


def smoothing_weight(position: int) -> float:
    """The weight for the slider's ``position``, 0 to 100: from 0 ever closer to 1, up to 0.999."""
    return round(1.0 - math.pow(10.0, -3 * position / _SMOOTHING_POSITIONS), 4)


class TrainHeader(QWidget):
    """Shows how a run stands and holds the controls of the loss plot. GUI thread only."""

    smoothing_changed = Signal(float)
    """The weight, 0 to 0.999."""
    log_toggled = Signal(bool)
    """Whether the loss axis is to be logarithmic."""

    def __init__(self) -> None:
        super().__init__()
        self._icon = QLabel()
        self._icon.setFixedSize(20, 20)
        self._status = QLabel()
        self._status.setFont(font(TypeSize.TITLE))
        self._status.setWordWrap(True)
        self._status.setTextFormat(Qt.TextFormat.PlainText)
        self._live_status = LiveText()
        self._live_status.setFont(font(TypeSize.TITLE))
        self._live_status.hide()
        for status in (self._status, self._live_status):
            status.setAccessibleName(self.tr("Status of the run"))
        self._mark = ("", "")
        self._bar = ProgressLine(self.tr("Progress of the run"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _SMOOTHING_POSITIONS)
        self.slider.setValue(_FIRST_SMOOTHING)
        self.slider.setPageStep(10)
        self.slider.setFixedWidth(110)
        self.slider.setAccessibleName(self.tr("Smoothing of the training loss"))
        self.slider.setToolTip(self.tr("How much of the past the smoothed loss remembers, 0 to 0.999"))
        self.weight_label = QLabel()
        self.weight_label.setMinimumWidth(self.fontMetrics().horizontalAdvance("0.999"))
        self.log_box = QCheckBox(self.tr("Log axis"))
        self.log_box.setAccessibleName(self.tr("Logarithmic loss axis"))
        self.log_box.setToolTip(self.tr("Show the loss on a logarithmic axis"))
        self._arrange()
        self._smooth(_FIRST_SMOOTHING)
        self.slider.valueChanged.connect(self._smooth)
        self.log_box.toggled.connect(self.log_toggled)

    @property
    def smoothing(self) -> float:
        """The smoothing weight."""
        return smoothing_weight(self.slider.value())

    @property
    def text(self) -> str:
        """The status line."""
        return self._live_status.text if self._live_status.isVisibleTo(self) else self._status.text()

    @property
    def share_done(self) -> float | None:
        """What the progress bar shows, 0 to 1; None while it only says that something goes on."""
        return self._bar.share

    def show_run(self, run: ShownRun | None, theme: Theme) -> None:
        """Say how ``run`` stands, in the colours of ``theme``."""
        is_live = run is not None and run.live
        self._live_status.setVisible(is_live)
        self._status.setVisible(not is_live)
        if is_live:
            self._live_status.show_text(status_text(run))
        else:
            self._status.setText(status_text(run))
        mark = _mark(run, theme)
        if mark != self._mark:
            self._mark = mark
            self._icon.setPixmap(icon(mark[0], theme, color=mark[1]).pixmap(QSize(18, 18)))
        share = run.share_done if run else 0.0
        self._bar.show_share(share if is_live else share or 0.0)
        self._bar.set_theme(theme)

    @Slot(int)
    def _smooth(self, position: int) -> None:
        weight = smoothing_weight(position)
        self.weight_label.setText(f"{weight:.3f}".rstrip("0").rstrip("."))
        self.smoothing_changed.emit(weight)

    def _arrange(self) -> None:
        smoothing = QLabel(self.tr("Smoothing"))
        smoothing.setBuddy(self.slider)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._status, 1)
        row.addWidget(self._live_status, 1)
        row.addWidget(smoothing)
        row.addWidget(self.slider)
        row.addWidget(self.weight_label)
        row.addWidget(self.log_box)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self._bar)


def _mark(run: ShownRun | None, theme: Theme) -> tuple[str, str]:
    """The name and colour of the icon that goes with the status line."""
    if run is None:
        return "info", theme.muted_text
    if run.ended is None:
        return ("pause", theme.warning) if run.paused else ("chart", theme.accent)
    return {
        Status.FINISHED: ("checkpoint", theme.success),
        Status.FAILED: ("error", theme.danger),
        Status.INTERRUPTED: ("warning", theme.warning),
    }.get(run.ended.status, ("stop", theme.muted_text))
