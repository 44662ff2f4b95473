"""What arrays of the user's own mean: pixels or columns, classes, labels or numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from workbench.errors import DataError
from workbench.spec.tasks import Task

Array = NDArray[Any]
MOST_CLASSES = 1_000
FEW_CLASSES = 20
"""Numbers with a point that are all whole are classes where there are no more of them."""
_CHANNELS = (1, 3)
_ROWS_AT_ONCE = 1_024


@dataclass(frozen=True)
class Targets:
    """What to predict, of each part: int64 ``(N,)`` for classes, else float32 ``(N, outputs)``."""

    task: Task
    names: tuple[str, ...]
    """The classes, labels, or numbers to predict."""
    values: tuple[Array, ...]


def read_inputs(parts: Sequence[Array], where: str) -> list[Array]:
    """The samples of each part as uint8 images ``(N, C, H, W)`` or as a float32 table ``(N, columns)``.

    ``where`` names them in sentences. 3 dimensions are grey images, 4 are images with 1 or 3 channels last or second.
    Pixels are whole numbers up to 255 or, scaled down, up to 65,535, or fractions from 0 to 1; what they are is told by
    the smallest and the largest of all parts.

    Raises:
        DataError: they are neither.
    """
    for part in parts:
        if part.dtype.kind not in "biuf":
            raise DataError(f"{where} hold {part.dtype}, not numbers: turn them into numbers first.")
        if part.size == 0:
            raise DataError(f"{where} hold no numbers at all: their shape is {shape_text(part)}.")
        if part.dtype.kind == "f" and not np.isfinite(part).all():
            raise DataError(f"{where} hold missing or infinite numbers: fill them or leave their samples out.")
    dimensions = parts[0].ndim
    if dimensions not in (1, 2, 3, 4):
        raise DataError(f"{where} have the shape {shape_text(parts[0])}: a table has 2 dimensions, images have 3 or 4.")
    if any(part.ndim != dimensions for part in parts):
        raise DataError(_different_shapes(parts, where))
    if dimensions <= 2:
        found = [_in_32_bits(part, where) for part in parts]
    else:
        images = [_channels_second(part, where) for part in parts]
        low, high = min(part.min() for part in parts), max(part.max() for part in parts)
        scale = _scale(parts[0].dtype.kind, float(low), float(high), where)
        found = [_pixels(part, scale) for part in images]
    if len({part.shape[1:] for part in found}) > 1:
        raise DataError(_different_shapes(parts, where))
    return found


def read_targets(parts: Sequence[Array], asked: Literal["automatic"] | Task, where: str) -> Targets:
    """What is to be predicted, of each part; ``where`` names it in sentences.

    Raises:
        DataError: it does not go with the task that was asked for, or there is only one class.
    """
    parts = [part[:, 0] if part.ndim == 2 and part.shape[1] == 1 else part for part in parts]
    if {part.ndim for part in parts} - {1, 2} or len({part.shape[1:] for part in parts}) > 1:
        shapes = " and ".join(shape_text(part) for part in parts)
        raise DataError(f"{where} have the shape {shapes}: one number or text a sample is needed, or a row of numbers.")
    everything = np.concatenate(parts)
    if everything.dtype.kind not in "biufUS":
        raise DataError(f"{where} hold {everything.dtype}, neither numbers nor texts: save them as plain numbers.")
    if everything.dtype.kind == "f" and not np.isfinite(everything).all():
        raise DataError(f"{where} hold missing or infinite numbers: fill them or leave their samples out.")
    task = _guess(everything) if asked == "automatic" else asked
    if task in ("multiclass", "binary"):
        return _classes(parts, everything, asked, where)
    if everything.dtype.kind in "US":
        raise DataError(f"{where} hold texts: as dataset.task choose multiclass or binary.")
    if task == "multilabel" and not np.isin(everything, (0, 1)).all():
        raise DataError(f"{where} hold other numbers than 0 and 1, so they are no labels: choose another dataset.task.")
    values = tuple(_in_32_bits(part, where) for part in parts)
    word = "label" if task == "multilabel" else "target"
    count = values[0].shape[1]
    names = (word,) if count == 1 else tuple(f"{word} {number}" for number in range(1, count + 1))
    return Targets(task, names, values)


def shape_text(array: Array) -> str:
    """``100×28×28``."""
    return "×".join(str(side) for side in array.shape) or "a single value"


def _different_shapes(parts: Sequence[Array], where: str) -> str:
    shapes = " and ".join(shape_text(part) for part in parts)
    return f"{where} have the shapes {shapes}: the samples of both parts must have the same."


def _in_32_bits(part: Array, where: str) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        values: NDArray[np.float32] = part.reshape(len(part), -1).astype(np.float32)
    if not np.isfinite(values).all():
        raise DataError(f"{where} hold numbers beyond 3.4e38, the largest 32 bits can hold: scale them.")
    return values


def _guess(values: Array) -> Task:
    if values.ndim == 2:
        if not np.isin(values, (0, 1)).all():
            return "regression"
        return "multiclass" if _is_one_hot(values) else "multilabel"
    if values.dtype.kind in "USb":
        return "multiclass"
    most = FEW_CLASSES if values.dtype.kind == "f" else MOST_CLASSES
    is_whole = values.dtype.kind != "f" or bool((values == np.rint(values)).all())
    return "multiclass" if is_whole and len(np.unique(values)) <= most else "regression"


def _is_one_hot(values: Array) -> bool:
    return bool((values.sum(axis=1) == 1).all())


def _classes(parts: Sequence[Array], everything: Array, asked: str, where: str) -> Targets:
    if everything.ndim == 2:
        if not (np.isin(everything, (0, 1)).all() and _is_one_hot(everything)):
            raise DataError(f"{where} have rows with more or less than a single 1, so they are no classes.")
        names = [str(number) for number in range(everything.shape[1])]
        codes = everything.argmax(axis=1)
    else:
        if everything.dtype.kind == "S":
            everything = np.char.decode(everything, "utf-8", "replace")
        distinct, codes = np.unique(everything, return_inverse=True)
        names = [_class_name(value) for value in distinct.tolist()]
    if len(names) < 2:
        raise DataError(
            f"{where} hold only one class, {''.join(names)}: to tell classes apart, two at least are needed."
        )
    if len(names) > MOST_CLASSES:
        raise DataError(f"{where} hold {len(names):,} different values, too many for classes: is it regression?")
    if asked == "binary" and len(names) != 2:
        raise DataError(f"{where} hold {len(names)} classes, not two: choose multiclass as dataset.task.")
    task: Task = "multiclass" if asked == "multiclass" or len(names) > 2 else "binary"
    cuts = np.cumsum([len(part) for part in parts])[:-1]
    return Targets(task, tuple(names), tuple(np.split(codes.reshape(-1).astype(np.int64), cuts)))


def _class_name(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _channels_second(images: Array, where: str) -> Array:
    if images.ndim == 3:
        return images[:, None]
    if images.shape[3] in _CHANNELS:
        return images.transpose(0, 3, 1, 2)
    if images.shape[1] in _CHANNELS:
        return images
    raise DataError(f"{where} have the shape {shape_text(images)}: images need 1 or 3 channels, last or second.")


def _scale(kind: str, low: float, high: float, where: str) -> float:
    """What pixels between ``low`` and ``high`` are multiplied with to lie between 0 and 255."""
    if low >= 0:
        if kind == "b" or (kind == "f" and high <= 1):
            return 255
        if high <= 255:
            return 1
        if kind != "f" and high <= 65_535:
            return 255 / 65_535
    raise DataError(
        f"{where} hold pixels from {low:g} to {high:g}: make them whole numbers up to 255 or fractions up to 1; they "
        "are normalised here."
    )


def _pixels(images: Array, scale: float) -> Array:
    found = np.empty(images.shape, np.uint8)
    for start in range(0, len(images), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        found[rows] = (
            images[rows] if scale == 1 and images.dtype.kind != "f" else np.rint(images[rows] * np.float64(scale))
        )
    return found
