"""The columns of the user's own table: what each is used for, to choose, and what was found in it."""

from collections.abc import Sequence
from typing import get_args

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.editors.controls import Chooser
from workbench.gui.editors.help_text import choice_text
from workbench.gui.panels.record_table import RecordTable
from workbench.gui.theme.palette import LIGHT, Theme
from workbench.spec.datasets.table import ColumnFacts, ColumnRole, Role

_Index = QModelIndex | QPersistentModelIndex

ROLES: tuple[str, ...] = get_args(Role)
_COLUMNS = 6
_NAME, _ROLE, _EXAMPLE, _REASON, _MISSING, _DISTINCT = range(_COLUMNS)
_WIDTHS = {_NAME: 170, _ROLE: 124, _EXAMPLE: 170, _MISSING: 84, _DISTINCT: 84}
"""Pixels of each column but the reason, which takes the room that is left."""
_ARROW = 12
"""Pixels from a cell's right edge to the middle of its arrow."""


class ColumnModel(QAbstractTableModel):
    """A row a column of the table. Another role is not kept here, only told by ``chosen``."""

    chosen = Signal(str, str)
    """The name of a column, and the role chosen for it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._facts: tuple[ColumnFacts, ...] = ()
        self._given: dict[str, str] = {}
        self.theme = LIGHT

    def show_columns(self, facts: Sequence[ColumnFacts], given: Sequence[ColumnRole]) -> None:
        """Hold ``facts``, and the roles ``given`` instead of the guessed ones."""
        roles = {column.name: str(column.role) for column in given}
        if tuple(facts) != self._facts:
            self.beginResetModel()
            self._facts, self._given = tuple(facts), roles
            self.endResetModel()
        elif roles != self._given:
            self._given = roles
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._facts) - 1, _COLUMNS - 1))

    def role(self, row: int) -> str:
        """What the column at ``row`` is used for."""
        facts = self._facts[row]
        return facts.role if facts.role == "target" else self._given.get(facts.name, facts.role)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._facts)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else _COLUMNS

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = super().flags(index)
        is_choice = index.column() == _ROLE and self.role(index.row()) != "target"
        return flags | Qt.ItemFlag.ItemIsEditable if is_choice else flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._headings()[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tips()[section]
        return _alignment(section) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._texts(row)[column]
        if role == Qt.ItemDataRole.EditRole:
            return self.role(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._texts(row)[column if column in (_NAME, _EXAMPLE) else _REASON]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._headings()[column]}: {self._texts(row)[column]}"
        if role == Qt.ItemDataRole.FontRole and column == _ROLE and self._is_chosen(row):
            bold = QFont()
            bold.setBold(True)
            return bold
        if role == Qt.ItemDataRole.ForegroundRole and (column == _REASON or self.role(row) in ("ignored", "target")):
            return QColor(self.theme.muted_text)
        return None

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or value not in ROLES or value == self.role(index.row()):
            return False
        self.chosen.emit(self._facts[index.row()].name, value)
        return True

    def _is_chosen(self, row: int) -> bool:
        facts = self._facts[row]
        return facts.role != "target" and facts.name in self._given

    def _texts(self, row: int) -> tuple[str, ...]:
        facts = self._facts[row]
        reason = facts.reason
        if self._is_chosen(row):
            reason = self.tr("Chosen; guessed: {role}. {reason}").format(role=choice_text(facts.role), reason=reason)
        role = self.tr("target") if facts.role == "target" else choice_text(self.role(row))
        return (facts.name, role, facts.example, reason, f"{facts.missing:,}", f"{facts.distinct:,}")

    def _headings(self) -> tuple[str, ...]:
        return (
            self.tr("Column"),
            self.tr("Role"),
            self.tr("Example"),
            self.tr("Why"),
            self.tr("Missing"),
            self.tr("Distinct"),
        )

    def _tips(self) -> tuple[str, ...]:
        return (
            self.tr("The column's name in the file"),
            self.tr("What the column is used for: as guessed, or in bold as chosen"),
            self.tr("The first value there is"),
            self.tr("Why the role is what it is"),
            self.tr("Rows without a value"),
            self.tr("Different values, a missing one not counted"),
        )


class _RoleDelegate(QStyledItemDelegate):
    """Draws a role with an arrow, and lets the user choose another one from a list."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        chooser = Chooser()
        chooser.setParent(parent)
        chooser.addItems([choice_text(role) for role in ROLES])
        name = index.sibling(index.row(), _NAME).data()
        chooser.setAccessibleName(self.tr("Role of {name}").format(name=name))
        chooser.activated.connect(self._take)
        QTimer.singleShot(0, chooser.showPopup)
        return chooser

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        assert isinstance(editor, Chooser)
        editor.setCurrentIndex(ROLES.index(index.data(Qt.ItemDataRole.EditRole)))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: _Index) -> None:
        assert isinstance(editor, Chooser)
        model.setData(index, ROLES[editor.currentIndex()])

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        super().paint(painter, option, index)
        if not index.flags() & Qt.ItemFlag.ItemIsEditable:
            return
        area = option.rect
        middle = QPointF(area.right() - _ARROW, area.center().y())
        points = [middle + QPointF(-4, -2), middle + QPointF(0, 2), middle + QPointF(4, -2)]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(option.palette.color(QPalette.ColorRole.PlaceholderText), 1.5))
        painter.drawPolyline(QPolygonF(points))
        painter.restore()

    @Slot()
    def _take(self) -> None:
        chooser = self.sender()
        if isinstance(chooser, Chooser):
            self.commitData.emit(chooser)
            self.closeEditor.emit(chooser)


