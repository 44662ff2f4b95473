"""The scenes played in the real window, each measuring one budget."""

import os
import threading
import time
from collections import deque
from pathlib import Path

import numpy as np
import psutil
from PySide6.QtCore import QTimer

from tests.bench.arithmetic import first_seen
from tests.bench.probes import LatenessProbe, PaintProbe
from tests.bench.processes import answer, requests
from tests.bench.stage import Stage, staged
from tests.bench.step_times import StepTimes
from tests.bench.window import CLOCK_VARIABLE
from workbench.gui.training import State
from workbench.runs.events import BatchBlock, EpochEnd, Event, RunStarted

BLOCK = 33
"""Steps in a block of made-up batches, as at 1,000 steps a second."""
EPOCH = 938


def steps() -> None:
    """Train in stretches of as many steps as are asked for, and hold still between them."""
    with staged() as stage:
        stage.begin()
        controls, threads = stage.window.controls, 0

        def note_threads(event: Event) -> None:
            nonlocal threads
            if isinstance(event, RunStarted):
                threads = event.threads

        stage.take = note_threads
        stage.train()
        # the next engine is being warmed meanwhile, which takes a core for seconds
        stage.wait(lambda: stage.window.engines.is_warm)
        stage.click(controls.pause)
        stage.wait(lambda: stage.window.training.state is State.PAUSED)
        answer({"ready": True, "threads": threads})
        asked: deque[dict[str, int] | None] = deque()
        threading.Thread(target=_listen, args=(asked,), daemon=True).start()
        while True:
            stage.wait(lambda: bool(asked), timeout=600)
            request = asked.popleft()
            if request is None:
                return
            wanted, times = request["steps"], StepTimes()
            stage.take = times.take
            stage.click(controls.pause)
            stage.wait(lambda times=times, wanted=wanted: times.steps >= wanted)
            stage.click(controls.pause)
            stage.wait(lambda: stage.window.training.state is State.PAUSED)
            answer(times.summary())


def _listen(asked: deque[dict[str, int] | None]) -> None:
    asked.extend(requests())
    asked.append(None)


def event_loop(seconds: float) -> None:
    """How late the event loop serves a timer from the run's start on, for ``seconds``; milliseconds."""
    with staged() as stage:
        stage.begin()
        probe, times = LatenessProbe(), StepTimes()

        def take(event: Event) -> None:
            if isinstance(event, RunStarted):
                probe.start()
            times.take(event)

        stage.take = take
        stage.train()
        stage.live(seconds)
        late = probe.stop() * 1000
        p50, p99, p999 = np.percentile(late, [50, 99, 99.9])
        answer({"p50": p50, "p99": p99, "p99.9": p999, "max": late.max(), **times.summary()})


def pixel(seconds: float) -> None:
    """From the end of each batch of a run to the first frame that shows it, over ``seconds``; milliseconds."""
    with staged() as stage:
        stage.begin()
        probe, blocks = PaintProbe(stage.window), []

        def take(event: Event) -> None:
            if isinstance(event, BatchBlock):
                blocks.append(event)

        stage.take = take
        stage.train()
        stage.live(seconds)
        frames, newest = probe.frames()
        stage.stop()
        clock_start = float(Path(os.environ[CLOCK_VARIABLE]).read_text(encoding="utf-8"))
        numbers = np.concatenate([np.arange(block.first_step, block.last_step + 1) for block in blocks])
        ends = np.concatenate([block.seconds for block in blocks]) + clock_start
        latency = first_seen(numbers, ends, frames, newest) * 1000
        p50, p95, p99 = np.percentile(latency, [50, 95, 99])
        answer({"p50": p50, "p95": p95, "p99": p99, "max": latency.max(), "batches": len(latency)})


def click(repetitions: float) -> None:
    """From a click on Train to the first loss, again and again with a warm engine; seconds."""
    with staged() as stage:
        stage.begin()
        probe, received, painted = PaintProbe(stage.window), [], []
        for _ in range(int(repetitions)):
            stage.wait(lambda: stage.window.engines.is_warm)
            stage.live(1.0)
            probe.restart()
            came: list[float] = []

            def take(event: Event, came: list[float] = came) -> None:
                if isinstance(event, BatchBlock):
                    came.append(time.perf_counter())

            stage.take = take
            start = time.perf_counter()
            stage.click(stage.window.controls.train)
            stage.wait(lambda: probe.newest > 0)
            received.append(came[0] - start)
            painted.append(probe.first_painted() - start)
            stage.stop()
        answer({"received": received, "painted": painted})


