"""Decoded datasets on disk: arrays that are mapped into memory instead of decoded again."""

import contextlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

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


def _mapped(home: Path) -> Arrays | None:
    """The arrays in ``home``; None where there are none or not all can be read."""
    if not home.exists():
        return None
    try:
        contents = json.loads((home / _CONTENTS).read_text(encoding="utf-8"))
        arrays = {name: np.lib.format.open_memmap(home / f"{name}.npy", mode="c") for name in contents}
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
    temporary = Path(tempfile.mkdtemp(prefix=f".{home.name}.", dir=home.parent))
    try:
        for name, array in arrays.items():
            np.save(temporary / f"{name}.npy", array, allow_pickle=False)
        (temporary / _CONTENTS).write_text(json.dumps(_contents(arrays)), encoding="utf-8")
        with contextlib.suppress(OSError):  # another process was faster: its arrays are the same
            os.replace(temporary, home)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _contents(arrays: Arrays) -> dict[str, str]:
    """The type and shape of each array, which tell a set that lost a part."""
    return {name: f"{array.dtype} {array.shape}" for name, array in arrays.items()}
