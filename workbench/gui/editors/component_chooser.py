"""The chooser of a section's class: a combo box whose list tells what each choice is and is searched by typing."""

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    QSortFilterProxyModel,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from workbench.gui.editors.controls import Chooser
from workbench.gui.theme.typography import TypeSize, font

_Index = QModelIndex | QPersistentModelIndex

ABOUT_ROLE = Qt.ItemDataRole.UserRole + 1
"""What a choice is, in one sentence."""
_WIDTH = 560
_MOST_ROWS = 9
_MARGIN = 8
_LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class ComponentChooser(Chooser):
    """Choices with a sentence each; opening it, or typing on it, shows a list with a search line. GUI thread only."""

    def __init__(self) -> None:
        super().__init__()
        self._list: ChoiceList | None = None

    def add_choice(self, label: str, about: str) -> None:
        """Offer ``label``, which is what ``about`` says."""
        self.addItem(label)
        place = self.count() - 1
        self.setItemData(place, about, ABOUT_ROLE)
        self.setItemData(place, about, Qt.ItemDataRole.ToolTipRole)
        self.setItemData(place, f"{label}. {about}" if about else label, Qt.ItemDataRole.AccessibleTextRole)

    def showPopup(self) -> None:
        """Open the list with an empty search line."""
        self._open("")

    def hidePopup(self) -> None:
        """Close the list without a choice."""
        if self._list is not None:
            self._list.hide()
        super().hidePopup()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Typing opens the list and searches; other keys do what they do in a combo box."""
        text = event.text()
        commands = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        if text.isprintable() and text.strip() and not event.modifiers() & commands:
            self._open(text)
        else:
            super().keyPressEvent(event)

    def _open(self, text: str) -> None:
        if self._list is None:
            self._list = ChoiceList(self)
            self._list.chosen.connect(self._choose)
        self._list.open_at(self, text)

    @Slot(int)
    def _choose(self, place: int) -> None:
        self.setCurrentIndex(place)
        self.activated.emit(place)


class ChoiceList(QFrame):
    """The list under the chooser: a search line over the choices that match it."""

    chosen = Signal(int)
    """The row of the choice in the chooser."""

    def __init__(self, chooser: ComponentChooser) -> None:
        super().__init__(chooser, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)  # a click on the chooser closes, and does not open again
        self.setProperty("popup", True)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._chooser = chooser
        self._matches = _Matches(self)
        self._matches.setSourceModel(chooser.model())
        self.line = QLineEdit()
        self.line.setPlaceholderText(self.tr("Type to search"))
        self.line.setClearButtonEnabled(True)
        self.line.installEventFilter(self)
        self.list = _Choices()
        self.list.setModel(self._matches)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        column.setSpacing(_MARGIN)
        column.addWidget(self.line)
        column.addWidget(self.list)
        self.line.textChanged.connect(self._search)
        self.list.clicked.connect(self._take)
        self.list.entered.connect(self.list.setCurrentIndex)

    @property
    def labels(self) -> list[str]:
        """The choices in the list, from the top."""
        return [str(self._matches.index(row, 0).data()) for row in range(self._matches.rowCount())]

    def open_at(self, chooser: ComponentChooser, text: str) -> None:
        """Show the list below ``chooser``, or above where there is no room, with ``text`` searched for."""
        name = chooser.accessibleName()
        self.line.setAccessibleName(self.tr("Search: {name}").format(name=name))
        self.list.setAccessibleName(self.tr("Choices: {name}").format(name=name))
        self.line.setText(text)
        self._search(text)
        if not text:
            self._mark(chooser.currentIndex())
        self.setGeometry(self._place(chooser))
        self.show()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)
        self.list.scrollTo(self.list.currentIndex())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that move in the list, choose and close work while the search line has the keyboard."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if event.key() in _LIST_KEYS:
            self.list.keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._take(self.list.currentIndex())
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            return super().eventFilter(watched, event)
        return True

    @Slot(str)
    def _search(self, text: str) -> None:
        """Show what matches ``text``; what is called so is marked before what only tells of it."""
        self._matches.search(text)
        labels = [label.casefold() for label in self.labels]
        wanted = text.strip().casefold()
        ranks = [(not label.startswith(wanted), wanted not in label, row) for row, label in enumerate(labels)]
        if ranks:
            self.list.setCurrentIndex(self._matches.index(min(ranks)[2], 0))
        self.list.viewport().update()

    def _mark(self, place: int) -> None:
        self.list.setCurrentIndex(self._matches.mapFromSource(self._chooser.model().index(place, 0)))

    @Slot(QModelIndex)
    def _take(self, index: QModelIndex) -> None:
        if index.isValid():
            place = self._matches.mapToSource(index).row()
            self.hide()
            self.chosen.emit(place)

    def _place(self, chooser: ComponentChooser) -> QRect:
        screen = chooser.screen().availableGeometry()
        rows = min(chooser.count(), _MOST_ROWS)
        frame = 2 * self.frameWidth() + 2 * _MARGIN
        around = self.line.sizeHint().height() + _MARGIN + frame + 2 * self.list.frameWidth()
        size = QSize(max(_WIDTH, chooser.width()), rows * self.list.row_height() + around)
        size = size.boundedTo(screen.size())
        corner = chooser.mapToGlobal(QPoint(0, chooser.height()))
        if corner.y() + size.height() > screen.bottom():
            above = chooser.mapToGlobal(QPoint(0, 0)).y() - size.height()
            corner.setY(above if above >= screen.top() else screen.bottom() - size.height())
        corner.setX(max(min(corner.x(), screen.right() - size.width()), screen.left()))
        return QRect(corner, size)


class _Matches(QSortFilterProxyModel):
    """The choices in whose label or sentence every searched word stands."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._words: list[str] = []

    def search(self, text: str) -> None:
        """Keep what has all words of ``text``, in any case."""
        self.beginResetModel()
        self._words = text.casefold().split()
        self.endResetModel()

    def filterAcceptsRow(self, source_row: int, source_parent: _Index) -> bool:
        index = self.sourceModel().index(source_row, 0, source_parent)
        text = f"{index.data()} {index.data(ABOUT_ROLE) or ''}".casefold()
        return all(word in text for word in self._words)


