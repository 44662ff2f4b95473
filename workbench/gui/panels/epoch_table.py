"""The table of a run's epochs: losses, validation metrics, learning rate and seconds."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHeaderView, QWidget

from workbench.gui.panels.metric_words import metric_about, metric_heading, metric_text
from workbench.gui.panels.record_table import RecordTable
from workbench.gui.theme.typography import TypeSize, font
from workbench.runs.events import EpochEnd
from workbench.runs.figures import loss_text

_Index = QModelIndex | QPersistentModelIndex
_NONE = "\u2013"
_FEW_COLUMNS = 6
"""Up to so many, the headings have room for whole words."""


class EpochModel(QAbstractTableModel):
    """One row an epoch, oldest first, one column a metric; the epoch of the lowest validation loss is bold."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._epochs: list[EpochEnd] = []
        self._metrics: tuple[str, ...] = ()
        self._best = -1

    @property
    def epochs(self) -> list[EpochEnd]:
        """What is shown."""
        return self._epochs

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that have a column."""
        return self._metrics

    def show_epochs(self, epochs: Sequence[EpochEnd], metrics: tuple[str, ...]) -> None:
        """Show exactly ``epochs`` with ``metrics``. Only adding to what is shown keeps scroll place and selection."""
        shown = len(self._epochs)
        adds = metrics == self._metrics and len(epochs) > shown and list(epochs[:shown]) == self._epochs
        if adds:
            self.beginInsertRows(QModelIndex(), shown, len(epochs) - 1)
            self._epochs = list(epochs)
            self.endInsertRows()
        elif metrics != self._metrics or list(epochs) != self._epochs:
            self.beginResetModel()
            self._epochs, self._metrics = list(epochs), metrics
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
        return 0 if parent.isValid() else 5 + len(self._metrics)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headings()[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole and 0 <= section - 3 < len(self._metrics):
            return metric_about(self._metrics[section - 3])
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        epoch = self._epochs[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts(epoch)[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if index.row() == self._best:
            if role == Qt.ItemDataRole.FontRole:
                return font(TypeSize.BODY, bold=True)
            if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
                return self.tr("The epoch with the lowest validation loss")
        return None

    def _headings(self) -> tuple[str, ...]:
        whole = self.columnCount() <= _FEW_COLUMNS
        return (
            self.tr("Epoch"),
            self.tr("Training loss") if whole else self.tr("Train. loss"),
            self.tr("Validation loss") if whole else self.tr("Val. loss"),
            *(metric_heading(name) for name in self._metrics),
            self.tr("Learning rate") if whole else self.tr("Learn. rate"),
            self.tr("Seconds"),
        )

    def _texts(self, epoch: EpochEnd) -> tuple[str, ...]:
        values = ((name, epoch.metrics.get(name)) for name in self._metrics)
        return (
            str(epoch.epoch),
            loss_text(epoch.train_loss),
            loss_text(epoch.val_loss),
            *(_NONE if value is None else metric_text(name, value) for name, value in values),
            f"{epoch.learning_rate:.4g}",
            f"{epoch.seconds:,.1f}",
        )


class EpochTable(RecordTable):
    """The compact table; it stays at the newest epoch unless the user scrolled up."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(6, parent)
        self._model = EpochModel(self)
        self.setModel(self._model)
        self.setAccessibleName(self.tr("Epochs"))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_epochs(self, epochs: Sequence[EpochEnd], metrics: tuple[str, ...]) -> None:
        """Show exactly ``epochs`` with a column for each of ``metrics``; costs nothing where they are shown already."""
        if metrics == self._model.metrics and list(epochs) == self._model.epochs:
            return
        bar = self.verticalScrollBar()
        at_end = bar.value() == bar.maximum()
        self._model.show_epochs(epochs, metrics)
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
