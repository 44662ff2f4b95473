"""Pictures of the real window: every view, trained for real, in each theme and size asked for.

    python packaging/screenshots.py OUT [--size 1440x900 …] [--theme light …]   all views into the folder OUT
    python packaging/screenshots.py --readme                                     the picture README shows

Needs a display; where there is none it starts Xvfb for itself.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README_PICTURE = ROOT / "packaging" / "images" / "window.png"


def main() -> int:
    """Parse the command line, make sure of a display, take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--readme", action="store_true", help="only the picture that README shows")
    parser.add_argument("--size", nargs="+", default=["1440x900", "1366x768"])
    parser.add_argument("--theme", nargs="+", default=["light", "dark"])
    arguments = parser.parse_args()
    if arguments.out is None and not arguments.readme:
        parser.error("give a folder, or --readme")
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        return _within_xvfb()
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory(prefix="workbench-pictures-") as home:
        os.environ["WORKBENCH_HOME"] = home
        if arguments.readme:
            _take(["1366x768"], ["light"], lambda view, size, theme: README_PICTURE if view == "train" else None)
        else:
            arguments.out.mkdir(parents=True, exist_ok=True)
            _take(arguments.size, arguments.theme, lambda *name: arguments.out / f"{'-'.join(name)}.png")
    return 0


def _within_xvfb() -> int:
    """This program again, on a virtual screen of its own."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1920x1200x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as numbers:
            environment = {**os.environ, "DISPLAY": f":{numbers.readline().strip()}", "QT_QPA_PLATFORM": "xcb"}
        return subprocess.run([sys.executable, *sys.argv], env=environment, check=False).returncode
    finally:
        server.terminate()
        server.wait()


def _take(sizes: list[str], themes: list[str], path_of: Callable[[str, str, str], Path | None]) -> None:
    """Train two runs in the window, then take every view in every size and theme."""
    from PySide6.QtCore import QEventLoop, QSize, QTimer
    from PySide6.QtWidgets import QApplication

    from workbench.folders import user_folders
    from workbench.gui.application import open_window
    from workbench.gui.theme.appearance import apply
    from workbench.gui.training import State
    from workbench.spec.datasets import DigitProperties, Digits, Tokens, Wine
    from workbench.spec.losses import BCEWithLogitsLoss, CrossEntropyLoss
    from workbench.spec.models import MLP, EmbeddingBag, LeNet5
    from workbench.spec.optimizers import Adam

    def wait(milliseconds: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("the window did not come so far")
            wait(50)

    application = QApplication(sys.argv[:1])
    window = open_window(application, user_folders())
    window.resize(1366, 768)
    window.show()
    window.begin()

    def picture(view: str) -> None:
        for theme in themes:
            apply(application, theme)  # type: ignore[arg-type]
            for size in sizes:
                path = path_of(view, size, theme)
                if path is not None:
                    width, height = map(int, size.split("x"))
                    window.resize(QSize(width, height))
                    wait(400)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    window.screen().grabWindow(window.winId()).save(str(path))

    def choose(**parts: object) -> None:
        """Have the window show another dataset, and what goes with it, and wait until it does."""
        window.experiment_panel.set_experiment(window.experiment_panel.experiment.model_copy(update=parts))
        dataset = window.experiment_panel.experiment.dataset
        wait_for(lambda: window.data_panel.preview is not None and window.data_panel.preview.dataset == dataset)

    wait_for(lambda: window.data_panel.preview is not None)
    first = window.experiment_panel.experiment
    picture("data")
    window.tabs.setCurrentWidget(window.model_panel)
    wait(3000)
    picture("model")
    window.tabs.setCurrentWidget(window.data_panel)
    choose(dataset=Wine(), model=MLP(hidden=(32, 16)))
    picture("data-table")
    choose(dataset=Tokens(), model=EmbeddingBag())
    picture("data-tokens")
    choose(dataset=DigitProperties(), model=MLP(hidden=(64,)), loss=BCEWithLogitsLoss())
    picture("data-labels")
    choose(dataset=Digits(), model=LeNet5(), loss=CrossEntropyLoss())
    window.tabs.setCurrentWidget(window.model_panel)
    wait(2000)
    picture("model-misfit")
    choose(dataset=first.dataset, model=first.model)
    window.tabs.setCurrentWidget(window.train_panel)
    picture("train-empty")
    window.actions_.train.trigger()
    wait_for(lambda: window.training.state is State.IDLE)
    edited = window.experiment_panel.experiment.model_copy(update={"optimizer": Adam(), "title": "With Adam"})
    window.experiment_panel.set_experiment(edited)
    window.actions_.train.trigger()
    wait_for(lambda: window.training.state is State.RUNNING)
    wait_for(lambda: window.train_panel.step > 2500)
    picture("train")
    window.open_settings()
    assert window.settings_dialog is not None
    wait(3000)
    if (path := path_of("settings", "dialog", themes[-1])) is not None:
        window.settings_dialog.grab().save(str(path))
    window.settings_dialog.close()
    window.close()
    wait_for(lambda: not window.isVisible())


if __name__ == "__main__":
    sys.exit(main())
