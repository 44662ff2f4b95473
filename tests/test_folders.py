"""Where the program keeps its files."""

from pathlib import Path

import pytest

from workbench import folders
from workbench.spec.yaml_io import load_experiment


def test_the_home_variable_moves_every_folder(tmp_path: Path) -> None:
    found = folders.user_folders({"WORKBENCH_HOME": str(tmp_path / "home")})
    assert (found.settings, found.data, found.cache, found.workspace) == tuple(
        tmp_path / "home" / name for name in ("settings", "data", "cache", "workspace")
    )
    assert not (tmp_path / "home").exists()


def test_the_home_variable_may_begin_with_a_tilde_or_be_relative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert folders.user_folders({"WORKBENCH_HOME": "~/w"}).data == tmp_path / "w" / "data"
    assert folders.user_folders({"WORKBENCH_HOME": "w"}).data == tmp_path / "w" / "data"


@pytest.mark.parametrize("environ", [{}, {"WORKBENCH_HOME": ""}])
def test_without_it_they_are_the_usual_ones_of_the_system(environ: dict[str, str]) -> None:
    found = folders.user_folders(environ)
    places = [found.settings, found.data, found.cache, found.workspace]
    assert all(place.is_absolute() and "workbench" in str(place).lower() for place in places)
    assert len(set(places)) == 4


def test_datasets_installed_by_the_system_are_found_at_their_usual_place() -> None:
    assert Path("/usr/share/datasets") in folders.user_folders({}).system_datasets


@pytest.mark.parametrize("name", ["digits-mlp", "fashion-mnist-lenet5", "fashion-mnist-mlp"])
def test_the_samples_are_bundled_and_can_be_trained(name: str) -> None:
    sample = load_experiment(folders.resources() / "experiments" / f"{name}.yaml")
    assert sample.source
    assert sample.expected


def test_an_installed_package_has_its_files_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "__file__", str(tmp_path / "workbench" / "folders.py"))
    assert folders.resources() == (tmp_path / "resources").resolve()
    (tmp_path / "workbench" / "resources").mkdir(parents=True)
    assert folders.resources() == (tmp_path / "workbench" / "resources").resolve()
