"""Small wrapped text under a field or chooser."""

import html

from PySide6.QtCore import QEvent, QRectF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy

from workbench.gui.theme.typography import TypeSize, font


class Caption(QLabel):
    """A text that wraps and never makes its column wider; ``color`` is the palette's role of its letters."""

    def __init__(self, color: QPalette.ColorRole) -> None:
        super().__init__()
        self.setFont(font(TypeSize.SMALL))
        self.setForegroundRole(color)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def changeEvent(self, event: QEvent) -> None:
        """Lay the text out anew in another palette: QLabel keeps the colour that a link had."""
        if event.type() == QEvent.Type.PaletteChange:
            text = self.text()
            self.clear()
            self.setText(text)
        super().changeEvent(event)


class AboutCaption(Caption):
    """What a choice is, with a link to the page that defines it; one stop of the Tab key where there is a link."""

    def __init__(self) -> None:
        super().__init__(QPalette.ColorRole.PlaceholderText)
        self.setProperty("role", "muted")
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
        self.setOpenExternalLinks(True)
        self._address = ""

    def show_about(self, name: str, about: str, address: str) -> None:
        """Tell ``about`` of the choice called ``name``, documented at ``address`` (empty for nowhere)."""
        self._address = address
        text = html.escape(about)
        if address:
            text += f' <a href="{html.escape(address)}">{html.escape(self.tr("Documentation"))}</a>'
        self.setText(text)
        self.setVisible(bool(text))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if address else Qt.FocusPolicy.NoFocus)
        self.setToolTip(address)
        self.setAccessibleName(self.tr("Documentation of %1").replace("%1", name))
        self.setAccessibleDescription(about)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return and Space open the page."""
        if self._address and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            QDesktopServices.openUrl(QUrl(self._address))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(self.palette().color(QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
            painter.end()
