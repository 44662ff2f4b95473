"""The set-up script: what it finds missing, when it has nothing to do, what it asks of a user without root's rights."""

import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

DEV = Path(__file__).resolve().parents[2] / "packaging" / "dev.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("workbench_dev", DEV)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


dev = load()


class Answers:
    """Runs no command: answers each by its first word, and keeps what was asked."""

    def __init__(self, **answers: str | int) -> None:
        self.answers = {name.replace("_", "-"): answer for name, answer in answers.items()}
        self.asked: list[list[str]] = []

    def __call__(self, command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        self.asked.append(list(command))
        answer = self.answers[command[0]]
        if isinstance(answer, int):
            return subprocess.CompletedProcess(command, answer, "", "")
        return subprocess.CompletedProcess(command, 0, answer, "")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A project's folder with the two files that decide what is installed."""
    (tmp_path / "packaging").mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (tmp_path / "packaging" / "constraints.txt").write_text("torch==2.13.0\n", encoding="utf-8")
    return tmp_path


def test_packages_that_dpkg_does_not_call_installed_are_missing() -> None:
    dpkg = Answers(dpkg_query="libegl1 installed\nlibgl1 config-files\nxvfb not-installed\n")
    assert dev.missing_packages(["libegl1", "libgl1", "xvfb", "xdotool"], dpkg) == ["libgl1", "xvfb", "xdotool"]


def test_either_name_of_a_library_will_do() -> None:
    old, new = Answers(dpkg_query="libglib2.0-0 installed\n"), Answers(dpkg_query="libglib2.0-0t64 installed\n")
    neither = Answers(dpkg_query="libglib2.0-bin installed\n")
    wanted = ["libglib2.0-0t64|libglib2.0-0"]
    assert dev.missing_packages(wanted, old) == []
    assert dev.missing_packages(wanted, new) == []
    assert dev.missing_packages(wanted, neither) == wanted


def test_a_library_is_installed_under_the_name_that_apt_knows() -> None:
    apt = Answers(apt_cache="libegl1\nlibglib2.0-0\n")
    wanted = ["libegl1", "libglib2.0-0t64|libglib2.0-0", "fonts-of-another-system"]
    assert dev.offered_packages(wanted, apt) == ["libegl1", "libglib2.0-0"]


def test_root_needs_no_sudo() -> None:
    nothing = Answers()
    assert dev.administrator_prefix(0, nothing) == []
    assert nothing.asked == []


@pytest.mark.parametrize(("code", "prefix"), [(0, ["sudo", "--non-interactive"]), (1, None)])
def test_sudo_is_used_only_where_it_asks_no_password(
    monkeypatch: pytest.MonkeyPatch, code: int, prefix: list[str] | None
) -> None:
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert dev.administrator_prefix(1000, Answers(sudo=code)) == prefix


@pytest.fixture
def debian(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """A Debian that lacks xvfb and xdotool, and a list of the commands that would have changed it."""
    system = Answers(dpkg_query="libegl1 installed\n", apt_cache="libegl1\nxdotool\nxvfb\n", sudo=1)
    monkeypatch.setattr(dev, "has_apt", lambda: True)
    monkeypatch.setattr(dev, "capture", system)

    def call(command: Sequence[str]) -> int:
        system.asked.append(["changed by", *command])
        if "install" in command:
            system.answers["dpkg-query"] = "libegl1 installed\nxdotool installed\nxvfb installed\n"
        return 0

    monkeypatch.setattr(dev.subprocess, "call", call)
    return system


def changes(system: Answers) -> list[list[str]]:
    return [command[1:] for command in system.asked if command[0] == "changed by"]


@pytest.mark.skipif(sys.platform == "win32", reason="apt is not for Windows")
def test_a_user_without_rights_is_told_the_one_line_and_nothing_is_changed(
    debian: Answers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev.os, "getuid", lambda: 1000)
    assert not dev.install_system_packages(["libegl1", "xvfb", "xdotool"])
    assert "    sudo apt-get install --no-install-recommends xvfb xdotool\n" in capsys.readouterr().out
    assert changes(debian) == []


@pytest.mark.skipif(sys.platform == "win32", reason="apt is not for Windows")
def test_the_one_line_is_complete_where_apt_has_no_package_lists(
    debian: Answers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev.os, "getuid", lambda: 1000)
    debian.answers["apt-cache"] = ""
    assert not dev.install_system_packages(["xvfb", "libglib2.0-0t64|libglib2.0-0"])
    assert "    sudo apt-get install --no-install-recommends xvfb libglib2.0-0\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("environment", "ensurepip", "packages"),
    [(False, False, [f"python{dev.PYTHON}-venv"]), (False, True, []), (True, False, [])],
)
def test_what_makes_environments_is_among_the_packages_where_it_is_lacking(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: bool, ensurepip: bool, packages: list[str]
) -> None:
    python = tmp_path / "python"
    if environment:
        python.touch()
    monkeypatch.setattr(dev, "venv_python", lambda: python)
    monkeypatch.setattr(dev, "can_make_environments", lambda: ensurepip)
    assert dev.venv_packages() == packages


@pytest.mark.skipif(sys.platform == "win32", reason="apt is not for Windows")
def test_root_installs_only_what_is_missing(debian: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev.os, "getuid", lambda: 0)
    assert dev.install_system_packages(["libegl1", "xvfb", "xdotool"])
    (command,) = changes(debian)
    assert command[:2] == ["env", "DEBIAN_FRONTEND=noninteractive"]
    assert command[-4:] == ["install", "--no-install-recommends", "xvfb", "xdotool"]


@pytest.mark.skipif(sys.platform == "win32", reason="apt is not for Windows")
def test_package_lists_are_fetched_where_apt_knows_a_package_not(
    debian: Answers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev.os, "getuid", lambda: 0)
    debian.answers["apt-cache"] = "libegl1\nxvfb\n"
    assert not dev.install_system_packages(["xvfb", "openbox"])
    assert [command[-1] for command in changes(debian)] == ["update", "xvfb"]
    assert "could not be installed: openbox" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="apt is not for Windows")
