"""Checkpoints: files from which a run goes on exactly.

A checkpoint is a file of ``torch.save`` that holds tensors and builtins only. The digest of its bytes stands in the
archive's comment, where torch does not look: any other program can load the file, and a torn or altered one is noticed.
"""

import hashlib
import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from workbench import files
from workbench.errors import CheckpointError
from workbench.spec.experiment import Experiment, ExperimentError
from workbench.spec.yaml_io import Document, experiment_from

FORMAT_VERSION = 1
_MARK = b"workbench-blake2b:"
_DIGEST_SIZE = 32
_COMMENT_SIZE = len(_MARK) + 2 * _DIGEST_SIZE


@dataclass(frozen=True)
class Position:
    """Where a run stands: ``batch`` batches of ``epoch`` (from 1) are done, ``step`` steps in all."""

    epoch: int
    batch: int
    step: int


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """Everything a run needs to go on as if it had never stopped."""

    experiment: Experiment
    position: Position
    model: Mapping[str, torch.Tensor]
    optimizer: Mapping[str, Any]
    scheduler: Mapping[str, Any] | None
    rng: Mapping[str, Any]
    threads: int
    device: str
    loss_sum: float
    """Sum over the samples of the current epoch of the losses they were trained with."""
    seconds: float
    """Seconds of training and validation so far."""
    epoch_seconds: float
    """Those of the current epoch."""
    epochs: tuple[Mapping[str, Any], ...]
    """The fields of every EpochEnd so far."""
    best: Mapping[str, float]
    """``epoch`` and figures of the best epoch; empty before the first."""
    classes: tuple[str, ...]
    input_shape: tuple[int, ...]
    accumulated: Mapping[str, Any] | None = None
    """What the batches of an optimizer step that is not complete left, as ``Stepper.accumulated`` tells it."""
    ema: Mapping[str, torch.Tensor] | None = None
    """The network with averaged weights; None where they are not averaged."""

    @property
    def weights(self) -> Mapping[str, torch.Tensor]:
        """The network that the validation figures are of, and that predicts."""
        return self.model if self.ema is None else self.ema


def save(checkpoint: Checkpoint, *paths: Path) -> None:
    """Write ``checkpoint`` to each of ``paths``, whole or not at all. Raises FileError."""
    content = _sealed(_content(checkpoint))
    for path in paths:
        files.make_folder(path.parent)
        with files.replacing(path) as file:
            file.write(content)


def load(path: Path) -> Checkpoint:
    """The checkpoint in ``path``, its tensors on the CPU. Never runs code from the file.

    Raises:
        CheckpointError: the file is missing, torn, altered, unsafe, or of a newer format.
    """
    content = _unsealed(path)
    try:
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise CheckpointError(
            f"{path} holds program code, which a checkpoint never does: it was not loaded. Do not trust its source."
        ) from error
    except Exception as error:  # a file made to deceive can make torch raise anything
        raise CheckpointError(f"{path} is damaged and cannot be loaded: use another checkpoint of the run.") from error
    try:
        return _from_content(state, path)
    except (KeyError, TypeError, AttributeError) as error:
        raise CheckpointError(f"{path} lacks a part of a checkpoint ({error}): use another checkpoint.") from error


def digest(content: bytes) -> bytes:
    """The comment that seals ``content``."""
    return _MARK + hashlib.blake2b(content, digest_size=_DIGEST_SIZE).hexdigest().encode("ascii")


def _sealed(content: bytes) -> bytes:
    """A zip archive without comment, with its digest as comment: the archive's last two bytes are its length."""
    content = content[:-2] + _COMMENT_SIZE.to_bytes(2, "little")
    return content + digest(content)


def _unsealed(path: Path) -> bytes:
    """The bytes of ``path`` after the digest was found to be right. Raises CheckpointError."""
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise CheckpointError(f"There is no checkpoint {path}: choose another file.") from error
    except OSError as error:
        raise CheckpointError(f"Cannot read the checkpoint {path}: {files.reason(error)}.") from error
    body, comment = content[:-_COMMENT_SIZE], content[-_COMMENT_SIZE:]
    if not comment.startswith(_MARK):
        raise CheckpointError(f"{path} is cut off or is not a Workbench checkpoint: choose another file.")
    if comment != digest(body):
        raise CheckpointError(f"{path} was altered or damaged since it was saved: use another checkpoint of the run.")
    return content


def _content(checkpoint: Checkpoint) -> bytes:
    position = checkpoint.position
    state = {
        "format": FORMAT_VERSION,
        "experiment": checkpoint.experiment.model_dump(mode="json"),
        "position": {"epoch": position.epoch, "batch": position.batch, "step": position.step},
        "model": dict(checkpoint.model),
        "optimizer": dict(checkpoint.optimizer),
        "scheduler": None if checkpoint.scheduler is None else dict(checkpoint.scheduler),
        "rng": dict(checkpoint.rng),
        "threads": checkpoint.threads,
        "device": checkpoint.device,
        "loss_sum": checkpoint.loss_sum,
        "seconds": checkpoint.seconds,
        "epoch_seconds": checkpoint.epoch_seconds,
        "epochs": [dict(epoch) for epoch in checkpoint.epochs],
        "best": dict(checkpoint.best),
        "classes": list(checkpoint.classes),
        "input_shape": list(checkpoint.input_shape),
        "accumulated": None if checkpoint.accumulated is None else dict(checkpoint.accumulated),
        "ema": None if checkpoint.ema is None else dict(checkpoint.ema),
    }
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


def _from_content(state: Any, path: Path) -> Checkpoint:
    if not isinstance(state, dict) or "format" not in state:
        raise CheckpointError(f"{path} is not a Workbench checkpoint: choose another file.")
    if state["format"] > FORMAT_VERSION:
        raise CheckpointError(f"{path} comes from a newer Workbench (format {state['format']}): update the program.")
    try:
        experiment = experiment_from(Document(str(path), _with_tuples(state["experiment"])), trainable=False)
    except ExperimentError as error:
        raise CheckpointError(str(error)) from error
    return Checkpoint(
        experiment=experiment,
        position=Position(**state["position"]),
        model=state["model"],
        optimizer=state["optimizer"],
        scheduler=state["scheduler"],
        rng=state["rng"],
        threads=state["threads"],
        device=state["device"],
        loss_sum=state["loss_sum"],
        seconds=state["seconds"],
        epoch_seconds=state["epoch_seconds"],
        epochs=tuple(state["epochs"]),
        best=state["best"],
        classes=tuple(state["classes"]),
        input_shape=tuple(state["input_shape"]),
        accumulated=state.get("accumulated"),
        ema=state.get("ema"),
    )


def _with_tuples(value: Any) -> Any:
    """Lists as the tuples that declarations are made of."""
    if isinstance(value, list):
        return tuple(_with_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _with_tuples(item) for key, item in value.items()}
    return value
