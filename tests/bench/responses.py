"""The budgets of the window itself: event loop, pixels, start, click, memory, redraw."""

import time
from collections.abc import Callable
from statistics import median

from tests.bench.measuring import Laboratory
from tests.bench.processes import Worker, settle
from tests.bench.report import Measurement
from tests.bench.window import CLOCK_VARIABLE

TITLES = {"lenet5": "LeNet-5, batch 4", "mlp": "MLP, batch 64", "digits": "digits, MLP, batch 16", "first": "LeNet-5"}


def lateness(laboratory: Laboratory) -> Measurement:
    """A precise 1-ms timer in the GUI thread, from the first event of a run on; every due tick counts."""
    found = {name: laboratory.scene(name, "event_loop", laboratory.extent.seconds) for name in ("lenet5", "digits")}
    figures = {figure: max(one[figure] for one in found.values()) for figure in ("p99", "max")}
    figures["training at"] = min(one["steps_per_second"] for one in found.values())
    notes = [
        f"{TITLES[name]}: {one['steps_per_second']:,.0f} steps/s, "
        f"p50 {one['p50']:.1f}, p99 {one['p99']:.1f}, p99.9 {one['p99.9']:.1f}, max {one['max']:.1f} ms"
        for name, one in found.items()
    ]
    return Measurement(figures, notes, found)


def pixel(laboratory: Laboratory) -> Measurement:
    """Each batch's end by the engine's clock, to the first painting of the loss plot that holds the batch."""
    clock = {CLOCK_VARIABLE: str(laboratory.folder / "engine-clock")}
    seconds = laboratory.extent.seconds
    found = {name: laboratory.scene(name, "pixel", seconds, **clock) for name in ("lenet5", "mlp")}
    notes = [
        f"{TITLES[name]}: {one['batches']:,} batches, "
        f"p50 {one['p50']:.0f}, p95 {one['p95']:.0f}, p99 {one['p99']:.0f}, max {one['max']:.0f} ms"
        for name, one in found.items()
    ]
    return Measurement({"p95": max(one["p95"] for one in found.values())}, notes, found)


def start(laboratory: Laboratory) -> Measurement:
    """``workbench gui`` from the start of its process to its first painted window; the first start warms the disk."""
    laboratory.open_next("first")
    seconds = []
    for repetition in range(laboratory.extent.repetitions + 1):
        before = time.perf_counter()
        worker = Worker("start", "tests.bench.start", [], laboratory.env())
        try:
            visible = worker.read()["visible"]
        finally:
            worker.close()
        if repetition:
            seconds.append(visible - before)
        settle()
    return Measurement({"median": median(seconds)}, [_seconds("starts", seconds)], {"seconds": seconds})


def click(laboratory: Laboratory) -> Measurement:
    """A click on Train to the first loss on the screen."""
    repetitions = laboratory.extent.repetitions
    found = {name: laboratory.scene(name, "click", repetitions) for name in ("digits", "first")}
    notes = [
        _seconds(f"{TITLES[name]}, {what}", one[what])
        for name, one in found.items()
        for what in ("received", "painted")
    ]
    return Measurement({"median": max(median(one["painted"]) for one in found.values())}, notes, found)


def memory(laboratory: Laboratory) -> Measurement:
    """The window's process after a million batches, each a point of the loss and of the learning rate."""
    found = laboratory.scene("first", "memory", laboratory.extent.points)
    moments = {"shown": "shown", "begun": "engine and data there", "plotted": f"{found['points']:,} batches plotted"}
    notes = [f"{text}: RSS {found[key]['rss']:.0f}, USS {found[key]['uss']:.0f} MB" for key, text in moments.items()]
    return Measurement({"RSS": found["plotted"]["rss"]}, notes, found)


def redraw(laboratory: Laboratory) -> Measurement:
    """Eight runs in the loss plot, each raw and smoothed, drawn after each grew by a point."""
    extent = laboratory.extent
    found = laboratory.scene("first", "redraw", 8, extent.curve_points, extent.redraws)
    width, height = found["pixels"]
    notes = [
        f"all curves grown: median {median(found['grown']):.1f}, longest {max(found['grown']):.1f} ms; "
        f"zoomed in or out: median {median(found['zoomed']):.1f} ms; {width}×{height} pixels"
    ]
    return Measurement({"median": max(median(found["grown"]), median(found["zoomed"]))}, notes, found)


def _seconds(title: str, values: list[float]) -> str:
    return f"{title}: median {median(values):.2f} s of " + ", ".join(f"{value:.2f}" for value in values)


MEASUREMENTS: dict[str, Callable[[Laboratory], Measurement]] = {
    measure.__name__: measure for measure in (lateness, pixel, start, click, memory, redraw)
}
