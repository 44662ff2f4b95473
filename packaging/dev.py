"""Set-up of the source tree: makes .venv, starts Workbench, runs the tests. Standard library only.

Usage:

    python3 packaging/dev.py setup [--torch-index URL]   what the other two share; URL: another source of torch
    python3 packaging/dev.py run [ARGUMENT...]           the window; without a display, a first training in the terminal
    python3 packaging/dev.py test [PYTEST ARGUMENT...]   all checks and all tests; with arguments, pytest alone
"""

import argparse
import hashlib
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
STAMP = VENV / "workbench-setup"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
SUPPORTED = ((3, 11), (3, 13))

# "a|b" is one library under the names that different releases of Debian and Ubuntu give it.
QT_PACKAGES = (
    "fonts-dejavu-core",
    "fonts-wqy-microhei",
    "libdbus-1-3",
    "libegl1",
    "libfontconfig1",
    "libfreetype6",
    "libgl1",
    "libglib2.0-0t64|libglib2.0-0",
    "libx11-xcb1",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-shape0",
    "libxcb-shm0",
    "libxcb-sync1",
    "libxcb-xfixes0",
    "libxcb-xkb1",
    "libxkbcommon-x11-0",
    "libxkbcommon0",
)
TEST_PACKAGES = ("dataset-fashion-mnist", "openbox", "xdotool", "xvfb")

Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]
"""Runs a command to its end and keeps what it prints."""


IN_PARALLEL = ("--numprocesses", "auto", "--dist", "worksteal")
"""Arguments of pytest-xdist: a process a core, each with tests of its own."""


class SetupError(Exception):
    """Set-up cannot go on; the sentence says what to do."""


def main(arguments: Sequence[str]) -> int:
    """Carry out one command and return its exit code."""
    command, *passed_on = arguments or ["--help"]
    if command not in ("setup", "run", "test"):
        print(__doc__)
        return 0 if command in ("-h", "--help") else 2
    try:
        if command == "setup":
            parser = argparse.ArgumentParser(prog="dev.py setup")
            parser.add_argument("--torch-index", metavar="URL", help="package index with the torch build you want")
            set_up(QT_PACKAGES, parser.parse_args(passed_on).torch_index)
            say("Ready. Next: python3 packaging/dev.py run")
            return 0
        if command == "run":
            return run_workbench(passed_on)
        return run_tests(passed_on)
    except SetupError as error:
        print(f"dev.py: {error}", file=sys.stderr)
        return 1


def set_up(packages: Iterable[str], torch_index: str | None = None) -> None:
    """Bring system packages and .venv up to date; does nothing that is done already. Raises SetupError."""
    check_python(sys.version_info[:2])
    install_system_packages([*packages, *venv_packages()])
    stamp = setup_stamp(ROOT, PYTHON)
    if torch_index is None and is_current(STAMP, stamp):
        return
    make_venv()
    say("Installing Workbench and what it needs into .venv (the first time takes minutes)")
    command = [str(venv_python()), "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--constraint", str(CONSTRAINTS), "--editable", f"{ROOT}[dev]"]
    if torch_index is not None:
        command += ["--extra-index-url", torch_index]
    STAMP.unlink(missing_ok=True)
    if subprocess.call(command) != 0:
        raise SetupError("Installing failed; pip says why above. Mend it and call the same command again.")
    STAMP.write_text(stamp, encoding="utf-8")


def run_workbench(arguments: Sequence[str]) -> int:
    """Start the window, or train the embedded default where there is no display."""
    set_up(QT_PACKAGES)
    window = has_display(sys.platform, os.environ)
    if window and capture(qt_import_command()).returncode != 0:
        missing = missing_packages(QT_PACKAGES, capture) if has_apt() else ["the libraries Qt needs"]
        raise SetupError(f"Qt cannot start on this system. Install {' '.join(missing)} and try again.")
    return hand_over([str(venv_python()), "-m", "workbench", *workbench_arguments(window, arguments)])


