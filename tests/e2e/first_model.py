"""A newcomer's first hour: look at the data, train, pause, keep, save, load, train on, compare, leave."""

from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QFileDialog, QLineEdit, QWidget

from tests.e2e.user import User, tell
from workbench.folders import user_folders
from workbench.gui.panels.image_grid import ImageGrid
from workbench.gui.panels.runs_model import RunsModel
from workbench.gui.panels.runs_table import RunsTable
from workbench.gui.theme.palette import LIGHT
from workbench.gui.theme.series import series_style
from workbench.gui.training import State
from workbench.runs.events import CheckpointKind, Status
from workbench.settings import load_settings
from workbench.spec.datasets import FashionMNIST
from workbench.spec.optimizers import Adam

W = TypeVar("W", bound=QWidget)


def story(user: User) -> None:
    window = user.window
    train_panel, controls = window.train_panel, window.controls

    look_at_the_data(user)
    choose_adam(user)

    train_for_long(user)
    user.click(controls.train)
    user.wait_for(lambda: train_panel.step > 30, "the first steps were taken")
    watch_the_curve_move(user)

    user.click(controls.pause)
    user.wait_for(lambda: window.training.state is State.PAUSED, "the run paused")
    held = train_panel.step
    user.rest(1.5)
    assert train_panel.step == held, "the step count moved during the pause"
    user.click(controls.pause)
    user.wait_for(lambda: train_panel.step > held + 20, "the run went on")

    user.click(controls.stop)
    user.wait_for(lambda: window.training.state is State.IDLE, "the run stopped")
    first = window.training.run
    assert first is not None
    user.wait_for(lambda: first.read().status is Status.STOPPED, "the stopped run was written down")
    assert first.checkpoint(CheckpointKind.LAST).exists()
    stopped_at = first.read().step

    saved = user_folders().workspace / "my adam model.pt"
    save_checkpoint_as(user, saved)
    load_checkpoint(user, saved)
    user.click(controls.train)
    user.wait_for(lambda: window.training.state is State.RUNNING, "the loaded checkpoint trained on")
    user.wait_for(lambda: train_panel.step > stopped_at + 20, "steps came after the loaded ones")
    second = window.training.run
    assert second is not None and second != first
    assert second.read().parent == str(saved)

    toggle_the_device(user)
    overlay_both(user)

    assert window.training.is_live, "the run ended before the window was closed"
    reached = train_panel.step
    user.press("alt+F4")
    user.wait_for(lambda: not window.isVisible(), "the window closed while the run went on")
    record = second.read()
    assert record.status is Status.STOPPED
    assert record.step >= reached
    assert second.checkpoint(CheckpointKind.LAST).exists()
    print(f"{second.id} {record.step}")


def look_at_the_data(user: User) -> None:
    """The grid shows labelled clothes."""
    panel = user.window.data_panel
    user.wait_for(lambda: panel.preview is not None, "the data came")
    preview = panel.preview
    assert preview is not None and preview.classes == FashionMNIST.classes
    grid = find(panel, ImageGrid)
    labels = {grid.images.index(row, 0).data() for row in range(24)}
    assert labels <= set(FashionMNIST.classes) and len(labels) > 5
    user.rest(0.5)
    shades = user.screen(grid).reshape(-1, 3)
    grey = shades[(shades[:, 0] == shades[:, 1]) & (shades[:, 1] == shades[:, 2])]
    assert len({int(shade[0]) for shade in grey}) > 100, "the grid on the screen has no pictures"


def choose_adam(user: User) -> None:
    """Adam with learning rate 0.001, by mouse and keyboard."""
    window = user.window
    chooser = find(window.experiment_panel, QComboBox, "Optimizer")
    user.search(chooser, "adam")
    user.wait_for(lambda: isinstance(window.experiment_panel.experiment.optimizer, Adam), "Adam was chosen")
    rate = find(window.experiment_panel, QAbstractSpinBox, "Learning rate")
    user.click(rate)
    user.press("ctrl+a")
    user.type("0.002")
    user.press("Tab")
    assert window.experiment_panel.experiment.optimizer == Adam(lr=0.002)
    user.click(rate)
    user.press("ctrl+a")
    user.type("0.001")
    user.press("Tab")
    assert window.experiment_panel.experiment.optimizer == Adam(lr=0.001)


def train_for_long(user: User) -> None:
    """So many epochs that the run does not end while it is watched."""
    epochs = find(user.window.experiment_panel, QAbstractSpinBox, "Epochs")
    user.click(epochs)
    user.press("ctrl+a")
    user.type("200")
    user.press("Tab")
    assert user.window.experiment_panel.experiment.training.epochs == 200


