"""Downloads one file from the first mirror that gives the right bytes, and goes on where it was cut off."""

import contextlib
import hashlib
import math
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import requests
import urllib3

from workbench.core.progress import Progress
from workbench.errors import DataError, FileError
from workbench.files import make_folder, reason

PIECE = 1 << 16
CHECK_PIECE = 1 << 20
REPORT_EVERY = 0.05
"""Seconds between two reports of progress."""
RETRY_AFTER = 0.2
"""Seconds before a mirror that gave nothing new is asked again."""
BROKEN = (OSError, ValueError, urllib3.exceptions.HTTPError)
"""All that requests and urllib3 raise for trouble on the way and with addresses; a RequestException is an OSError."""


def download(
    urls: Sequence[str],
    target: Path,
    md5: str,
    progress: Progress,
    *,
    timeout: float = 20.0,
    attempts: int = 3,
) -> None:
    """Fetch one file over HTTP or HTTPS into ``target``, which appears whole and checked or not at all.

    The bytes are collected in ``target`` + ".part". It stays when the download is cancelled or
    fails on the way, and the next call goes on behind its last byte, from whichever mirror; bytes
    that do not fit the checksum are thrown away. Blocks the calling thread, and is cancelled
    between two pieces of data: at a silent server only after ``timeout``.

    Args:
        urls: The mirrors, in the order to try.
        target: Where to put the file; its folder is made. A file already there is replaced.
        md5: The MD5 checksum of the file, in hexadecimal.
        progress: Told the bytes so far and in all, at most about 20 times a second.
        timeout: Seconds without an answer or a byte after which a connection counts as broken.
        attempts: How often in a row a mirror may break off without one new byte.

    Raises:
        Cancelled: by ``progress``.
        DataError: no mirror gave the file.
        FileError: the folder or file cannot be written, or the disk is full.
    """
    make_folder(target.parent)
    part = _Part(target, md5, progress)
    if part.size() and part.is_right():
        part.finish()
        return
    failure: Exception | None = None
    failed = "no mirror is known"
    with requests.Session() as session:
        for url in urls:
            try:
                _fetch(session, url, part, timeout, attempts)
            except (_MirrorError, _BrokenError) as error:
                failure, failed = error, f"{_host(url)} {error}"
            else:
                part.finish()
                return
    raise DataError(
        f"Cannot download {target.name}: {failed}; check the network connection and try again, "
        f"or put the file into {target.parent}."
    ) from failure


class _MirrorError(Exception):
    """This mirror does not have the file; the text goes on after its name."""


class _BrokenError(Exception):
    """The connection broke, and another might hold; the text goes on after the mirror's name."""


