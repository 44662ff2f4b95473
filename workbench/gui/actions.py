"""Every action of the window, made once for menus, tool bar and keyboard."""

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence, QUndoStack
from PySide6.QtWidgets import QMenu, QMenuBar

from workbench.gui.theme.icons import icon
from workbench.gui.theme.palette import Theme
from workbench.gui.training import State

Standard = QKeySequence.StandardKey


class Actions(QObject):
    """The actions, by name. The main window connects them."""

    def __init__(self, undo_stack: QUndoStack, parent: QObject) -> None:
        super().__init__(parent)
        self._icons: dict[QAction, str] = {}
        self.open = self._make(self.tr("&Open experiment…"), "open", Standard.Open)
        self.save = self._make(self.tr("&Save experiment"), "save", Standard.Save)
        self.save_as = self._make(self.tr("Save experiment &as…"), "save", Standard.SaveAs)
        self.load_checkpoint = self._make(self.tr("&Load checkpoint…"), "checkpoint", "Ctrl+L")
        self.save_last = self._make(self.tr("Save &checkpoint as…"), "checkpoint", "Ctrl+K")
        self.save_best = self._make(self.tr("Save &best checkpoint as…"), "checkpoint", "Ctrl+Shift+K")
        self.quit = self._make(self.tr("&Quit"), "close", "Ctrl+Q")
        self.undo = undo_stack.createUndoAction(self, self.tr("&Undo"))
        self.undo.setShortcuts(Standard.Undo)
        self.redo = undo_stack.createRedoAction(self, self.tr("&Redo"))
        self.redo.setShortcuts(Standard.Redo)
        self.train = self._make(self.tr("&Train"), "train", "Ctrl+R")
        self.pause = self._make(self.tr("&Pause"), "pause", "Ctrl+P")
        self.stop = self._make(self.tr("&Stop and keep"), "stop", "Ctrl+.")
        self.cancel = self._make(self.tr("&Cancel and discard"), "discard", "Ctrl+Shift+.")
        self.settings = self._make(self.tr("Se&ttings…"), "settings", "Ctrl+,")
        self.train.setToolTip(self.tr("Train the experiment on the left (Ctrl+R)"))
        self.stop.setToolTip(self.tr("End after this batch and keep everything (Ctrl+.)"))
        self.cancel.setToolTip(self.tr("End after this batch and throw this run away (Ctrl+Shift+.)"))

    def fill(self, bar: QMenuBar, samples: QMenu) -> QMenu:
        """Make the menus; returns the View menu, which the window fills."""
        file = bar.addMenu(self.tr("&File"))
        file.addAction(self.open)
        file.addMenu(samples)
        file.addActions([self.save, self.save_as])
        file.addSeparator()
        file.addActions([self.load_checkpoint, self.save_last, self.save_best])
        file.addSeparator()
        file.addActions([self.settings, self.quit])
        bar.addMenu(self.tr("&Edit")).addActions([self.undo, self.redo])
        bar.addMenu(self.tr("&Run")).addActions([self.train, self.pause, self.stop, self.cancel])
        return bar.addMenu(self.tr("&View"))

    def set_theme(self, theme: Theme) -> None:
        """Draw the icons in the colours of ``theme``."""
        for action, name in self._icons.items():
            color = theme.accent_text if action is self.train else None
            action.setIcon(icon(name, theme, color=color))

    def show_state(self, state: State, theme: Theme) -> None:
        """Enable what makes sense while the run stands so."""
        self.train.setEnabled(state is State.IDLE)
        self.pause.setEnabled(state in (State.RUNNING, State.PAUSED))
        self.stop.setEnabled(state in (State.PREPARING, State.RUNNING, State.PAUSED))
        self.cancel.setEnabled(self.stop.isEnabled())
        is_paused = state is State.PAUSED
        self.pause.setText(self.tr("&Resume") if is_paused else self.tr("&Pause"))
        self.pause.setToolTip(
            self.tr("Go on with the run (Ctrl+P)") if is_paused else self.tr("Hold still after this batch (Ctrl+P)")
        )
        self._icons[self.pause] = "train" if is_paused else "pause"
        self.pause.setIcon(icon(self._icons[self.pause], theme))

    def _make(self, text: str, icon_name: str, shortcut: QKeySequence.StandardKey | str) -> QAction:
        action = QAction(text, self)
        if isinstance(shortcut, str):
            action.setShortcut(QKeySequence(shortcut))
        else:
            action.setShortcuts(shortcut)
        self._icons[action] = icon_name
        return action


def plain_text(action: QAction) -> str:
    """The action's text without mnemonic and ellipsis, as an accessible name."""
    return action.text().replace("&", "").removesuffix("…")
