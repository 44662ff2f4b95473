"""The bench's command line: measures the chosen budgets in one run and prints them as a table."""

import argparse
import json
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from tests.bench import calibrate, rates, responses
from tests.bench.measuring import QUICK, Extent, Laboratory
from tests.bench.processes import BenchError, display
from tests.bench.report import BUDGETS, Budget, Measurement, missed, table

RATES = ("headless", "window", "tutorial")


def main(arguments: Sequence[str]) -> int:
    """Measure and print; returns 0 where every budget is met, 1 where one is missed, 2 where one cannot be measured."""
    options = _options(arguments)
    chosen = select(options.only)
    extent = QUICK if options.quick else Extent()
    signal.signal(signal.SIGTERM, _end)
    print(machine(), flush=True)
    try:
        if options.calibrate:
            print(calibrate.measure(extent.rounds))
            return 0
        with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder, display() as variables:
            measured = _measure(Laboratory(Path(folder), variables, extent), chosen)
    except BenchError as error:
        print(error, file=sys.stderr)
        return 2
    print(machine())
    print(table(chosen, measured))
    if options.json:
        found = {"machine": machine(), "budgets": {name: asdict(one) for name, one in measured.items()}}
        options.json.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
    return 1 if missed(chosen, measured) else 0


def select(names: Sequence[str]) -> list[Budget]:
    """The budgets called ``names``, all where there are none; exits with code 2 at an unknown one."""
    known = {budget.name: budget for budget in BUDGETS}
    if unknown := [name for name in names if name not in known]:
        print(f"Unknown budget {', '.join(unknown)}: choose from {', '.join(known)}.", file=sys.stderr)
        raise SystemExit(2)
    return [known[name] for name in names] if names else list(BUDGETS)


def machine() -> str:
    """What the figures were measured on, and what else it does: other programs' load makes all of them worse."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "PySide6-Essentials", "pyqtgraph"))
    return f"{platform.platform()}, {os.cpu_count()} cores{load}; Python {platform.python_version()}, {versions}"


def _end(number: int, frame: object) -> None:
    """End as after Ctrl-C, so that the measured processes and the display end, too."""
    raise KeyboardInterrupt


def _measure(laboratory: Laboratory, chosen: Sequence[Budget]) -> dict[str, Measurement]:
    names = {budget.name for budget in chosen}
    measured = {}
    for name, measurement in responses.MEASUREMENTS.items():
        if name in names:
            print(f"measuring {name}…", file=sys.stderr, flush=True)
            measured[name] = measurement(laboratory)
            print(table(select([name]), measured), file=sys.stderr, flush=True)
    if compared := names & set(RATES):
        print(f"measuring {', '.join(name for name in RATES if name in compared)}…", file=sys.stderr, flush=True)
        measured |= rates.measure(laboratory, compared)
    return measured


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="measure only these budgets")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every single figure here")
    parser.add_argument("--quick", action="store_true", help="try the bench itself; the figures mean nothing")
    parser.add_argument("--calibrate", action="store_true", help="instead, what the rule for torch's threads rests on")
    return parser.parse_args(arguments)
