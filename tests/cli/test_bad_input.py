"""Bad input: exit code 2, one line on stderr that names the field or file, and nothing changed on disk."""

import gzip
import os
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.cli.conftest import SMALL, Outcome, tree
from workbench.core import checkpoint
from workbench.runs.events import CheckpointKind
from workbench.runs.store import Run

Command = Callable[..., Outcome]


@pytest.fixture
def refused(workbench: Command, tmp_path: Path) -> Callable[..., str]:
    """Runs a command that must be refused without a trace; returns its sentence."""

    def run(*arguments: object) -> str:
        before = tree(tmp_path)
        outcome = workbench(*arguments)
        assert outcome.code == 2
        assert outcome.out == ""
        assert outcome.err.startswith("workbench: ")
        assert outcome.err.endswith("\n")
        assert outcome.err.count("\n") == 1
        assert tree(tmp_path) == before
        return outcome.err.removeprefix("workbench: ").removesuffix("\n")

    return run


@pytest.mark.parametrize(
    ("right", "wrong", "sentence"),
    [
        ("lr: 0.1", "lrr: 0.1", "line 5, column 24: optimizer.lrr is not a field; did you mean lr?"),
        ("lr: 0.1", "lr: fast", "line 5, column 24: optimizer.lr must be a number, not 'fast'."),
        ("lr: 0.1", "lr: -0.1", "line 5, column 24: optimizer.lr must be at least 0, not -0.1."),
        ("lr: 0.1", "lr: .nan", "line 5, column 24: optimizer.lr must be a finite number, not nan."),
        ("epochs: 2", "epochs: 2.5", "line 6, column 12: training.epochs must be a whole number, not 2.5."),
        ("name: SGD", "name: SDG", "line 5, column 13: optimizer.name is not known: SDG; did you mean SGD?"),
        ("title: Small", "titel: Small", "line 1, column 1: titel is not a field; did you mean title?"),
        (
            "name: MLP, hidden: [16], dropout: 0.2",
            "name: LeNet5",
            "line 3, column 9: model.name input 8×8 is too small",
        ),
        ("batch_size: 64", "batch_size: 5000", "line 6, column 23: training.batch_size is larger than the 1,438"),
    ],
)
def test_a_wrong_field_is_named_with_its_place(
    refused: Callable[..., str], small: Path, right: str, wrong: str, sentence: str
) -> None:
    assert right in SMALL
    small.write_text(SMALL.replace(right, wrong), encoding="utf-8")
    assert refused("train", small).startswith(f"{small}: {sentence}")


def test_all_wrong_fields_are_named_in_one_line(refused: Callable[..., str], small: Path) -> None:
    small.write_text(SMALL.replace("lr: 0.1", "lr: -1").replace("epochs: 2", "epochs: 0"), encoding="utf-8")
    assert refused("train", small) == (
        f"{small}: line 5, column 24: optimizer.lr must be at least 0, not -1; "
        "line 6, column 12: training.epochs must be at least 1, not 0."
    )


def test_a_wrong_setting_is_named(refused: Callable[..., str], small: Path) -> None:
    name = f"{small}: --set: "
    assert refused("train", small, "--set", "optimizer.lr=-1") == (f"{name}optimizer.lr must be at least 0, not -1.")
    assert refused("train", small, "--set", "optimizer.momentun=0.5") == (
        f"{name}optimizer.momentun is not a field; did you mean momentum?"
    )
    assert refused("train", small, "--set", "lr") == ("--set lr: write it as FIELD=VALUE, such as optimizer.lr=0.1.")
    assert refused("train", small, "--set", "model={name: MLP").startswith("--set model: line 1, column 11: ")


def test_broken_yaml_is_told_with_its_place(refused: Callable[..., str], small: Path) -> None:
    small.write_text(SMALL.replace("[16]", "[16"), encoding="utf-8")
    sentence = refused("train", small)
    assert sentence.startswith(f"{small}: line 3, column ")
    assert sentence.endswith("; mend the YAML there.")


def test_a_file_that_is_no_text_is_named(refused: Callable[..., str], small: Path) -> None:
    small.write_bytes(b"\xff\xfe\x00")
    assert refused("train", small) == f"{small} is not a UTF-8 text file. Save it as UTF-8 and try again."