def test_nothing_is_called_where_nothing_is_missing(debian: Answers) -> None:
    assert dev.install_system_packages(["libegl1"])
    assert changes(debian) == []


def test_the_stamp_is_current_until_an_input_of_the_set_up_changes(tree: Path) -> None:
    stamp_file = tree / "stamp"
    first = dev.setup_stamp(tree, "3.11")
    assert not dev.is_current(stamp_file, first)
    stamp_file.write_text(first, encoding="utf-8")
    assert dev.is_current(stamp_file, dev.setup_stamp(tree, "3.11"))

    assert not dev.is_current(stamp_file, dev.setup_stamp(tree, "3.12"))
    (tree / "packaging" / "constraints.txt").write_text("torch==2.13.1\n", encoding="utf-8")
    changed = dev.setup_stamp(tree, "3.11")
    assert not dev.is_current(stamp_file, changed)
    (tree / "pyproject.toml").write_text("[build-system]\n", encoding="utf-8")
    assert dev.setup_stamp(tree, "3.11") not in (first, changed)


@pytest.mark.parametrize(
    ("configuration", "usable"),
    [
        ("version = 3.11.2\ncommand = /usr/bin/python3 -m venv --clear {folder}\n", True),
        ("version = 3.12.0\ncommand = /usr/bin/python3 -m venv --clear {folder}\n", False),
        ("version = 3.11.2\ncommand = /usr/bin/python3 -m venv /moved/from/here/.venv\n", False),
        ("", False),
    ],
)
def test_an_environment_of_another_python_or_place_is_not_used(
    tmp_path: Path, configuration: str, usable: bool
) -> None:
    assert not dev.is_venv_of(tmp_path, "3.11")
    (tmp_path / "pyvenv.cfg").write_text(configuration.format(folder=tmp_path), encoding="utf-8")
    assert dev.is_venv_of(tmp_path, "3.11") is usable


@pytest.mark.parametrize(
    ("system", "environ", "window"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_a_window_needs_a_display(system: str, environ: dict[str, str], window: bool) -> None:
    assert dev.has_display(system, environ) is window


def test_run_opens_the_window_or_trains_and_passes_its_arguments_on() -> None:
    assert dev.workbench_arguments(True, []) == ["gui"]
    assert dev.workbench_arguments(False, ["--set", "training.epochs=1"]) == [
        "train",
        "digits-mlp",
        "--set",
        "training.epochs=1",
    ]


@pytest.mark.parametrize("version", [(3, 11), (3, 12), (3, 13)])
def test_supported_pythons_are_let_through(version: tuple[int, int]) -> None:
    dev.check_python(version)


@pytest.mark.parametrize(("version", "name"), [((3, 10), "3.10"), ((3, 14), "3.14"), ((4, 0), "4.0")])
def test_other_pythons_are_named_with_what_is_needed(version: tuple[int, int], name: str) -> None:
    with pytest.raises(dev.SetupError, match=rf"needs Python 3\.11 to 3\.13, and this is {name}\."):
        dev.check_python(version)


def test_an_unknown_command_prints_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["walk"]) == 2
    assert dev.main(["--help"]) == 0
    assert "packaging/dev.py setup" in capsys.readouterr().out


def test_a_fault_of_the_set_up_is_one_line_and_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 0))
    assert dev.main(["run"]) == 1
    assert capsys.readouterr().err.startswith("dev.py: Workbench needs Python 3.11 to 3.13, and this is 3.9.")


def test_what_is_needed_is_pinned_without_addresses() -> None:
    lines = [line for line in dev.CONSTRAINTS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    assert "torch==2.13.0" in lines
    assert [line for line in lines if line.count("==") != 1 or "/" in line or "+" in line] == []
