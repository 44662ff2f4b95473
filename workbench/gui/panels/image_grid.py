"""The grid of a dataset's images, each with its class or labels under it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workbench.engine.messages import DatasetPreview
from workbench.gui.panels.sample_words import samples_of, target_text
from workbench.gui.theme.palette import LIGHT, Theme
from workbench.gui.theme.typography import TypeSize, font

_Index = QModelIndex | QPersistentModelIndex

_IMAGE_SIDE = 88
"""About how long the longer side of an image is in the grid, in pixels."""
_PADDING = 6
_LEAST_LABEL = 92
"""Pixels that a class's name has at least."""
_LABEL_LINES = 2
"""Where a sample has several labels."""


def as_image(pixels: NDArray[np.uint8]) -> QImage:
    """``pixels`` of shape ``(H, W, 1)`` or ``(H, W, 3)`` as an image of its own."""
    height, width, channels = pixels.shape
    kind = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
    pixels = np.ascontiguousarray(pixels)
    # The first image shares the array's memory, which may be gone before the image is.
    return QImage(pixels.data, width, height, width * channels, kind).copy()


def shown_size(image: QSize, side: int) -> QSize:
    """The size to show an image in: a whole multiple near ``side`` pixels for a small one, ``side`` for a large one."""
    longer = max(image.width(), image.height())
    if longer > side:
        return image.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio)
    return image * max(round(side / longer), 1)


def draw_image(painter: QPainter, image: QImage, target: QRect, theme: Theme) -> None:
    """Draw ``image`` over ``target`` with a thin border around it; enlarged pixels stay sharp squares."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, image.width() > target.width())
    painter.drawImage(target, image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QColor(theme.border))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(target.adjusted(-1, -1, 0, 0))


class ImageModel(QAbstractListModel):
    """The samples of a preview, all or those of one class or label. Converts only what is painted."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._preview: DatasetPreview | None = None
        self._samples = np.zeros(0, np.int64)

    def show_preview(self, preview: DatasetPreview, label: int | None) -> None:
        """Hold the samples of ``preview``, or those of the class or with the label ``label``."""
        self.beginResetModel()
        self._preview = preview
        self._samples = samples_of(preview, label)
        self.endResetModel()

    def sample(self, row: int) -> int:
        """The place in the preview of the sample in ``row``."""
        return int(self._samples[row])

    def image(self, row: int) -> QImage:
        """The image in ``row``."""
        if self._preview is None:
            return QImage()
        return as_image(self._preview.images[self._samples[row]])

    @property
    def image_size(self) -> QSize:
        """Width and height of every image; 1×1 where there is none."""
        if self._preview is None or len(self._preview.images) == 0:
            return QSize(1, 1)
        return QSize(self._preview.images.shape[2], self._preview.images.shape[1])

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._samples)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if self._preview is None:
            return None
        sample = self._samples[index.row()]
        name = target_text(self._preview, int(sample))
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            place = f"{int(self._preview.indices[sample]):,}"
            return self.tr("{name}, training sample {index}").format(name=name, index=place)
        return None


class _TileDelegate(QStyledItemDelegate):
    """Paints an image with its class or labels under it."""

    def __init__(self, parent: "ImageGrid") -> None:
        super().__init__(parent)
        self.theme = LIGHT
        self.image_size = QSize(_IMAGE_SIDE, _IMAGE_SIDE)
        self.lines = 1
        """Of text under an image."""
        self._model = parent.images

    def tile_size(self) -> QSize:
        """The least size of a tile."""
        text = QFontMetrics(font(TypeSize.SMALL)).lineSpacing() * self.lines
        width = max(self.image_size.width(), _LEAST_LABEL) + 2 * _PADDING
        return QSize(width, self.image_size.height() + text + 3 * _PADDING)

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return self.tile_size()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        theme = self.theme
        tile: QRect = option.rect.adjusted(2, 2, -2, -2)
        state: QStyle.StateFlag = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        if selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            focused = selected and state & QStyle.StateFlag.State_HasFocus
            painter.setPen(QPen(QColor(theme.accent), 1.5) if focused else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.selection if selected else theme.hover))
            painter.drawRoundedRect(QRectF(tile).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        target = QRect(tile.topLeft(), self.image_size)
        target.moveLeft(tile.left() + (tile.width() - target.width()) // 2)
        target.moveTop(tile.top() + _PADDING)
        draw_image(painter, self._model.image(index.row()), target, theme)
        painter.setFont(font(TypeSize.SMALL))
        painter.setPen(QColor(theme.text))
        below = QRect(tile.left() + 2, target.bottom() + 1, tile.width() - 4, tile.bottom() - target.bottom())
        lines = _broken(str(index.data()), self.lines, below.width(), painter.fontMetrics())
        if self.lines == 1:
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, lines)
        else:
            top = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
            painter.drawText(below.adjusted(0, _PADDING // 2, 0, 0), top, lines)
        painter.restore()


def _broken(text: str, most: int, width: int, metrics: QFontMetrics) -> str:
    """``text`` broken after commas into ``most`` lines of ``width`` pixels, the last one cut where it is longer."""
    lines, words = [""], text.split(", ")
    for place, word in enumerate(words):
        piece = word + ("," if place < len(words) - 1 else "")
        longer = f"{lines[-1]} {piece}".strip()
        if metrics.horizontalAdvance(longer) > width and lines[-1] and len(lines) < most:
            lines.append(piece)
        else:
            lines[-1] = longer
    return "\n".join(metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines)


class ImageGrid(QListView):
    """The samples of a preview, chosen with mouse or keyboard. GUI thread only."""

    picked = Signal(int)
    """The place in the preview of the sample that is chosen now; -1 for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.images = ImageModel(self)
        self.setModel(self.images)
        self._delegate = _TileDelegate(self)
        self.setItemDelegate(self._delegate)
        self.empty_text = ""
        self.setAccessibleName(self.tr("Images of the dataset"))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setDragEnabled(False)
        self.setMouseTracking(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self._delegate.theme = theme
        self.viewport().update()

    def show_preview(self, preview: DatasetPreview, label: int | None = None) -> None:
        """Show the samples of ``preview``, or those of the class or with the label ``label``, and choose the first."""
        self.images.show_preview(preview, label)
        self._delegate.image_size = shown_size(self.images.image_size, _IMAGE_SIDE)
        self._delegate.lines = _LABEL_LINES if preview.info.task == "multilabel" else 1
        self._lay_out()
        self.scrollToTop()
        if self.images.rowCount() > 0:
            choose = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(self.images.index(0), choose)
        else:
            self.picked.emit(-1)

    def currentChanged(self, current: _Index, previous: _Index) -> None:
        super().currentChanged(current, previous)
        if current.isValid():
            self.picked.emit(self.images.sample(current.row()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.images.rowCount() == 0 and self.empty_text:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().placeholderText().color())
            area = self.viewport().rect().adjusted(16, 16, -16, -16)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty_text)

    def _lay_out(self) -> None:
        """Give each tile its share of the width, so that no gap is left at the right."""
        tile = self._delegate.tile_size()
        # QListView keeps room for the scroll bar, seen or not, when it breaks its rows.
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self.verticalScrollBar())
        width = max(self.maximumViewportSize().width() - bar - 1, tile.width())
        size = QSize(width // (width // tile.width()), tile.height())
        if size != self.gridSize():
            self.setGridSize(size)
        self.verticalScrollBar().setSingleStep(max(tile.height() // 3, 1))
