"""Checkpoints hold all and nothing else, never run code, and tell when they were damaged."""

import io
import os
import re
import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from workbench.core import checkpoint
from workbench.core.checkpoint import Checkpoint, Position
from workbench.core.control import Control
from workbench.errors import CheckpointError, FileError
from workbench.runs.events import BatchBlock, Event
from workbench.spec.experiment import Experiment
from workbench.spec.optimizers import Adam
from workbench.spec.schedulers import StepLR

FIXED_FOLDER = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="session")
def content() -> bytearray:
    """The bytes of a checkpoint, filled by the first test that asks for ``saved``."""
    return bytearray()


@pytest.fixture
def saved(trainer: Any, experiment: Experiment, content: bytearray, tmp_path: Path) -> Path:
    """A checkpoint from the middle of the second epoch."""

    def act(event: Event, control: Control) -> None:
        if isinstance(event, BatchBlock) and event.last_step == 8:
            control.stop()

    if not content:
        trainer(experiment.model_copy(update={"optimizer": Adam(), "scheduler": StepLR(gamma=0.5)}), act)
        content += (trainer.checkpoints / "last.pt").read_bytes()
    path = tmp_path / "saved.pt"
    path.write_bytes(content)
    return path


def seal(path: Path, state: Any) -> None:
    """Write ``state`` as one who knows the format and means ill could."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    seal_bytes(path, buffer.getvalue())


def seal_bytes(path: Path, body: bytes) -> None:
    size = len(checkpoint.digest(b""))
    body = body[:-2] + size.to_bytes(2, "little")
    path.write_bytes(body + checkpoint.digest(body))


def state_of(path: Path) -> dict[str, Any]:
    state = torch.load(path, weights_only=True)
    assert isinstance(state, dict)
    return state


def test_everything_comes_back_as_it_was_saved(saved: Path, tmp_path: Path, is_same: Callable[..., bool]) -> None:
    loaded = checkpoint.load(saved)
    assert loaded.position == Position(epoch=2, batch=2, step=8)
    assert loaded.classes == tuple("0123456789")
    assert loaded.input_shape == (1, 8, 8)
    assert (loaded.device, loaded.threads) == ("cpu", 1)
    assert [epoch["epoch"] for epoch in loaded.epochs] == [1]
    assert loaded.best["val_loss"] == loaded.epochs[0]["val_loss"]
    assert 0 < loaded.epoch_seconds < loaded.seconds
    checkpoint.save(loaded, tmp_path / "again.pt", tmp_path / "a" / "folder" / "and_again.pt")
    for name in ("again.pt", "a/folder/and_again.pt"):
        again = checkpoint.load(tmp_path / name)
        for field in fields(Checkpoint):
            assert is_same(getattr(again, field.name), getattr(loaded, field.name)), field.name


def test_any_program_can_load_it_and_finds_tensors_and_builtins_alone(saved: Path) -> None:
    def check(value: Any, where: str) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                assert type(key) in (str, int), where
                check(item, f"{where}.{key}")
        elif type(value) in (list, tuple):
            for item in value:
                check(item, where)
        else:
            plain = (torch.Tensor, str, int, float, bool, type(None))
            assert type(value) in plain, f"{where} is {type(value)}"

    check(state_of(saved), "checkpoint")


def test_it_says_which_format_and_experiment_it_has(saved: Path, experiment: Experiment) -> None:
    state = state_of(saved)
    assert state["format"] == 1
    assert state["experiment"]["model"] == {
        "name": "MLP",
        "hidden": list(experiment.model.hidden),
        "activation": "ReLU",
        "dropout": 0.25,
    }


def test_it_is_a_sound_zip_archive(saved: Path) -> None:
    with zipfile.ZipFile(saved) as archive:
        assert archive.testzip() is None
        assert archive.comment.startswith(b"workbench-blake2b:")


@FIXED_FOLDER
@given(data=st.data())
def test_one_altered_byte_anywhere_is_noticed(saved: Path, content: bytearray, data: st.DataObject) -> None:
    near_an_end = st.integers(0, 200) | st.integers(len(content) - 200, len(content) - 1)
    place = data.draw(st.integers(0, len(content) - 1) | near_an_end)
    altered = bytearray(content)
    altered[place] ^= data.draw(st.integers(1, 255))
    saved.write_bytes(altered)
    with pytest.raises(CheckpointError, match=rf"{re.escape(str(saved))} (was altered|is cut off)"):
        checkpoint.load(saved)


@FIXED_FOLDER
@given(data=st.data())
def test_a_file_cut_off_anywhere_is_noticed(saved: Path, content: bytearray, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, len(content) - 1) | st.integers(len(content) - 200, len(content) - 1))
    saved.write_bytes(content[:length])
    with pytest.raises(CheckpointError, match=rf"{re.escape(str(saved))} is cut off or is not a Workbench checkpoint"):
        checkpoint.load(saved)


def test_bytes_behind_the_end_are_noticed(saved: Path, content: bytearray) -> None:
    saved.write_bytes(content + b"\0")
    with pytest.raises(CheckpointError, match="is cut off or is not"):
        checkpoint.load(saved)


def test_a_checkpoint_of_another_program_is_named(tmp_path: Path) -> None:
    torch.save({"model": {}}, tmp_path / "other.pt")
    with pytest.raises(CheckpointError, match=r"other\.pt is cut off or is not a Workbench checkpoint: choose another"):
        checkpoint.load(tmp_path / "other.pt")


def test_a_missing_checkpoint_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"There is no checkpoint .*absent\.pt: choose another file"):
        checkpoint.load(tmp_path / "absent.pt")
    with pytest.raises(CheckpointError, match=r"Cannot read the checkpoint .*: is a directory|permission denied"):
        checkpoint.load(tmp_path)


class Bomb:
    """What unpickling must never set off."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self._marker),)


