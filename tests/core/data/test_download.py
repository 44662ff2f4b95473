"""Downloads from a local server that also misbehaves."""

import contextlib
import gzip
import hashlib
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from workbench.core.data.download import download
from workbench.core.progress import Cancelled, silent
from workbench.errors import DataError, FileError

CONTENT = gzip.compress(np.random.default_rng(0).bytes(200_000), mtime=0)
SIZE = len(CONTENT)
HALF = SIZE // 2
MD5 = hashlib.md5(CONTENT).hexdigest()
OTHER = bytes(SIZE)


class Answer(BaseHTTPRequestHandler):
    """One request; the first part of its path says how the server behaves."""

    server: "Mirror"

    def do_GET(self) -> None:
        self.server.requests.append((self.path.strip("/"), self.headers.get("Range")))
        self.server.encodings.append(self.headers.get("Accept-Encoding"))
        behaviour, _, argument = self.path.strip("/").partition("/")
        getattr(self, f"be_{behaviour}")(*[int(number) for number in argument.split("/") if number])

    def start(self, *, ranges: bool = True, content: bytes = CONTENT, extra: tuple[str, str] | None = None) -> bytes:
        """Send the headers; the bytes that should follow."""
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", "")) if ranges else None
        first = int(asked[1]) if asked else 0
        if first >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.end_headers()
            return b""
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(content) - first))
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        if extra:
            self.send_header(*extra)
        self.end_headers()
        return content[first:]

    def send(self, content: bytes) -> None:
        self.wfile.write(content)
        self.server.served += len(content)

    def be_good(self) -> None:
        self.send(self.start())

    def be_moved(self) -> None:
        self.send_response(302)
        self.send_header("Location", "/good")
        self.end_headers()

    def be_packed(self) -> None:
        """As servers do that take the file's own gzip for one they put around it."""
        self.send(self.start(extra=("Content-Encoding", "gzip")))

    def be_rangeless(self) -> None:
        self.send(self.start(ranges=False))

    def be_unmeasured(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.send(CONTENT)

    def be_error(self, status: int) -> None:
        self.send_error(status)

    def be_wrong(self) -> None:
        self.send(self.start(content=OTHER))

    def be_cut(self, length: int) -> None:
        """Send at most ``length`` bytes a connection."""
        self.send(self.start()[:length])

    def be_cut_in_turn(self, length: int) -> None:
        """Send nothing on one connection and at most ``length`` bytes on the next."""
        self.send(self.start()[: length * (1 - len(self.server.requests) % 2)])

    def be_cut_rangeless(self, length: int) -> None:
        self.send(self.start(ranges=False)[:length])

    def be_cut_unranged(self, length: int) -> None:
        """Cut the connection, and then refuse to go on."""
        if self.headers.get("Range"):
            self.send_error(416)
        else:
            self.send(self.start()[: length * len(self.server.requests)])

    def be_shifted(self) -> None:
        """Answer with another range than the one asked for."""
        if self.headers.get("Range"):
            self.send_response(206)
            self.send_header("Content-Range", f"bytes 7-{SIZE - 1}/{SIZE}")
            self.end_headers()
        else:
            self.send(self.start())

    def be_limited(self, length: int) -> None:
        """Give ranges of ``length`` bytes, whole but shorter than asked, as some caches do."""
        first = int(self.headers.get("Range", "bytes=0-")[6:-1])
        piece = CONTENT[first : first + length]
        self.send_response(206)
        self.send_header("Content-Length", str(len(piece)))
        self.send_header("Content-Range", f"bytes {first}-{first + len(piece) - 1}/{SIZE}")
        self.end_headers()
        self.send(piece)

    def be_silent(self) -> None:
        self.server.closing.wait()

    def be_stalled(self) -> None:
        """Send the first half and then, asked again too, nothing more."""
        content = self.start()
        self.send(b"" if self.headers.get("Range") else content[:HALF])
        self.server.closing.wait()

    def be_slow(self, pieces: int) -> None:
        content = self.start()
        length = -(-len(content) // pieces)
        for at in range(0, len(content), length):
            self.send(content[at : at + length])
            if self.server.closing.wait(0.02):
                return

    def log_message(self, format: str, *args: object) -> None:
        pass


class Mirror(ThreadingHTTPServer):
    """A server that keeps account."""

    daemon_threads = False  # server_close() then waits for them

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.requests: list[tuple[str, str | None]] = []
        self.encodings: list[str | None] = []
        self.served = 0
        self.closing = threading.Event()

    def url(self, behaviour: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{behaviour}"

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            raise


class Reports:
    """A Progress that keeps what it is told, and cancels from ``cancel_at`` bytes on."""

    def __init__(self, cancel_at: float = float("inf")) -> None:
        self.stages: set[str] = set()
        self.told: list[tuple[int, int]] = []
        self.cancel_at = cancel_at
        self.cancelled_at = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        self.stages.add(stage)
        self.told.append((done, total))
        if done >= self.cancel_at:
            self.cancelled_at = time.monotonic()
            raise Cancelled


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    before = threading.active_count()
    with Mirror() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.closing.set()
        server.shutdown()
        thread.join()
    assert threading.active_count() == before


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "data" / "FashionMNIST" / "train-images-idx3-ubyte.gz"


@pytest.fixture
def part(target: Path) -> Path:
    target.parent.mkdir(parents=True)
    return target.with_name("train-images-idx3-ubyte.gz.part")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fail(urls: list[str], target: Path, *, timeout: float = 5.0, attempts: int = 2) -> str:
    with pytest.raises(DataError) as raised:
        download(urls, target, MD5, silent, timeout=timeout, attempts=attempts)
    assert not target.exists()
    return str(raised.value)


def advice(target: Path) -> str:
    return f"; check the network connection and try again, or put the file into {target.parent}."


def test_a_file_arrives_whole_and_alone(mirror: Mirror, target: Path) -> None:
    reports = Reports()
    download([mirror.url("good")], target, MD5.upper(), reports)
    assert target.read_bytes() == CONTENT
    assert files(target.parent) == [target.name]
    assert mirror.requests == [("good", None)]
    assert mirror.encodings == ["identity"]
    assert reports.stages == {"Downloading train-images-idx3-ubyte.gz"}
    assert reports.told[0] == (0, 0)
    assert reports.told[-1] == (SIZE, SIZE)


def test_a_file_already_there_is_replaced(mirror: Mirror, target: Path, part: Path) -> None:
    target.write_bytes(b"old")
    download([mirror.url("good")], target, MD5, silent)
    assert target.read_bytes() == CONTENT


@pytest.mark.parametrize("behaviour", ["moved", "packed", "unmeasured", "rangeless"])
def test_servers_differ_in_harmless_ways(behaviour: str, mirror: Mirror, target: Path) -> None:
    download([mirror.url(behaviour)], target, MD5, silent)
    assert target.read_bytes() == CONTENT
    assert mirror.served == SIZE


@pytest.mark.parametrize("behaviour", ["error/404", "error/500", "wrong", "cut/0"])
def test_the_second_mirror_helps_where_the_first_fails(behaviour: str, mirror: Mirror, target: Path) -> None:
    download([mirror.url(behaviour), mirror.url("good")], target, MD5, silent, attempts=1)
    assert target.read_bytes() == CONTENT
    assert mirror.requests == [(behaviour, None), ("good", None)]


def test_the_second_mirror_goes_on_where_the_first_was_cut(mirror: Mirror, target: Path) -> None:
    download([mirror.url("stalled"), mirror.url("good")], target, MD5, silent, timeout=0.3, attempts=1)
    assert target.read_bytes() == CONTENT
    assert mirror.requests[-1] == ("good", f"bytes={HALF}-")
    assert mirror.served == SIZE


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ("error/404", "answered 404 Not Found"),
        ("error/500", "answered 500 Internal Server Error"),
        ("error/416", "answered 416 Requested Range Not Satisfiable"),
        ("wrong", "sent other bytes than the file should hold (wrong checksum)"),
        ("cut/0", "broke off after 0 bytes"),
    ],
)
def test_a_failure_is_one_sentence(behaviour: str, reason: str, mirror: Mirror, target: Path) -> None:
    sentence = fail([mirror.url(behaviour)], target)
    assert sentence == f"Cannot download {target.name}: 127.0.0.1 {reason}{advice(target)}"


def test_the_last_mirror_is_the_one_that_is_named(mirror: Mirror, target: Path) -> None:
    assert "127.0.0.1 answered 500" in fail([mirror.url("error/404"), mirror.url("error/500")], target)
    assert "127.0.0.1 answered 404" in fail([mirror.url("error/500"), mirror.url("error/404")], target)


def test_wrong_bytes_leave_nothing_behind(mirror: Mirror, target: Path) -> None:
    fail([mirror.url("wrong")], target)
    assert files(target.parent) == []


def test_a_cut_connection_is_taken_up_behind_the_last_byte(mirror: Mirror, target: Path) -> None:
    download([mirror.url("cut/80000")], target, MD5, silent, attempts=1)
    assert target.read_bytes() == CONTENT
    assert mirror.requests == [("cut/80000", None), ("cut/80000", "bytes=80000-"), ("cut/80000", "bytes=160000-")]
    assert mirror.served == SIZE


def test_ranges_shorter_than_asked_are_put_together(mirror: Mirror, target: Path) -> None:
    download([mirror.url("limited/80000")], target, MD5, silent, attempts=1)
    assert target.read_bytes() == CONTENT
    assert [asked for _, asked in mirror.requests] == [None, "bytes=80000-", "bytes=160000-"]


def test_attempts_count_anew_after_every_new_byte(mirror: Mirror, target: Path) -> None:
    download([mirror.url("cut_in_turn/110000")], target, MD5, silent, attempts=2)
    assert target.read_bytes() == CONTENT
    assert [asked for _, asked in mirror.requests] == [None, None, "bytes=110000-", "bytes=110000-"]


def test_a_server_without_ranges_is_asked_only_so_often(mirror: Mirror, target: Path) -> None:
    sentence = fail([mirror.url("cut_rangeless/80000")], target, attempts=2)
    assert "127.0.0.1 broke off after 80,000 bytes" in sentence
    # The first one brought 80,000 new bytes, the next two none.
    assert len(mirror.requests) == 3


def test_a_server_that_refuses_ranges_is_begun_anew(mirror: Mirror, target: Path) -> None:
    download([mirror.url("cut_unranged/80000")], target, MD5, silent, attempts=1)
    assert target.read_bytes() == CONTENT
    assert [asked for _, asked in mirror.requests] == [None, "bytes=80000-", None]


@pytest.mark.parametrize("behaviour", ["rangeless", "shifted"])
def test_bytes_from_another_place_are_not_appended(behaviour: str, mirror: Mirror, target: Path, part: Path) -> None:
    part.write_bytes(CONTENT[:HALF])
    download([mirror.url(behaviour)], target, MD5, silent)
    assert target.read_bytes() == CONTENT
    assert mirror.requests[0] == (behaviour, f"bytes={HALF}-")


def test_a_stale_part_longer_than_the_file_is_thrown_away(mirror: Mirror, target: Path, part: Path) -> None:
    part.write_bytes(CONTENT + b"more")
    download([mirror.url("good")], target, MD5, silent)
    assert target.read_bytes() == CONTENT
    assert mirror.requests == [("good", f"bytes={SIZE + 4}-"), ("good", None)]


def test_a_stale_part_of_another_file_does_not_spoil_a_good_mirror(mirror: Mirror, target: Path, part: Path) -> None:
    part.write_bytes(OTHER[:HALF])
    download([mirror.url("good")], target, MD5, silent)
    assert target.read_bytes() == CONTENT
    assert mirror.requests == [("good", f"bytes={HALF}-"), ("good", None)]


def test_a_stale_part_and_a_wrong_mirror_leave_nothing_behind(mirror: Mirror, target: Path, part: Path) -> None:
    part.write_bytes(OTHER[:HALF])
    assert "(wrong checksum)" in fail([mirror.url("wrong")], target)
    assert files(target.parent) == []


def test_a_whole_part_needs_no_network(mirror: Mirror, target: Path, part: Path) -> None:
    part.write_bytes(CONTENT)
    reports = Reports()
    download([mirror.url("good")], target, MD5, reports)
    assert files(target.parent) == [target.name]
    assert mirror.requests == []
    assert reports.told[-1] == (SIZE, SIZE)


def test_a_slow_server_is_heard_all_the_way(mirror: Mirror, target: Path) -> None:
    reports = Reports()
    began = time.monotonic()
    download([mirror.url("slow/20")], target, MD5, reports)
    seconds = time.monotonic() - began
    on_the_way = [done for done, total in reports.told if 0 < done < SIZE and total == SIZE]
    assert len(on_the_way) >= 4
    assert on_the_way == sorted(on_the_way)
    assert len(reports.told) <= seconds / 0.05 + 2


def test_a_cancelled_download_ends_at_once_and_goes_on_later(mirror: Mirror, target: Path) -> None:
    reports = Reports(cancel_at=1)
    with pytest.raises(Cancelled):
        download([mirror.url("slow/1000")], target, MD5, reports)
    assert time.monotonic() - reports.cancelled_at < 0.5
    assert files(target.parent) == [f"{target.name}.part"]
    kept = target.with_name(f"{target.name}.part").read_bytes()
    assert kept
    assert len(kept) < HALF
    assert kept == CONTENT[: len(kept)]

    again = Reports()
    download([mirror.url("good")], target, MD5, again)
    assert mirror.requests[-1] == ("good", f"bytes={len(kept)}-")
    assert again.told[0] == (len(kept), 0)
    assert again.told[-1] == (SIZE, SIZE)
    assert target.read_bytes() == CONTENT
    assert files(target.parent) == [target.name]


def test_a_download_cancelled_at_its_last_byte_is_not_asked_for_again(mirror: Mirror, target: Path) -> None:
    with pytest.raises(Cancelled):
        download([mirror.url("good")], target, MD5, Reports(cancel_at=SIZE))
    assert not target.exists()
    download([mirror.url("good")], target, MD5, silent)
    assert target.read_bytes() == CONTENT
    assert len(mirror.requests) == 1


def test_a_silent_server_is_given_up(mirror: Mirror, target: Path) -> None:
    sentence = fail([mirror.url("silent")], target, timeout=0.1, attempts=2)
    assert sentence == f"Cannot download {target.name}: 127.0.0.1 did not answer within 0.1 s{advice(target)}"
    assert len(mirror.requests) == 2


def test_a_server_that_falls_silent_is_given_up_and_its_bytes_are_kept(mirror: Mirror, target: Path) -> None:
    sentence = fail([mirror.url("stalled")], target, timeout=0.3, attempts=1)
    assert f"127.0.0.1 sent nothing for 0.3 s after {HALF:,} bytes" in sentence
    assert target.with_name(f"{target.name}.part").read_bytes() == CONTENT[:HALF]


def test_a_server_that_is_not_there_cannot_be_reached(target: Path) -> None:
    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        sentence = fail([f"http://127.0.0.1:{taken.getsockname()[1]}/file"], target)
    assert sentence == f"Cannot download {target.name}: 127.0.0.1 cannot be reached{advice(target)}"


def test_a_server_without_encryption_is_not_reached_over_https(mirror: Mirror, target: Path) -> None:
    sentence = fail([mirror.url("good").replace("http:", "https:")], target)
    assert "127.0.0.1 cannot be reached over a secure connection; check" in sentence


@pytest.mark.parametrize("url", ["nonsense", "ftp://127.0.0.1/file", "http://[::1/file", "http://a..b/file"])
def test_an_address_that_cannot_be_asked_is_named(url: str, target: Path) -> None:
    assert re.search(r": \S+ is not an address of the web; check", fail([url], target))


def test_without_a_mirror_the_file_can_only_be_put_there(target: Path) -> None:
    assert fail([], target) == f"Cannot download {target.name}: no mirror is known{advice(target)}"


def test_a_file_in_place_of_the_folder_is_named(mirror: Mirror, target: Path) -> None:
    target.parent.parent.mkdir()
    target.parent.write_bytes(b"")
    with pytest.raises(FileError, match=r"Cannot make the folder .*FashionMNIST: .*Choose a folder you can write to"):
        download([mirror.url("good")], target, MD5, silent)
    assert mirror.requests == []


def test_a_part_that_cannot_be_written_is_named(mirror: Mirror, target: Path, part: Path) -> None:
    part.mkdir()
    with pytest.raises(FileError, match=r"Cannot write .*ubyte\.gz: .*choose a folder you can write to\."):
        download([mirror.url("good")], target, MD5, silent)


def test_a_folder_in_place_of_the_file_is_named(mirror: Mirror, target: Path) -> None:
    target.mkdir(parents=True)
    with pytest.raises(FileError, match=r"Cannot write .*ubyte\.gz: "):
        download([mirror.url("good")], target, MD5, silent)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_named(mirror: Mirror, target: Path, part: Path) -> None:
    part.symlink_to("/dev/full")
    with pytest.raises(FileError, match=r"Cannot write .*ubyte\.gz: no space left on device\. Make room there"):
        download([mirror.url("good")], target, MD5, silent)
