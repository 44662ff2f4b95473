"""The runs below the tabs: a sortable table, ticks that overlay curves, and what can be done with a run."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.panels.delete_question import DeleteQuestion
from workbench.gui.panels.runs_model import RunsModel
from workbench.gui.panels.runs_table import RunsTable
from workbench.gui.theme.icons import icon
from workbench.gui.theme.palette import LIGHT, Theme
from workbench.gui.theme.typography import TypeSize, font
from workbench.runs.events import CheckpointKind, Status
from workbench.runs.store import LIVE, Run, RunRecord

_WIDTH_FOR_TEXTS = 1080
"""Pixels from which the buttons have texts beside their icons."""
_HEAD_HEIGHT = 34


class RunsPanel(QWidget):
    """Shows runs and asks for what is to be done with them; it changes no file itself. GUI thread only."""

    overlayChanged = Signal(str, bool, int)
    """Run id, whether its curves are to be shown, and their series style."""
    resumeRequested = Signal(object)
    saveCheckpointRequested = Signal(object)
    openExperimentRequested = Signal(object)
    openFolderRequested = Signal(object)
    renameRequested = Signal(object, str)
    """Run and new title, which the table shows already; ``update_run`` with the old record takes it back."""
    deleteRequested = Signal(object)
    """The user has confirmed that the run is to be moved to the trash."""
    selectionChanged = Signal(object)
    """The chosen Run or None."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = RunsModel(self)
        self._table = RunsTable(self._model)
        self._theme = LIGHT
        self._last_selected: Run | None = None
        self._to_delete: Run | None = None
        self._icons: list[tuple[QAction, str]] = []
        self._tick = self._action(self.tr("Show curves"), "chart", self._toggle_tick, Qt.Key.Key_Space)
        self._tick.setCheckable(True)
        self._resume = self._action(self.tr("Resume"), "resume", self._ask_resume)
        self._save = self._action(self.tr("Save checkpoint \u2026"), "save", self._ask_save)
        enter = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        self._open = self._action(self.tr("Open experiment"), "duplicate", self._ask_experiment, *enter)
        self._folder = self._action(self.tr("Open folder"), "folder", self._ask_folder)
        self._rename = self._action(self.tr("Rename"), "rename", self._table.edit_title, Qt.Key.Key_F2)
        self._delete = self._action(self.tr("Delete"), "trash", self._ask_delete, Qt.Key.Key_Delete)
        self._explain()
        self._buttons = [self._button(action) for action in self._table.actions() if action is not self._tick]
        self._count = QLabel()
        self._count.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        self._message = QLabel()
        self._message.setFont(font(TypeSize.SMALL))
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setWordWrap(True)
        self._message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._question = DeleteQuestion()
        self._head = QStackedWidget()
        self._arrange()
        self._connect()
        self.setAccessibleName(self.tr("Runs"))
        self.set_theme(LIGHT)
        self._show_selected()

    # What the main window calls

    @property
    def selected(self) -> Run | None:
        """The chosen run."""
        return self._table.selected

    @property
    def ticked(self) -> list[str]:
        """The ids of the runs whose curves are to be shown, in the order of their ticks."""
        return self._model.ticked

    def style_index(self, run_id: str) -> int | None:
        """The series style of a ticked run; None for any other."""
        return self._model.style_index(run_id)

    def set_runs(self, runs: Sequence[tuple[Run, RunRecord]]) -> None:
        """Show exactly ``runs``. What is chosen, ticked, sorted and in sight stays. Runs that go are unticked."""
        with self._table.keeping_place():
            self._model.set_runs(runs)
        self._show_selected()

    def update_run(self, run: Run, record: RunRecord) -> None:
        """Change the row of ``run``, or add one."""
        with self._table.keeping_place():
            self._model.update_run(run, record)
        self._show_selected()

    def remove_run(self, run_id: str) -> None:
        """Take a run's row away, if it is here, and untick it."""
        with self._table.keeping_place():
            self._model.remove_run(run_id)
        self._show_selected()

    def select(self, run_id: str) -> None:
        """Choose a run, if it is here, and bring it into sight."""
        row = self._model.row_of(run_id)
        if row is not None:
            self._table.selectRow(row)

    def set_ticked(self, run_id: str, ticked: bool, style_index: int | None = None) -> None:
        """Tick or untick a run, which emits ``overlayChanged`` if it changes anything.

        A tick gives the run ``style_index``, the style it had before, or the first free one.
        """
        self._model.set_ticked(run_id, ticked, style_index)

    @Slot(object)
    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self._theme = theme
        self._model.set_theme(theme)
        self._question.set_theme(theme)
        for action, name in self._icons:
            action.setIcon(icon(name, theme))
        self._show_selected()

    # The chosen run

    @Slot()
    def _show_selected(self) -> None:
        """Bring buttons, message and question up to date with the chosen run."""
        row = self._table.selected_row
        run = None if row is None else self._model.run(row)
        record = None if row is None else self._model.record(row)
        count = self._model.rowCount()
        self._count.setText(f"{count:,}" if count else "")
        live = record is not None and record.status in LIVE
        kept = _checkpoints(run)
        self._resume.setEnabled(record is not None and not live and CheckpointKind.LAST in kept)
        self._save.setEnabled(live or bool(kept))
        for action in (self._tick, self._open, self._folder):
            action.setEnabled(run is not None)
        for action in (self._rename, self._delete):
            action.setEnabled(run is not None and not live)
        self._tick.setChecked(run is not None and run.id in self._model.ticked)
        self._show_message(record)
        if self._to_delete is not None and (run != self._to_delete or live):
            self._keep_run()
        if run != self._last_selected:
            self._last_selected = run
            self.selectionChanged.emit(run)

    def _show_message(self, record: RunRecord | None) -> None:
        self._message.setText(record.message if record else "")
        self._message.setToolTip(record.message if record else "")
        if record and record.message:
            failed = record.status is Status.FAILED
            color = self._theme.danger if failed else self._theme.warning
            known = record.status in (Status.FAILED, Status.INTERRUPTED)
            self._message.setStyleSheet(f"color: {color if known else self._theme.muted_text};")

    # Actions

    @Slot()
    def _toggle_tick(self) -> None:
        run = self.selected
        if run is not None:
            self._model.set_ticked(run.id, run.id not in self._model.ticked)

    @Slot()
    def _ask_resume(self) -> None:
        self.resumeRequested.emit(self.selected)

    @Slot()
    def _ask_save(self) -> None:
        self.saveCheckpointRequested.emit(self.selected)

    @Slot()
    def _ask_experiment(self) -> None:
        if self.selected is not None:
            self.openExperimentRequested.emit(self.selected)

    @Slot()
    def _ask_folder(self) -> None:
        self.openFolderRequested.emit(self.selected)

    @Slot()
    def _ask_delete(self) -> None:
        """Ask in the place of the buttons whether the chosen run is to go."""
        row = self._table.selected_row
        if row is None:
            return
        self._to_delete = self._model.run(row)
        self._head.setCurrentWidget(self._question)
        self._question.ask(self._model.record(row).title)

    @Slot()
    def _confirm_delete(self) -> None:
        run = self._to_delete
        self._keep_run()
        if run is not None:
            self.deleteRequested.emit(run)

    @Slot()
    def _keep_run(self) -> None:
        """Put the buttons back, and the keyboard into the table if it was at the question."""
        asked = self._question.has_keyboard
        self._to_delete = None
        self._head.setCurrentIndex(0)
        if asked:
            self._table.setFocus()

    # Construction

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= _WIDTH_FOR_TEXTS
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if wide else Qt.ToolButtonStyle.ToolButtonIconOnly
        for button in self._buttons:
            button.setToolButtonStyle(style)

    def _action(self, text: str, icon_name: str, slot: Callable[[], None], *keys: Qt.Key) -> QAction:
        """An action of the table: in its context menu, and by ``keys`` while it has the keyboard."""
        action = QAction(text, self._table)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(slot)
        self._table.addAction(action)
        self._icons.append((action, icon_name))
        return action

    def _explain(self) -> None:
        self._resume.setToolTip(self.tr("Go on from the run's last checkpoint"))
        self._save.setToolTip(self.tr("Save a checkpoint of the run in a place you choose"))
        self._open.setToolTip(self.tr("Put the run's settings into the editor (Enter)"))
        self._folder.setToolTip(self.tr("Show the run's files"))
        self._rename.setToolTip(self.tr("Give the run another title (F2)"))
        self._delete.setToolTip(self.tr("Move the run to the trash (Del)"))

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(action.text())
        return button

    def _arrange(self) -> None:
        title = QLabel(self.tr("Runs"))
        title.setFont(font(TypeSize.TITLE, bold=True))
        tools = QWidget()
        row = QHBoxLayout(tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(title)
        row.addWidget(self._count)
        row.addSpacing(12)
        row.addWidget(self._message, 1)
        for button in self._buttons:
            row.addWidget(button)
        self._head.addWidget(tools)
        self._head.addWidget(self._question)
        self._head.setFixedHeight(_HEAD_HEIGHT)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 8)
        column.setSpacing(4)
        column.addWidget(self._head)
        column.addWidget(self._table, 1)

    def _connect(self) -> None:
        self._table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._table.selectionModel().selectionChanged.connect(self._show_selected)
        self._table.opened.connect(self._ask_experiment)
        self._model.overlay_changed.connect(self.overlayChanged)
        self._model.overlay_changed.connect(self._show_selected)
        self._model.title_edited.connect(self.renameRequested)
        self._question.confirmed.connect(self._confirm_delete)
        self._question.kept.connect(self._keep_run)


def _checkpoints(run: Run | None) -> set[CheckpointKind]:
    """Which of the last and the best checkpoint a run has."""
    kinds = (CheckpointKind.LAST, CheckpointKind.BEST)
    return {kind for kind in kinds if run.checkpoint(kind).is_file()} if run else set()