@pytest.mark.parametrize("place", ["alone", "in a part"])
@pytest.mark.parametrize("sealed", [True, False])
def test_a_pickle_bomb_does_not_go_off(saved: Path, tmp_path: Path, sealed: bool, place: str) -> None:
    marker = tmp_path / "it went off"
    bomb = Bomb(marker)
    state = bomb if place == "alone" else {**state_of(saved), "rng": bomb}
    path = tmp_path / "bomb.pt"
    if sealed:
        seal(path, state)
    else:
        torch.save(state, path)
    message = r"holds program code, which a checkpoint never does" if sealed else "is not a Workbench checkpoint"
    with pytest.raises(CheckpointError, match=rf"bomb\.pt .*{message}"):
        checkpoint.load(path)
    assert not marker.exists()
    torch.load(path, weights_only=False)  # the bomb is real
    assert marker.exists()


def test_a_checkpoint_of_a_newer_format_says_to_update(saved: Path) -> None:
    seal(saved, {**state_of(saved), "format": 2})
    with pytest.raises(
        CheckpointError, match=r"saved\.pt comes from a newer Workbench \(format 2\): update the program"
    ):
        checkpoint.load(saved)


PARTS = ["experiment", "position", "model", "optimizer", "scheduler", "rng", "threads", "device", "loss_sum", "seconds"]
PARTS += ["epoch_seconds", "epochs", "best", "classes", "input_shape"]
LATER_PARTS = ["accumulated", "ema"]
"""What the first checkpoints of format 1 did not have."""


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_is_missing_is_named(saved: Path, part: str) -> None:
    state = state_of(saved)
    assert {"format", *PARTS, *LATER_PARTS} == set(state)
    del state[part]
    seal(saved, state)
    with pytest.raises(CheckpointError, match=rf"saved\.pt lacks a part of a checkpoint \('{part}'\)"):
        checkpoint.load(saved)


def test_a_checkpoint_from_before_steps_had_options_is_read(saved: Path) -> None:
    state = state_of(saved)
    for part in LATER_PARTS:
        del state[part]
    seal(saved, state)
    loaded = checkpoint.load(saved)
    assert (loaded.accumulated, loaded.ema) == (None, None)
    assert loaded.weights is loaded.model