def watch_the_curve_move(user: User) -> None:
    """The loss curve is on the screen, and changes."""
    plot = user.window.train_panel.plots.loss
    color, _ = series_style(user.window.train_panel.style_index(user.window.training.run.id), LIGHT)  # type: ignore[union-attr, arg-type]
    user.rest(0.3)
    before = user.screen(plot)
    assert user.pixels_of(color, plot) > 20, "no pixel of the curve is on the screen"
    user.rest(1.0)
    after = user.screen(plot)
    assert (before != after).any(axis=2).sum() > 50, "the curve does not move"


def save_checkpoint_as(user: User, path: Path) -> None:
    user.press("ctrl+k")
    answer_file_dialog(user, path)
    user.wait_for(path.exists, "the checkpoint was saved under the other name")
    user.wait_for(lambda: str(path) in user.window.messages.text("document"), "the window said so")


def load_checkpoint(user: User, path: Path) -> None:
    user.press("ctrl+l")
    answer_file_dialog(user, path)
    user.wait_for(lambda: user.window.documents.continuation is not None, "the checkpoint was loaded")
    assert path.name in user.window.messages.text("continuation")
    assert user.window.experiment_panel.experiment.optimizer == Adam(lr=0.001)


def answer_file_dialog(user: User, path: Path) -> None:
    """Type ``path`` into the file dialog that opens."""

    def dialog() -> QFileDialog | None:
        return next((found for found in user.window.findChildren(QFileDialog) if found.isVisible()), None)

    user.wait_for(lambda: dialog() is not None, "the file dialog opened")
    found = dialog()
    assert found is not None
    user.wait_for(found.isActiveWindow, "the file dialog came to the front")
    user.rest(0.3)
    line = found.findChild(QLineEdit)
    user.click(line)
    user.press("ctrl+a")
    user.type(str(path))
    user.press("Return")
    user.wait_for(lambda: dialog() is None, "the file dialog closed")


def toggle_the_device(user: User) -> None:
    """The device is set to the CPU in the settings, and kept."""
    window = user.window
    user.click(window.controls.device)
    user.wait_for(lambda: window.settings_dialog is not None and window.settings_dialog.isActiveWindow(), "settings")
    dialog = window.settings_dialog
    assert dialog is not None
    user.choose(dialog.device, "CPU")
    user.wait_for(lambda: window.controls.device.text() == "CPU", "the bar shows the CPU")
    user.wait_for(lambda: load_settings(user_folders()).device == "cpu", "the setting was kept")
    user.press("Escape")
    user.wait_for(lambda: not dialog.isVisible(), "the settings closed")


def overlay_both(user: User) -> None:
    """Both runs are in the table; unticking the first takes its curve away, ticking brings it back."""
    window = user.window
    runs_panel, plot = window.runs_panel, window.train_panel.plots.loss
    user.wait_for(lambda: len(runs_panel.ticked) == 2, "both runs are overlaid")
    first, second = sorted(runs_panel.ticked)
    styles = [window.train_panel.style_index(run_id) for run_id in (first, second)]
    colors = [series_style(style, LIGHT)[0] for style in styles if style is not None]
    assert len(set(map(str, styles))) == 2, "both runs have the same colour"
    user.wait_for(lambda: all(user.pixels_of(color, plot) > 5 for color in colors), "both curves are on the screen")
    table = find(runs_panel, RunsTable)
    model = table.model()
    assert isinstance(model, RunsModel)
    row = model.row_of(first)
    assert row is not None
    box = table.visualRect(model.index(row, 0))
    at = box.center()
    at.setX(box.left() + 12)
    user.click(table.viewport(), at)
    user.wait_for(lambda: user.pixels_of(colors[0], plot) == 0, "the first curve went away")
    user.rest(0.6)  # no double click
    user.click(table.viewport(), at)
    user.wait_for(lambda: user.pixels_of(colors[0], plot) > 5, "the first curve came back")


def find(parent: QWidget, kind: type[W], name: str = "") -> W:
    """The visible widget of a ``kind`` that a screen reader calls ``name``, where a name is given."""
    found = [
        child
        for child in parent.findChildren(kind)
        if child.isVisible() and (not name or child.accessibleName() == name)
    ]
    assert found, f"there is no {name or kind.__name__}"
    return found[0]


if __name__ == "__main__":
    assert QApplication.instance() is None
    tell(story)
