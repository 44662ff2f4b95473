"""The runs of a workspace as a table's model, with the ticks that overlay their curves."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from workbench.gui.panels.run_cells import (
    Column,
    cell_text,
    cell_tip,
    curves_text,
    heading,
    heading_tip,
    sort_value,
)
from workbench.gui.panels.run_pictures import RunPictures
from workbench.gui.theme.palette import Theme
from workbench.gui.theme.series import SERIES_COUNT
from workbench.runs.figures import main_metric
from workbench.runs.store import LIVE, Run, RunRecord

_Index = QModelIndex | QPersistentModelIndex
_Rows = list[tuple[Run, RunRecord]]

_FIRST_METRIC = "val_accuracy"
_NUMBERS = (Column.EPOCH, Column.METRIC, Column.LOSS, Column.TIME, Column.STARTED)


def _alignment(column: int) -> Qt.AlignmentFlag:
    """Numbers at the right, the device between two columns of them, texts at the left."""
    side = Qt.AlignmentFlag.AlignRight if column in _NUMBERS else Qt.AlignmentFlag.AlignLeft
    return (Qt.AlignmentFlag.AlignHCenter if column == Column.DEVICE else side) | Qt.AlignmentFlag.AlignVCenter


def _created(row: tuple[Run, RunRecord]) -> float:
    return row[1].created.timestamp()


class RunsModel(QAbstractTableModel):
    """One row a run. Makes texts when they are asked for. GUI thread only.

    Sorts itself by the values behind the texts: a sort proxy asks for each of them many times, which takes 80 ms for
    1,000 runs in place of 4.
    """

    overlay_changed = Signal(str, bool, int)
    """Run id, whether its curves are to be shown, and their series style."""
    title_edited = Signal(object, str)
    """The run and the new title, which the model shows already."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: _Rows = []
        self._row_of: dict[str, int] = {}
        self._styles: dict[str, int] = {}
        self._ticked: dict[str, None] = {}
        self._pictures = RunPictures()
        self._sort_column = int(Column.STARTED)
        self._descending = True
        self._metric: str | None = _FIRST_METRIC
        """The main metric that all runs have; None where they have different ones."""

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
        self._sort()

    def update_run(self, run: Run, record: RunRecord) -> None:
        """Change the row of ``run``, or add one."""
        row = self._row_of.get(run.id)
        if row is None:
            self._append([(run, record)])
        elif self._rows[row] != (run, record):
            self._replace(row, run, record)
        self._sort()

    def remove_run(self, run_id: str) -> None:
        """Take a run's row away, if it is here."""
        row = self._row_of.get(run_id)
        if row is not None:
            self._remove_rows([row])
            self._find_metric()

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

    # Order

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by ``column`` now and after every change; where it says nothing, the newest run is first."""
        before, self._sort_column = self._sort_column, column
        self._descending = order == Qt.SortOrder.DescendingOrder
        for section in {before, column}:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, section, section)
        self._sort()

    @property
    def _arrow(self) -> str:
        """Follows the heading of the column that sorts: a style's own arrow would cover headings at the right."""
        return " \u25be" if self._descending else " \u25b4"

    def _sort(self) -> None:
        self._find_metric()
        rows = sorted(self._rows, key=_created, reverse=True)
        keys: dict[str, Any] = {run.id: self._sort_key(run, record) for run, record in rows}
        known = [pair for pair in rows if keys[pair[0].id] is not None]
        known.sort(key=lambda pair: keys[pair[0].id], reverse=self._descending)
        rows = known + [pair for pair in rows if keys[pair[0].id] is None]
        row_of = {run.id: row for row, (run, _) in enumerate(rows)}
        if row_of == self._row_of:
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        moved = [self.index(row_of[self._rows[index.row()][0].id], index.column()) for index in before]
        self._rows, self._row_of = rows, row_of
        self.changePersistentIndexList(before, moved)
        self.layoutChanged.emit()

    def _find_metric(self) -> None:
        """Name the column of metrics after the one that all runs have."""
        found = {main_metric(record.best) for _, record in self._rows} - {None}
        metric = next(iter(found)) if len(found) == 1 else None if found else _FIRST_METRIC
        if metric != self._metric:
            self._metric = metric
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, Column.METRIC, Column.METRIC)
            if self._rows:
                last = len(self._rows) - 1
                self.dataChanged.emit(self.index(0, Column.METRIC), self.index(last, Column.METRIC))

    def _sort_key(self, run: Run, record: RunRecord) -> float | str | tuple[str, float] | None:
        if self._sort_column == Column.OVERLAY:
            return float(run.id in self._ticked)
        return sort_value(record, self._sort_column)

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
        self._pictures = RunPictures(theme)
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
            return heading(section, self._metric) + (self._arrow if section == self._sort_column else "")
        if role == Qt.ItemDataRole.ToolTipRole:
            return heading_tip(section)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        run, record = self._rows[index.row()]
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(record, column, self._metric)
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell_tip(run.id, record, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.EditRole and column == Column.TITLE:
            return record.title
        if role == Qt.ItemDataRole.DecorationRole and column == Column.STATUS:
            return self._pictures.status(record.status)
        return self._tick_data(run, record, role) if column == Column.OVERLAY else None

    def _tick_data(self, run: Run, record: RunRecord, role: int) -> object:
        ticked = run.id in self._ticked
        if role == Qt.ItemDataRole.CheckStateRole:
            return Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole and ticked:
            return self._pictures.chip(self._styles[run.id])
        return curves_text(record, ticked) if role == Qt.ItemDataRole.AccessibleTextRole else None

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
            self._sort()
            self.title_edited.emit(run, title)
            return True
        return False
