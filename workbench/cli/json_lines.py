"""JSON for other programs: an object a line."""

import json
import math
from collections.abc import Mapping


def json_line(row: Mapping[str, object]) -> str:
    """``row`` on one line of ASCII, floats in full precision.

    A figure that is not finite becomes null, because JSON has no NaN and no infinity.
    """
    return json.dumps(_finite(row), allow_nan=False)


def _finite(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
