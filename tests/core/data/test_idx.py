"""IDX files: what is read, and what each kind of damage says."""

import gzip
import os
import struct
from collections.abc import Callable
from pathlib import Path

import hypothesis
import hypothesis.extra.numpy
import numpy as np
import pytest

from workbench.core.data.idx import content_key, read_idx
from workbench.errors import DataError

Pack = Callable[[bytes], bytes]


def plain(content: bytes) -> bytes:
    return content


def encode(values: np.ndarray, element_type: int = 0x08) -> bytes:
    return struct.pack(f">HBB{values.ndim}I", 0, element_type, values.ndim, *values.shape) + values.tobytes()


def header(*shape: int, element_type: int = 0x08) -> bytes:
    return struct.pack(f">HBB{len(shape)}I", 0, element_type, len(shape), *shape)


def damage(path: Path, content: bytes) -> str:
    """What reading ``content`` says, which must name the file and be about one line."""
    path.write_bytes(content)
    with pytest.raises(DataError) as raised:
        read_idx(path)
    sentence = str(raised.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    return sentence


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "train-images-idx3-ubyte.gz"


IMAGES = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
PACKINGS = pytest.mark.parametrize("pack", [plain, gzip.compress])


@PACKINGS
@hypothesis.given(
    values=hypothesis.extra.numpy.arrays(
        np.uint8, hypothesis.extra.numpy.array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=7)
    )
)
@hypothesis.settings(
    max_examples=60, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
def test_what_was_written_is_read_again(pack: Pack, values: np.ndarray, path: Path) -> None:
    path.write_bytes(pack(encode(values)))
    read = read_idx(path)
    assert read.dtype == np.uint8
    assert read.shape == values.shape
    assert np.array_equal(read, values)


@PACKINGS
def test_the_array_is_contiguous_and_its_own(pack: Pack, path: Path) -> None:
    path.write_bytes(pack(encode(IMAGES)))
    read = read_idx(path)
    assert read.flags.c_contiguous
    assert read.flags.writeable
    read[:] = 0
    assert np.array_equal(read_idx(path), IMAGES)


def test_values_larger_than_one_piece_are_read_whole(path: Path) -> None:
    values = np.arange(3_000_000, dtype=np.uint32).astype(np.uint8).reshape(3, 1000, 1000)
    path.write_bytes(gzip.compress(encode(values), 1))
    assert np.array_equal(read_idx(path), values)


def test_gzip_is_told_by_the_content_and_not_by_the_name(tmp_path: Path) -> None:
    (tmp_path / "plain.gz").write_bytes(encode(IMAGES))
    (tmp_path / "packed").write_bytes(gzip.compress(encode(IMAGES)))
    assert np.array_equal(read_idx(tmp_path / "plain.gz"), IMAGES)
    assert np.array_equal(read_idx(tmp_path / "packed"), IMAGES)


def test_a_missing_file_is_named(path: Path) -> None:
    with pytest.raises(DataError, match=r"There is no file .*train-images-idx3-ubyte\.gz\. Get the dataset again"):
        read_idx(path)


def test_a_folder_in_place_of_the_file_cannot_be_read(path: Path) -> None:
    path.mkdir()
    with pytest.raises(DataError, match=r"Cannot read .*train-images-idx3-ubyte\.gz: "):
        read_idx(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_cannot_be_read(path: Path) -> None:
    path.write_bytes(encode(IMAGES))
    path.chmod(0)
    with pytest.raises(DataError, match="permission denied"):
        read_idx(path)


@PACKINGS
@pytest.mark.parametrize("length", range(16))
def test_a_file_cut_inside_its_header_is_truncated(pack: Pack, length: int, path: Path) -> None:
    sentence = damage(path, pack(encode(IMAGES)[:length]))
    assert sentence == f"{path} is truncated: it ends inside its header. Delete it and get the dataset again."


@PACKINGS
@pytest.mark.parametrize("held", [0, 1, 1234, IMAGES.size - 1])
def test_a_file_cut_inside_its_values_says_how_much_is_there(pack: Pack, held: int, path: Path) -> None:
    sentence = damage(path, pack(encode(IMAGES)[: 16 + held]))
    assert sentence == (
        f"{path} is truncated: it should hold 3,920 bytes after its header and holds {held:,}. "
        "Delete it and get the dataset again."
    )


def test_gzip_data_cut_anywhere_is_truncated(path: Path) -> None:
    packed = gzip.compress(encode(IMAGES[:1]))
    sentences = [damage(path, packed[:length]) for length in range(2, len(packed))]
    assert all("is truncated: it" in sentence for sentence in sentences)
    # The last eight bytes are gzip's checksum and length: all the values are there without them.
    assert sentences[-1] == f"{path} is truncated: its gzip data breaks off. Delete it and get the dataset again."
    assert "holds 784." not in " ".join(sentences)


@PACKINGS
def test_trailing_bytes_are_damage(pack: Pack, path: Path) -> None:
    sentence = damage(path, pack(encode(IMAGES) + b"\0"))
    assert "is damaged: it should end after the 3,920 bytes its header promises and goes on. Delete it" in sentence


def test_bytes_after_the_gzip_data_are_damage(path: Path) -> None:
    assert "its gzip data cannot be unpacked. Delete it" in damage(path, gzip.compress(encode(IMAGES)) + b"more")


@pytest.mark.parametrize("content", [b"<html>404</html>", b"\x00\x01\x08\x01", b"\x01", b"PK\x03\x04", b"\x93NUMPY"])
def test_another_format_is_not_an_idx_file(content: bytes, path: Path) -> None:
    for packed in (content, gzip.compress(content)):
        assert "is not an IDX file: it does not begin with two zero bytes. Delete it" in damage(path, packed)


def test_a_changed_byte_inside_the_gzip_data_is_damage(path: Path) -> None:
    packed = gzip.compress(encode(IMAGES))
    for at in (2, 12, len(packed) // 2, len(packed) - 6):
        changed = bytearray(packed)
        changed[at] ^= 0xFF
        assert "is damaged: its gzip data cannot be unpacked. Delete it" in damage(path, bytes(changed))


@pytest.mark.parametrize(
    ("element_type", "name"), [(0x09, "int8"), (0x0B, "int16"), (0x0C, "int32"), (0x0D, "float32"), (0x0E, "float64")]
)
def test_another_element_type_is_named(element_type: int, name: str, path: Path) -> None:
    sentence = damage(path, header(2, element_type=element_type) + bytes(16))
    assert sentence == (
        f"{path} holds {name} values, and only uint8 can be read. Save it again with whole numbers from 0 to 255."
    )


@pytest.mark.parametrize("start", [b"\0\0\x00\x01", b"\0\0\x0a\x03", b"\0\0\xff\x03", b"\0\0\x08\x00", b"\0\0\x08\xff"])
def test_an_impossible_header_is_damage(start: bytes, path: Path) -> None:
    sentence = damage(path, start + bytes(2000))
    assert f"its header names element type {start[2]} and {start[3]} dimensions. Delete it" in sentence


@PACKINGS
def test_a_header_that_promises_terabytes_costs_no_memory(pack: Pack, path: Path) -> None:
    sentence = damage(path, pack(header(60_000, 50_000, 50_000) + bytes(100)))
    assert "it should hold 150,000,000,000,000 bytes after its header and holds 100. Delete it" in sentence


@pytest.mark.parametrize("shape", [(2**32 - 1,) * 3, (0, 2**32 - 1, 2**32 - 1)])
def test_a_shape_beyond_any_address_is_damage(shape: tuple[int, ...], path: Path) -> None:
    assert "promises more values than a computer can address. Delete it" in damage(path, header(*shape))


class TestContentKey:
    """The name of a cache file."""

    @pytest.fixture
    def files(self, tmp_path: Path) -> list[Path]:
        files = [tmp_path / "images", tmp_path / "labels"]
        files[0].write_bytes(b"abcd")
        files[1].write_bytes(b"ef")
        return files

    def test_it_is_32_digits_that_never_change(self, files: list[Path]) -> None:
        assert content_key(files, "uint8") == "e90636bb92f66356a5d3c7c85c2dc112"

    def test_it_follows_the_content_and_not_the_name(self, files: list[Path]) -> None:
        before = content_key(files, "uint8")
        moved = files[0].rename(files[0].with_name("elsewhere"))
        assert content_key([moved, files[1]], "uint8") == before
        moved.write_bytes(b"abcD")
        assert content_key([moved, files[1]], "uint8") != before

    def test_order_settings_and_file_boundaries_count(self, files: list[Path]) -> None:
        keys = {content_key(files, "uint8"), content_key(files[::-1], "uint8"), content_key(files, "uint8 28x28")}
        files[0].write_bytes(b"abcde")
        files[1].write_bytes(b"f")
        assert len(keys | {content_key(files, "uint8")}) == 4

    def test_a_missing_file_is_named(self, files: list[Path]) -> None:
        files[1].unlink()
        with pytest.raises(DataError, match=r"There is no file .*labels\. Get the dataset again"):
            content_key(files, "uint8")
