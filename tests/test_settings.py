"""The settings of the program: kept in one file, read with the field of every fault."""

from pathlib import Path

import pytest

from workbench.errors import FileError
from workbench.folders import Folders, user_folders
from workbench.settings import Settings, load_settings, save_settings, settings_file
from workbench.spec.experiment import ExperimentError


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return user_folders({"WORKBENCH_HOME": str(tmp_path / "home")})


def test_without_a_file_the_defaults_hold_and_no_file_is_made(folders: Folders) -> None:
    settings = load_settings(folders)
    assert (settings.device, settings.threads, settings.workspace, settings.theme) == ("auto", 0, "", "system")
    assert not folders.settings.exists()


@pytest.mark.parametrize(
    "settings",
    [Settings(), Settings(device="cuda:12", threads=4, workspace="~/my runs: 2", theme="dark"), Settings(device="mps")],
)
def test_saved_settings_are_read_back(settings: Settings, folders: Folders) -> None:
    save_settings(settings, folders)
    assert load_settings(folders) == settings
    assert [path.name for path in folders.settings.iterdir()] == ["settings.yaml"]


def test_saving_replaces_what_was_saved_before(folders: Folders) -> None:
    save_settings(Settings(threads=3, theme="dark"), folders)
    save_settings(Settings(theme="light"), folders)
    assert load_settings(folders) == Settings(theme="light")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("device: gpu", "line 1, column 1: device must be one of auto, cpu, mps, cuda"),
        ("theme: dark\nthreads: -1", "line 2, column 1: threads must be at least 0, not -1."),
        ("threads: many", "line 1, column 1: threads must be a whole number, not 'many'."),
        ("theme: blue", "line 1, column 1: theme must be 'system', 'light' or 'dark', not 'blue'."),
        ("them: dark", "line 1, column 1: them is not a field"),
        ("theme: [dark", "line 1, column "),
    ],
)
def test_wrong_settings_are_refused_with_file_and_field(text: str, sentence: str, folders: Folders) -> None:
    folders.settings.mkdir(parents=True)
    settings_file(folders).write_text(text, encoding="utf-8")
    with pytest.raises(ExperimentError) as refusal:
        load_settings(folders)
    assert str(refusal.value).startswith(f"{settings_file(folders)}: {sentence}")
    assert settings_file(folders).read_text(encoding="utf-8") == text


def test_settings_that_cannot_be_kept_are_refused(folders: Folders) -> None:
    folders.settings.parent.mkdir(parents=True)
    folders.settings.write_text("a file in the way", encoding="utf-8")
    with pytest.raises(FileError, match=f"Cannot make the folder {folders.settings}"):
        save_settings(Settings(), folders)


def test_the_workspace_is_the_usual_folder_or_the_set_one(folders: Folders) -> None:
    assert Settings().workspace_folder(folders) == folders.workspace
    assert Settings(workspace="/some/where").workspace_folder(folders) == Path("/some/where")
    assert Settings(workspace="~/runs").workspace_folder(folders) == Path.home() / "runs"
