"""A run on the user's own images: what is left out is told, and resuming is exact over mapped samples, too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from workbench.core.control import Control
from workbench.core.data import own_parts
from workbench.runs.events import BatchBlock, Event, Notice
from workbench.spec.datasets import ImageFolder
from workbench.spec.experiment import Experiment
from workbench.spec.losses import CrossEntropyLoss
from workbench.spec.models import MLP
from workbench.spec.optimizers import SGD
from workbench.spec.training import Training


@pytest.fixture
def own(tmp_path: Path) -> Experiment:
    for level, name in ((60, "dark"), (180, "light")):
        (tmp_path / "p" / name).mkdir(parents=True)
        for number in range(30):
            noise = np.random.default_rng(number).integers(level - 60, level + 60, (12, 12, 3))
            Image.fromarray(noise.astype(np.uint8)).save(tmp_path / "p" / name / f"{number}.png")
    (tmp_path / "p" / "dark" / "0.png").write_bytes(b"no image")
    return Experiment(
        title="Own",
        dataset=ImageFolder(path=str(tmp_path / "p"), size=(8, 8), horizontal_flip=0.5, crop_padding=1),
        model=MLP(hidden=(8,), dropout=0.2),
        loss=CrossEntropyLoss(),
        optimizer=SGD(lr=0.05, momentum=0.9),
        training=Training(epochs=2, batch_size=8),
    )


def test_what_is_left_out_is_told_behind_the_start(own: Experiment, trainer: Any) -> None:
    told = trainer(own)
    assert told.names[:3] == ["RunStarted", "Notice", "BatchBlock"]
    sentence = "dark/0.png: it is no image, or of a kind that cannot be read"
    assert told.events[1] == Notice(f"Left out of the data: {sentence}.", sentence)
    assert (told.started.train_samples, told.started.validation_samples) == (47, 12)
    assert told.epochs[-1].metrics["val_accuracy"] == 1.0


def test_a_run_over_mapped_images_equals_one_in_memory_however_often_it_is_stopped(
    own: Experiment, make_trainer: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_trainer()(own)
    monkeypatch.setattr(own_parts, "MEMORY_SHARE", 0)
    mapped = make_trainer()

    def stop(event: Event, control: Control) -> None:
        if isinstance(event, BatchBlock) and event.last_step == 4:
            control.stop()

    begun = mapped(own, stop)
    resumed = mapped(own, start=mapped.load())
    assert 4 <= len(begun.losses) < 12
    assert begun.losses + resumed.losses == whole.losses
    assert resumed.epochs[-1] == whole.epochs[-1]
