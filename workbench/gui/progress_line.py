"""A thin progress bar."""

from PySide6.QtCore import QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QProgressBar

from workbench.gui.theme.palette import LIGHT, Theme

_HEIGHT = 6
_STEPS = 1000
_BUSY_SHARE = 0.25
_BUSY_MILLISECONDS = 80
_BUSY_STEPS = 24


class ProgressLine(QProgressBar):
    """Shows a share, or that something goes on. GUI thread only.

    It paints itself: below a style sheet Qt's styles never end the animation of a bar that was once without a number.
    """

    def __init__(self, name: str) -> None:
        """``name`` is the accessible one, translated."""
        super().__init__()
        self.setAccessibleName(name)
        self.setTextVisible(False)
        self.setFixedHeight(_HEIGHT)
        self.setRange(0, _STEPS)
        self._theme = LIGHT
        self._turn = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_BUSY_MILLISECONDS)
        self._timer.timeout.connect(self._move)

    @property
    def share(self) -> float | None:
        """What is shown, 0 to 1; None while it only says that something goes on."""
        return None if self.maximum() == 0 else self.value() / _STEPS

    def show_share(self, share: float | None) -> None:
        """Show ``share``, 0 to 1; None to say that something goes on."""
        if share is None:
            self.setRange(0, 0)
            if self.isVisible() and not self._timer.isActive():
                self._timer.start()
            return
        self._timer.stop()
        self.setRange(0, _STEPS)
        self.setValue(round(share * _STEPS))

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        painter.setBrush(QColor(self._theme.hover))
        painter.drawRoundedRect(whole, _HEIGHT / 2, _HEIGHT / 2)
        share = self.share
        done = QRectF(whole)
        done.setWidth(whole.width() * (_BUSY_SHARE if share is None else share))
        if share is None:
            done.moveLeft((whole.width() - done.width()) * abs(2 * self._turn / _BUSY_STEPS - 1))
        if done.width() > 0:
            painter.setBrush(QColor(self._theme.accent))
            painter.drawRoundedRect(done, _HEIGHT / 2, _HEIGHT / 2)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.share is None:
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    @Slot()
    def _move(self) -> None:
        self._turn = (self._turn + 1) % _BUSY_STEPS
        self.update()
