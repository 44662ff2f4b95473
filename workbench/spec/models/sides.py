"""The side of an image on its way through convolutions and pooling."""

from collections.abc import Callable, Sequence
from itertools import count

Step = Callable[[int], int]
"""From the pixels of a side before a layer to those after it; below 1 where the layer does not fit."""


def window(kernel: int, stride: int = 1, padding: int = 0) -> Step:
    """A convolution or pooling whose window stays inside the padded image, as in ``torch.nn.Conv2d``."""
    return lambda side: (side + 2 * padding - kernel) // stride + 1


def same(stride: int) -> Step:
    """A layer padded so that only its stride makes the image smaller: "same" padding in TensorFlow's words."""
    return lambda side: -(-side // stride)


def side_after(side: int, steps: Sequence[Step]) -> int:
    """Pixels that are left of ``side`` after ``steps``; 0 where one of the layers does not fit."""
    for step in steps:
        side = max(0, step(side)) if side > 0 else 0
    return side


def smallest_side(steps: Sequence[Step], left: int = 1) -> int:
    """The fewest pixels of a side of which ``steps`` leave at least ``left``."""
    return next(side for side in count(1) if side_after(side, steps) >= left)
