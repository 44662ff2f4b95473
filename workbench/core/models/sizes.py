"""How many numbers convolutions and pooling leave of an image."""

from collections.abc import Sequence

from workbench.spec.models.sides import Step, side_after


def features_left(channels: int, shape: Sequence[int], steps: Sequence[Step]) -> int:
    """Numbers in ``channels`` maps that ``steps`` leave of images ``(C, H, W)``.

    At least one a map: a network can be built for an image that is too small, so that the layer table can show at
    which layer it fails.
    """
    _, height, width = shape
    return channels * max(1, side_after(height, steps)) * max(1, side_after(width, steps))
