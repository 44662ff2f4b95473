"""The layers of a model as a table: what each puts out and what it costs, and why one does not fit."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from workbench.gui.panels.record_table import RecordTable
from workbench.gui.theme.icons import icon
from workbench.gui.theme.palette import LIGHT, Theme
from workbench.spec.layer_table import LayerRow

_Index = QModelIndex | QPersistentModelIndex
_NONE = "\u2013"
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_COLUMNS = 6
_NAME, _KIND = 0, 1
_SAMPLES = {1: "BatchNorm2d", 2: "000 × 000 × 000", 3: "00,000,000", 4: "0,000,000,000", 5: "000.0 MiB"}
"""About the widest text of each column but the first, which takes the room that is left."""
_CELL = 16


def shape_text(shape: tuple[int, ...] | None) -> str:
    """A shape as a person reads it; a dash for none."""
    return _NONE if shape is None else " × ".join(f"{side:,}" for side in shape) or "1"


def memory_text(count: int) -> str:
    """``count`` bytes with three significant digits."""
    size, unit = float(count), 0
    while size >= 1000 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.0f} {_UNITS[unit]}" if unit == 0 or size >= 100 else f"{size:.3g} {_UNITS[unit]}"


class LayerModel(QAbstractTableModel):
    """A row a layer; under one that does not fit, a row with the reason."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._rows: list[LayerRow | str] = []
        self._theme = LIGHT

    @property
    def problem_rows(self) -> list[int]:
        """The rows that hold a reason."""
        return [place for place, row in enumerate(self._rows) if isinstance(row, str)]

    def show_layers(self, layers: Sequence[LayerRow]) -> None:
        """Hold ``layers``."""
        self.beginResetModel()
        self._rows = []
        for layer in layers:
            self._rows.append(layer)
            if layer.problem:
                self._rows.append(layer.problem[:1].upper() + layer.problem[1:])
        self.endResetModel()

    def set_theme(self, theme: Theme) -> None:
        """Show reasons in the colours of ``theme``."""
        self._theme = theme
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, _COLUMNS - 1))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else _COLUMNS

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headings()[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tips()[section]
        return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = self._rows[index.row()], index.column()
        if isinstance(row, str):
            return self._problem_data(row, column, role)
        if role == Qt.ItemDataRole.DisplayRole:
            return _texts(row)[column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole and column in (_NAME, _KIND):
            return _texts(row)[column]
        if role == Qt.ItemDataRole.ForegroundRole and row.problem:
            return QBrush(QColor(self._theme.danger))
        if role == Qt.ItemDataRole.ForegroundRole and row.output_shape is None:
            return QBrush(QColor(self._theme.muted_text))
        return None

    def _problem_data(self, sentence: str, column: int, role: int) -> object:
        if column != _NAME:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return sentence
        if role == Qt.ItemDataRole.DecorationRole:
            return icon("error", self._theme, color=self._theme.danger)
        return QBrush(QColor(self._theme.danger)) if role == Qt.ItemDataRole.ForegroundRole else None

    def _headings(self) -> tuple[str, ...]:
        return (
            self.tr("Layer"),
            self.tr("Kind"),
            self.tr("Output shape"),
            self.tr("Parameters"),
            self.tr("Multiply-adds"),
            self.tr("Memory"),
        )

    def _tips(self) -> tuple[str, ...]:
        return (
            self.tr("The layer's path in the network: what parameter groups call it"),
            self.tr("The layer's class in torch.nn"),
            self.tr("What the layer puts out for one sample"),
            self.tr("Numbers the layer learns"),
            self.tr("Multiplications with an addition for one sample, in a forward pass"),
            self.tr("What the layer keeps for the backward pass, for a whole batch"),
        )


class LayerTable(RecordTable):
    """Shows a LayerModel; says what it waits for while there is none. GUI thread only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(8, parent)
        self.layers = LayerModel(self)
        self.setModel(self.layers)
        self.setAccessibleName(self.tr("Layers of the model"))
        self._empty_text = ""
        self.horizontalHeader().setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        for column, sample in _SAMPLES.items():
            heading = str(self.layers.headerData(column, Qt.Orientation.Horizontal))
            width = max(self.fontMetrics().horizontalAdvance(text) for text in (heading, sample))
            self.setColumnWidth(column, width + _CELL)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def empty_text(self) -> str:
        """What is shown in place of layers."""
        return self._empty_text if self.layers.rowCount() == 0 else ""

    def show_layers(self, layers: Sequence[LayerRow], empty_text: str = "") -> None:
        """Show ``layers``; where there are none, ``empty_text`` says why."""
        self._empty_text = empty_text
        place = self.verticalScrollBar().value()
        self.clearSpans()
        self.layers.show_layers(layers)
        for row in self.layers.problem_rows:
            self.setSpan(row, 0, 1, _COLUMNS)
        if problems := self.layers.problem_rows:
            self.scrollTo(self.layers.index(problems[0], 0), QAbstractItemView.ScrollHint.PositionAtCenter)
        else:
            self.verticalScrollBar().setValue(place)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.empty_text:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().placeholderText().color())
            area = self.viewport().rect().adjusted(16, 16, -16, -16)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty_text)


def _texts(row: LayerRow) -> tuple[str, ...]:
    return (
        row.name,
        row.kind,
        shape_text(row.output_shape),
        f"{row.parameters:,}" if row.parameters else _NONE,
        f"{row.multiply_adds:,}" if row.multiply_adds else _NONE,
        memory_text(row.activation_bytes) if row.activation_bytes else _NONE,
    )


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column in (_NAME, _KIND) else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
