"""Steps a second of the same training by four programs in turn: bare loop, headless, window, tutorial.

All of them are started and warm. Then each does a stretch while the others hold still, round after round, so that what
slows the computer down for a while slows all of them, and ratios are taken round by round.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from statistics import median

from tests.bench.arithmetic import paired_ratio
from tests.bench.measuring import Laboratory
from tests.bench.processes import Worker, settle
from tests.bench.report import Measurement

LABELS = {"mlp": "MLP, batch 64", "lenet5": "LeNet-5, batch 4"}
MOMENTUM = {"mlp": 0.0, "lenet5": 0.9}
BATCH = {"mlp": 64, "lenet5": 4}
BARE = ("bare", "bare, our spin count")
"""The bare loop with torch's default threading, and with the spin count that the program sets."""
ALL_CORES = "bare, a thread a core"
"""The bare loop with as many threads as torch takes by itself: what no program around it can surpass by much."""


@dataclass
class Rates:
    """What the rounds gave; all lists of one length."""

    threads: int = 0
    steps_per_second: dict[str, list[float]] = field(default_factory=dict)
    """By the name of the loop."""
    epochs: list[tuple[float, float]] = field(default_factory=list)
    """Seconds of the tutorial's epoch and of the window's, where both were measured."""

    def ratio(self, over: str, under: str) -> float:
        return paired_ratio(self.steps_per_second[over], self.steps_per_second[under])

    def line(self) -> str:
        """The medians, for people."""
        medians = ", ".join(f"{name} {median(rates):,.0f}" for name, rates in self.steps_per_second.items())
        return f"{medians} steps/s; {self.threads} threads"

    @property
    def fastest_bare(self) -> str:
        """The faster of the two bare loops."""
        return max(BARE, key=lambda name: median(self.steps_per_second[name]))


def measure(laboratory: Laboratory, names: set[str]) -> dict[str, Measurement]:
    """The budgets ``headless``, ``window`` and ``tutorial``, as far as ``names`` has them."""
    rates = {}
    for model in LABELS:
        if model == "mlp" or names & {"headless", "window"}:
            rates[model] = _rates(laboratory, model, names)
    found = {}
    for name, summary in (("headless", _headless), ("window", _window), ("tutorial", _tutorial)):
        if name in names:
            found[name] = summary(rates)
    return found


def _rates(laboratory: Laboratory, model: str, names: set[str]) -> Rates:
    rates = Rates()
    for _ in range(laboratory.extent.starts):
        with ExitStack() as stack:
            workers = []
            for worker in _workers(laboratory, model, names, rates):
                stack.callback(worker.close)
                workers.append(worker)
            for number in range(laboratory.extent.rounds):
                ordered = workers if number % 2 == 0 else workers[::-1]
                _round(ordered, laboratory.steps(model), rates)
    return rates


def _workers(laboratory: Laboratory, model: str, names: set[str], rates: Rates) -> Iterator[Worker]:
    """The processes, started one after the other, each ready."""
    experiment = [str(laboratory.file(model))]
    headless = Worker("headless", "tests.bench.headless_loop", experiment, laboratory.env())
    yield headless
    rates.threads = headless.read()["threads"]
    if "headless" in names:
        arguments = [model, "--data", str(laboratory.fashion_mnist), "--batch-size", str(BATCH[model])]
        arguments += ["--momentum", str(MOMENTUM[model]), "--threads", str(rates.threads)]
        for name, changes in zip(BARE, ({}, {"GOMP_SPINCOUNT": "2000"}), strict=True):
            bare = Worker(name, "tests.bench.bare_loop", arguments, laboratory.env(**changes))
            yield bare
            bare.read()
        if model == "mlp":
            unlimited = [*arguments[:-1], "0"]
            bare = Worker(ALL_CORES, "tests.bench.bare_loop", unlimited, laboratory.env())
            yield bare
            bare.read()
        loop = Worker("loop alone", "tests.bench.headless_loop", [*experiment, "--unrecorded"], laboratory.env())
        yield loop
        loop.read()
    if names & {"window", "tutorial"}:
        laboratory.open_next(model)
        window = Worker("window", "tests.bench.window", ["steps"], laboratory.env())
        yield window
        window.read()
    if model == "mlp" and names & {"headless", "tutorial"}:
        root = str(laboratory.unpacked_fashion_mnist())
        tutorial = Worker("tutorial", "tests.bench.tutorial_loop", [root], laboratory.env())
        yield tutorial
        tutorial.read()


def _round(workers: list[Worker], steps: int, rates: Rates) -> None:
    """One stretch of each."""
    tutorial, ours = 0.0, []
    for worker in workers:
        answer = worker.ask(steps=steps)
        rates.steps_per_second.setdefault(worker.name, []).append(answer["steps_per_second"])
        if worker.name == "tutorial":
            tutorial = answer["epoch_seconds"]
        elif worker.name == "window":
            ours = answer["epoch_seconds"]
        settle(0.1)
    if tutorial and ours:
        rates.epochs.append((tutorial, median(ours)))


def _headless(rates: dict[str, Rates]) -> Measurement:
    notes = []
    for model, found in rates.items():
        notes.append(f"{LABELS[model]}: {found.line()}")
        pairs = [("headless", name) for name in BARE] + [("loop alone", found.fastest_bare)]
        if model == "mlp":
            pairs += [("headless", "tutorial"), (ALL_CORES, "tutorial")]
        ratios = (f"{over} ÷ {under} {found.ratio(over, under):.3f}" for over, under in pairs)
        notes.append(f"{LABELS[model]}: " + ", ".join(ratios))
    figures = {LABELS[model]: found.ratio("headless", found.fastest_bare) for model, found in rates.items()}
    return Measurement(figures, notes, _details(rates))


def _window(rates: dict[str, Rates]) -> Measurement:
    figures = {LABELS[model]: found.ratio("window", "headless") for model, found in rates.items()}
    notes = []
    for model, found in rates.items():
        notes.append(f"{LABELS[model]}: {found.line()}")
        if "loop alone" in found.steps_per_second:
            notes.append(f"{LABELS[model]}: window ÷ loop alone {found.ratio('window', 'loop alone'):.3f}")
    return Measurement(figures, notes, _details(rates))


def _tutorial(rates: dict[str, Rates]) -> Measurement:
    found = rates["mlp"]
    ratio = paired_ratio(*zip(*found.epochs, strict=True)) if found.epochs else float("nan")
    tutorial, ours = (median(column) for column in zip(*found.epochs, strict=True)) if found.epochs else (0.0, 0.0)
    notes = [
        f"an epoch with its validation: tutorial {tutorial:.2f} s, ours {ours:.2f} s",
        f"training alone, by steps/s: {found.ratio('window', 'tutorial'):.2f}",
    ]
    return Measurement({LABELS["mlp"]: ratio}, notes, {"epochs": found.epochs})


def _details(rates: dict[str, Rates]) -> dict[str, dict[str, list[float]]]:
    return {model: found.steps_per_second for model, found in rates.items()}
