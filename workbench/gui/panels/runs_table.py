"""The table of runs: columns, keys, the place it is scrolled to, and the text for newcomers."""

import contextlib
from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from workbench.gui.panels.run_cells import Column, heading
from workbench.gui.panels.run_pictures import CHIP_SIZE
from workbench.gui.panels.runs_model import RunsModel
from workbench.runs.store import Run

_Index = QModelIndex | QPersistentModelIndex

_SAMPLES = {
    Column.STATUS: "Interrupted",
    Column.EPOCH: "1000/1000",
    Column.METRIC: "accuracy 100.00 %",
    Column.LOSS: "0000.0000",
    Column.DEVICE: "cuda:0 GPU",
    Column.TIME: "10 min 55 s",
    Column.STARTED: "0000-00-00 00:00",
}
"""About the widest text of each column."""
_PICTURES = {Column.OVERLAY: CHIP_SIZE.width() + 26, Column.STATUS: 20}
"""Pixels beside the text: a tick box and a line sample, an icon."""
_CELL_MARGIN = 12
_ARROW = 16
"""Room for the arrow of the sorted column."""


class _RunDelegate(QStyledItemDelegate):
    """Draws the whole row alike, without a frame around one cell of it; edits a title in its cell."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        super().initStyleOption(option, index)
        option.state &= ~QStyle.StateFlag.State_HasFocus

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        line = QLineEdit(parent)
        line.setAccessibleName(self.tr("Title of the run"))
        line.setStyleSheet("padding: 0 2px; border-radius: 0; min-height: 0;")
        return line


class RunsTable(QTableView):
    """Shows a RunsModel; one run can be chosen. GUI thread only."""

    opened = Signal()
    """The chosen run was double-clicked."""

    def __init__(self, model: RunsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.setModel(model)
        self.setItemDelegate(_RunDelegate(self))
        self.setAccessibleName(self.tr("Runs"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        # The panel's actions start the editor, so that it begins the same way on every system.
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setIconSize(CHIP_SIZE)
        self.setSortingEnabled(True)
        self.sortByColumn(Column.STARTED, Qt.SortOrder.DescendingOrder)
        self.horizontalHeader().setSortIndicatorShown(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setMinimumSectionSize(16)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 8)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._size_columns()

    @property
    def selected_row(self) -> int | None:
        """The row that is chosen."""
        rows = self.selectionModel().selectedRows()
        return rows[0].row() if rows else None

    @property
    def selected(self) -> Run | None:
        """The run that is chosen."""
        row = self.selected_row
        return None if row is None else self._model.run(row)

    def edit_title(self) -> None:
        """Open the editor in the title of the chosen run."""
        row = self.selected_row
        if row is not None:
            cell = self._model.index(row, Column.TITLE)
            self.setCurrentIndex(cell)
            self.edit(cell)

    @contextlib.contextmanager
    def keeping_place(self) -> Iterator[None]:
        """Keep the first visible run where it is while rows come, go and move; at the top, stay at the top."""
        bar = self.verticalScrollBar()
        top = self.rowAt(0)
        run_id = self._model.run(top).id if top >= 0 and bar.value() > 0 else None
        place = self.rowViewportPosition(top)
        yield
        self.executeDelayedItemsLayout()
        row = self._model.row_of(run_id) if run_id else None
        if row is not None:
            bar.setValue(bar.value() + self.rowViewportPosition(row) - place)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() != Column.OVERLAY and event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._model.rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().placeholderText().color())
            text = self.tr("Your runs will appear here. Press Train.")
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)

    def _size_columns(self) -> None:
        columns = self.horizontalHeader()
        columns.setHighlightSections(False)
        columns.setMinimumSectionSize(40)
        metrics = self.fontMetrics()
        for column in Column:
            cell = metrics.horizontalAdvance(_SAMPLES.get(column, "")) + _PICTURES.get(column, 0)
            width = max(cell, metrics.horizontalAdvance(heading(column)) + _ARROW)
            self.setColumnWidth(column, width + _CELL_MARGIN)
        columns.setSectionResizeMode(Column.TITLE, QHeaderView.ResizeMode.Stretch)
