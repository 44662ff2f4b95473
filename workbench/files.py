"""Files that are written whole or not at all."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from workbench.errors import FileError


def reason(error: OSError) -> str:
    """What the system says of ``error``, in lower case, without its number."""
    return (error.strerror or str(error)).lower()


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A new binary file that takes the place of ``path`` when the block ends without an error.

    The bytes go to a temporary file beside ``path``, reach the disk and are then renamed, so a
    reader sees the old file or the new one and a crash leaves the old one.

    Raises:
        FileError: the folder or file cannot be written. ``path`` is then as it was.
    """
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            yield cast(BinaryIO, file)
            file.flush()
            os.fsync(file.fileno())
        _take_usual_permissions(temporary, path)
        os.replace(temporary, path)
        temporary = None
        _sync_folder(path.parent)
    except OSError as error:
        raise FileError(f"Cannot write {path}: {reason(error)}. Choose a place you can write to.") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 to ``path``, whole or not at all. Raises FileError."""
    with replacing(path) as file:
        file.write(text.encode("utf-8"))


def copy(source: Path, target: Path) -> None:
    """Copy ``source`` to ``target``, whole or not at all.

    Raises:
        FileError: ``source`` cannot be read or ``target`` cannot be written.
    """
    try:
        opened = source.open("rb")
    except OSError as error:
        raise FileError(f"Cannot read {source}: {reason(error)}.") from error
    with opened, replacing(target) as file:
        shutil.copyfileobj(opened, file, 1 << 20)


def read_text(path: Path) -> str:
    """The UTF-8 text of ``path``.

    Raises:
        FileError: there is no such file, it cannot be read, or it is not UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise FileError(f"{path} is not a UTF-8 text file. Save it as UTF-8 and try again.") from error
    except OSError as error:
        raise FileError(f"Cannot read {path}: {reason(error)}.") from error


def make_folder(path: Path) -> Path:
    """``path``, made with its parents where missing. Raises FileError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"Cannot make the folder {path}: {reason(error)}. Choose a folder you can write to.") from error
    return path


def _take_usual_permissions(temporary: Path, path: Path) -> None:
    """Give the temporary file the mode of the file it replaces, or that of any new file."""
    if os.name != "posix":
        return
    if path.exists():
        mode = path.stat().st_mode & 0o777
    else:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    temporary.chmod(mode)


def _sync_folder(folder: Path) -> None:
    """Let the rename itself reach the disk, where the system can do that for a folder."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