class _Choices(QListView):
    """The list itself."""

    def __init__(self) -> None:
        super().__init__()
        self._delegate = _ChoiceDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def row_height(self) -> int:
        """The height of a choice."""
        return self._delegate.height()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.model().rowCount() == 0:
            painter = QPainter(self.viewport())
            painter.setPen(self.palette().placeholderText().color())
            painter.drawText(self.viewport().rect(), Qt.AlignmentFlag.AlignCenter, self.tr("Nothing matches."))
            painter.end()


class _ChoiceDelegate(QStyledItemDelegate):
    """Paints the label of a choice, and under it what it is."""

    def height(self) -> int:
        """The height of a row."""
        about = QFontMetrics(font(TypeSize.SMALL)).height()
        return QFontMetrics(font(TypeSize.BODY, bold=True)).height() + about + _MARGIN

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(_WIDTH // 2, self.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        palette: QPalette = option.palette
        painter.save()
        is_marked = bool(state & QStyle.StateFlag.State_Selected)
        if is_marked:
            painter.fillRect(area, palette.color(QPalette.ColorRole.Highlight))
        role = QPalette.ColorRole.HighlightedText if is_marked else QPalette.ColorRole.Text
        inner = area.adjusted(_MARGIN, _MARGIN // 2, -_MARGIN, -_MARGIN // 2)
        painter.setPen(palette.color(role))
        painter.setFont(font(TypeSize.BODY, bold=True))
        line = QRect(inner.topLeft(), QSize(inner.width(), painter.fontMetrics().height()))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, str(index.data()))
        painter.setFont(font(TypeSize.SMALL))
        if not is_marked:
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        below = QRect(inner.left(), line.bottom() + 1, inner.width(), inner.bottom() - line.bottom())
        about = str(index.data(ABOUT_ROLE) or "")
        shown = painter.fontMetrics().elidedText(about, Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()
