"""The runs of a workspace as a table's model, with the ticks that overlay their curves."""

import math
from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtCore import Signal as QtSignal
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPen, QPixmap

from workbench.gui.panels.run_status import duration
from workbench.gui.theme.icons import icon
from workbench.gui.theme.palette import LIGHT, Theme
from workbench.gui.theme.series import SERIES_COUNT, series_style
from workbench.runs.events import Status
from workbench.runs.store import LIVE, Run, RunRecord

_Index = QModelIndex | QPersistentModelIndex
_Rows = list[tuple[Run, RunRecord]]

SORT_ROLE = int(Qt.ItemDataRole.UserRole)
"""The value behind a cell."""
_NONE = "\u2013"
_CHIP_WIDTH = 26
_CHIP_HEIGHT = 12
_ICON_SIDE = 14
_ICONS = {
    Status.RUNNING: "train",
    Status.PAUSED: "pause",
    Status.FINISHED: "checkpoint",
    Status.STOPPED: "stop",
    Status.CANCELLED: "close",
    Status.FAILED: "error",
    Status.INTERRUPTED: "warning",
}


class Column(IntEnum):
    """What the columns show."""

    OVERLAY = 0
    TITLE = 1
    STATUS = 2
    EPOCH = 3
    ACCURACY = 4
    LOSS = 5
    DEVICE = 6
    TIME = 7
    STARTED = 8


_RIGHT = (Column.EPOCH, Column.ACCURACY, Column.LOSS, Column.TIME)


