"""The command line in this process and in one of its own, with the digits already decoded."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from workbench.cli.commands import main
from workbench.core.data import datasets
from workbench.folders import Folders
from workbench.runs.store import Run, Workspace
from workbench.spec.datasets import Digits

ROOT = Path(__file__).parents[2]
SMALL = """\
title: Small
dataset: {name: Digits}
model: {name: MLP, hidden: [16], dropout: 0.2}
loss: {name: CrossEntropyLoss}
optimizer: {name: SGD, lr: 0.1, momentum: 0.9}
training: {epochs: 2, batch_size: 64, seed: 1}
"""


@pytest.fixture(scope="session")
def decoded_digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds the digits, so that a process does not import scikit-learn first."""
    cache = tmp_path_factory.mktemp("cache")
    datasets.load(Digits(), Folders(cache, cache, cache, cache, ()))
    return cache


@pytest.fixture
def home(folders_of_its_own: None, decoded_digits: Path) -> Path:
    """``WORKBENCH_HOME`` with nothing but the decoded digits."""
    home = Path(os.environ["WORKBENCH_HOME"])
    shutil.copytree(decoded_digits, home / "cache")
    return home


@pytest.fixture
def workspace(home: Path) -> Workspace:
    """The workspace that runs go to where nothing else is said."""
    return Workspace(home / "workspace")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The file of an experiment of two short epochs."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return path


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The JSON objects it printed, one a line."""
        return [json.loads(line, parse_constant=_refuse_constant) for line in self.out.splitlines()]

    def epochs(self) -> list[dict[str, Any]]:
        """The figures of the epochs but the seconds they took."""
        rows = [dict(row) for row in self.rows if row["event"] == "epoch"]
        assert all(row.pop("seconds") > 0 for row in rows)
        return rows


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


@pytest.fixture
def workbench(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs a command in this process."""

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture
def start_process(home: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts a command in a process of its own."""

    def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "workbench", *(str(argument) for argument in arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, text=True, encoding="utf-8", cwd=ROOT, **{**pipes, **options})

    return start


@pytest.fixture
def trained(workbench: Callable[..., Outcome], small: Path, workspace: Workspace) -> Run:
    """A finished run."""
    assert workbench("train", small, "--json").code == 0
    (run,) = workspace.runs()
    return run


def tree(*folders: Path) -> dict[Path, bytes | None]:
    """Everything below ``folders`` with its bytes; None for a folder."""
    return {
        path: None if path.is_dir() else path.read_bytes()
        for folder in folders
        for path in [folder, *sorted(folder.rglob("*"))]
    }
