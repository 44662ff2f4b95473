"""A virtual screen with a window manager, and the program in it as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
Scenario = Callable[..., str]


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """The name of an X display of 1440×900 with a window manager, for this session only."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1440x900x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as numbers:
        name = f":{numbers.readline().strip()}"
    manager = subprocess.Popen(
        ["openbox"], env={**os.environ, "DISPLAY": name}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    yield name
    for process in (manager, server):
        process.terminate()
        process.wait()


@pytest.fixture
def play(display: str, tmp_path: Path) -> Scenario:
    """Plays a scenario, a module of this folder, in the real window; returns what it printed."""

    def run(name: str, home: Path, *arguments: str, timeout: float = 240) -> str:
        pictures = tmp_path / "pictures"
        pictures.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "DISPLAY": display,
            "QT_QPA_PLATFORM": "xcb",
            "WORKBENCH_HOME": str(home),
            "PYTHONPATH": str(HERE.parent.parent),
            "WORKBENCH_PICTURES": str(pictures),
        }
        done = subprocess.run(
            [sys.executable, str(HERE / f"{name}.py"), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}\npictures: {pictures}"
        assert "QThread: Destroyed" not in done.stderr
        return done.stdout

    return run
