"""What holds for every test: offscreen Qt, folders of its own, no unexpected log record, nothing left running."""

import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["QT_API"] = "pyside6"

if sys.platform == "win32":
    import torch  # noqa: F401  torch >= 2.9 cannot be loaded on Windows after Qt

SECONDS_TO_END = 5.0
TESTS = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--gui-tests-must-run", action="store_true", help="fail where no GUI test ran or one of them was skipped"
    )


def pytest_configure(config: pytest.Config) -> None:
    try:
        from PySide6 import QtWidgets  # noqa: F401
    except ImportError as error:
        pytest.exit(f"Qt cannot be loaded, so no GUI test would run: {error}. See packaging/dev.py.", returncode=3)
    config.pluginmanager.register(GuiTests(), "gui-tests")


@pytest.hookimpl(tryfirst=True)  # before -m selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0] if item.path.is_relative_to(TESTS) else ""
        if folder in ("gui", "e2e"):
            item.add_marker("gui")
        if folder == "e2e":
            item.add_marker("e2e")


class GuiTests:
    """Counts the GUI tests that ran, so that their silent absence fails the session."""

    def __init__(self) -> None:
        self.ran = 0
        self.skipped = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if "gui" not in report.keywords:
            return
        self.ran += report.when == "call" and not report.skipped
        self.skipped += report.skipped

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        wanted = session.config.getoption("gui_tests_must_run")
        if wanted and (self.ran == 0 or self.skipped > 0) and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.write_line(f"GUI tests: {self.ran} run, {self.skipped} skipped")


@pytest.fixture(autouse=True)
def folders_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Settings, data, cache and workspace in a new folder for each test."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "workbench-home"))


@pytest.fixture(autouse=True)
def no_unexpected_log_record(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails on a record of level WARNING or above. A test that asks for ``caplog`` checks them itself."""
    if "caplog" in request.fixturenames:
        yield
        return
    kept = KeptRecords()
    logging.getLogger().addHandler(kept)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(kept)
    if kept.lines:
        pytest.fail("unexpected log records:\n" + "\n".join(kept.lines))


@pytest.fixture(autouse=True)
def nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails on threads, processes and (where Qt is used) QThreads and timers that outlive their test."""
    kinds: dict[str, Callable[[], dict[object, str]]] = {"threads": threads, "processes": processes}
    if "qtbot" in request.fixturenames:
        kinds["Qt threads and timers"] = qt_threads_and_timers
    before = {kind: set(running()) for kind, running in kinds.items()}
    yield
    left = {kind: names for kind, running in kinds.items() if (names := still_running(running, before[kind]))}
    if left:
        pytest.fail(
            "left running: " + "; ".join(f"{kind}: {', '.join(names)}" for kind, names in left.items() if names)
        )


class KeptRecords(logging.Handler):
    """Keeps the text of records of level WARNING and above."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


def still_running(running: Callable[[], dict[object, str]], before: set[object]) -> list[str]:
    """The names of what runs now and did not before, after a time in which it may end."""
    deadline = time.monotonic() + SECONDS_TO_END
    while True:
        left = [name for key, name in running().items() if key not in before]
        if not left or time.monotonic() > deadline:
            return left
        gc.collect()
        time.sleep(0.02)


def threads() -> dict[object, str]:
    """Python's threads. A native thread that once called Python is kept for ever as a dummy and does not count."""
    return {
        thread.ident: thread.name for thread in threading.enumerate() if not isinstance(thread, threading._DummyThread)
    }


def processes() -> dict[object, str]:
    """The children of this process, apart from those that ended and multiprocessing's resource tracker."""
    found: dict[object, str] = {}
    for child in psutil.Process().children(recursive=True):
        try:
            command = " ".join(child.cmdline())
            if child.status() != psutil.STATUS_ZOMBIE and "multiprocessing.resource_tracker" not in command:
                found[child.pid, child.create_time()] = command
        except psutil.NoSuchProcess:
            continue
    return found


def qt_threads_and_timers() -> dict[object, str]:
    """Running QThreads and active QTimers, after Qt has deleted what was to be deleted later."""
    from PySide6.QtCore import QCoreApplication, QEvent, QThread, QTimer
    from shiboken6 import isValid

    if (application := QCoreApplication.instance()) is not None:
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    found: dict[object, str] = {}
    here = QThread.currentThread()
    for item in gc.get_objects():
        kind = type(item)  # isinstance would wake the lazy proxies of other libraries
        if not issubclass(kind, (QThread, QTimer)) or not isValid(item) or item is here:
            continue
        if item.isRunning() if issubclass(kind, QThread) else item.isActive():
            found[id(item)] = repr(item)
    return found
