"""Reads IDX files, the format of the MNIST family, and names the cache of what was decoded from files."""

import contextlib
import gzip
import hashlib
import io
import math
import sys
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np

from workbench.errors import DataError
from workbench.files import reason

GZIP_MAGIC = b"\x1f\x8b"
Element = Literal["uint8", "int32"]
ELEMENT_TYPES = {0x08: "uint8", 0x09: "int8", 0x0B: "int16", 0x0C: "int32", 0x0D: "float32", 0x0E: "float64"}
MAX_DIMENSIONS = 32
"""More than any real file has, and what every numpy can hold."""
PIECE = 1 << 20
AGAIN = "Delete it and get the dataset again."
_MENDING = {"uint8": "Save it again with whole numbers from 0 to 255.", "int32": AGAIN}


def read_idx(path: Path, element: Element = "uint8") -> np.ndarray:
    """The values of an IDX file, plain or packed with gzip (told by its content, not by its name).

    The format (http://yann.lecun.com/exdb/mnist): two zero bytes, the element type, the number of
    dimensions, each dimension as a big-endian 32-bit integer, then the values in row-major order.
    Memory grows with the bytes that are really there, never with what a damaged header promises.

    Returns:
        Of type ``element``, in the computer's byte order, and of the shape in the header, such as ``(N, 28, 28)`` for
        images and ``(N,)`` for labels; C-contiguous, writable, shared with nobody.

    Raises:
        DataError: the file is missing, unreadable, damaged or not of this format.
    """
    try:
        with path.open("rb") as file:
            return decode_idx(file, str(path), element)
    except OSError as error:
        raise _unreadable(path, error) from error


def decode_idx(file: io.BufferedReader | io.BytesIO, where: str, element: Element = "uint8") -> np.ndarray:
    """As ``read_idx``, from an open file, which sentences call ``where``. Raises DataError, and OSError of the disk."""
    packed = file.read(2) == GZIP_MAGIC
    file.seek(0)
    try:
        with gzip.GzipFile(fileobj=file) if packed else contextlib.nullcontext(file) as stream:
            return _decode(stream, where, element)
    except EOFError as error:
        raise DataError(f"{where} is truncated: its gzip data breaks off. {AGAIN}") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{where} is damaged: its gzip data cannot be unpacked. {AGAIN}") from error


def content_key(paths: Iterable[Path], settings: str) -> str:
    """The name under which what was decoded from files is cached: 32 hexadecimal digits.

    It is the BLAKE2b hash (16 bytes) of the contents of ``paths``, in their order, and of
    ``settings``, which says how they are decoded. Names and dates of the files do not count. It
    takes about 1 ms a megabyte.

    Raises:
        DataError: a file is missing or cannot be read.
    """
    # A hash of hashes: each has the same length, so bytes cannot move from one file to the next unnoticed.
    key = hashlib.blake2b(hashlib.blake2b(settings.encode()).digest(), digest_size=16)
    for path in paths:
        try:
            with path.open("rb") as file:
                key.update(hashlib.file_digest(file, hashlib.blake2b).digest())
        except OSError as error:
            raise _unreadable(path, error) from error
    return key.hexdigest()


def _decode(stream: io.BufferedIOBase, path: str, element: Element) -> np.ndarray:
    magic, _ = _read(stream, 4)
    if any(magic[:2]):
        raise DataError(f"{path} is not an IDX file: it does not begin with two zero bytes. {AGAIN}")
    if len(magic) < 4:
        raise DataError(f"{path} is truncated: it ends inside its header. {AGAIN}")
    element_type, dimensions = magic[2:]
    if element_type not in ELEMENT_TYPES or not 1 <= dimensions <= MAX_DIMENSIONS:
        raise DataError(
            f"{path} is not an IDX file, or a damaged one: its header names element type {element_type} "
            f"and {dimensions} dimensions. {AGAIN}"
        )
    if ELEMENT_TYPES[element_type] != element:
        raise DataError(
            f"{path} holds {ELEMENT_TYPES[element_type]} values, and only {element} can be read. {_MENDING[element]}"
        )
    sizes, _ = _read(stream, 4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise DataError(f"{path} is truncated: it ends inside its header. {AGAIN}")
    shape = tuple(int.from_bytes(sizes[at : at + 4], "big") for at in range(0, len(sizes), 4))
    # numpy multiplies the dimensions without the zeros to see whether it can address such an array.
    if math.prod(max(1, size) for size in shape) > sys.maxsize:
        raise DataError(f"{path} is damaged: its header promises more values than a computer can address. {AGAIN}")
    stored = np.dtype(element).newbyteorder(">")
    values = np.frombuffer(_values(stream, math.prod(shape) * stored.itemsize, path), stored)
    return values.astype(element, copy=False).reshape(shape)


def _values(stream: io.BufferedIOBase, expected: int, path: str) -> bytearray:
    """The rest of the stream, which must be ``expected`` bytes."""
    # One byte more is asked for: it shows what is too much, and makes gzip verify its checksum.
    values, cut = _read(stream, expected + 1)
    if len(values) < expected:
        raise DataError(
            f"{path} is truncated: it should hold {expected:,} bytes after its header "
            f"and holds {len(values):,}. {AGAIN}"
        )
    if len(values) > expected:
        raise DataError(
            f"{path} is damaged: it should end after the {expected:,} bytes its header promises and goes on. {AGAIN}"
        )
    if cut is not None:
        raise cut
    return values


def _read(stream: io.BufferedIOBase, count: int) -> tuple[bytearray, EOFError | None]:
    """The next ``count`` bytes, or fewer where the stream ends; with gzip's error where it was cut off."""
    content = bytearray()
    try:
        while len(content) < count and (piece := stream.read1(min(PIECE, count - len(content)))):
            content += piece
    except EOFError as error:
        return content, error
    return content, None


def _unreadable(path: Path, error: OSError) -> DataError:
    if isinstance(error, FileNotFoundError):
        return DataError(f"There is no file {path}. Get the dataset again, or choose the folder it lies in.")
    return DataError(f"Cannot read {path}: {reason(error)}. Choose a file you can read, or get the dataset again.")