class ColumnRoles(QWidget):
    """The table of columns, and why the data cannot be read with the roles chosen. GUI thread only."""

    chosen = Signal(str, str)
    """The name of a column, and the role chosen for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns = ColumnModel(self)
        self.table = RecordTable(12)
        self.table.setModel(self.columns)
        self.table.setAccessibleName(self.tr("Columns of the table"))
        self.table.setItemDelegateForColumn(_ROLE, _RoleDelegate(self.table))
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        for column, width in _WIDTHS.items():
            self.table.setColumnWidth(column, width)
        self.table.horizontalHeader().setSectionResizeMode(_REASON, QHeaderView.ResizeMode.Stretch)
        self._problem = QLabel()
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.setWordWrap(True)
        self._problem.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.show_problem("")
        parts = QVBoxLayout(self)
        parts.setContentsMargins(0, 0, 0, 0)
        parts.setSpacing(8)
        parts.addWidget(self._problem)
        parts.addWidget(self.table, 1)
        self.table.clicked.connect(self._take_click)
        self.table.activated.connect(self._choose)
        self.columns.chosen.connect(self.chosen)

    @property
    def problem(self) -> str:
        """What ``show_problem`` was told last."""
        return self._problem.text()

    def show_columns(self, facts: Sequence[ColumnFacts], given: Sequence[ColumnRole]) -> None:
        """Show ``facts``, and the roles ``given`` instead of the guessed ones."""
        self.columns.show_columns(facts, given)

    def show_problem(self, sentence: str) -> None:
        """Say over the columns why there are no samples; nothing for an empty ``sentence``."""
        self._problem.setText(sentence)
        self._problem.setAccessibleName(sentence or self.tr("Why there are no samples"))
        self._problem.setVisible(bool(sentence))

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self.columns.theme = theme
        self._problem.setStyleSheet(f"color: {theme.danger};")
        self.table.viewport().update()

    @Slot(QModelIndex)
    def _take_click(self, index: QModelIndex) -> None:
        if index.column() == _ROLE:
            self._choose(index)

    @Slot(QModelIndex)
    def _choose(self, index: QModelIndex) -> None:
        """Open the list of roles in the row of ``index``."""
        role = index.siblingAtColumn(_ROLE)
        if role.flags() & Qt.ItemFlag.ItemIsEditable:
            self.table.setCurrentIndex(role)
            self.table.edit(role)


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in (_MISSING, _DISTINCT) else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
