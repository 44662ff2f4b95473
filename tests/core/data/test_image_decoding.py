"""One image file of whatever mode, as the pixels a model is given."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.core.data.image_decoding import Pixels, UnreadableImage, bombs_refused, decode_image

EIGHT = Pixels(8, 8, 3, "crop")
GREY = Pixels(8, 8, 1, "crop")
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def plain(mode: str, color: object, size: tuple[int, int] = (16, 16)) -> Image.Image:
    return Image.new(mode, size, color)  # type: ignore[arg-type]


def halves(left: object, right: object, mode: str = "RGB", size: tuple[int, int] = (16, 16)) -> Image.Image:
    image = plain(mode, left, size)
    image.paste(right, (size[0] // 2, 0, *size))  # type: ignore[arg-type]
    return image


def decoded(image: Image.Image, path: Path, pixels: Pixels = EIGHT, **options: object) -> np.ndarray:
    image.save(path, **options)
    array = decode_image(path, pixels)
    assert array.dtype == np.uint8
    assert array.shape == (pixels.channels, pixels.height, pixels.width)
    assert array.flags.c_contiguous
    return array


def test_colours_keep_their_place_and_channels_come_first(tmp_path: Path) -> None:
    array = decoded(halves(RED, BLUE), tmp_path / "a.png")
    assert array[:, 4, 1].tolist() == list(RED)
    assert array[:, 4, 6].tolist() == list(BLUE)


@pytest.mark.parametrize(
    ("image", "name", "color"),
    [
        (plain("1", 1), "bits.png", WHITE),
        (plain("L", 90), "grey.png", (90, 90, 90)),
        (plain("P", 0), "palette.gif", (0, 0, 0)),
        (plain("RGB", (10, 20, 30)).quantize(4), "palette.png", (10, 20, 30)),
        (plain("RGBA", (0, 0, 0, 0)), "transparent.png", WHITE),
        (plain("RGBA", (0, 0, 0, 51)), "fifth.png", (204, 204, 204)),
        (plain("LA", (0, 51)), "grey-fifth.png", (204, 204, 204)),
        (plain("RGBA", (0, 0, 0, 0)), "transparent.webp", WHITE),
        (plain("RGB", (10, 20, 30)), "rgb.bmp", (10, 20, 30)),
        (plain("RGB", (10, 20, 30)), "rgb.ppm", (10, 20, 30)),
        (plain("RGB", (10, 20, 30)), "rgb.tif", (10, 20, 30)),
        (plain("CMYK", (0, 255, 255, 0)), "cmyk.tif", RED),
    ],
)
def test_every_mode_becomes_colours_on_white(
    tmp_path: Path, image: Image.Image, name: str, color: tuple[int, ...]
) -> None:
    array = decoded(image, tmp_path / name)
    assert {tuple(pixel) for pixel in array.reshape(3, -1).T.tolist()} == {color}


def test_a_palette_with_a_transparent_colour_is_laid_on_white(tmp_path: Path) -> None:
    image = halves(RED, BLUE).quantize(2)
    blue = image.getpixel((12, 4))
    array = decoded(image, tmp_path / "a.gif", transparency=blue)
    assert (array[:, 4, 1].tolist(), array[:, 4, 6].tolist()) == (list(RED), list(WHITE))


def test_transparent_colours_do_not_bleed_into_their_neighbours(tmp_path: Path) -> None:
    array = decoded(halves((0, 255, 0, 0), (255, 255, 255, 255), "RGBA", (64, 64)), tmp_path / "a.png")
    assert array.min() == 255


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pgm"])
def test_sixteen_bits_of_grey_are_scaled_and_not_clipped(tmp_path: Path, name: str) -> None:
    values = np.array([[0, 257, 25_700, 65_535]] * 4, np.uint16)
    array = decoded(Image.fromarray(values), tmp_path / name, Pixels(4, 4, 1, "crop"))
    assert array[0, 0].tolist() == [0, 1, 100, 255]


def test_a_cmyk_jpeg_becomes_rgb(tmp_path: Path) -> None:
    array = decoded(plain("CMYK", (0, 255, 255, 0)), tmp_path / "a.jpg", quality=95)
    assert array[0].min() >= 250
    assert array[1:].max() <= 5


@pytest.mark.parametrize(
    ("orientation", "corner"), [(1, (0, 0)), (2, (0, 7)), (3, (7, 7)), (4, (7, 0)), (6, (0, 7)), (8, (7, 0))]
)
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_images_are_turned_as_exif_says(tmp_path: Path, orientation: int, corner: tuple[int, int], suffix: str) -> None:
    image = plain("L", 0, (64, 64))
    image.paste(255, (0, 0, 32, 32))
    exif = Image.Exif()
    exif[0x0112] = orientation
    array = decoded(image, tmp_path / f"a.{suffix}", GREY, exif=exif.tobytes())
    assert {place: array[0, place[0], place[1]] > 128 for place in ((0, 0), (0, 7), (7, 0), (7, 7))} == {
        place: place == corner for place in ((0, 0), (0, 7), (7, 0), (7, 7))
    }


def test_the_first_of_several_frames_counts(tmp_path: Path) -> None:
    frames = [plain("RGB", color) for color in (GREEN, RED, BLUE)]
    array = decoded(frames[0], tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert array[:, 0, 0].tolist() == list(GREEN)


def test_cropping_cuts_the_middle_and_squashing_keeps_all(tmp_path: Path) -> None:
    wide = plain("RGB", GREEN, (32, 16))
    wide.paste(RED, (0, 0, 8, 16))
    wide.paste(BLUE, (24, 0, 32, 16))
    cropped = decoded(wide, tmp_path / "a.png")
    squashed = decoded(wide, tmp_path / "a.png", Pixels(8, 8, 3, "squash"))
    assert {tuple(pixel) for pixel in cropped[:, :, 1:-1].reshape(3, -1).T.tolist()} == {GREEN}
    assert cropped[1].min() > 200  # the outermost pixels see a little of what is beyond, as when resized before cutting
    assert [squashed[:, 0, column].tolist() for column in (0, 4, 7)] == [list(RED), list(GREEN), list(BLUE)]


def test_height_comes_before_width(tmp_path: Path) -> None:
    assert decoded(halves(RED, BLUE), tmp_path / "a.png", Pixels(6, 10, 1, "squash")).shape == (1, 6, 10)


def test_colours_become_grey_by_itu_r_601(tmp_path: Path) -> None:
    values = [decoded(plain("RGB", color), tmp_path / "a.png", GREY)[0, 0, 0] for color in (RED, GREEN, BLUE)]
    assert values == [76, 150, 29]


def test_a_large_jpeg_decoded_at_a_fraction_of_its_size_looks_as_if_it_were_not(tmp_path: Path) -> None:
    y, x = np.mgrid[0:1200, 0:1600]
    smooth = np.stack([127 + 120 * np.sin(x / 300), 127 + 120 * np.cos(y / 200), (x + y) / 11], axis=2).astype(np.uint8)
    path = tmp_path / "a.jpg"
    Image.fromarray(smooth).save(path, quality=95)
    whole = Image.open(path).convert("RGB").crop((200, 0, 1400, 1200)).resize((32, 32), Image.Resampling.BILINEAR)
    array = decode_image(path, Pixels(32, 32, 3, "crop"))
    difference = np.abs(array.transpose(1, 2, 0).astype(int) - np.asarray(whole).astype(int))
    assert difference.max() <= 3


def png_that_claims(width: int, height: int) -> bytes:
    """A small PNG whose header promises this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def truncated_jpeg(folder: Path) -> bytes:
    image = Image.effect_noise((200, 200), 80)
    image.save(folder / "whole.jpg")
    return (folder / "whole.jpg").read_bytes()[:3000]


