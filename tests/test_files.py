"""Files are written whole or not at all, and a place that cannot be used is named."""

import os
import re
import stat
import sys
from pathlib import Path

import pytest

from workbench import files
from workbench.errors import FileError


def test_a_new_file_holds_what_was_written(tmp_path: Path) -> None:
    with files.replacing(tmp_path / "new.bin") as file:
        file.write(b"\x00\x01")
    assert (tmp_path / "new.bin").read_bytes() == b"\x00\x01"
    assert os.listdir(tmp_path) == ["new.bin"]


def test_the_old_file_stands_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with files.replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_text() == "old"
    assert path.read_text() == "new"


def test_an_error_on_the_way_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")

    def write_half() -> None:
        with files.replacing(path) as file:
            file.write(b"new")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file.txt"]


def test_a_full_disk_leaves_the_old_file_and_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    sentence = f"Cannot write {path}: no space left on device. Choose a place you can write to."
    with pytest.raises(FileError, match=re.escape(sentence)), files.replacing(path):
        raise OSError(28, "No space left on device")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_a_replaced_file_keeps_its_permissions_and_a_new_one_gets_the_usual(tmp_path: Path) -> None:
    private, new, usual = tmp_path / "private", tmp_path / "new", tmp_path / "usual"
    private.touch(0o600)
    usual.touch()
    files.write_text(private, "x")
    files.write_text(new, "x")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert stat.S_IMODE(new.stat().st_mode) == stat.S_IMODE(usual.stat().st_mode)


def test_text_is_utf_8_with_the_line_ends_it_was_given(tmp_path: Path) -> None:
    files.write_text(tmp_path / "text", "größe\n")
    assert (tmp_path / "text").read_bytes() == "größe\n".encode()
    assert files.read_text(tmp_path / "text") == "größe\n"


def test_text_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes("größe".encode("latin-1"))
    with pytest.raises(FileError, match="latin is not a UTF-8 text file"):
        files.read_text(tmp_path / "latin")


def test_a_copy_is_the_same_and_replaces_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"1" * 3_000_000)
    (tmp_path / "target").write_bytes(b"2")
    files.copy(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == b"1" * 3_000_000


def test_a_copy_of_nothing_leaves_the_target(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"2")
    with pytest.raises(FileError, match=r"Cannot read .*source: no such file or directory"):
        files.copy(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == b"2"


def test_a_folder_is_made_with_its_parents_and_may_be_there_already(tmp_path: Path) -> None:
    assert files.make_folder(tmp_path / "a" / "b").is_dir()
    assert files.make_folder(tmp_path / "a" / "b").is_dir()


def test_a_folder_where_a_file_lies_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match=r"Cannot make the folder .*below: .* Choose a folder you can write to"):
        files.make_folder(tmp_path / "file" / "below")


def test_a_folder_cannot_take_the_place_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileError, match=r"Cannot write .*folder: "):
        files.write_text(tmp_path / "folder", "x")
    assert os.listdir(tmp_path) == ["folder"]
    with pytest.raises(FileError, match=r"Cannot read .*folder: "):
        files.read_text(tmp_path / "folder")
