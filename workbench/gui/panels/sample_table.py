"""The samples of a table or of token sequences, a row each: place, target, and what the model is given."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from workbench.engine.messages import DatasetPreview
from workbench.gui.panels.record_table import RecordTable
from workbench.gui.panels.sample_words import decimals_for, number_text, samples_of, target_text

_Index = QModelIndex | QPersistentModelIndex

_WIDEST_NUMBER = 116
_WIDEST_TEXT = 180
"""Pixels that a column has at most; its heading is cut there, and the tool tip has it whole."""
_LEAST = 52
_CELL = 20
"""Pixels around the text of a cell."""
_LOOKED_AT = 50
"""Rows that decide how wide a column is."""


@dataclass(frozen=True)
class _Column:
    title: str
    texts: list[str]
    """One for each sample of the preview."""
    is_number: bool
    tip: str = ""


class SampleModel(QAbstractTableModel):
    """The samples of a preview, all or those of one class."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._columns: list[_Column] = []
        self._samples = np.zeros(0, np.int64)

    def show_preview(self, preview: DatasetPreview, label: int | None) -> None:
        """Hold the samples of ``preview``, or those of the class or with the label ``label``."""
        self.beginResetModel()
        self._columns = [self._place_column(preview), *self._target_columns(preview)]
        if preview.info.kind == "tokens":
            self._columns += self._token_columns(preview)
        else:
            self._columns += [
                _number_column(summary.name, preview.inputs[:, place]) for place, summary in enumerate(preview.columns)
            ]
        self._samples = samples_of(preview, label)
        self.endResetModel()

    def is_number(self, column: int) -> bool:
        """Whether ``column`` holds numbers, which stand at the right."""
        return self._columns[column].is_number

    def widest_text(self, column: int) -> str:
        """About the widest text in ``column``."""
        return max((self._columns[column].texts[row] for row in self._samples[:_LOOKED_AT]), key=len, default="")

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._samples)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return column.tip or column.title
        return _alignment(column) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        column = self._columns[index.column()]
        text = column.texts[int(self._samples[index.row()])]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return "" if column.is_number else text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title}: {text}"
        return _alignment(column) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _place_column(self, preview: DatasetPreview) -> _Column:
        # at the left like a name: a number at the right would run into a text in the column beside it
        texts = [f"{int(place):,}" for place in preview.indices]
        return _Column(self.tr("Sample"), texts, is_number=False, tip=self.tr("Place in the training part"))

    def _target_columns(self, preview: DatasetPreview) -> list[_Column]:
        info = preview.info
        if info.task == "regression":
            tip = self.tr("{name}: what the model learns to predict")
            return [
                _number_column(name, preview.targets[:, place], tip.format(name=name))
                for place, name in enumerate(info.targets)
            ]
        title = self.tr("Labels") if info.task == "multilabel" else self.tr("Class")
        texts = [target_text(preview, sample) for sample in range(len(preview.indices))]
        return [_Column(title, texts, is_number=False, tip=self.tr("What the model learns to predict"))]

    def _token_columns(self, preview: DatasetPreview) -> list[_Column]:
        rows = [row[row != 0].tolist() for row in preview.inputs]
        lengths = [f"{len(row):,}" for row in rows]
        tokens = [" ".join(map(str, row)) for row in rows]
        return [
            _Column(self.tr("Tokens"), tokens, is_number=False, tip=self.tr("The numbers of the tokens, in order")),
            _Column(self.tr("Length"), lengths, is_number=True, tip=self.tr("Tokens of the sample, padding left out")),
        ]


class SampleTable(RecordTable):
    """Shows the samples of a preview; the target stands before the features, so that it is always in sight."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(8, parent)
        self.samples = SampleModel(self)
        self.setModel(self.samples)
        self.setAccessibleName(self.tr("Samples of the dataset"))
        self.empty_text = ""
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        columns = self.horizontalHeader()
        columns.setMinimumSectionSize(_LEAST)
        columns.setTextElideMode(Qt.TextElideMode.ElideRight)

    def show_preview(self, preview: DatasetPreview, label: int | None = None) -> None:
        """Show the samples of ``preview``, or those of the class or with the label ``label``."""
        self.samples.show_preview(preview, label)
        columns, metrics = self.horizontalHeader(), self.fontMetrics()
        for column in range(self.samples.columnCount()):
            heading = str(self.samples.headerData(column, Qt.Orientation.Horizontal))
            texts = (heading, self.samples.widest_text(column))
            most = _WIDEST_NUMBER if self.samples.is_number(column) else _WIDEST_TEXT
            wanted = max(metrics.horizontalAdvance(text) for text in texts) + _CELL
            self.setColumnWidth(column, min(max(wanted, _LEAST), most))
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        if preview.info.kind == "tokens":
            columns.setSectionResizeMode(self.samples.columnCount() - 2, QHeaderView.ResizeMode.Stretch)
        self.scrollToTop()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.samples.rowCount() == 0 and self.empty_text:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().placeholderText().color())
            area = self.viewport().rect().adjusted(16, 16, -16, -16)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty_text)


def _number_column(title: str, values: np.ndarray, tip: str = "") -> _Column:
    decimals = decimals_for(values)
    return _Column(title, [number_text(value, decimals) for value in values.tolist()], is_number=True, tip=tip)


def _alignment(column: _Column) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
