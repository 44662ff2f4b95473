"""Decodes many image files at once into one array on disk. Imports no torch.

Threads and not processes: Pillow lets go of the interpreter while it decodes and resizes, so threads keep the cores
busy without the start and the pipes of processes.
"""

import io
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.image_decoding import Pixels, UnreadableImage, bombs_refused, decode_image
from workbench.core.progress import Progress

STAGE = "Decoding images"
MOST_THREADS = 16
REPORT_EVERY = 0.05
"""Seconds between two reports of progress, and so the longest time before a wish to cancel is heard."""
_AHEAD = 4
"""Images a thread may be ahead of the one that is written next."""

Decoded = NDArray[np.uint8] | str
"""The pixels of an image, or why there are none."""


def decode_images(
    paths: Sequence[str], pixels: Pixels, target: Path, progress: Progress, threads: int
) -> tuple[NDArray[np.int64], dict[int, str]]:
    """Decode ``paths`` into ``target``, an ``.npy`` file of uint8 ``(n, channels, height, width)`` in their order.

    Returns:
        The places in ``paths`` of the images that are in the file, int64 ``(n,)``, and for each other place why it
        could not be read, as the end of a sentence.

    Raises:
        Cancelled: by ``progress``, which hears ``STAGE`` and the number of files at least every ``REPORT_EVERY``.
        OSError: ``target`` cannot be written.
    """
    kept: list[int] = []
    reasons: dict[int, str] = {}
    shape = (pixels.channels, pixels.height, pixels.width)
    with target.open("wb") as file, bombs_refused():
        _write_header(file, (len(paths), *shape))
        for place, decoded in enumerate(_in_order(paths, pixels, progress, min(threads, MOST_THREADS))):
            if isinstance(decoded, str):
                reasons[place] = decoded
            else:
                file.write(decoded.tobytes())
                kept.append(place)
        file.seek(0)
        _write_header(file, (len(kept), *shape))
    return np.array(kept, np.int64), reasons


def _in_order(paths: Sequence[str], pixels: Pixels, progress: Progress, threads: int) -> Iterator[Decoded]:
    """What comes of each path, in their order, decoded ahead by a few."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="decode")
    waiting: deque[Future[Decoded]] = deque()
    told = -REPORT_EVERY
    try:
        for done in range(len(paths)):
            while len(waiting) < _AHEAD * threads and done + len(waiting) < len(paths):
                waiting.append(pool.submit(_decode, paths[done + len(waiting)], pixels))
            while True:
                if time.monotonic() - told >= REPORT_EVERY:
                    progress(STAGE, done, len(paths))
                    told = time.monotonic()
                try:
                    decoded = waiting[0].result(timeout=REPORT_EVERY)
                    break
                except NotYet:
                    continue
            waiting.popleft()
            yield decoded
        progress(STAGE, len(paths), len(paths))
    finally:
        # without waiting: a huge image takes seconds, and who cancels should not
        pool.shutdown(wait=False, cancel_futures=True)


def _decode(path: str, pixels: Pixels) -> Decoded:
    try:
        return decode_image(Path(path), pixels)
    except UnreadableImage as error:
        return str(error)


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    """The header of an ``.npy`` file, which numpy makes as long for any number of rows."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": shape})
    file.write(header.getvalue())
