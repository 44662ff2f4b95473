"""How the application looks now: it applies a theme, follows the system's, and tells when it changes."""

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from workbench.gui.theme.palette import DARK, LIGHT, Theme, blend
from workbench.gui.theme.stylesheet import stylesheet

Scheme = Literal["system", "light", "dark"]


class Appearance(QObject):
    """The application's look, one for each QApplication; make it with ``apply``. GUI thread only."""

    changed = Signal(object)
    """The new ``Theme``, after palette and style sheet are in place."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.setObjectName("appearance")
        self._app = app
        self._scheme: Scheme = "system"
        self._theme: Theme | None = None
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def theme(self) -> Theme:
        """The theme in use."""
        return self._theme or LIGHT

    @property
    def scheme(self) -> Scheme:
        """What was asked for: the system's scheme, light or dark."""
        return self._scheme

    def set_scheme(self, scheme: Scheme) -> None:
        """Use ``scheme`` from now on. Emits ``changed`` if the theme becomes another."""
        self._scheme = scheme
        hints = self._app.styleHints()
        if scheme == "system":
            hints.unsetColorScheme()
        else:
            # The system draws title bars and native menus in the same scheme.
            hints.setColorScheme(Qt.ColorScheme.Dark if scheme == "dark" else Qt.ColorScheme.Light)
        self._update()

    @Slot()
    def _follow_system(self) -> None:
        self._update()

    def _update(self) -> None:
        if self._scheme == "system":
            dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        else:
            dark = self._scheme == "dark"
        theme = DARK if dark else LIGHT
        if theme == self._theme:
            return
        self._theme = theme
        self._app.setPalette(qt_palette(theme))
        self._app.setStyleSheet(stylesheet(theme))
        self.changed.emit(theme)


def apply(app: QApplication, scheme: Scheme) -> Appearance:
    """Give ``app`` the look of ``scheme``; its ``changed`` signal tells of every later change of theme.

    Called again for the same application it switches the one Appearance there is.
    """
    appearance = app.findChild(Appearance) or Appearance(app)
    appearance.set_scheme(scheme)
    return appearance


def qt_palette(theme: Theme) -> QPalette:
    """Qt's palette in the colours of ``theme``, the disabled group included."""
    made = QPalette()
    role = QPalette.ColorRole
    colors = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.danger,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.muted_text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.accent_text,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.hover,
        role.Midlight: theme.hover,
        role.Mid: theme.border,
        role.Dark: blend(theme.border, theme.text, 0.8).name(),
        role.Shadow: theme.border,
    }
    for key, color in colors.items():
        made.setColor(key, QColor(color))
    disabled = blend(theme.text, theme.window, 0.42)
    for key in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, key, disabled)
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.border))
    return made
