"""Paths in experiments: relative ones start at the file they stand in."""

from pathlib import Path

import pytest

from workbench.spec.component import Spec, hint, parameter
from workbench.spec.datasets import Arrays, IDXFiles, ImageFolder
from workbench.spec.paths import absolute, path_fields, path_misfit, with_absolute_paths
from workbench.spec.training import Training


class Two(Spec):
    """A path and a text that looks like one."""

    where: str = parameter("", "Where", "A folder.", path="folder")
    text: str = parameter("a/b", "Text", "No path.")


def test_only_declared_fields_hold_paths() -> None:
    assert path_fields(Two) == ["where"]
    assert path_fields(IDXFiles) == ["images", "labels", "test_images", "test_labels"]
    assert path_fields(Training) == []
    assert [hint(Two.model_fields[name], "path") for name in ("where", "text")] == ["folder", ""]


def test_relative_paths_are_made_whole(tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert with_absolute_paths(Two(where="a"), tmp_path, {}) == Two(where=str(tmp_path / "a"))
    assert with_absolute_paths(Two(where="a"), tmp_path, {"where": other}) == Two(where=str(other / "a"))
    assert with_absolute_paths(Two(where=str(other)), tmp_path, {}) == Two(where=str(other))
    assert with_absolute_paths(Two(), tmp_path, {}) == Two()


def test_a_tilde_is_the_users_home_where_it_names_one(tmp_path: Path) -> None:
    assert absolute("~/data", tmp_path) == str(Path.home() / "data")
    assert absolute("~nobody-of-this-name/data", tmp_path) == str(tmp_path / "~nobody-of-this-name/data")


@pytest.mark.parametrize(("path", "sentence"), [("a/b", "is not a whole path"), ("/a\0b", "no path can have")])
def test_what_is_no_path_gets_a_sentence(path: str, sentence: str) -> None:
    assert sentence in path_misfit(path)


def test_a_whole_path_is_all_right(tmp_path: Path) -> None:
    assert path_misfit(str(tmp_path)) == ""


@pytest.mark.parametrize("kind", [ImageFolder, Arrays])
def test_an_empty_or_relative_path_is_a_conflict(kind: type[ImageFolder] | type[Arrays], tmp_path: Path) -> None:
    assert [conflict.field for conflict in kind().conflicts()] == ["path"]
    assert [conflict.field for conflict in kind(path="a").conflicts()] == ["path"]
    assert kind(path=str(tmp_path)).conflicts() == []


def test_both_files_of_a_part_are_needed(tmp_path: Path) -> None:
    path = str(tmp_path)
    assert [conflict.field for conflict in IDXFiles(images=path).conflicts()] == ["labels"]
    halves = IDXFiles(images=path, labels=path, test_images=path)
    assert [conflict.field for conflict in halves.conflicts()] == ["test_labels"]
    assert [conflict.field for conflict in Arrays(path=path, test_inputs="x").conflicts()] == ["test_targets"]


def test_one_number_a_channel_is_needed(tmp_path: Path) -> None:
    dataset = ImageFolder(path=str(tmp_path), channels=1, mean=(0.1, 0.2, 0.3))
    assert [(conflict.field, conflict.reason) for conflict in dataset.conflicts()] == [
        ("mean", "has 3 numbers, not one for each of the 1 channels.")
    ]
