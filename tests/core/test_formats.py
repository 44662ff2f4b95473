"""Files of every format version that was ever released are read for ever, and mean what they meant."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from workbench.core import checkpoint
from workbench.core.checkpoint import Position
from workbench.runs.events import CheckpointKind, Status
from workbench.runs.metrics import read_batches, read_epochs
from workbench.runs.store import Run, Workspace
from workbench.spec.yaml_io import load_experiment

FORMATS = Path(__file__).parents[1] / "data" / "formats"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run of format 1, copied into a workspace: stopped at step 9, in the middle of its second epoch of three."""
    workspace = Workspace(tmp_path)
    shutil.copytree(FORMATS / "1" / "run", workspace.runs_folder / "old")
    return workspace.find("old")


NEUTRAL_LATER: dict[str, dict[str, Any]] = {
    "dataset": {
        "crop_padding": 0, "horizontal_flip": 0.0, "vertical_flip": 0.0, "rotation": 0.0, "brightness": 0.0,
        "contrast": 0.0, "saturation": 0.0, "erasing": 0.0, "mixup": 0.0, "cutmix": 0.0,
    },
    "loss": {"weight": ()},
    "scheduler": {"warmup_steps": 0, "warmup_start": 0.1},
    "training": {
        "accumulate": 1, "clip_norm": 0.0, "clip_value": 0.0, "l1_penalty": 0.0, "l2_penalty": 0.0,
        "gradient_noise": 0.0, "noise_decay": 0.55, "ema_decay": 0.0, "groups": (),
    },
}  # fmt: skip
"""Of fields that came after the files were written: what changes nothing."""


def test_every_format_this_program_writes_has_its_files_here() -> None:
    assert {path.name for path in FORMATS.iterdir()} == {
        str(version) for version in range(1, checkpoint.FORMAT_VERSION + 1)
    }


def with_later_fields(expected: dict[str, Any]) -> dict[str, Any]:
    return {
        section: {**value, **NEUTRAL_LATER.get(section, {})} if isinstance(value, dict) else value
        for section, value in expected.items()
    }


def test_an_experiment_file_of_format_1_means_what_it_meant() -> None:
    found = load_experiment(FORMATS / "1" / "experiment.yaml").model_dump()
    assert found == with_later_fields(
        {
            "version": 1,
            "title": "Everything: format 1",
            "source": "A file of format 1, written with every field of every section",
            "expected": "It is read for ever",
            "dataset": {
                "name": "FashionMNIST",
                "mean": (0.5,),
                "std": (0.25,),
                "validation": 0.1,
                "split_seed": 3,
            },
            "model": {"name": "MLP", "hidden": (64, 32), "activation": "GELU", "dropout": 0.1},
            "loss": {"name": "CrossEntropyLoss", "label_smoothing": 0.05},
            "optimizer": {
                "name": "Adam",
                "lr": 1e-3,
                "maximize": False,
                "foreach": False,
                "fused": None,
                "betas": (0.9, 0.99),
                "eps": 1e-7,
                "weight_decay": 1e-5,
                "amsgrad": True,
                "decoupled_weight_decay": True,
            },
            "scheduler": {
                "name": "StepLR",
                "step_size": 3,
                "gamma": 0.5,
            },
            "training": {
                "epochs": 12,
                "batch_size": 128,
                "shuffle": False,
                "seed": 42,
                "best_by": "val_loss",
                "checkpoint_minutes": 2.5,
                "keep_every": 4,
            },
        }
    )


def test_fields_a_file_of_format_1_leaves_out_have_the_defaults_of_that_format(run: Run) -> None:
    experiment = run.experiment().model_dump()
    known = {"name": "Digits", "mean": (0.0,), "std": (1.0,), "validation": 0.2, "split_seed": 0}
    assert experiment["dataset"] == {**NEUTRAL_LATER["dataset"], **known}
    assert experiment["optimizer"] == {
        "name": "SGD",
        "lr": 0.1,
        "maximize": False,
        "foreach": None,
        "fused": None,
        "momentum": 0.9,
        "dampening": 0.0,
        "weight_decay": 0.0,
        "nesterov": False,
    }
    assert experiment["training"]["shuffle"] is True
    assert experiment["training"]["checkpoint_minutes"] == 1.0


def test_a_run_of_format_1_is_read(run: Run) -> None:
    record = run.read()
    assert (record.title, record.status, record.epoch, record.step) == ("Format 1", Status.STOPPED, 2, 9)
    assert record.best["epoch"] == 1
    assert read_batches(run.metrics_file).steps.tolist() == list(range(1, 10))
    (end,) = read_epochs(run.metrics_file)
    assert end.val_loss == record.best["val_loss"] == record.last["val_loss"]


def test_the_checkpoints_of_format_1_are_read(run: Run) -> None:
    last = checkpoint.load(run.checkpoint(CheckpointKind.LAST))
    assert last.position == Position(epoch=2, batch=3, step=9)
    assert last.experiment == run.experiment()
    assert checkpoint.load(run.checkpoint(CheckpointKind.BEST)).position == Position(epoch=2, batch=0, step=6)


def test_a_run_of_format_1_goes_on_where_it_stood(run: Run, trainer: Any) -> None:
    expected = json.loads((FORMATS / "1" / "expected.json").read_text())
    start = checkpoint.load(run.checkpoint(CheckpointKind.LAST))
    told = trainer(run.experiment(), start=start)
    # Not bit for bit: another processor or torch may round otherwise.
    assert told.steps == list(range(10, 19))
    assert told.losses == pytest.approx(expected["losses_after_step_9"], rel=1e-4)
    assert [end.val_loss for end in told.epochs] == pytest.approx(expected["val_losses_of_epochs_2_and_3"], rel=1e-4)
