"""Decoded datasets on disk: arrays that are mapped into memory instead of decoded again."""

import contextlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench import files
from workbench.errors import FileError

Arrays = Mapping[str, NDArray[np.generic]]
_CONTENTS = "contents.json"
_log = logging.getLogger(__name__)


def cached(folder: Path, key: str, decode: Callable[[], Arrays]) -> Arrays:
    """The arrays called ``key`` in ``folder``, mapped copy-on-write; made by ``decode`` where they are not there.

    ``key`` stands for the content and the way it is decoded, so what is there is never out of date. Where the folder
    cannot be written the arrays stay in memory.
    """
    home = folder / key
    if (arrays := _mapped(home)) is not None:
        return arrays
    arrays = decode()
    try:
        _store(arrays, home)
    except (OSError, FileError) as error:
        _log.info("The decoded dataset is not cached: %s", error)
        return arrays
    return _mapped(home) or arrays


def cached_on_disk(folder: Path, key: str, write: Callable[[Path], Sequence[str]]) -> Arrays:
    """As ``cached``, for arrays that need not fit into memory: ``write`` puts each as NAME.npy into the empty folder it
    is given, and returns the names.

    They are mapped for reading alone: a system promises no room for copies of more than its memory. What ``write``
    raises goes through, and nothing is left behind.

    Raises:
        FileError: the folder cannot be written, or the disk is full.
    """
    home = folder / key
    if (arrays := _mapped(home, "r")) is not None:
        return arrays
    files.make_folder(folder)
    try:
        with _new_folder(home) as temporary:
            names = write(temporary)
            arrays = {name: np.load(temporary / f"{name}.npy", mmap_mode="r") for name in names}
            (temporary / _CONTENTS).write_text(json.dumps(_contents(arrays)), encoding="utf-8")
            del arrays  # Windows renames no folder with a mapped file in it
    except OSError as error:
        raise FileError(
            f"Cannot write the decoded dataset to {folder}: {files.reason(error)}. Make room, or choose another folder "
            "with WORKBENCH_HOME."
        ) from error
    if (arrays := _mapped(home, "r")) is None:
        raise FileError(f"The decoded dataset in {home} is gone: start again.")
    return arrays


def _mapped(home: Path, mode: Literal["c", "r"] = "c") -> Arrays | None:
    """The arrays in ``home``; None where there are none or not all can be read."""
    if not home.exists():
        return None
    try:
        contents = json.loads((home / _CONTENTS).read_text(encoding="utf-8"))
        arrays = {name: np.lib.format.open_memmap(home / f"{name}.npy", mode=mode) for name in contents}
        if contents != _contents(arrays):
            raise ValueError("the arrays are not those that were stored")
        return arrays
    except (OSError, ValueError, EOFError) as error:
        _log.info("The cache in %s is damaged and made anew: %s", home, error)
        shutil.rmtree(home, ignore_errors=True)
        return None


def _store(arrays: Arrays, home: Path) -> None:
    """Write ``arrays`` so that ``home`` holds all of them or does not exist."""
    files.make_folder(home.parent)
    with _new_folder(home) as temporary:
        for name, array in arrays.items():
            np.save(temporary / f"{name}.npy", array, allow_pickle=False)
        (temporary / _CONTENTS).write_text(json.dumps(_contents(arrays)), encoding="utf-8")


@contextlib.contextmanager
def _new_folder(home: Path) -> Iterator[Path]:
    """A folder that becomes ``home`` when the block ends without an error."""
    temporary = Path(tempfile.mkdtemp(prefix=f".{home.name}.", dir=home.parent))
    try:
        yield temporary
        with contextlib.suppress(OSError):  # another process was faster: its arrays are the same
            os.replace(temporary, home)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _contents(arrays: Arrays) -> dict[str, str]:
    """The type and shape of each array, which tell a set that lost a part."""
    return {name: f"{array.dtype} {array.shape}" for name, array in arrays.items()}
