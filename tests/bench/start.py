"""A measured process: ``workbench gui``, which tells when its window is on the screen, and then closes it."""

import sys
import time


def main() -> int:
    """Run the command with a window that watches itself being painted."""
    from workbench.cli.commands import main as run_command

    watch_first_painting()
    return run_command(["gui"])


def watch_first_painting() -> None:
    """Have the window tell ``time.perf_counter``, one clock for all processes, once it was painted."""
    from PySide6.QtCore import QMetaObject, Qt, Slot
    from PySide6.QtGui import QPaintEvent

    from tests.bench.processes import answer
    from workbench.gui import application

    class WatchedWindow(application.MainWindow):
        """Reports in the first turn of the event loop after it was painted, when the window system has the pixels."""

        is_painted = False

        def paintEvent(self, event: QPaintEvent) -> None:
            super().paintEvent(event)
            if not self.is_painted:
                self.is_painted = True
                QMetaObject.invokeMethod(self, "tell", Qt.ConnectionType.QueuedConnection)

        @Slot()
        def tell(self) -> None:
            answer({"visible": time.perf_counter()})
            self.engines.ready.connect(self.close)

    application.MainWindow = WatchedWindow


if __name__ == "__main__":
    sys.exit(main())
