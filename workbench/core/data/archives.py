"""Files out of tar archives, read as they come and never unpacked to the disk."""

import tarfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from workbench.core.data.idx import AGAIN
from workbench.core.progress import Progress
from workbench.errors import DataError
from workbench.files import reason


def read_members(path: Path, wanted: Collection[str], progress: Progress) -> dict[str, bytes]:
    """The contents of the files called ``wanted`` in a gzipped tar archive.

    Reads no further than the last of them, and tells how far it is in the archive's bytes.

    Raises:
        DataError: the archive is missing, unreadable or damaged, or lacks one of the files.
        Cancelled: ``progress`` said so.
    """
    found: dict[str, bytes] = {}
    try:
        with path.open("rb") as file:
            told = _Told(file, path, progress)
            with tarfile.open(fileobj=told, mode="r|gz") as archive:  # type: ignore[call-overload]
                for member in archive:
                    if member.name in wanted and (content := archive.extractfile(member)) is not None:
                        found[member.name] = content.read()
                        if len(found) == len(wanted):
                            break
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is damaged: it cannot be unpacked. {AGAIN}") from error
    except OSError as error:
        raise unreadable(path, error) from error
    for name in wanted:
        if name not in found:
            raise DataError(f"{path} lacks {name}: it is cut off or another archive. {AGAIN}")
    return found


def read_whole(path: Path) -> bytes:
    """The contents of a file. Raises DataError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> DataError:
    """What to say of a file that the system does not give."""
    return DataError(f"Cannot read {path}: {reason(error)}. Choose a file you can read, or get the dataset again.")


class _Told:
    """A file whose reading is told."""

    def __init__(self, file: BinaryIO, path: Path, progress: Progress) -> None:
        self._file = file
        self._stage = f"Decoding {path.name}"
        self._size = path.stat().st_size
        self._done = 0
        self._progress = progress

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer at the end."""
        self._progress(self._stage, self._done, self._size)
        content = self._file.read(size)
        self._done += len(content)
        return content
