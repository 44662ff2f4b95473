"""The cache of arrays that need not fit into memory: written whole or not at all, mapped for reading."""

import errno
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from workbench.core.data.cache import cached_on_disk
from workbench.core.progress import Cancelled
from workbench.errors import DataError, FileError

VALUES = np.arange(12, dtype=np.uint8).reshape(3, 4)


def write(folder: Path) -> list[str]:
    np.save(folder / "images.npy", VALUES)
    return ["images"]


def fail(folder: Path) -> list[str]:
    raise AssertionError("written again")


def test_arrays_are_written_once_and_mapped_for_reading(tmp_path: Path) -> None:
    for source in (write, fail, fail):
        images = cached_on_disk(tmp_path / "cache", "key", source)["images"]
        np.testing.assert_array_equal(images, VALUES)
        assert isinstance(images, np.memmap)
        assert not images.flags.writeable
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["key"]


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (Cancelled(), Cancelled),
        (DataError("damaged"), DataError),
        (KeyboardInterrupt(), KeyboardInterrupt),
        (OSError(errno.ENOSPC, "No space left on device"), FileError),
    ],
)
def test_what_ends_the_writing_leaves_nothing(
    tmp_path: Path, raised: BaseException, expected: type[BaseException]
) -> None:
    def end(folder: Path) -> list[str]:
        write(folder)
        raise raised

    with pytest.raises(expected):
        cached_on_disk(tmp_path / "cache", "key", end)
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_full_disk_is_told_with_what_to_do(tmp_path: Path) -> None:
    def full(folder: Path) -> list[str]:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(FileError, match=r"Cannot write the decoded dataset to .*: no space left on device\. Make room"):
        cached_on_disk(tmp_path, "key", full)


def cut(home: Path) -> None:
    path = home / "images.npy"
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    "damage",
    [
        cut,
        lambda home: (home / "images.npy").unlink(),
        lambda home: (home / "contents.json").write_text("{}x"),
        lambda home: np.save(home / "images.npy", VALUES[:2]),
    ],
)
def test_a_damaged_cache_is_made_anew(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    cached_on_disk(tmp_path, "key", write)
    damage(tmp_path / "key")
    np.testing.assert_array_equal(cached_on_disk(tmp_path, "key", write)["images"], VALUES)
    cached_on_disk(tmp_path, "key", fail)
