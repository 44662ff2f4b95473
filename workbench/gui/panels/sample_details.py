"""What the Data tab says of one image."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from workbench.engine.messages import DatasetPreview
from workbench.gui.panels.image_grid import as_image, draw_image, shown_size
from workbench.gui.panels.sample_words import target_text
from workbench.gui.theme.palette import LIGHT, Theme
from workbench.gui.theme.typography import TypeSize, font

_SIDE = 140
"""Pixels of the enlarged image."""


class _Picture(QWidget):
    """One image, as large as fits."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self.theme = LIGHT
        self.setFixedSize(_SIDE + 2, _SIDE + 2)

    def show_image(self, image: QImage, name: str) -> None:
        """Show ``image``, called ``name`` by screen readers."""
        self._image = image
        self.setAccessibleName(name)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image.isNull():
            return
        longer = max(self._image.width(), self._image.height())
        size = shown_size(self._image.size(), _SIDE // longer * longer if longer <= _SIDE else _SIDE)
        target = QRect(1, 1, size.width(), size.height())
        painter = QPainter(self)
        draw_image(painter, self._image, target, self.theme)
        painter.end()


class SampleDetails(QWidget):
    """The chosen image, larger, with its class or labels and its place in the training part."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Chosen sample"))
        self._picture = _Picture()
        self._name = QLabel()
        self._name.setFont(font(TypeSize.TITLE, bold=True))
        self._place = QLabel()
        self._pixels = QLabel()
        for label in (self._name, self._place, self._pixels):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self._pixels.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        texts = QVBoxLayout()
        texts.setSpacing(4)
        texts.addWidget(self._name)
        texts.addWidget(self._place)
        texts.addWidget(self._pixels)
        texts.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """What is said of the sample, a line a fact."""
        return "\n".join(label.text() for label in (self._name, self._place, self._pixels))

    def show_sample(self, preview: DatasetPreview, sample: int) -> None:
        """Show the sample at place ``sample`` of ``preview``; -1 for none."""
        if sample < 0:
            for label in (self._name, self._place, self._pixels):
                label.clear()
            self._picture.show_image(QImage(), "")
            return
        pixels = preview.images[sample]
        name = target_text(preview, sample)
        self._name.setText(name)
        self._place.setText(self.tr("Training sample {index}").format(index=f"{int(preview.indices[sample]):,}"))
        low, high = int(pixels.min()), int(pixels.max())
        self._pixels.setText(self.tr("Pixel values {low} to {high}").format(low=low, high=high))
        self._picture.show_image(as_image(pixels), self.tr("Image of {name}").format(name=name))

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self._picture.theme = theme
        self._picture.update()
