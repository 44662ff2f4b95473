"""The import law of pyproject.toml is kept, and each of its contracts fails when it is broken on purpose."""

import os
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LINT_IMPORTS = shutil.which(
    "lint-imports", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
)
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
}


@dataclass(frozen=True)
class Breach:
    """Lines that break the contract ``contract``, and the module they are added to."""

    contract: str
    module: str
    lines: str


BREACHES = [
    Breach("layers", "workbench/spec/breach.py", "import workbench.runs"),
    Breach("layers", "workbench/runs/breach.py", "import workbench.core"),
    Breach("layers", "workbench/core/breach.py", "import workbench.engine"),
    Breach("layers", "workbench/engine/breach.py", "import workbench.gui"),
    Breach("layers", "workbench/gui/breach.py", "import workbench.cli"),
    Breach("layers", "workbench/files.py", "import workbench.spec"),
    Breach("layers", "workbench/errors.py", "import workbench.files"),
    Breach("layers", "workbench/module_of_no_layer.py", ""),
    Breach("window-without-torch", "workbench/gui/breach.py", "import torch"),
    Breach("window-without-torch", "workbench/gui/breach.py", "def show():\n    from torchvision import datasets"),
    Breach("window-without-torch", "workbench/gui/breach.py", "from workbench.core import progress"),
    Breach("light-modules", "workbench/spec/breach.py", "import torch.nn"),
    Breach("light-modules", "workbench/runs/breach.py", "import PySide6.QtCore"),
    Breach("light-modules", "workbench/settings.py", "from PySide6 import QtCore"),
    Breach("light-modules", "workbench/engine/client.py", "import pyqtgraph"),
    Breach("light-modules", "workbench/engine/messages.py", "import torch"),
    Breach("spec-without-numpy", "workbench/spec/breach.py", "import numpy as np"),
    Breach("qt-in-the-window", "workbench/cli/breach.py", "import PySide6"),
    Breach("qt-in-the-window", "workbench/core/breach.py", "import pyqtgraph"),
    Breach("qt-in-the-window", "workbench/engine/breach.py", "def icon():\n    import qtawesome"),
    Breach("core-knows-no-front", "workbench/core/breach.py", "import workbench.engine"),
    Breach("core-knows-no-front", "workbench/core/breach.py", "import workbench.gui"),
    Breach("core-knows-no-front", "workbench/core/breach.py", "import workbench.cli"),
]


def verdicts(tree: Path) -> dict[str, str]:
    """KEPT or BROKEN for each contract's name, as import-linter reports it of the tree in ``tree``."""
    assert LINT_IMPORTS is not None
    command = [LINT_IMPORTS, "--no-cache", "--config", str(tree / "pyproject.toml")]
    environ = {**os.environ, "PYTHONPATH": str(tree), "COLUMNS": "200", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=tree, env=environ, capture_output=True, text=True, check=False)
    found = {
        name: verdict
        for name in CONTRACTS.values()
        for line in done.stdout.splitlines()
        for verdict in ("KEPT", "BROKEN")
        if line.startswith(f"{name} {verdict}")
    }
    assert set(found) == set(CONTRACTS.values()), done.stdout + done.stderr
    assert (done.returncode == 0) == ("BROKEN" not in found.values())
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the package and its contracts."""
    shutil.copytree(ROOT / "workbench", tmp_path / "workbench", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_tree_keeps_every_contract() -> None:
    assert verdicts(ROOT) == dict.fromkeys(CONTRACTS.values(), "KEPT")


def test_every_contract_has_a_breach() -> None:
    assert {breach.contract for breach in BREACHES} == set(CONTRACTS)


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: f"{breach.contract}: {breach.module} {breach.lines}")
def test_a_breach_is_reported(tree: Path, breach: Breach) -> None:
    with (tree / breach.module).open("a", encoding="utf-8") as module:
        module.write(f"\n{breach.lines}\n")
    assert verdicts(tree)[CONTRACTS[breach.contract]] == "BROKEN"


def test_the_window_may_not_reach_torch_through_the_client_of_the_engine(tree: Path) -> None:
    (tree / "workbench/gui/innocent.py").write_text("import workbench.engine.client\n", encoding="utf-8")
    assert verdicts(tree)[CONTRACTS["window-without-torch"]] == "KEPT"
    with (tree / "workbench/engine/client.py").open("a", encoding="utf-8") as module:
        module.write("\nimport torch\n")
    assert verdicts(tree)[CONTRACTS["window-without-torch"]] == "BROKEN"


def test_the_command_line_may_start_the_window(tree: Path) -> None:
    with (tree / "workbench/cli/commands.py").open("a", encoding="utf-8") as module:
        module.write("\ndef window():\n    import workbench.gui\n")
    assert verdicts(tree) == dict.fromkeys(CONTRACTS.values(), "KEPT")
