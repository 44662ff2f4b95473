"""What an import of the light modules costs in a fresh interpreter, and what it must leave alone."""

import json
import subprocess
import sys

import pytest

PROBE = """
import importlib, json, sys, time
start = time.perf_counter()
importlib.import_module(sys.argv[1])
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "modules": sorted(sys.modules)}))
"""


def fresh_import(module: str) -> tuple[float, set[str]]:
    """The seconds that importing ``module`` takes a new interpreter, and the modules it has then."""
    command = [sys.executable, "-c", PROBE, module]
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return report["seconds"], set(report["modules"])


def test_spec_is_imported_in_under_0_3_seconds() -> None:
    assert min(fresh_import("workbench.spec")[0] for _ in range(3)) < 0.3


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("workbench.spec", {"torch", "torchvision", "numpy", "PySide6"}),
        ("workbench.runs", {"torch", "torchvision", "PySide6"}),
        ("workbench.settings", {"torch", "torchvision", "PySide6"}),
        ("workbench.engine.client", {"torch", "torchvision", "PySide6"}),
        ("workbench.engine.messages", {"torch", "torchvision", "PySide6"}),
        ("workbench.cli", {"torch", "torchvision", "PySide6"}),
        ("workbench.core.loop", {"polars", "PySide6"}),
    ],
)
def test_light_modules_load_nothing_heavy(module: str, heavy: set[str]) -> None:
    _, modules = fresh_import(module)
    assert module in modules
    assert modules.isdisjoint(heavy)
