"""The next day: the run that was going when the window was closed is in the table, and goes on."""

import sys

from PySide6.QtWidgets import QToolButton

from tests.e2e.first_model import find
from tests.e2e.user import User, tell
from workbench.gui.panels.runs_model import RunsModel
from workbench.gui.panels.runs_table import RunsTable
from workbench.gui.training import State
from workbench.runs.events import Status


def story(user: User) -> None:
    run_id, stopped_at = sys.argv[1], int(sys.argv[2])
    window = user.window
    table = find(window.runs_panel, RunsTable)
    model = table.model()
    assert isinstance(model, RunsModel)
    user.wait_for(lambda: model.row_of(run_id) is not None, "the run is in the table")
    row = model.row_of(run_id)
    assert row is not None
    user.click(table.viewport(), table.visualRect(model.index(row, 1)).center())
    user.wait_for(lambda: window.runs_panel.selected is not None, "the run was selected")
    run = window.runs_panel.selected
    assert run is not None and run.id == run_id
    before = run.read()
    assert (before.status, before.step) == (Status.STOPPED, stopped_at)
    user.click(find(window.runs_panel, QToolButton, "Resume"))
    user.wait_for(lambda: window.training.state is State.RUNNING, "the run was resumed")
    assert window.training.run == run, "it went on in a folder of its own"
    user.wait_for(lambda: window.train_panel.step > stopped_at + 10, "steps came after the last one")
    user.click(window.controls.stop)
    user.wait_for(lambda: window.training.state is State.IDLE, "the run stopped")
    user.wait_for(lambda: run.read().status is Status.STOPPED, "that was written down")
    assert run.read().step > stopped_at


if __name__ == "__main__":
    tell(story)
