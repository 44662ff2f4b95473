"""The bar on top: Train, Pause, Stop and keep, Cancel and discard; the device; settings."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from workbench.gui.actions import Actions, plain_text
from workbench.gui.theme.icons import icon
from workbench.gui.theme.palette import Theme

_ICON = QSize(18, 18)


class ControlBar(QWidget):
    """Buttons for the actions one needs while training."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Controls"))
        self.train = self._button(actions.train)
        self.train.setProperty("primary", True)
        self.pause = self._button(actions.pause)
        self.stop = self._button(actions.stop)
        self.cancel = self._button(actions.cancel)
        self.open = self._button(actions.open, words=False)
        self.save = self._button(actions.save, words=False)
        self.device = QToolButton()
        self.device.setIconSize(_ICON)
        self.device.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.device.setToolTip(self.tr("Where runs are computed; press to change"))
        self.settings = self._button(actions.settings, words=False)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 8, 8, 8)
        row.setSpacing(8)
        for button in (self.open, self.save):
            row.addWidget(button)
        row.addSpacing(8)
        for button in (self.train, self.pause, self.stop, self.cancel):
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.device)
        row.addWidget(self.settings)

    def show_device(self, label: str) -> None:
        """Show the device that runs are given."""
        self.device.setText(label)
        self.device.setAccessibleName(self.tr("Device: {0}").format(label))

    def set_theme(self, theme: Theme) -> None:
        """Draw the device's icon in the colours of ``theme``."""
        self.device.setIcon(icon("device", theme))

    def _button(self, action: QAction, *, words: bool = True) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setIconSize(_ICON)
        if words:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        else:
            button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(plain_text(action))
        button.installEventFilter(self)
        return button

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep a button's accessible name in step with its action's text."""
        if event.type() == QEvent.Type.ActionChanged and isinstance(watched, QToolButton):
            watched.setAccessibleName(plain_text(watched.defaultAction()))
        return super().eventFilter(watched, event)