class _Part:
    """The file that collects the bytes, and what is told of it.

    ``total`` is how many bytes it should have in the end, 0 while that is unknown.
    """

    def __init__(self, target: Path, md5: str, progress: Progress) -> None:
        self._target = target
        self._path = target.with_name(f"{target.name}.part")
        self._md5 = md5.lower()
        self._progress = progress
        self._reported = -math.inf
        self.total = 0

    def size(self) -> int:
        with self._on_disk():
            return self._path.stat().st_size if self._path.exists() else 0

    def drop(self) -> None:
        with self._on_disk():
            self._path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def writing(self, *, append: bool) -> Iterator[Callable[[bytes], None]]:
        """A function that writes the next bytes, behind those already there or in their place."""
        with self._on_disk():
            file = self._path.open("ab" if append else "wb")

        def write(piece: bytes) -> None:
            with self._on_disk():
                file.write(piece)

        try:
            yield write
        finally:
            with self._on_disk():
                file.close()

    def is_right(self) -> bool:
        """Whether the bytes so far are the whole file."""
        size = self.size()
        digest = hashlib.md5(usedforsecurity=False)
        with self._on_disk():
            file = self._path.open("rb")
        with file:
            while piece := self._read(file.read):
                digest.update(piece)
                self.report(size)
        return digest.hexdigest() == self._md5

    def finish(self) -> None:
        """Give the bytes the name of the target, once they have reached the disk."""
        self.total = self.size()
        self.report(self.total, now=True)
        with self._on_disk():
            # Windows syncs only files that are open for writing.
            with self._path.open("rb+") as file:
                os.fsync(file.fileno())
            os.replace(self._path, self._target)

    def report(self, done: int, *, now: bool = False) -> None:
        """Tell that ``done`` bytes are there, if the last report is long enough ago or it is to be told ``now``."""
        clock = time.monotonic()
        if now or clock - self._reported >= REPORT_EVERY:
            self._reported = clock
            self._progress(f"Downloading {self._target.name}", done, self.total)

    def _read(self, read: Callable[[int], bytes]) -> bytes:
        with self._on_disk():
            return read(CHECK_PIECE)

    @contextlib.contextmanager
    def _on_disk(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise FileError(
                f"Cannot write {self._target}: {reason(error)}. Make room there, or choose a folder you can write to."
            ) from error


def _fetch(session: requests.Session, url: str, part: _Part, timeout: float, attempts: int) -> None:
    """Fill ``part`` with the right bytes from one mirror."""
    began_elsewhere = part.size() > 0
    _fill(session, url, part, timeout, attempts)
    if part.is_right():
        return
    part.drop()
    if began_elsewhere:
        # The wrong bytes may be those of an earlier call or of another mirror.
        _fill(session, url, part, timeout, attempts)
        if part.is_right():
            return
        part.drop()
    raise _MirrorError("sent other bytes than the file should hold (wrong checksum)")


def _fill(session: requests.Session, url: str, part: _Part, timeout: float, attempts: int) -> None:
    """Bring ``part`` to its full length from one mirror, over as many connections as that takes."""
    furthest = failures = 0
    while True:
        start = part.size()
        part.report(start)
        try:
            with _answer(session, url, start, timeout) as response:
                extent = _extent(response, start)
                if extent is None:
                    # The bytes so far are no beginning of this file, or the server cannot go on behind them.
                    part.drop()
                    continue
                start, part.total = extent
                _store(response, part, start, timeout)
                return
        except _BrokenError:
            # A server without ranges begins anew each time: only what goes beyond is new.
            if part.size() > max(start, furthest):
                failures = 0
            else:
                failures += 1
                if failures >= attempts:
                    raise
                time.sleep(RETRY_AFTER)
            furthest = max(furthest, part.size())


def _answer(session: requests.Session, url: str, start: int, timeout: float) -> requests.Response:
    """The answer to a request for the bytes from ``start`` on, of which only the headers are read."""
    # Files that are .gz themselves must not be unpacked, nor packed again, on the way.
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        return session.get(url, headers=headers, stream=True, timeout=timeout)
    except BROKEN as error:
        if isinstance(error, ValueError):
            raise _MirrorError("is not an address of the web") from error
        if isinstance(error, requests.Timeout):
            raise _BrokenError(f"did not answer within {timeout:g} s") from error
        if isinstance(error, requests.exceptions.SSLError):
            raise _BrokenError("cannot be reached over a secure connection") from error
        raise _BrokenError("cannot be reached") from error


def _extent(response: requests.Response, start: int) -> tuple[int, int] | None:
    """At which byte the answer begins and how many the whole file has (0 if unknown).

    None if the server refuses to begin at ``start``.
    """
    match response.status_code:
        case requests.codes.ok:
            length = response.headers.get("Content-Length", "")
            return 0, int(length) if length.isdecimal() else 0
        case requests.codes.partial_content:
            given = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
            if given is not None and int(given[1]) == start:
                return start, 0 if given[2] == "*" else int(given[2])
            if start:
                return None
        case requests.codes.requested_range_not_satisfiable if start:
            return None
    raise _MirrorError(f"answered {response.status_code} {response.reason or ''}".rstrip())


def _store(response: requests.Response, part: _Part, start: int, timeout: float) -> None:
    """Write the answer's bytes to ``part`` from byte ``start`` on, as they arrive."""
    done = start
    with part.writing(append=start > 0) as write:
        while piece := _next_piece(response, done, timeout):
            write(piece)
            done += len(piece)
            part.report(done)
    if done < part.total:
        raise _BrokenError(f"broke off after {done:,} of {part.total:,} bytes")


def _next_piece(response: requests.Response, done: int, timeout: float) -> bytes:
    """The bytes of the answer that arrived after the first ``done`` of the file; none where it ends."""
    try:
        # read1 does not wait until a piece is full, so a slow server is heard and cancelled too.
        piece: bytes = response.raw.read1(PIECE, decode_content=False)
    except urllib3.exceptions.TimeoutError as error:
        raise _BrokenError(f"sent nothing for {timeout:g} s after {done:,} bytes") from error
    except BROKEN as error:
        raise _BrokenError(f"broke off after {done:,} bytes") from error
    return piece


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url
