"""The next number up or down when a key, the wheel or an arrow steps a field."""

import math

from workbench.gui.editors.bounds import Bounds
from workbench.spec.component import Scale

_FIRST_ABOVE_ZERO = 1e-5
"""Where a logarithmic field goes from 0: small for a weight decay, and two decades below the usual ones."""
_LAST_ABOVE_ZERO = 1e-10


def stepped(number: float, up: bool, scale: Scale, whole: bool, bounds: Bounds) -> float:
    """The next number after ``number`` in the wanted direction; ``number`` itself where the range ends.

    Whole numbers go by ones or through powers of two, others by a twentieth, tenth or one, or through 1-2-5 decades.
    """
    start = bounds.nearest(number)
    if start != number:
        return int(start) if whole else start
    if scale == "log":
        following = _next_power_of_two(number, up) if whole else _next_in_decade(number, up)
    else:
        following = number + (1 if up else -1) if whole else _next_linear(number, up)
    following = bounds.nearest(following)
    if not bounds.allows(following):
        return number
    return int(following) if whole else float(following)


def _next_power_of_two(number: float, up: bool) -> float:
    """Batch sizes are powers of two by habit, so the steps are."""
    if number < 1:
        return 1 if up else number
    if up:
        return float(2 ** (math.floor(math.log2(number)) + 1))
    return float(2 ** (math.ceil(math.log2(number)) - 1)) if number > 1 else 0


def _next_in_decade(number: float, up: bool) -> float:
    if number <= 0:
        return _FIRST_ABOVE_ZERO if up else number
    exponent = math.floor(math.log10(number))
    # Read from text, so that 5e-4 is the float a person means and no product of rounded factors.
    marks = [float(f"{digit}e{power}") for power in range(exponent - 1, exponent + 2) for digit in (1, 2, 5)]
    if up:
        return min(mark for mark in marks if mark > number)
    lower = max(mark for mark in marks if mark < number)
    return lower if lower >= _LAST_ABOVE_ZERO else 0.0


def _next_linear(number: float, up: bool) -> float:
    size = abs(number)
    inward = up == (number < 0)
    step = 1.0
    for border, finer in ((10, 0.1), (1, 0.05)):
        if size < border or (size == border and inward):
            step = finer
    count = number / step
    following = math.floor(count + 1e-9) + 1 if up else math.ceil(count - 1e-9) - 1
    return round(following * step, 10)
