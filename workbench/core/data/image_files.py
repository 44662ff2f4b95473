"""Reads the files of USPS, SVHN, STL-10 and EMNIST, each published in a format of its own."""

import bz2
import io
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.archives import read_whole, unreadable
from workbench.core.data.idx import AGAIN, decode_idx
from workbench.errors import DataError

ImagesAndLabels = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""Images ``(N, H, W)`` or ``(N, C, H, W)`` and labels ``(N,)`` from 0 on."""

_USPS_SIDE = 16
_STL_SIDE = 96


def read_usps(path: Path) -> ImagesAndLabels:
    """A file of LIBSVM's text format, packed with bzip2: a line ``label 1:value … 256:value`` for each image.

    Labels go from 1 to 10 for the digits 0 to 9; values from -1 to 1 become 0 to 255 as torchvision does it.

    Raises:
        DataError: the file is missing, unreadable, damaged or not of this format.
    """
    try:
        text = bz2.decompress(read_whole(path))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} is damaged: its bzip2 data cannot be unpacked. {AGAIN}") from error
    pixels = _USPS_SIDE**2
    lines = text.count(b"\n")
    try:
        values = np.array(text.replace(b":", b" ").split(), np.float64).reshape(lines, 1 + 2 * pixels)
    except ValueError as error:
        raise DataError(f"{path} is damaged: its lines are not a label and {pixels} values each. {AGAIN}") from error
    labels, places, brightness = values[:, 0], values[:, 1::2], values[:, 2::2].astype(np.float32)
    whole = np.isin(labels, np.arange(1, 11)).all() and (places == np.arange(1, pixels + 1)).all()
    if not whole or not (np.abs(brightness) <= 1).all():
        raise DataError(f"{path} is damaged: it has labels, places or values outside their range. {AGAIN}")
    images = ((brightness + 1) / 2 * 255).astype(np.uint8)
    return images.reshape(lines, _USPS_SIDE, _USPS_SIDE), (labels - 1).astype(np.uint8)


def read_svhn(path: Path) -> ImagesAndLabels:
    """A MATLAB file with ``X``, uint8 ``(32, 32, 3, N)``, and ``y``, ``(N, 1)``, where 10 stands for the digit 0.

    Raises:
        DataError: the file is missing, unreadable, damaged or not of this format.
    """
    from scipy.io import loadmat  # imported where needed: it takes a while

    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        variables = loadmat(str(path), variable_names=("X", "y"))
    except Exception as error:  # scipy raises errors of every kind for damaged files
        raise DataError(f"{path} is damaged or not a MATLAB file: it cannot be read. {AGAIN}") from error
    images, labels = variables.get("X"), variables.get("y")
    if (
        images is None
        or labels is None
        or images.dtype != np.uint8
        or images.ndim != 4
        or images.shape[:3] != (32, 32, 3)
        or labels.size != images.shape[3]
        or not np.isin(labels, np.arange(1, 11)).all()
    ):
        raise DataError(f"{path} is damaged: it lacks images X of 32×32×3 bytes with labels y from 1 to 10. {AGAIN}")
    return np.ascontiguousarray(images.transpose(3, 2, 0, 1)), (labels.reshape(-1) % 10).astype(np.uint8)


def decode_stl10(images: bytes, labels: bytes, where: str) -> ImagesAndLabels:
    """Images of 3×96×96 bytes, column by column, and a byte from 1 to 10 for each.

    Args:
        where: What sentences call the file.

    Raises:
        DataError: the two do not fit together.
    """
    count = len(labels)
    classes = np.frombuffer(labels, np.uint8)
    if len(images) != count * 3 * _STL_SIDE**2 or not np.isin(classes, np.arange(1, 11)).all():
        raise DataError(f"{where} is damaged: its images and labels do not fit together. {AGAIN}")
    columns_first = np.frombuffer(images, np.uint8).reshape(count, 3, _STL_SIDE, _STL_SIDE)
    return np.ascontiguousarray(columns_first.transpose(0, 1, 3, 2)), classes - np.uint8(1)


def read_emnist(path: Path, split: str, part: str) -> ImagesAndLabels:
    """One part ("train" or "test") of one split, from NIST's archive of gzipped IDX files.

    The archive has the images transposed, and counts the letters from 1.

    Raises:
        DataError: the archive is missing, unreadable, damaged or lacks the files.
    """
    arrays = []
    try:
        with zipfile.ZipFile(path) as archive:
            for kind in ("images-idx3", "labels-idx1"):
                name = f"gzip/emnist-{split}-{part}-{kind}-ubyte.gz"
                arrays.append(decode_idx(io.BytesIO(archive.read(name)), f"{name} in {path}"))
    except KeyError as error:
        raise DataError(f"{path} lacks {name}: it is another archive. {AGAIN}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{path} is damaged: it cannot be unpacked. {AGAIN}") from error
    except OSError as error:
        raise unreadable(path, error) from error
    images, labels = arrays
    if images.ndim != 3 or labels.ndim != 1 or (split == "letters" and not labels.all()):
        raise DataError(f"{path} is damaged: its {part} images and labels of {split} are of other shapes. {AGAIN}")
    return np.ascontiguousarray(images.transpose(0, 2, 1)), labels - np.uint8(split == "letters")
