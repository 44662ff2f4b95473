"""The table of a run's epochs: losses, accuracy, learning rate and seconds."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from workbench.gui.theme.typography import TypeSize, font
from workbench.runs.events import EpochEnd

_Index = QModelIndex | QPersistentModelIndex
_NONE = "\u2013"


class EpochModel(QAbstractTableModel):
    """One row an epoch, oldest first; the epoch of the lowest validation loss is bold."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._epochs: list[EpochEnd] = []
        self._best = -1

    @property
    def epochs(self) -> list[EpochEnd]:
        """What is shown."""
        return self._epochs

    def show_epochs(self, epochs: Sequence[EpochEnd]) -> None:
        """Show exactly ``epochs``. Only adding to what is shown keeps scroll position and selection."""
        shown = len(self._epochs)
        if len(epochs) > shown and list(epochs[:shown]) == self._epochs:
            self.beginInsertRows(QModelIndex(), shown, len(epochs) - 1)
            self._epochs = list(epochs)
            self.endInsertRows()
        elif list(epochs) != self._epochs:
            self.beginResetModel()
            self._epochs = list(epochs)
            self.endResetModel()
        losses = [epoch.val_loss for epoch in self._epochs]
        best = min(range(len(losses)), key=lambda row: (losses[row] != losses[row], losses[row]), default=-1)
        if best != self._best:
            changed, self._best = (self._best, best), best
            for row in changed:
                if 0 <= row < len(self._epochs):
                    self.dataChanged.emit(self.index(row, 0), self.index(row, self.columnCount() - 1))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._epochs)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 6

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (
                self.tr("Epoch"),
                self.tr("Training loss"),
                self.tr("Validation loss"),
                self.tr("Accuracy"),
                self.tr("Learning rate"),
                self.tr("Seconds"),
            )[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        epoch = self._epochs[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            accuracy = epoch.metrics.get("val_accuracy")
            return (
                str(epoch.epoch),
                f"{epoch.train_loss:.4f}",
                f"{epoch.val_loss:.4f}",
                _NONE if accuracy is None else f"{accuracy * 100:.2f} %",
                f"{epoch.learning_rate:.4g}",
                f"{epoch.seconds:,.1f}",
            )[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if index.row() == self._best:
            if role == Qt.ItemDataRole.FontRole:
                return font(TypeSize.BODY, bold=True)
            if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
                return self.tr("The epoch with the lowest validation loss")
        return None


class EpochTable(QTableView):
    """The compact table; it stays at the newest epoch unless the user scrolled up."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = EpochModel(self)
        self.setModel(self._model)
        self.setAccessibleName(self.tr("Epochs"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setMinimumSectionSize(16)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 6)
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        columns.setHighlightSections(False)
        columns.setSectionsClickable(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_epochs(self, epochs: Sequence[EpochEnd]) -> None:
        """Show exactly ``epochs``; costs nothing where they are shown already."""
        if list(epochs) == self._model.epochs:
            return
        bar = self.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        self._model.show_epochs(epochs)
        self.viewport().update()
        if at_end:
            self.scrollToBottom()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._model.rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().placeholderText().color())
            text = self.tr("The results of each epoch appear here.")
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, text)
