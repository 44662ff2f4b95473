"""Small wrapped text under or beside a field."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPalette
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
