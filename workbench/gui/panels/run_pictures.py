"""The small pictures of the runs table: line samples and status icons."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPen, QPixmap

from workbench.gui.theme.icons import icon
from workbench.gui.theme.palette import LIGHT, Theme
from workbench.gui.theme.series import series_style
from workbench.runs.events import Status

CHIP_SIZE = QSize(26, 12)
_ICON_SIZE = QSize(14, 14)
_ICONS = {
    Status.RUNNING: "train",
    Status.PAUSED: "pause",
    Status.FINISHED: "checkpoint",
    Status.STOPPED: "stop",
    Status.CANCELLED: "close",
    Status.FAILED: "error",
    Status.INTERRUPTED: "warning",
}


class RunPictures:
    """Draws each picture once in the colours of ``theme``. GUI thread only."""

    def __init__(self, theme: Theme = LIGHT) -> None:
        self._theme = theme
        self._chips: dict[int, QIcon] = {}
        self._icons: dict[Status, QIcon] = {}

    def chip(self, style_index: int) -> QIcon:
        """A sample of the line that curves of this style are drawn with."""
        if style_index not in self._chips:
            screen = QGuiApplication.primaryScreen()
            ratio = screen.devicePixelRatio() if screen else 1.0
            picture = QPixmap(CHIP_SIZE * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            color, style = series_style(style_index, self._theme)
            painter.setPen(QPen(color, 3.0, style, Qt.PenCapStyle.FlatCap))
            middle = CHIP_SIZE.height() // 2
            painter.drawLine(0, middle, CHIP_SIZE.width(), middle)
            painter.end()
            self._chips[style_index] = _untinted(picture)
        return self._chips[style_index]

    def status(self, status: Status) -> QIcon:
        """The icon that stands for ``status``, in its colour."""
        if status not in self._icons:
            drawn = icon(_ICONS[status], self._theme, color=status_color(status, self._theme))
            self._icons[status] = _untinted(drawn.pixmap(_ICON_SIZE))
        return self._icons[status]


def status_color(status: Status, theme: Theme) -> str:
    """The colour that goes with ``status``."""
    return {
        Status.RUNNING: theme.accent,
        Status.PAUSED: theme.warning,
        Status.FINISHED: theme.success,
        Status.FAILED: theme.danger,
        Status.INTERRUPTED: theme.warning,
    }.get(status, theme.muted_text)


def _untinted(picture: QPixmap) -> QIcon:
    """``picture`` as an icon that keeps its colours in a selected row."""
    made = QIcon(picture)
    made.addPixmap(picture, QIcon.Mode.Selected)
    return made