DAMAGES: list[tuple[str, Callable[[Path], bytes], str]] = [
    ("a.jpg", lambda folder: b"", "it is no image, or of a kind that cannot be read"),
    ("a.jpg", lambda folder: b"hello", "it is no image, or of a kind that cannot be read"),
    ("a.jpg", truncated_jpeg, "truncated"),
    ("a.png", lambda folder: png_that_claims(64, 64)[:60], "truncated"),
    ("a.png", lambda folder: png_that_claims(10_000, 9_000), "it has more than 89 million pixels"),
    ("a.png", lambda folder: png_that_claims(100_000, 90_000), "it has more than 89 million pixels"),
    (
        "a.eps",
        lambda folder: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n",
        "of a kind that cannot",
    ),
]


@pytest.mark.parametrize(("name", "content", "sentence"), DAMAGES)
def test_what_cannot_be_read_says_why(
    tmp_path: Path, name: str, content: Callable[[Path], bytes], sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content(tmp_path))
    with bombs_refused(), pytest.raises(UnreadableImage, match=sentence):
        decode_image(path, EIGHT)


def test_numbers_without_a_known_white_are_refused(tmp_path: Path) -> None:
    plain("F", 0.5).save(tmp_path / "a.tif")
    with pytest.raises(UnreadableImage, match="nothing says what is white"):
        decode_image(tmp_path / "a.tif", EIGHT)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableImage, match="no such file"):
        decode_image(tmp_path / "absent.png", EIGHT)
