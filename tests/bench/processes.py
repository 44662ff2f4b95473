"""The measured processes: how they are started, driven in lock-step, and given a display."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SCREEN = "1600x900x24"
_TELL_AND_END = signal.SIGTERM if sys.platform == "win32" else signal.SIGABRT
"""With Python's fault handler, a process that hangs leaves its stacks behind."""


THREADING = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
"""What decides how torch's threads wait; ``workbench`` sets the second where neither is set."""


class BenchError(Exception):
    """Something could not be measured; the message says why."""


def environment(home: Path, changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a measured process: the user's, with folders of its own and torch's default threading."""
    kept = {name: value for name, value in os.environ.items() if name not in THREADING and name != "QT_QPA_PLATFORM"}
    return {**kept, "WORKBENCH_HOME": str(home), "PYTHONFAULTHANDLER": "1", **(changes or {})}


class Worker:
    """A process that says when it is ready and then does a stretch of steps each time it is told to.

    It answers with one JSON object a line; other lines of its output are passed over.
    """

    def __init__(self, name: str, module: str, arguments: list[str], env: Mapping[str, str]) -> None:
        self.name = name
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  closed with the worker
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            start_new_session=True,
        )

    def read(self, timeout: float = 300.0) -> dict[str, Any]:
        """The next answer. Raises BenchError where the process ends or is silent for ``timeout`` seconds."""
        assert self._process.stdout is not None
        watch = threading.Timer(timeout, self._give_up)
        watch.start()
        try:
            for line in self._process.stdout:
                if line.startswith("{"):
                    answer: dict[str, Any] = json.loads(line)
                    return answer
        finally:
            watch.cancel()
        self._process.wait()
        self._errors.seek(0)
        raise BenchError(f"{self.name} ended with code {self._process.returncode}:\n{self._errors.read()[-4000:]}")

    def _give_up(self) -> None:
        """End the process, and what it started, which would hold its output open; its stacks are left behind."""
        self._process.send_signal(_TELL_AND_END)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        if sys.platform == "win32":
            self._process.kill()
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def ask(self, **request: Any) -> dict[str, Any]:
        """Send ``request`` and wait for its answer."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        return self.read()

    def close(self) -> None:
        """End the process by closing its input; kill it where that does not help."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()


def ask_once(name: str, module: str, arguments: list[str], env: Mapping[str, str]) -> dict[str, Any]:
    """The one answer of a process that measures and ends. Raises BenchError."""
    worker = Worker(name, module, arguments, env)
    try:
        return worker.read()
    finally:
        worker.close()


@contextlib.contextmanager
def display() -> Iterator[dict[str, str]]:
    """The variables that windows need: none where there is a display, else those of an Xvfb that ends with it."""
    if not sys.platform.startswith("linux") or os.environ.get("DISPLAY"):
        yield {}
        return
    if shutil.which("Xvfb") is None:
        raise BenchError("There is no display. Install Xvfb (Debian's package xvfb) or set DISPLAY.")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout is not None
        number = server.stdout.readline().strip()
        if not number:
            raise BenchError("Xvfb did not start.")
        yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
    finally:
        server.terminate()
        server.wait()


def answer(values: Mapping[str, Any]) -> None:
    """Tell the bench ``values``. For the measured processes."""
    print(json.dumps(values), flush=True)


def requests() -> Iterator[dict[str, Any]]:
    """What the bench asks, until it closes the input. For the measured processes."""
    for line in sys.stdin:
        yield json.loads(line)


def settle(seconds: float = 0.5) -> None:
    """Let what the last measurement left running come to rest."""
    time.sleep(seconds)
