"""The cache of decoded datasets: there when it helps, made anew when damaged, never in the way."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from workbench.core.data.cache import Arrays, cached

ARRAYS = {"images": np.arange(12, dtype=np.uint8).reshape(3, 4), "labels": np.array([2, 0, 1], dtype=np.uint8)}


class Decode:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Arrays:
        self.calls += 1
        return ARRAYS


@pytest.fixture
def decode() -> Decode:
    return Decode()


def assert_right(arrays: Arrays) -> None:
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)


def test_arrays_are_decoded_once_and_mapped_from_then_on(tmp_path: Path, decode: Decode) -> None:
    for _ in range(3):
        arrays = cached(tmp_path / "cache", "key", decode)
        assert_right(arrays)
        assert isinstance(arrays["images"], np.memmap)
    assert decode.calls == 1
    assert os.listdir(tmp_path / "cache") == ["key"]


def test_another_key_is_another_dataset(tmp_path: Path, decode: Decode) -> None:
    cached(tmp_path, "one", decode)
    cached(tmp_path, "two", decode)
    assert decode.calls == 2


def test_what_is_done_to_the_arrays_does_not_reach_the_disk(tmp_path: Path, decode: Decode) -> None:
    images: np.ndarray = np.asarray(cached(tmp_path, "key", decode)["images"])
    images[:] = 99
    assert_right(cached(tmp_path, "key", decode))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 something else")


def put_another_array(path: Path) -> None:
    np.save(path, np.zeros(5))


@pytest.mark.parametrize("damage", [cut, empty, replace, put_another_array, Path.unlink])
@pytest.mark.parametrize("file", ["images.npy", "labels.npy"])
def test_a_damaged_cache_is_made_anew(
    tmp_path: Path, decode: Decode, file: str, damage: Callable[[Path], None]
) -> None:
    cached(tmp_path, "key", decode)
    damage(tmp_path / "key" / file)
    assert_right(cached(tmp_path, "key", decode))
    assert decode.calls == 2
    assert_right(cached(tmp_path, "key", decode))
    assert decode.calls == 2


@pytest.mark.parametrize("damage", [cut, empty, Path.unlink])
def test_a_cache_without_its_table_of_contents_is_made_anew(
    tmp_path: Path, decode: Decode, damage: Callable[[Path], None]
) -> None:
    cached(tmp_path, "key", decode)
    damage(tmp_path / "key" / "contents.json")
    assert_right(cached(tmp_path, "key", decode))
    assert decode.calls == 2


def test_a_cache_that_cannot_be_written_does_without(tmp_path: Path, decode: Decode) -> None:
    (tmp_path / "cache").write_text("a file in its place")
    for calls in (1, 2):
        assert_right(cached(tmp_path / "cache", "key", decode))
        assert decode.calls == calls
    assert (tmp_path / "cache").read_text() == "a file in its place"


def test_a_full_disk_does_without_and_leaves_nothing(
    tmp_path: Path, decode: Decode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    assert_right(cached(tmp_path, "key", decode))
    assert os.listdir(tmp_path) == []


def test_an_error_of_the_decoder_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Arrays:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cached(tmp_path / "cache", "key", broken)
    assert list(tmp_path.iterdir()) == []


def test_two_processes_that_decode_at_once_do_not_disturb_each_other(tmp_path: Path, decode: Decode) -> None:
    def slow() -> Arrays:
        cached(tmp_path, "key", decode)
        return ARRAYS

    assert_right(cached(tmp_path, "key", slow))
    assert os.listdir(tmp_path) == ["key"]
