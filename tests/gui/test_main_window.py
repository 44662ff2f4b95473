"""The window as a whole, offscreen: what a user starts, breaks and resumes."""

import os
import signal
import sqlite3
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.conftest import MakeWindow
from workbench.core import checkpoint
from workbench.folders import user_folders
from workbench.gui.application import Faults
from workbench.gui.main_window import MainWindow
from workbench.gui.training import State
from workbench.runs.events import CheckpointKind, Status
from workbench.runs.metrics import read_batches, read_epochs
from workbench.runs.store import Run
from workbench.spec.experiment import Experiment, first_experiment_offline
from workbench.spec.models import MLP, LeNet5
from workbench.spec.optimizers import Adam
from workbench.spec.yaml_io import load_experiment

LONG = 60_000


def with_training(experiment: Experiment, **changes: object) -> Experiment:
    return experiment.model_copy(update={"training": experiment.training.model_copy(update=changes)})


def long_experiment() -> Experiment:
    """Runs for minutes, with a checkpoint about every tenth of a second."""
    return with_training(first_experiment_offline(), epochs=100_000, checkpoint_minutes=0.002)


def start_training(qtbot: QtBot, window: MainWindow) -> Run:
    window.actions_.train.trigger()
    qtbot.waitUntil(lambda: window.training.state is State.RUNNING and window.train_panel.step > 5, timeout=LONG)
    assert window.training.run is not None
    return window.training.run


def wait_idle(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.training.state is State.IDLE, timeout=LONG)


def button(parent: QObject, name: str) -> QPushButton:
    found = parent.findChild(QPushButton, name)
    assert found is not None, f"there is no button {name}"
    return found


def test_a_run_goes_from_train_to_finished_and_stands_in_the_table(qtbot: QtBot, window: MainWindow) -> None:
    start_training(qtbot, window)
    wait_idle(qtbot, window)
    run = window.training.run
    assert run is not None
    assert run.read().status is Status.FINISHED
    qtbot.waitUntil(lambda: run.id in window.runs_panel.ticked, timeout=LONG)
    steps = read_batches(run.metrics_file).steps
    assert len(steps) == 20 * 45 == window.train_panel.step
    assert len(read_epochs(run.metrics_file)) == 20
    assert window.messages.text("run") == ""


def test_invalid_input_starts_no_run_and_all_reasons_are_shown_at_once(qtbot: QtBot, window: MainWindow) -> None:
    experiment = with_training(first_experiment_offline(), batch_size=5000).model_copy(update={"model": LeNet5()})
    window.experiment_panel.set_experiment(experiment)
    window.actions_.train.trigger()
    assert window.training.state is State.IDLE
    told = window.messages.text("train")
    assert "8×8 is too small" in told
    assert "larger than the 1,438 training samples" in told
    assert not window.workspace.runs_folder.exists()
    window.experiment_panel.set_experiment(first_experiment_offline())
    assert window.messages.text("train") == "", "the message stays after the fault is mended"


