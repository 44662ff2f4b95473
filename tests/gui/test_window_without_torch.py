"""The window's process stays light: it never loads torch, whatever is done in it."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from workbench.folders import user_folders
from workbench.gui.application import open_window
from workbench.gui.training import State


def wait_for(condition):
    loop = QEventLoop()
    timer = QTimer(interval=20)
    timer.timeout.connect(lambda: loop.quit() if condition() else None)
    timer.start()
    loop.exec()


def main():
    application = QApplication([])
    window = open_window(application, user_folders())
    window.show()
    print("shown", "torch" in sys.modules)
    window.begin()
    wait_for(lambda: window.data_panel.preview is not None)
    window.actions_.train.trigger()
    wait_for(lambda: window.train_panel.step > 20)
    window.open_settings()
    window.actions_.stop.trigger()
    wait_for(lambda: window.training.state is State.IDLE)
    window.close()
    print("used", "torch" in sys.modules, "torchvision" in sys.modules, "sklearn" in sys.modules)


if __name__ == "__main__":
    main()
"""


def test_a_fresh_window_is_started_and_used_without_torch(tmp_path: Path) -> None:
    script = tmp_path / "window.py"
    script.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, str(script)], env=environment, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["shown False", "used False False False"]