@pytest.mark.parametrize("is_sparse", [True, False])
def test_accumulated_gradients_and_averaged_weights_come_back(
    saved: Path, is_sparse: bool, is_same: Callable[..., bool]
) -> None:
    gradient = torch.tensor([[0.0, 0.0], [1.5, -2.5]])
    accumulated = {"share": 12.0, "gradients": {"table": gradient.to_sparse(1) if is_sparse else gradient}}
    averages = {name: weight + 1 for name, weight in checkpoint.load(saved).model.items()}
    checkpoint.save(replace(checkpoint.load(saved), accumulated=accumulated, ema=averages), saved)
    loaded = checkpoint.load(saved)
    assert loaded.accumulated is not None
    assert loaded.accumulated["share"] == 12.0
    read = loaded.accumulated["gradients"]["table"]
    assert read.is_sparse is is_sparse
    assert torch.equal(read.to_dense(), gradient)
    assert is_same(loaded.ema, averages)
    assert loaded.weights is loaded.ema


@pytest.mark.parametrize(
    ("part", "value"),
    [("format", "one"), ("position", {"epoch": 1}), ("position", 3), ("epochs", None), ("classes", 3)],
)
def test_a_part_of_another_kind_is_refused(saved: Path, part: str, value: Any) -> None:
    seal(saved, {**state_of(saved), part: value})
    with pytest.raises(CheckpointError, match=r"saved\.pt lacks a part of a checkpoint"):
        checkpoint.load(saved)


@pytest.mark.parametrize("state", [[1, 2], {"model": {}}, torch.zeros(3), "text"])
def test_a_sealed_file_that_holds_something_else_is_refused(tmp_path: Path, state: Any) -> None:
    seal(tmp_path / "other.pt", state)
    with pytest.raises(CheckpointError, match=r"other\.pt is not a Workbench checkpoint"):
        checkpoint.load(tmp_path / "other.pt")


def test_an_experiment_that_cannot_be_read_is_told_with_its_field(saved: Path) -> None:
    state = state_of(saved)
    state["experiment"]["optimizer"]["lr"] = -1.0
    seal(saved, state)
    with pytest.raises(CheckpointError, match=r"saved\.pt: optimizer\.lr must be at least 0, not -1\.0\."):
        checkpoint.load(saved)


@FIXED_FOLDER
@given(body=st.binary(min_size=2, max_size=300))
@example(body=b"")
@example(body=b"\x80\x02}q\x00.")
def test_sealed_nonsense_is_refused(tmp_path: Path, body: bytes) -> None:
    seal_bytes(tmp_path / "nonsense.pt", body)
    with pytest.raises(CheckpointError, match=r"nonsense\.pt"):
        checkpoint.load(tmp_path / "nonsense.pt")


@FIXED_FOLDER
@given(data=st.data())
def test_an_altered_and_sealed_checkpoint_is_refused_or_whole(
    saved: Path, content: bytearray, data: st.DataObject
) -> None:
    body = bytearray(content[: -len(checkpoint.digest(b""))])
    for place in data.draw(st.lists(st.integers(0, len(body) - 3), min_size=1, max_size=20)):
        body[place] = data.draw(st.integers(0, 255))
    seal_bytes(saved, bytes(body))
    try:
        loaded = checkpoint.load(saved)
    except CheckpointError as error:
        assert str(saved) in str(error)  # noqa: PT017  both are right, any other exception is not
    else:
        assert isinstance(loaded, Checkpoint)


def test_a_place_that_cannot_be_written_is_named_and_the_old_checkpoint_stays(saved: Path, content: bytearray) -> None:
    loaded = checkpoint.load(saved)
    with pytest.raises(FileError, match=r"Cannot make the folder .*saved\.pt"):
        checkpoint.save(loaded, saved / "below" / "x.pt")
    assert saved.read_bytes() == content


def test_a_fault_while_saving_leaves_the_old_checkpoint(
    saved: Path, content: bytearray, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = checkpoint.load(saved)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workbench.files.os.fsync", full)
    with pytest.raises(FileError, match=r"Cannot write .*saved\.pt: no space left on device"):
        checkpoint.save(replace(loaded, threads=7), saved)
    assert saved.read_bytes() == content
    assert [path.name for path in saved.parent.iterdir() if path.is_file()] == ["saved.pt"]
