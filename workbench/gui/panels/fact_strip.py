"""A strip of numbers, each under its title."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.gui.theme.typography import TypeSize, font

Fact = tuple[str, str, str]
"""Title, value, and the tool tip, which is often empty."""
_SPACE = 28


class FactStrip(QWidget):
    """Shows up to ``most`` facts side by side. GUI thread only."""

    def __init__(self, name: str, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_SPACE)
        self._places = [_Place() for _ in range(most)]
        for place in self._places:
            row.addWidget(place)
        row.addStretch(1)

    @property
    def facts(self) -> dict[str, str]:
        """What is shown: values by title."""
        return {place.title: place.text for place in self._places if place.title}

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show exactly ``facts``."""
        filled = [*facts, *[("", "", "")] * (len(self._places) - len(facts))]
        for place, fact in zip(self._places, filled, strict=True):
            place.show_fact(*fact)


class _Place(QWidget):
    """Room for one fact."""

    def __init__(self) -> None:
        super().__init__()
        self._heading = QLabel()
        self._heading.setFont(font(TypeSize.SMALL))
        self._heading.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        self._value = QLabel()
        self._value.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._heading)
        column.addWidget(self._value)

    @property
    def title(self) -> str:
        return self._heading.text()

    @property
    def text(self) -> str:
        return self._value.text()

    def show_fact(self, title: str, text: str, tip: str) -> None:
        """Show ``text`` under ``title``; nothing for an empty title."""
        self._heading.setText(title)
        self._value.setText(text)
        self._value.setAccessibleName(f"{title}: {text}" if title else "")
        self.setToolTip(tip)
        self.setVisible(bool(title))
