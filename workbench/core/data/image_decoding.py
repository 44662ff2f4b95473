"""One image file as pixels of a fixed size: whatever its mode, upright, on white. Imports no torch."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from workbench.files import reason

FORMATS = ("JPEG", "PNG", "GIF", "BMP", "DIB", "PPM", "TIFF", "WEBP", "JPEG2000", "AVIF")
"""Told by the content. Pillow knows more, among them such as start other programs to be read."""
SIXTEEN_BITS = 65_535
_SMALLER_IN_DECODING = 2
"""A JPEG is decoded at a fraction of its size that leaves this many times the wanted size, which is much faster."""


@dataclass(frozen=True)
class Pixels:
    """What every image is brought to."""

    height: int
    width: int
    channels: Literal[1, 3]
    fit: Literal["crop", "squash"]
    """``crop``: the largest part of the right proportions around the centre; ``squash``: all, out of proportion."""


class UnreadableImage(Exception):
    """A file cannot be used as an image; the message says why, as the end of a sentence."""


@contextmanager
def bombs_refused() -> Iterator[None]:
    """Within the block, images of more pixels than ``PIL.Image.MAX_IMAGE_PIXELS`` are errors in every thread.

    Other warnings about odd files are left out: what can be decoded is used. Sets the process's warning filters, so
    one thread enters it for all.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def decode_image(path: Path, pixels: Pixels) -> NDArray[np.uint8]:
    """The first frame of the image at ``path``: uint8 of shape ``(channels, height, width)``.

    It is turned as its EXIF orientation says. What is transparent is laid on white, 16 bits of grey are scaled to 8,
    CMYK and palettes become RGB, colours become grey by ITU-R 601-2. It is resized bilinearly with antialiasing.

    Raises:
        UnreadableImage: it is missing, damaged, too large or not an image.
    """
    try:
        with Image.open(path, formats=_formats()) as image:
            if image.format == "JPEG":
                side = _SMALLER_IN_DECODING * max(pixels.height, pixels.width)
                image.draft(None, (side, side))
            is_16_bit = image.mode.startswith("I;16") or (image.mode == "I" and image.format in ("PNG", "PPM"))
            upright = ImageOps.exif_transpose(image)
            return _fitted(_in_8_bits(upright) if is_16_bit else _on_white(upright), pixels)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        most = (Image.MAX_IMAGE_PIXELS or 0) // 1_000_000
        raise UnreadableImage(f"it has more than {most} million pixels") from error
    except UnidentifiedImageError as error:
        raise UnreadableImage("it is no image, or of a kind that cannot be read") from error
    except OSError as error:
        raise UnreadableImage(reason(error)) from error
    except UnreadableImage:
        raise
    except Exception as error:  # each decoder has its own ways to fail on a damaged file
        raise UnreadableImage("it is damaged") from error


def _formats() -> list[str]:
    if "AVIF" not in Image.OPEN:
        Image.init()
    return [name for name in FORMATS if name in Image.OPEN]


def _in_8_bits(image: Image.Image) -> Image.Image:
    grey = np.asarray(image).astype(np.int64)
    return Image.fromarray(((grey * 255 + SIXTEEN_BITS // 2) // SIXTEEN_BITS).astype(np.uint8))


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in ("I", "F"):
        raise UnreadableImage("its pixels are 32-bit numbers, of which nothing says what is white")
    if image.mode == "1":
        return image.convert("L")
    if not image.has_transparency_data:
        return image
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)


def _fitted(image: Image.Image, pixels: Pixels) -> NDArray[np.uint8]:
    image = image.convert("L" if pixels.channels == 1 else "RGB")
    size = pixels.width, pixels.height
    if pixels.fit == "crop":
        image = ImageOps.fit(image, size, Image.Resampling.BILINEAR)
    else:
        image = image.resize(size, Image.Resampling.BILINEAR)
    array = np.asarray(image)
    return np.ascontiguousarray(array[None] if array.ndim == 2 else array.transpose(2, 0, 1))
