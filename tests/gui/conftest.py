"""A main window with folders of its own, closed with all its engines after the test."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.folders import user_folders
from workbench.gui.application import open_window
from workbench.gui.main_window import MainWindow
from workbench.gui.training import State
from workbench.spec.experiment import Experiment, first_experiment_offline

MakeWindow = Callable[..., MainWindow]


@pytest.fixture
def make_window(qtbot: QtBot, qapp: QApplication) -> Iterator[MakeWindow]:
    """Opens main windows.

    ``has_system_data=False`` hides the datasets that the system has installed; ``begin=False`` starts no engine.
    """
    windows: list[MainWindow] = []

    def make(experiment: Experiment | None = None, *, has_system_data: bool = True, begin: bool = True) -> MainWindow:
        folders = user_folders()
        if not has_system_data:
            folders = replace(folders, system_datasets=())
        window = open_window(qapp, folders)
        windows.append(window)
        if experiment is not None:
            window.experiment_panel.set_experiment(experiment)
        window.resize(1366, 768)
        window.show()
        if begin:
            window.begin()
        return window

    yield make
    for window in windows:
        if window.training.is_live:
            window.training.cancel()
            qtbot.waitUntil(lambda window=window: window.training.state is State.IDLE, timeout=20_000)
        window.close()
        window.deleteLater()


@pytest.fixture
def window(make_window: MakeWindow) -> MainWindow:
    """A window with a small experiment on the embedded digits."""
    return make_window(first_experiment_offline())