def test_a_missing_file_is_named(refused: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "gone.yaml"
    assert refused("train", path) == f"Cannot read {path}: no such file or directory."


def test_an_unknown_sample_is_answered_with_the_known_ones(refused: Callable[..., str]) -> None:
    sentence = refused("train", "digit-mlp")
    assert sentence.startswith("There is no file or sample digit-mlp: the samples are breast-cancer, ")
    assert ", digits-mlp, fashion-mnist-" in sentence


def test_a_name_that_no_file_can_have_is_a_missing_file(refused: Callable[..., str]) -> None:
    assert refused("train", "x" * 5000).startswith("There is no file or sample xxx")


def test_a_name_with_a_line_end_is_told_in_one_line(refused: Callable[..., str]) -> None:
    assert refused("train", "two\nlines.yaml") == "Cannot read two lines.yaml: no such file or directory."


def test_an_unknown_device_is_answered_with_the_known_ones(refused: Callable[..., str], small: Path) -> None:
    assert refused("train", small, "--device", "gpu") == (
        "Device gpu is not known: choose auto, cpu, cuda, cuda:N or mps."
    )
    assert refused("train", small, "--device", "cuda:99").startswith("Device cuda:99 is not available: ")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("trian",), "trian"),
        (("train",), "'experiment'"),
        (("train", "digits-mlp", "--sett", "a=1"), "--sett"),
        (("resume", "some", "--epochs", "many"), "--epochs"),
        (("resume", "some", "--epochs", "0"), "--epochs"),
    ],
)
def test_a_wrong_command_line_is_refused_in_one_line(
    refused: Callable[..., str], arguments: tuple[str, ...], named: str
) -> None:
    sentence = refused(*arguments)
    assert named in sentence
    assert sentence.endswith("See 'workbench --help'.")


def test_wrong_settings_of_the_program_are_named(refused: Callable[..., str], home: Path, small: Path) -> None:
    path = home / "settings" / "settings.yaml"
    path.parent.mkdir()
    path.write_text("theme: blue\n", encoding="utf-8")
    sentence = f"{path}: line 1, column 1: theme must be 'system', 'light' or 'dark', not 'blue'."
    assert refused("train", small) == sentence
    assert refused("runs") == sentence


# ---- data ----


def idx(*shape: int, values: bytes | None = None) -> bytes:
    size = 1
    for side in shape:
        size *= side
    return struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape) + (bytes(size) if values is None else values)


@pytest.fixture
def fashion_files(home: Path) -> dict[str, Path]:
    """A data folder with four files of the names and shapes of Fashion-MNIST, all black and all T-shirts."""
    raw = home / "data" / "FashionMNIST" / "raw"
    raw.mkdir(parents=True)
    contents = {
        "train-images-idx3-ubyte": (60_000, 28, 28),
        "train-labels-idx1-ubyte": (60_000,),
        "t10k-images-idx3-ubyte": (10_000, 28, 28),
        "t10k-labels-idx1-ubyte": (10_000,),
    }
    for name, shape in contents.items():
        (raw / f"{name}.gz").write_bytes(gzip.compress(idx(*shape), compresslevel=1))
    return {name: raw / f"{name}.gz" for name in contents}


