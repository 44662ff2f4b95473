"""The column at the right of the Data tab: the chosen image, how the targets are spread, and the columns' values."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from workbench.engine.messages import DatasetPreview
from workbench.gui.panels.class_counts import ClassCounts
from workbench.gui.panels.column_histograms import ColumnHistograms
from workbench.gui.panels.sample_details import SampleDetails
from workbench.gui.theme.palette import Theme
from workbench.gui.theme.typography import TypeSize, font

_WIDTH = 330
_MOST_COUNTS = 240
"""Pixels of the class counts where columns stand below them."""


class DataSide(QWidget):
    """What a dataset's samples are like as a whole. GUI thread only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._details = SampleDetails()
        self._counts = ClassCounts()
        self._counts_area = _scrolling(self._counts, self.tr("Samples of each class"))
        self._targets_title = _heading("")
        self._targets = ColumnHistograms(series=1)
        self._columns_title = _heading("")
        self._columns = ColumnHistograms(series=0)
        self._columns_area = _scrolling(self._columns_body(), self.tr("Values of each column"))
        self.setFixedWidth(_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._details)
        column.addWidget(self._counts_area, 1)
        column.addWidget(self._columns_area, 2)

    def show_preview(self, preview: DatasetPreview) -> None:
        """Show how targets and columns of ``preview`` are spread."""
        info = preview.info
        is_image, has_classes = info.kind == "image", info.task != "regression"
        has_columns = bool(preview.columns or preview.target_columns)
        self._details.setVisible(is_image)
        self._counts_area.setVisible(has_classes)
        if has_classes:
            what = self.tr("Samples with each label") if info.task == "multilabel" else self.tr("Samples of each class")
            self._counts.setAccessibleName(what)
            self._counts_area.setAccessibleName(what)
            training, validation = preview.train_counts.tolist(), preview.validation_counts.tolist()
            self._counts.show_counts(preview.classes, training, validation)
        needed = self._counts.minimumSizeHint().height()
        self._counts_area.setMaximumHeight(min(needed + 8, _MOST_COUNTS) if has_columns else 16_777_215)
        self._columns_area.setVisible(has_columns)
        self._targets_title.setVisible(not has_classes)
        self._targets_title.setText(self.tr("To predict"))
        self._targets.setVisible(not has_classes)
        self._targets.show_columns(preview.target_columns)
        self._columns_title.setVisible(bool(preview.columns))
        self._columns_title.setText(self.tr("How long samples are") if info.kind == "tokens" else self.tr("Features"))
        self._columns.show_columns(preview.columns)
        self._columns_area.verticalScrollBar().setValue(0)

    def show_sample(self, preview: DatasetPreview, sample: int) -> None:
        """Show the image at place ``sample`` of ``preview`` larger; -1 for none."""
        self._details.show_sample(preview, sample)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        for part in (self._details, self._counts, self._targets, self._columns):
            part.set_theme(theme)

    def _columns_body(self) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(6)
        for part in (self._targets_title, self._targets, self._columns_title, self._columns):
            column.addWidget(part)
        column.addStretch(1)
        return body


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setFont(font(TypeSize.BODY, bold=True))
    return label


def _scrolling(widget: QWidget, name: str) -> QScrollArea:
    area = QScrollArea()
    area.setWidget(widget)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setAccessibleName(name)
    return area