def test_pause_holds_the_step_and_stop_keeps_the_run(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(long_experiment())
    run = start_training(qtbot, window)
    window.actions_.pause.trigger()
    qtbot.waitUntil(lambda: window.training.state is State.PAUSED, timeout=LONG)
    held = window.train_panel.step
    qtbot.wait(500)
    assert window.train_panel.step == held
    assert window.actions_.pause.text() == "&Resume"
    window.actions_.stop.trigger()
    wait_idle(qtbot, window)
    record = run.read()
    assert (record.status, record.step) == (Status.STOPPED, held)
    assert checkpoint.load(run.checkpoint(CheckpointKind.LAST)).position.step == held


def test_cancel_discards_the_run(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(long_experiment())
    run = start_training(qtbot, window)
    qtbot.waitUntil(lambda: run.id in window.runs_panel.ticked, timeout=LONG)
    window.actions_.cancel.trigger()
    wait_idle(qtbot, window)
    qtbot.waitUntil(lambda: not run.folder.exists(), timeout=LONG)
    qtbot.waitUntil(lambda: window.runs_panel.ticked == [], timeout=LONG)


def test_the_window_survives_a_killed_engine_says_so_and_resumes(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(long_experiment())
    run = start_training(qtbot, window)
    qtbot.waitUntil(run.checkpoint(CheckpointKind.LAST).exists, timeout=LONG)
    process = window.training.engine_process
    assert process is not None
    os.kill(process, signal.SIGKILL)
    wait_idle(qtbot, window)
    assert "SIGKILL" in window.messages.text("run")
    assert "-9" in window.messages.text("run")
    assert run.read().status is Status.INTERRUPTED
    kept = checkpoint.load(run.checkpoint(CheckpointKind.LAST)).position.step
    button(window.messages, "resume").click()
    qtbot.waitUntil(lambda: window.training.state is State.RUNNING, timeout=LONG)
    assert window.training.run == run
    qtbot.waitUntil(lambda: window.train_panel.step > kept + 5, timeout=LONG)
    window.actions_.stop.trigger()
    wait_idle(qtbot, window)
    with sqlite3.connect(run.metrics_file) as connection:
        first, last, count = connection.execute("SELECT MIN(step), MAX(step), COUNT(*) FROM batches").fetchone()
    connection.close()
    assert (first, last) == (1, count), "a step is missing or there twice"
    assert run.read().step == count > kept


def test_a_diverging_run_is_told_with_its_likely_cause(qtbot: QtBot, make_window: MakeWindow) -> None:
    experiment = first_experiment_offline()
    reckless = experiment.model_copy(update={"optimizer": experiment.optimizer.model_copy(update={"lr": 1e30})})
    window = make_window(reckless)
    window.actions_.train.trigger()
    qtbot.waitUntil(lambda: window.messages.text("run") != "", timeout=LONG)
    assert "learning rate 1e+30 is probably too high" in window.messages.text("run")
    assert window.training.state is State.IDLE


def test_without_fashion_mnist_the_window_opens_on_the_digits_and_offers_it(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(has_system_data=False)
    qtbot.waitUntil(lambda: window.data_panel.preview is not None, timeout=LONG)
    assert window.experiment_panel.experiment == first_experiment_offline()
    preview = window.data_panel.preview
    assert preview is not None
    assert preview.dataset.name == "Digits"
    assert "Fashion-MNIST is not on this computer" in window.messages.text("data")
    assert "30 MB" in button(window.messages, "get").text()


def test_a_device_that_is_not_there_is_told_and_nothing_is_left(qtbot: QtBot, make_window: MakeWindow) -> None:
    settings = user_folders().settings
    settings.mkdir(parents=True)
    (settings / "settings.yaml").write_text("device: cuda:7\n")
    window = make_window(first_experiment_offline())
    window.actions_.train.trigger()
    qtbot.waitUntil(lambda: window.messages.text("run") != "", timeout=LONG)
    assert "cuda:7 is not available" in window.messages.text("run")
    assert window.training.state is State.IDLE
    assert not window.workspace.runs_folder.exists()
    window.open_settings()
    assert window.settings_dialog is not None
    assert window.settings_dialog.device.currentText() == "cuda:7 (not found)"
    window.settings_dialog.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: [", "line 1"),
        ("optimizer: {name: SGD, lrr: 1}", "did you mean lr?"),
        ("version: 9", "comes from a newer Workbench"),
    ],
)
def test_a_wrong_experiment_file_is_told_and_the_editor_stays(
    make_window: MakeWindow, qtbot: QtBot, tmp_path: Path, text: str, expected: str
) -> None:
    window = make_window(begin=False)
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    before = window.experiment_panel.experiment
    window.documents.open_path(str(path))
    qtbot.waitUntil(lambda: window.messages.text("document") != "", timeout=LONG)
    assert str(path) in window.messages.text("document")
    assert expected in window.messages.text("document")
    assert window.experiment_panel.experiment == before


def test_a_wrong_checkpoint_is_told_and_the_editor_stays(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "torn.pt"
    path.write_bytes(b"PK\x03\x04 not a checkpoint")
    before = window.experiment_panel.experiment
    window.documents.open_path(str(path))
    qtbot.waitUntil(lambda: window.messages.text("document") != "", timeout=LONG)
    assert f"{path} is cut off or is not a Workbench checkpoint" in window.messages.text("document")
    assert window.documents.continuation is None
    assert window.experiment_panel.experiment == before


def test_a_finished_checkpoint_is_loaded_with_more_epochs_and_refuses_another_optimizer(
    qtbot: QtBot, window: MainWindow
) -> None:
    start_training(qtbot, window)
    wait_idle(qtbot, window)
    run = window.training.run
    assert run is not None
    window.documents.load_checkpoint(run.checkpoint(CheckpointKind.LAST))
    qtbot.waitUntil(lambda: window.documents.continuation is not None, timeout=LONG)
    loaded = window.experiment_panel.experiment
    assert loaded.training.epochs == 40
    window.experiment_panel.set_experiment(loaded.model_copy(update={"optimizer": Adam()}))
    window.actions_.train.trigger()
    assert "optimizer.name differs from the checkpoint" in window.messages.text("train")
    window.experiment_panel.set_experiment(loaded)
    window.actions_.train.trigger()
    qtbot.waitUntil(lambda: window.training.state is State.RUNNING, timeout=LONG)
    wait_idle(qtbot, window)
    further = window.training.run
    assert further is not None and further != run
    assert further.read().epoch == 40
    assert [epoch.epoch for epoch in read_epochs(further.metrics_file)] == list(range(21, 41))


def test_experiments_are_saved_and_opened(qtbot: QtBot, make_window: MakeWindow, tmp_path: Path) -> None:
    window = make_window(begin=False)
    experiment = window.experiment_panel.experiment.model_copy(update={"model": MLP(hidden=(7,)), "title": "Sieben"})
    window.experiment_panel.set_experiment(experiment)
    path = tmp_path / "sieben.yaml"
    window.documents._save_to(path)
    qtbot.waitUntil(path.exists, timeout=LONG)
    assert load_experiment(path) == experiment
    window.experiment_panel.set_experiment(first_experiment_offline())
    window.documents.open_path(str(path))
    qtbot.waitUntil(lambda: window.experiment_panel.experiment == experiment, timeout=LONG)
    assert "sieben.yaml" in window.windowTitle()
    assert not window.isWindowModified()


def test_what_is_in_the_editor_is_there_at_the_next_start(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(first_experiment_offline().model_copy(update={"title": "Half an idea"}), begin=False)
    window.close()
    assert make_window(begin=False).experiment_panel.experiment.title == "Half an idea"


def test_closing_while_a_run_goes_on_keeps_it(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(long_experiment())
    run = start_training(qtbot, window)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=LONG)
    record = run.read()
    assert record.status is Status.STOPPED
    assert checkpoint.load(run.checkpoint(CheckpointKind.LAST)).position.step == record.step


def test_a_read_only_workspace_is_told_and_the_run_does_not_start(qtbot: QtBot, make_window: MakeWindow) -> None:
    file = user_folders().settings.parent / "a file"
    file.parent.mkdir(parents=True)
    file.write_text("in the way")
    settings = user_folders().settings
    settings.mkdir()
    (settings / "settings.yaml").write_text(f"workspace: {file}/workspace\n")
    window = make_window(first_experiment_offline())
    window.actions_.train.trigger()
    qtbot.waitUntil(lambda: window.messages.text("run") != "", timeout=LONG)
    assert "Choose a folder you can write to" in window.messages.text("run")
    assert file.read_text() == "in the way"


def test_wrong_settings_are_told_and_the_usual_ones_are_taken(qtbot: QtBot, make_window: MakeWindow) -> None:
    settings = user_folders().settings
    settings.mkdir(parents=True)
    (settings / "settings.yaml").write_text("devise: cpu\n")
    window = make_window(first_experiment_offline(), begin=False)
    assert "devise is not a field; did you mean device?" in window.messages.text("start-0")
    assert window.controls.device.text() == "Automatic"


def test_an_error_that_nobody_caught_is_told_and_kept(
    make_window: MakeWindow, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    window = make_window(begin=False)
    faults = Faults(tmp_path / "reports", window)
    faults.told.connect(window.tell_fault)
    error = ZeroDivisionError("seven by nothing")
    faults.take(ZeroDivisionError, error, None)
    (report,) = (tmp_path / "reports").iterdir()
    assert "seven by nothing" in report.read_text()
    assert str(report) in window.messages.text("fault")
    assert "seven by nothing" in caplog.text


def test_every_action_can_be_reached_by_keyboard(make_window: MakeWindow) -> None:
    window = make_window(begin=False)
    actions = [value for value in vars(window.actions_).values() if isinstance(value, QAction)]
    assert len(actions) >= 14
    shortcuts = [key.toString() for action in actions for key in action.shortcuts()[:1]]
    assert len(shortcuts) == len(actions), "an action has no shortcut"
    assert len(set(shortcuts)) == len(shortcuts), "two actions share a shortcut"
