"""Inside an engine: when the clock of its run started, on the clock that all processes share.

A block of batches tells the run's seconds at each batch's end. On Linux, macOS and Windows ``time.perf_counter`` is
one clock for all processes, so the start of the run's clock turns them into times that the window can compare with.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.engine import child
from workbench.runs.events import BatchBlock, Event, RunEnded


def install(path: str) -> None:
    """Watch the events of this engine's run and leave the start of its clock in the file ``path``.

    A block's last batch ended just before the block is told; the shortest such time over all blocks, some tens of
    microseconds, is how much too late the start is taken. The run must not be paused.
    """
    train = child.train

    def watched(*arguments: Any, **options: Any) -> Iterator[Event]:
        events = train(*arguments, **options)
        start = float("inf")
        try:
            for event in events:
                if isinstance(event, BatchBlock):
                    start = min(start, time.perf_counter() - float(event.seconds[-1]))
                elif isinstance(event, RunEnded):
                    Path(path).write_text(repr(start), encoding="utf-8")
                yield event
        finally:
            events.close()

    child.train = watched
