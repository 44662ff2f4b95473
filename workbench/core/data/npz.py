"""Reads NumPy's .npz files without running what they may hold, and finds samples and targets by their names."""

import difflib
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import DataError
from workbench.files import reason
from workbench.spec.datasets.arrays import INPUT_NAMES, TARGET_NAMES, Arrays

Array = NDArray[Any]
_TRAIN_WORDS = ("", "train", "training")
_TEST_WORDS = ("val", "valid", "validation", "test")
_DAMAGED = (
    ValueError, EOFError, SyntaxError, KeyError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What numpy and zipfile raise for broken, encrypted and made-up files."""


def read_npz(dataset: Arrays) -> tuple[tuple[Array, Array], tuple[Array, Array] | None]:
    """Samples and targets outside the test part and in it, as they are in the file of ``dataset``.

    Raises:
        DataError: the file is missing, damaged or none of NumPy's, lacks an array, or holds Python objects.
    """
    path = Path(dataset.path)
    try:
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise DataError(f"{path} is no .npz file: choose one that numpy.savez has written.")
            with np.load(file, allow_pickle=False) as arrays:
                names = arrays.files
                inputs = _name(dataset.inputs, "inputs", INPUT_NAMES, _TRAIN_WORDS, names, path)
                targets = _name(dataset.targets, "targets", TARGET_NAMES, _TRAIN_WORDS, names, path)
                test_inputs = dataset.test_inputs or _find(INPUT_NAMES, _TEST_WORDS, names)
                test_targets = dataset.test_targets or _find(TARGET_NAMES, _TEST_WORDS, names)
                own = _read(arrays, inputs, path), _read(arrays, targets, path)
                if not (test_inputs and test_targets):
                    return own, None
                test_inputs = _name(test_inputs, "test_inputs", (), (), names, path)
                test_targets = _name(test_targets, "test_targets", (), (), names, path)
                return own, (_read(arrays, test_inputs, path), _read(arrays, test_targets, path))
    except FileNotFoundError as error:
        raise DataError(f"There is no file {path}: choose an .npz file.") from error
    except OSError as error:
        raise DataError(f"Cannot read {path}: {reason(error)}. Choose a file you can read.") from error
    except _DAMAGED as error:
        raise DataError(f"{path} is damaged: save it again with numpy.savez.") from error


def _name(given: str, field: str, usual: Sequence[str], words: Sequence[str], names: list[str], path: Path) -> str:
    """The name of the array that ``given`` asks for, or that is named like one of ``usual``. Raises DataError."""
    if given:
        if given in names:
            return given
        near = difflib.get_close_matches(given, names, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it has {_list(names)}."
        raise DataError(f"{path} has no array {given}, which dataset.{field} names; {hint}")
    found = _find(usual, words, names)
    if not found:
        raise DataError(
            f"{path} has no array named {', '.join(usual[:-1])} or {usual[-1]}, but {_list(names)}: name the right one "
            f"in dataset.{field}."
        )
    return found


def _find(usual: Sequence[str], words: Sequence[str], names: list[str]) -> str:
    """The first of ``names`` that is a usual name with one of ``words`` before or behind it; empty where none is."""
    plain = {name.lower().replace("_", "").replace("-", ""): name for name in reversed(names)}
    for word in words:
        for name in usual:
            for candidate in (name + word, word + name):
                if candidate in plain:
                    return plain[candidate]
    return ""


def _list(names: list[str]) -> str:
    shown = ", ".join(names[:10]) or "none"
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown


def _read(arrays: Any, name: str, path: Path) -> Array:
    try:
        array: Array = arrays[name]
    except MemoryError as error:
        raise DataError(
            f"The array {name} in {path} is larger than this computer's memory: make it smaller."
        ) from error
    except ValueError as error:
        if "allow_pickle" in str(error):
            raise DataError(
                f"The array {name} in {path} holds Python objects, which are not read because they can run programs: "
                "save plain numbers or texts."
            ) from error
        raise
    return array
