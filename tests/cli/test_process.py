"""The command line as a process: exit codes, signals, terminals, closed pipes, and what it loads."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Outcome
from workbench.core import checkpoint
from workbench.runs.events import CheckpointKind, Status
from workbench.runs.store import Run, Workspace

Start = Callable[..., subprocess.Popen[str]]
Command = Callable[..., Outcome]
FOR_EVER = ("--set", "training.epochs=100000", "--json")

posix_only = pytest.mark.skipif(os.name == "nt", reason="such signals and terminals are POSIX")


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


def ended(process: subprocess.Popen[str]) -> Outcome:
    """How ``process`` ends, with the rest of what it prints."""
    out, err = process.communicate(timeout=60)
    return Outcome(process.returncode, out, err)


@posix_only
def test_ctrl_c_stops_with_a_checkpoint_from_which_the_run_goes_on_exactly(
    start_process: Start, workbench: Command, small: Path, workspace: Workspace
) -> None:
    process = start_process("train", small, *FOR_EVER)
    first = first_line(process)
    process.send_signal(signal.SIGINT)
    rest = ended(process)
    assert (rest.code, rest.err) == (130, "")
    (run,) = workspace.runs()
    assert rest.rows[-1]["event"] == "finished"
    assert rest.rows[-1]["status"] == "stopped"
    record = run.read()
    assert record.status is Status.STOPPED
    position = checkpoint.load(run.checkpoint(CheckpointKind.LAST)).position
    assert (position.epoch, position.step) == (record.epoch, record.step)

    stopped = Outcome(0, first + rest.out, "")
    resumed = workbench("resume", run.folder, "--epochs", position.epoch + 1, "--json")
    whole = workbench("train", small, "--set", f"training.epochs={position.epoch + 1}", "--json")
    assert resumed.code == 0
    assert stopped.epochs() + resumed.epochs() == whole.epochs()


@posix_only
def test_a_run_is_left_alone_while_it_trains_and_stops_at_sigterm(
    start_process: Start, workbench: Command, small: Path, workspace: Workspace
) -> None:
    process = start_process("train", small, *FOR_EVER)
    first_line(process)
    (run,) = workspace.runs()
    refused = workbench("resume", run.folder)
    assert refused.code == 2
    assert refused.err == f"workbench: {run.id} is being trained by another program: stop it there first.\n"
    assert run.read().status is Status.RUNNING

    process.send_signal(signal.SIGTERM)
    rest = ended(process)
    assert (rest.code, rest.err) == (130, "")
    assert run.read().status is Status.STOPPED
    assert checkpoint.load(run.checkpoint(CheckpointKind.LAST)).position.step == run.read().step


@posix_only
def test_a_closed_pipe_ends_the_run_quietly_and_it_can_be_resumed(
    start_process: Start, workbench: Command, small: Path, workspace: Workspace
) -> None:
    process = start_process("train", small, *FOR_EVER)
    assert json.loads(first_line(process))["epoch"] == 1
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == ""
    assert process.wait(60) == 0
    (run,) = workspace.runs()
    done = checkpoint.load(run.checkpoint(CheckpointKind.LAST)).position.epoch - 1
    assert done >= 1
    assert [row["epoch"] for row in workbench("resume", run.folder, "--epochs", done + 1, "--json").epochs()] == [
        done + 1
    ]


@posix_only
def test_a_second_ctrl_c_ends_at_once_and_gives_the_signals_back(
    workbench: Command, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both come while a checkpoint is written, which then never ends."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    written = []

    def never_ends(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)
        written.append("after the first")
        signal.raise_signal(signal.SIGINT)
        written.append("after the second")

    monkeypatch.setattr(checkpoint, "save", never_ends)
    assert workbench("train", small, "--json").code == 130
    assert written == ["after the first"]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@posix_only
def test_ctrl_c_while_the_data_is_prepared_leaves_nothing(
    workbench: Command, small: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(dataset: object, folders: object, progress: Callable[[str, int, int], None]) -> None:
        progress("Decoding", 1, 4)
        signal.raise_signal(signal.SIGINT)
        progress("Decoding", 2, 4)

    monkeypatch.setattr("workbench.core.data.datasets.load", slow)
    outcome = workbench("train", small)
    assert outcome == Outcome(130, "Cancelled before training began.\n", "")
    assert not (home / "workspace").exists()


@posix_only
def test_a_terminal_shows_a_progress_bar(start_process: Start, small: Path, workspace: Workspace) -> None:
    terminal, other_end = os.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
    process = start_process(
        "train", small, "--set", "training.batch_size=4", stdout=other_end, stderr=other_end, env=environment
    )
    os.close(other_end)
    shown = b""
    try:
        while piece := os.read(terminal, 1 << 16):
            shown += piece
    except OSError:  # what Linux says when the other end is closed
        pass
    finally:
        os.close(terminal)
    assert process.wait(60) == 0
    text = shown.decode("utf-8")
    assert "\x1b[" in text
    assert "━" in text
    assert "Training" in text
    assert "/720" in text, "the steps of both epochs"
    (run,) = workspace.runs()
    assert f"Run:              {run.folder}" in text


def test_bad_input_is_exit_code_2_and_one_line(start_process: Start) -> None:
    outcome = ended(start_process("train", "gone.yaml"))
    assert outcome == Outcome(2, "", "workbench: Cannot read gone.yaml: no such file or directory.\n")


def test_lists_and_refusals_load_neither_torch_nor_qt(home: Path, small: Path) -> None:
    small.write_text("title: Wrong", encoding="utf-8")
    probe = (
        "import json, sys\n"
        "from workbench.__main__ import main\n"
        "from workbench.cli import commands\n"
        "codes = [commands.main(line) for line in (['--version'], ['samples'], ['runs'], ['train', sys.argv[1]])]\n"
        "print(json.dumps([codes, sorted(sys.modules)]))"
    )
    command = [sys.executable, "-c", probe, str(small)]
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True, cwd=ROOT)
    codes, modules = json.loads(result.stdout.splitlines()[-1])
    assert codes == [0, 0, 0, 2]
    assert "workbench.cli.commands" in modules
    assert {"torch", "torchvision", "sklearn", "PySide6", "pyqtgraph"}.isdisjoint(modules)


def test_a_run_that_is_only_looked_at_is_not_changed(workbench: Command, trained: Run) -> None:
    before = {path: path.read_bytes() for path in trained.folder.rglob("*") if path.is_file()}
    workbench("runs")
    workbench("check")
    assert {path: path.read_bytes() for path in trained.folder.rglob("*") if path.is_file()} == before
