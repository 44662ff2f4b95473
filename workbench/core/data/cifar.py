"""Reads the batches of CIFAR-10 and CIFAR-100: pickles, of which nothing is run."""

import io
import pickle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.idx import AGAIN
from workbench.errors import DataError

PIXELS = 3 * 32 * 32


def decode_batch(content: bytes, where: str, label_key: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images ``(N, 3, 32, 32)`` and labels ``(N,)`` of one batch of the "Python version".

    The format (https://www.cs.toronto.edu/~kriz/cifar.html): a pickled dictionary with ``data``, a uint8 array
    ``(N, 3072)`` (the red, green and blue planes row by row), and a list of numbers under ``label_key``: ``labels`` or
    ``fine_labels``. Stand-ins take numpy's place while it is unpickled, so the file can make nothing but dictionaries,
    lists, numbers, texts and such arrays.

    Args:
        where: What sentences call the file.

    Raises:
        DataError: the content is damaged or not of this format.
    """
    try:
        batch = _Unpickler(io.BytesIO(content), encoding="bytes").load()
    except _FAULTS as error:
        raise DataError(f"{where} is damaged or not a batch of CIFAR: it cannot be unpickled. {AGAIN}") from error
    data, labels = (
        (batch.get(key) for key in (b"data", label_key.encode())) if isinstance(batch, dict) else (None, None)
    )
    if not isinstance(data, _Array) or not isinstance(labels, list):
        raise DataError(f"{where} is not a batch of CIFAR: it has no images with {label_key}. {AGAIN}")
    count = len(labels)
    if not data.is_uint8(count, PIXELS) or not all(type(label) is int and 0 <= label < 256 for label in labels):
        raise DataError(f"{where} is damaged: its images and labels do not fit together. {AGAIN}")
    images = np.frombuffer(data.content, np.uint8).reshape(count, 3, 32, 32)
    return images, np.array(labels, np.uint8)


class _Array:
    """Stands for a numpy array: takes its pickled state and makes nothing of it."""

    def __init__(self, *arguments: object) -> None:
        self._shape: object = None
        self._type: object = None
        self._is_fortran: object = None
        self.content: Any = b""

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _, self._shape, self._type, self._is_fortran, self.content = state

    def is_uint8(self, *shape: int) -> bool:
        """Whether this is a whole array of bytes of ``shape``, in row-major order."""
        return (
            self._shape == shape
            and isinstance(self._type, _Type)
            and self._type.code in (b"u1", "u1")
            and not self._is_fortran
            and isinstance(self.content, bytes)
            and len(self.content) == int(np.prod(shape))
        )


class _Type:
    """Stands for the type of a numpy array's elements."""

    def __init__(self, code: object, *arguments: object) -> None:
        self.code = code

    def __setstate__(self, state: object) -> None:
        """Byte order and the like, which bytes do not have."""


class _Unpickler(pickle.Unpickler):
    _STAND_INS = {  # noqa: RUF012
        ("numpy.core.multiarray", "_reconstruct"): _Array,
        ("numpy._core.multiarray", "_reconstruct"): _Array,
        ("numpy", "ndarray"): _Array,
        ("numpy", "dtype"): _Type,
    }

    def find_class(self, module: str, name: str) -> type:
        try:
            return self._STAND_INS[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed") from None


_FAULTS = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    TypeError,
    ValueError,
)
"""All that unpickling raises for damaged content."""