class RunsModel(QAbstractTableModel):
    """One row a run. Makes texts and values when they are asked for. GUI thread only."""

    overlay_changed = QtSignal(str, bool, int)
    """Run id, whether its curves are to be shown, and their series style."""
    title_edited = QtSignal(object, str)
    """The run and the new title, which the model shows already."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: _Rows = []
        self._row_of: dict[str, int] = {}
        self._styles: dict[str, int] = {}
        self._ticked: dict[str, None] = {}
        self._theme = LIGHT
        self._pictures: dict[tuple[str, int | Status], QIcon] = {}
        self.missing_first = False
        """Whether a missing figure sorts before all others."""

    # Rows

    def run(self, row: int) -> Run:
        """The run in ``row``."""
        return self._rows[row][0]

    def record(self, row: int) -> RunRecord:
        """The record of the run in ``row``."""
        return self._rows[row][1]

    def row_of(self, run_id: str) -> int | None:
        """The row of a run; None if it is not here."""
        return self._row_of.get(run_id)

    def set_runs(self, runs: Sequence[tuple[Run, RunRecord]]) -> None:
        """Hold exactly ``runs``; rows that were here before stay the same rows, with their ticks."""
        wanted = {run.id: (run, record) for run, record in runs}
        gone = [row for row, (run, _) in enumerate(self._rows) if run.id not in wanted]
        self._remove_rows(gone)
        for row, (run, record) in enumerate(self._rows):
            if wanted[run.id] != (run, record):
                self._replace(row, *wanted[run.id])
        self._append([pair for run_id, pair in wanted.items() if run_id not in self._row_of])

    def update_run(self, run: Run, record: RunRecord) -> None:
        """Change the row of ``run``, or add one."""
        row = self._row_of.get(run.id)
        if row is None:
            self._append([(run, record)])
        elif self._rows[row] != (run, record):
            self._replace(row, run, record)

    def remove_run(self, run_id: str) -> None:
        """Take a run's row away, if it is here."""
        row = self._row_of.get(run_id)
        if row is not None:
            self._remove_rows([row])

    def _append(self, rows: _Rows) -> None:
        if not rows:
            return
        first = len(self._rows)
        self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
        self._rows.extend(rows)
        self._row_of.update((run.id, first + place) for place, (run, _) in enumerate(rows))
        self.endInsertRows()

    def _replace(self, row: int, run: Run, record: RunRecord) -> None:
        self._rows[row] = (run, record)
        self.dataChanged.emit(self.index(row, 0), self.index(row, len(Column) - 1))

    def _remove_rows(self, rows: list[int]) -> None:
        """Remove ``rows``, which ascend, in as few steps as there are gaps between them."""
        while rows:
            last = first = rows.pop()
            while rows and rows[-1] == first - 1:
                first = rows.pop()
            for run, _ in self._rows[first : last + 1]:
                self.set_ticked(run.id, False)
                self._styles.pop(run.id, None)
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._rows[first : last + 1]
            self._row_of = {run.id: row for row, (run, _) in enumerate(self._rows)}
            self.endRemoveRows()

    # Ticks

    @property
    def ticked(self) -> list[str]:
        """The ids of the runs whose curves are to be shown, in the order of their ticks."""
        return list(self._ticked)

    def style_index(self, run_id: str) -> int | None:
        """The series style of a ticked run; None for any other."""
        return self._styles.get(run_id) if run_id in self._ticked else None

    def set_ticked(self, run_id: str, ticked: bool, style_index: int | None = None) -> None:
        """Tick or untick a run. A tick gives it ``style_index``, the style it had before, or the first free one."""
        row = self._row_of.get(run_id)
        if row is None or ticked == (run_id in self._ticked):
            return
        if ticked:
            self._styles[run_id] = self._free_style(run_id) if style_index is None else style_index
            self._ticked[run_id] = None
        else:
            del self._ticked[run_id]
        cell = self.index(row, Column.OVERLAY)
        self.dataChanged.emit(cell, cell)
        self.overlay_changed.emit(run_id, ticked, self._styles[run_id])

    def _free_style(self, run_id: str) -> int:
        taken = {self._styles[other] for other in self._ticked}
        before = self._styles.get(run_id)
        if before is not None and before not in taken:
            return before
        return next((index for index in range(SERIES_COUNT) if index not in taken), len(taken) % SERIES_COUNT)

    # What the view asks for

    def set_theme(self, theme: Theme) -> None:
        """Draw chips and icons in the colours of ``theme``."""
        self._theme = theme
        self._pictures.clear()
        if self._rows:
            roles = [Qt.ItemDataRole.DecorationRole]
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(Column) - 1), roles)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(Column)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        if index.column() == Column.OVERLAY:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        if index.column() == Column.TITLE and self._rows[index.row()][1].status not in LIVE:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.heading(Column(section))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section in _RIGHT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ToolTipRole:
            return {
                Column.OVERLAY: self.tr("Tick a run to see its curves in the plots"),
                Column.ACCURACY: self.tr("Of the best epoch"),
                Column.LOSS: self.tr("Of the best epoch"),
                Column.TIME: self.tr("Time of training and validation, pauses left out"),
            }.get(Column(section))
        return None

    def heading(self, column: Column) -> str:
        """The name of ``column``."""
        return (
            self.tr("Curves"),
            self.tr("Title"),
            self.tr("Status"),
            self.tr("Epoch"),
            self.tr("Validation accuracy"),
            self.tr("Validation loss"),
            self.tr("Device"),
            self.tr("Time"),
            self.tr("Started"),
        )[column]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        run, record = self._rows[index.row()]
        column = index.column()
        if role == SORT_ROLE:
            return self._value(run, record, column)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(record, column)
        if role == Qt.ItemDataRole.EditRole and column == Column.TITLE:
            return record.title
        if role == Qt.ItemDataRole.TextAlignmentRole and column in _RIGHT:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.CheckStateRole and column == Column.OVERLAY:
            return Qt.CheckState.Checked if run.id in self._ticked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole:
            if column == Column.OVERLAY and run.id in self._ticked:
                return self._chip(self._styles[run.id])
            if column == Column.STATUS:
                return self._status_icon(record.status)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tooltip(run, record, column)
        if role == Qt.ItemDataRole.AccessibleTextRole and column == Column.OVERLAY:
            shown = run.id in self._ticked
            text = self.tr("Curves of {title} are shown") if shown else self.tr("Curves of {title} are hidden")
            return text.format(title=record.title)
        return None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        run, record = self._rows[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole and index.column() == Column.OVERLAY:
            self.set_ticked(run.id, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == Qt.ItemDataRole.EditRole and index.column() == Column.TITLE:
            title = " ".join(str(value).split())
            if not title or title == record.title:
                return False
            self._replace(index.row(), run, record.model_copy(update={"title": title}))
            self.title_edited.emit(run, title)
            return True
        return False

    def status_word(self, status: Status) -> str:
        """``status`` for the user."""
        return {
            Status.RUNNING: self.tr("Running"),
            Status.PAUSED: self.tr("Paused"),
            Status.FINISHED: self.tr("Finished"),
            Status.STOPPED: self.tr("Stopped"),
            Status.CANCELLED: self.tr("Cancelled"),
            Status.FAILED: self.tr("Failed"),
            Status.INTERRUPTED: self.tr("Interrupted"),
        }[status]

    def status_color(self, status: Status) -> str:
        """The colour of the icon that stands for ``status``."""
        theme = self._theme
        return {
            Status.RUNNING: theme.accent,
            Status.PAUSED: theme.warning,
            Status.FINISHED: theme.success,
            Status.FAILED: theme.danger,
            Status.INTERRUPTED: theme.warning,
        }.get(status, theme.muted_text)

    def _text(self, record: RunRecord, column: int) -> str | None:
        match column:
            case Column.TITLE:
                return record.title
            case Column.STATUS:
                return self.status_word(record.status)
            case Column.EPOCH:
                return f"{record.epoch}/{record.epochs}"
            case Column.ACCURACY:
                accuracy = record.best.get("val_accuracy")
                return _NONE if accuracy is None else f"{accuracy * 100:.2f} %"
            case Column.LOSS:
                loss = record.best.get("val_loss")
                if loss is None:
                    return _NONE
                return f"{loss:.4f}" if abs(loss) < 10_000 else f"{loss:.3g}"
            case Column.DEVICE:
                return record.device or _NONE
            case Column.TIME:
                return duration(record.seconds) if record.seconds > 0 else _NONE
            case Column.STARTED:
                return _local(record.created)
        return None

    def _value(self, run: Run, record: RunRecord, column: int) -> float | str:
        match column:
            case Column.OVERLAY:
                return float(run.id in self._ticked)
            case Column.TITLE:
                return record.title
            case Column.STATUS:
                return self.status_word(record.status)
            case Column.EPOCH:
                return float(record.epoch)
            case Column.ACCURACY:
                return self._figure(record.best.get("val_accuracy"))
            case Column.LOSS:
                return self._figure(record.best.get("val_loss"))
            case Column.DEVICE:
                return record.device
            case Column.TIME:
                return record.seconds
        return record.created.timestamp()

    def _figure(self, value: float | None) -> float:
        """``value`` as it sorts: where there is none, or not a number, the end that comes last."""
        if value is None or math.isnan(value):
            return -math.inf if self.missing_first else math.inf
        return value

    def _tooltip(self, run: Run, record: RunRecord, column: int) -> str | None:
        if column in (Column.ACCURACY, Column.LOSS) and "epoch" in record.best:
            return self.tr("In epoch {epoch}").format(epoch=f"{record.best['epoch']:.0f}")
        if column == Column.STARTED and record.ended is not None:
            return self.tr("Ended {time}").format(time=_local(record.ended))
        if column in (Column.TITLE, Column.STATUS):
            return record.message or (run.id if column == Column.TITLE else None)
        return None

    # Pictures

    def _chip(self, style_index: int) -> QIcon:
        """A sample of the line that the run's curves are drawn with."""
        key = ("chip", style_index)
        if key not in self._pictures:
            ratio = _pixel_ratio()
            picture = QPixmap(round(_CHIP_WIDTH * ratio), round(_CHIP_HEIGHT * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            color, style = series_style(style_index, self._theme)
            painter.setPen(QPen(color, 3.0, style, Qt.PenCapStyle.FlatCap))
            painter.drawLine(1, _CHIP_HEIGHT // 2, _CHIP_WIDTH - 1, _CHIP_HEIGHT // 2)
            painter.end()
            self._pictures[key] = _untinted(picture)
        return self._pictures[key]

    def _status_icon(self, status: Status) -> QIcon:
        key = ("status", status)
        if key not in self._pictures:
            drawn = icon(_ICONS[status], self._theme, color=self.status_color(status))
            self._pictures[key] = _untinted(drawn.pixmap(_ICON_SIDE, _ICON_SIDE))
        return self._pictures[key]


class RunsProxy(QSortFilterProxyModel):
    """Sorts by the values behind the cells; a missing figure comes last in both directions."""

    def __init__(self, source: RunsModel) -> None:
        super().__init__(source)
        self._source = source
        self.setSortRole(SORT_ROLE)
        self.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.setSourceModel(source)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._source.missing_first = order == Qt.SortOrder.DescendingOrder
        super().sort(column, order)


def _local(time: datetime) -> str:
    """``time`` on this computer's clock."""
    return f"{time.astimezone():%Y-%m-%d %H:%M}"


def _pixel_ratio() -> float:
    screen = QGuiApplication.primaryScreen()
    return screen.devicePixelRatio() if screen else 1.0


def _untinted(picture: QPixmap) -> QIcon:
    """``picture`` as an icon that keeps its colours in a selected row."""
    made = QIcon(picture)
    made.addPixmap(picture, QIcon.Mode.Selected)
    return made