def run_tests(arguments: Sequence[str]) -> int:
    """All checks and tests, or pytest alone where it is given arguments. Nothing is left out after a failure."""
    set_up((*QT_PACKAGES, *TEST_PACKAGES))
    python = str(venv_python())
    if arguments:
        return hand_over([python, "-m", "pytest", *arguments])
    lint_imports = str(Path(python).with_name("lint-imports"))
    failed = []
    for title, command in (
        ("ruff check", [python, "-m", "ruff", "check", "."]),
        ("ruff format", [python, "-m", "ruff", "format", "--check", "."]),
        ("mypy", [python, "-m", "mypy"]),
        ("import law", [lint_imports]),
        ("pytest", [python, "-m", "pytest", "-m", "not e2e", *IN_PARALLEL, "--gui-tests-must-run"]),
        # real windows with real key events: one after the other, undisturbed
        ("pytest, end to end", [python, "-m", "pytest", "-m", "e2e", "--gui-tests-must-run"]),
    ):
        say(title)
        if subprocess.call(command, cwd=ROOT) != 0:
            failed.append(title)
    if failed:
        print(f"dev.py: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def check_python(version: tuple[int, int]) -> None:
    """Raises SetupError where Workbench does not run on this version of Python."""
    first, last = SUPPORTED
    if not first <= version <= last:
        raise SetupError(
            f"Workbench needs Python {first[0]}.{first[1]} to {last[0]}.{last[1]}, and this is "
            f"{version[0]}.{version[1]}. Call packaging/dev.py with one of those."
        )


def setup_stamp(root: Path, python_version: str) -> str:
    """A hash of all that decides what .venv holds: where the tree lies, what it asks for and which Python."""
    content = hashlib.sha256(f"{root}\n{python_version}\n".encode())
    for file in (root / "pyproject.toml", root / "packaging" / "constraints.txt"):
        content.update(file.read_bytes())
    return content.hexdigest()


def is_current(stamp_file: Path, stamp: str) -> bool:
    """Whether the last set-up ended well with this very ``stamp``."""
    return stamp_file.is_file() and stamp_file.read_text(encoding="utf-8") == stamp


def has_display(system: str, environ: Mapping[str, str]) -> bool:
    """Whether a window can open; ``system`` as in sys.platform."""
    return system in ("win32", "darwin") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def workbench_arguments(window: bool, arguments: Sequence[str]) -> list[str]:
    """The command line that ``run`` gives to Workbench."""
    return [*(["gui"] if window else ["train", "digits-mlp"]), *arguments]


def missing_packages(wanted: Iterable[str], run: Run) -> list[str]:
    """Those of ``wanted`` of which dpkg has no name installed."""
    listing = run(["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\\n"]).stdout
    installed = {line.split()[0] for line in listing.splitlines() if line.endswith(" installed")}
    return [package for package in wanted if installed.isdisjoint(package.split("|"))]


def offered_packages(wanted: Iterable[str], run: Run) -> list[str]:
    """For each of ``wanted`` the first of its names that apt can install; those with none are left out."""
    known = set(run(["apt-cache", "pkgnames"]).stdout.split())
    names = (next((name for name in package.split("|") if name in known), None) for package in wanted)
    return [name for name in names if name is not None]


def administrator_prefix(user: int, run: Run) -> list[str] | None:
    """What to write before a command so that it runs as root without a question; None where that cannot be."""
    if user == 0:
        return []
    if shutil.which("sudo") and run(["sudo", "--non-interactive", "true"]).returncode == 0:
        return ["sudo", "--non-interactive"]
    return None


def install_line(packages: Iterable[str]) -> str:
    """The one line a user without root's rights is asked to run."""
    return "sudo apt-get install --no-install-recommends " + " ".join(packages)


def install_system_packages(packages: Iterable[str]) -> bool:
    """Install what is missing, on Debian and its kin. False where something stays missing; what to do is printed."""
    if not has_apt():
        return True
    missing = missing_packages(packages, capture)
    if not missing:
        return True
    say(f"System packages: {len(missing)} are missing")
    prefix = administrator_prefix(os.getuid(), capture) if sys.platform != "win32" else None
    if prefix is None:
        names = offered_packages(missing, capture) or [package.split("|")[-1] for package in missing]
        print(f"They need an administrator. Please run:\n    {install_line(names)}")
        return False
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes"]
    apt += ["--option", "DPkg::Lock::Timeout=120"]
    if len(offered_packages(missing, capture)) == len(missing):
        subprocess.call([*apt, "install", "--no-install-recommends", *offered_packages(missing, capture)])
        missing = missing_packages(packages, capture)
    if missing:  # apt's lists of packages are absent or old
        subprocess.call([*apt, "update"])
        subprocess.call([*apt, "install", "--no-install-recommends", *offered_packages(missing, capture)])
        missing = missing_packages(packages, capture)
    if missing:
        print(f"These system packages could not be installed: {' '.join(missing)}")
    return not missing


def has_apt() -> bool:
    """Whether this is Debian, Ubuntu or their kin."""
    return bool(shutil.which("apt-get") and shutil.which("dpkg-query"))


def can_make_environments() -> bool:
    """Whether this Python has ensurepip, which Debian keeps in a package of its own."""
    return importlib.util.find_spec("ensurepip") is not None


def venv_packages() -> list[str]:
    """The system package without which .venv cannot be made, where it has to be made and cannot."""
    return [] if venv_python().exists() or can_make_environments() else [f"python{PYTHON}-venv"]


def make_venv() -> None:
    """Make .venv with pip in it, unless it is there and of this very Python. Raises SetupError."""
    python = venv_python()
    if (
        python.exists()
        and is_venv_of(VENV, PYTHON)
        and capture([str(python), "-m", "pip", "--version"]).returncode == 0
    ):
        return
    importlib.invalidate_caches()
    if not can_make_environments():
        raise SetupError(f"This Python cannot make environments. Install python{PYTHON}-venv and try again.")
    say(f"Making .venv with Python {PYTHON}")
    if subprocess.call([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
        raise SetupError(f"Cannot make {VENV}. Python says why above.")


def is_venv_of(folder: Path, python_version: str) -> bool:
    """Whether the environment in ``folder`` is of this Python and was made there (its scripts name their place)."""
    configuration = folder / "pyvenv.cfg"
    if not configuration.is_file():
        return False
    pairs = (line.partition("=") for line in configuration.read_text(encoding="utf-8").splitlines())
    values = {key.strip(): value.strip() for key, _, value in pairs}
    return values.get("version", "").startswith(f"{python_version}.") and values.get("command", "").endswith(
        str(folder)
    )


def venv_python() -> Path:
    """The interpreter of .venv."""
    return VENV / "Scripts" / "python.exe" if sys.platform == "win32" else VENV / "bin" / "python"


def qt_import_command() -> list[str]:
    """Exits with 0 where Qt's libraries find all they need."""
    return [str(venv_python()), "-c", "from PySide6 import QtWidgets"]


def capture(command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    """Run ``command`` and keep what it prints."""
    return subprocess.run(command, capture_output=True, text=True, check=False)


def hand_over(command: list[str]) -> int:
    """Go on as ``command`` in the project's folder, so that Ctrl+C and the exit code are its own."""
    sys.stdout.flush()
    if sys.platform == "win32":
        return subprocess.call(command, cwd=ROOT)
    os.chdir(ROOT)
    os.execv(command[0], command)


def say(stage: str) -> None:
    """Head a stage of the work."""
    print(f"== {stage}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