def memory(points: float) -> None:
    """The memory of the window's process before and after ``points`` batches of a run were plotted; megabytes."""
    with staged() as stage:
        sizes = {"shown": _memory()}
        stage.begin()
        sizes["begun"] = _memory()
        _plot(stage, int(points))
        stage.live(1.0)
        sizes["plotted"] = _memory()
        answer({**sizes, "points": stage.window.train_panel.plots.loss.point_count("bench", "training")})


def _memory() -> dict[str, float]:
    found = psutil.Process().memory_full_info()
    return {"rss": found.rss / 1e6, "uss": found.uss / 1e6}


def _plot(stage: Stage, points: int) -> None:
    """Feed the Train tab with a made-up run as the trainer would, the window living on meanwhile."""
    panel, generator = stage.window.train_panel, np.random.default_rng(0)
    stage.window.tabs.setCurrentWidget(panel)
    panel.begin("bench", "Bench", RunStarted("Bench", points // EPOCH + 1, EPOCH, 60_000, 10_000, 669_706, "cpu", 1))
    fed = 0

    def feed() -> None:
        nonlocal fed
        until = min(fed + 40 * BLOCK, points)
        while fed < until:
            count = min(BLOCK, until - fed, EPOCH - fed % EPOCH)
            numbers = np.arange(fed + 1, fed + 1 + count)
            losses = 2 / np.sqrt(numbers) + generator.exponential(0.1, count)
            panel.add("bench", BatchBlock(fed // EPOCH + 1, fed + 1, losses, np.full(count, 1e-3), numbers / 1000))
            fed += count
            if fed % EPOCH == 0:
                figures = {"val_accuracy": 1 - 1 / np.sqrt(fed)}
                panel.add("bench", EpochEnd(fed // EPOCH, fed, losses.mean(), losses.mean(), figures, 1e-3, 1.0))

    timer = QTimer(stage)
    timer.timeout.connect(feed)
    timer.start(5)
    stage.wait(lambda: fed >= points)
    timer.stop()


def redraw(curves: float, points: float, repetitions: float) -> None:
    """One more point for each of ``curves`` runs of ``points`` batches, then the loss plot drawn; milliseconds."""
    with staged() as stage:
        stage.window.add_train_panel()
        panel, generator = stage.window.train_panel, np.random.default_rng(0)
        plot, keys = panel.plots.loss, [f"run {number}" for number in range(int(curves))]
        stage.window.tabs.setCurrentWidget(panel)
        numbers = np.arange(1, int(points) + 1, dtype=np.float64)
        for index, key in enumerate(keys):
            losses = (2 + index / 4) / np.sqrt(numbers) + generator.exponential(0.1, len(numbers))
            rates = np.full(len(numbers), 1e-3)
            panel.show_run(key, key, index, (numbers, losses, rates, numbers / 1000), [], 64.0)
        stage.live(1.0)
        grown, zoomed = [], []
        for repetition in range(1, int(repetitions) + 1):
            for key in keys:
                plot.append(key, "training", len(numbers) + repetition, generator.exponential(0.1))
            grown.append(_drawing(stage))
            stage.live(0.01)
        for repetition in range(int(repetitions)):
            if repetition % 2:
                plot.fit()
            else:
                plot.box.zoom_asked.emit(0.5, len(numbers) / 2)
            zoomed.append(_drawing(stage))
            stage.live(0.01)
        size = plot.graphics.viewport().size().toTuple()
        answer({"grown": grown, "zoomed": zoomed, "pixels": size})


def _drawing(stage: Stage) -> float:
    """Milliseconds to draw the loss plot anew and to hand its pixels to the window system."""
    plot = stage.window.train_panel.plots.loss
    start = time.perf_counter()
    drawn = plot.refresh()
    plot.graphics.viewport().repaint()
    milliseconds = (time.perf_counter() - start) * 1000
    assert drawn, "the plot had nothing to draw"
    return milliseconds


SCENES = {scene.__name__: scene for scene in (steps, event_loop, pixel, click, memory, redraw)}