@pytest.mark.parametrize(
    ("name", "damage", "says"),
    [
        ("train-images-idx3-ubyte", lambda content: content[: len(content) // 2], "is truncated"),
        ("train-labels-idx1-ubyte", lambda content: content[:-9], "is truncated"),
        ("t10k-labels-idx1-ubyte", lambda _: gzip.compress(idx(10_000)[:-1]), "is truncated"),
        ("t10k-images-idx3-ubyte", lambda _: b"not gzip at all", "is not an IDX file"),
        ("t10k-labels-idx1-ubyte", lambda content: content[:-6] + b"wrong sum"[:6], "is damaged"),
        ("train-labels-idx1-ubyte", lambda _: gzip.compress(idx(10_000)), "belongs to another dataset"),
        ("train-labels-idx1-ubyte", lambda _: gzip.compress(idx(60_000, values=b"\x0b" * 60_000)), "labels above 9"),
    ],
    ids=["cut images", "cut labels", "short labels", "no IDX", "wrong sum", "another dataset", "unknown labels"],
)
def test_a_damaged_data_file_is_named_and_kept(
    refused: Callable[..., str],
    fashion_files: dict[str, Path],
    name: str,
    damage: Callable[[bytes], bytes],
    says: str,
) -> None:
    path = fashion_files[name]
    path.write_bytes(damage(path.read_bytes()))
    sentence = refused("train", "fashion-mnist-mlp", "--device", "cpu")
    assert sentence.startswith(str(path))
    assert says in sentence
    assert "get the dataset again" in sentence.lower()


# ---- checkpoints ----


class Bomb:
    """A pickle of this makes a folder when it is loaded without care."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, (str(self.path),)


def sealed(state: dict[str, Any], path: Path) -> None:
    """Write ``state`` with a digest that is right, as somebody who wants it loaded would."""
    torch.save(state, path)
    content = path.read_bytes()[:-2] + checkpoint._COMMENT_SIZE.to_bytes(2, "little")
    path.write_bytes(content + checkpoint.digest(content))


def test_a_truncated_checkpoint_is_not_gone_on_with(refused: Callable[..., str], trained: Run) -> None:
    path = trained.checkpoint(CheckpointKind.LAST)
    path.write_bytes(path.read_bytes()[:-100])
    assert refused("resume", trained.folder, "--epochs", "5") == (
        f"{path} is cut off or is not a Workbench checkpoint: choose another file."
    )


def test_an_altered_checkpoint_is_not_gone_on_with(refused: Callable[..., str], trained: Run) -> None:
    path = trained.checkpoint(CheckpointKind.LAST)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert refused("resume", trained.folder, "--epochs", "5") == (
        f"{path} was altered or damaged since it was saved: use another checkpoint of the run."
    )


def test_a_pickle_bomb_is_not_loaded(refused: Callable[..., str], trained: Run, tmp_path: Path) -> None:
    path = trained.checkpoint(CheckpointKind.LAST)
    sealed({"format": 1, "bomb": Bomb(tmp_path / "exploded")}, path)
    assert refused("resume", trained.folder, "--epochs", "5") == (
        f"{path} holds program code, which a checkpoint never does: it was not loaded. Do not trust its source."
    )
    assert not (tmp_path / "exploded").exists()
    torch.load(path, weights_only=False)
    assert (tmp_path / "exploded").exists(), "the bomb is a real one"
    (tmp_path / "exploded").rmdir()


def test_a_checkpoint_of_a_newer_program_says_so(refused: Callable[..., str], trained: Run) -> None:
    path = trained.checkpoint(CheckpointKind.LAST)
    sealed({"format": 999}, path)
    assert refused("resume", trained.folder) == (
        f"{path} comes from a newer Workbench (format 999): update the program."
    )


# ---- runs and workspaces ----


def test_a_run_that_ended_before_its_first_checkpoint_cannot_be_resumed(
    refused: Callable[..., str], trained: Run
) -> None:
    shutil.rmtree(trained.checkpoints)
    assert refused("resume", trained.folder) == (
        f"{trained.id} ended before its first checkpoint: train its experiment.yaml anew."
    )


def test_an_unknown_run_is_refused_with_where_runs_are_listed(
    refused: Callable[..., str], home: Path, trained: Run
) -> None:
    sentence = f"There is no run nothing in {home / 'workspace'}: 'workbench runs' lists them."
    assert refused("resume", "nothing") == sentence


def test_a_damaged_record_is_named(refused: Callable[..., str], trained: Run) -> None:
    trained.record_file.write_text("{", encoding="utf-8")
    assert refused("resume", trained.folder) == (
        f"{trained.record_file} is damaged: restore it or delete the run's folder."
    )


def test_more_epochs_than_an_experiment_can_have_are_refused(refused: Callable[..., str], trained: Run) -> None:
    assert refused("resume", trained.folder, "--epochs", "1000001") == (
        "--epochs: training.epochs must be at most 1,000,000, not 1000001."
    )


def test_a_workspace_that_cannot_be_written_is_named(refused: Callable[..., str], small: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    sentence = refused("train", small, "--workspace", tmp_path / "file" / "workspace")
    assert sentence.startswith(f"Cannot make the folder {tmp_path / 'file' / 'workspace' / 'runs'}")
    assert sentence.endswith(": not a directory. Choose a folder you can write to.")
