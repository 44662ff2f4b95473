"""The full product of task, kind of sample, loss and model: each either trains through the loop, or is refused before
the first batch with a sentence that names the reason. It grows with the catalogue."""

from collections.abc import Callable, Iterator
from typing import Any, get_args

import pytest
import torch

from workbench.core import loop
from workbench.core.data.parts import Data, Normalisation, Part
from workbench.runs.events import RunEnded, Status
from workbench.spec.datasets import Digits
from workbench.spec.experiment import Experiment, choices
from workbench.spec.models import MLP, ModelComponent
from workbench.spec.optimizers import SGD
from workbench.spec.tasks import METRICS, DatasetInfo, Task
from workbench.spec.training import Training

TARGETS: dict[Task, tuple[int, ...]] = {"multiclass": (5,), "binary": (2,), "multilabel": (4,), "regression": (1, 3)}
SAMPLES: dict[str, dict[str, Any]] = {
    "grey 8×8": {"kind": "image", "shape": (1, 8, 8)},
    "grey 28×28": {"kind": "image", "shape": (1, 28, 28)},
    "colour 32×32": {"kind": "image", "shape": (3, 32, 32)},
    "colour 20×45": {"kind": "image", "shape": (3, 20, 45)},
    "table": {"kind": "table", "shape": (6,)},
    "table of one column": {"kind": "table", "shape": (1,)},
    "table with categories": {"kind": "table", "shape": (6,), "categories": (3, 12)},
    "tokens": {"kind": "tokens", "shape": (9,), "vocabulary": 20},
}
TRAIN, VALIDATION, BATCH = 7, 3, 3
"""The last batch has one sample, which is where batch normalisation fails."""


def infos() -> Iterator[tuple[str, DatasetInfo]]:
    for task, numbers in TARGETS.items():
        for number in numbers:
            for title, samples in SAMPLES.items():
                names = tuple(f"target {index}" for index in range(number))
                info = DatasetInfo(
                    task=task, targets=names, train_samples=TRAIN, validation_samples=VALIDATION, **samples
                )
                yield f"{task} {number}, {title}", info


INFOS = dict(infos())


def made_up(info: DatasetInfo) -> Data:
    """Random data of the dtypes and ranges that ``Part`` promises."""
    generator = torch.Generator().manual_seed(0)
    samples = TRAIN + VALIDATION
    normalisation: Normalisation | None = None
    if info.kind == "image":
        inputs = torch.randint(256, (samples, *info.shape), dtype=torch.uint8, generator=generator)
        normalisation = Normalisation((0.5,) * info.shape[0], (0.25,) * info.shape[0])
    elif info.kind == "tokens":
        inputs = torch.randint(info.vocabulary, (samples, *info.shape), generator=generator)
        inputs[0] = 0  # nothing but padding
    else:
        inputs = torch.randn(samples, *info.shape, generator=generator)
        for column, values in enumerate(reversed(info.categories), 1):
            inputs[:, -column] = torch.randint(values, (samples,), generator=generator).float()
        normalisation = Normalisation((0.0,) * info.shape[0], (1.0,) * info.shape[0])
    count = len(info.targets)
    if info.task == "regression":
        targets = torch.randn(samples, count, generator=generator)
    elif info.task == "multilabel":
        targets = torch.randint(2, (samples, count), generator=generator).float()
    else:
        targets = torch.arange(samples) % count
    part = Part(inputs, targets)
    return Data(part.select(torch.arange(TRAIN)), part.select(torch.arange(TRAIN, samples)), info, normalisation)


@pytest.fixture
def train_on(trainer: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[Experiment, DatasetInfo], Any]:
    """Runs the real loop on made-up data."""

    def train_on(experiment: Experiment, info: DatasetInfo) -> Any:
        monkeypatch.setattr(Digits, "info", lambda self: info)
        monkeypatch.setattr(loop.datasets, "load", lambda *given, **options: made_up(info))
        return trainer(experiment, threads=1)

    return train_on


def combined(loss: Any, model: Any, **training: Any) -> Experiment:
    return Experiment(
        dataset=Digits(),
        model=model(),
        loss=loss(),
        optimizer=SGD(lr=1e-3),
        training=Training(epochs=1, **{"batch_size": BATCH, **training}),
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("model", choices("model"))
def test_every_combination_trains_or_is_refused_with_a_reason(
    model: Any, train_on: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop.checkpoint, "save", lambda state, *paths: None)  # most of the time, and the same each time
    trained = set()
    for title, info in INFOS.items():
        for loss in choices("loss"):
            experiment = combined(loss, model)
            conflicts = experiment.conflicts(info)
            if conflicts:
                assert all(conflict.reason.endswith(".") for conflict in conflicts), conflicts
                assert {conflict.field.partition(".")[0] for conflict in conflicts} <= {"model", "loss", "training"}
                if info.task not in loss.tasks:  # type: ignore[attr-defined]
                    assert "loss.name" in {conflict.field for conflict in conflicts}
                continue
            assert info.task in loss.tasks  # type: ignore[attr-defined]
            where = f"{model.__name__} with {loss.__name__} on {title}"
            try:
                told = train_on(experiment, info)
            except Exception as error:
                raise AssertionError(f"{where} fails after it was allowed") from error
            assert told.end == RunEnded(Status.FINISHED, 1, 3, best=told.end.best), where
            assert tuple(told.epochs[0].metrics) == METRICS[info.task], where
            trained.add((info.task, loss))
    for task in get_args(Task):
        fitting = {loss for loss in choices("loss") if task in loss.tasks}  # type: ignore[attr-defined]
        assert {loss for done, loss in trained if done == task} == fitting, f"{model.__name__} never trains {task}"


@pytest.mark.parametrize("loss", choices("loss"))
def test_every_loss_trains_on_mixed_images_or_is_refused_with_a_reason(loss: Any, train_on: Any) -> None:
    for title in (f"{task} {numbers[-1]}, grey 8×8" for task, numbers in TARGETS.items()):
        info = INFOS[title]
        experiment = combined(loss, MLP).model_copy(update={"dataset": Digits(mixup=0.2, cutmix=1.0)})
        conflicts = experiment.conflicts(info)
        if conflicts:
            assert {conflict.field for conflict in conflicts} == {"loss.name"}
            assert info.task not in loss.tasks or not loss.takes_shares
        else:
            assert train_on(experiment, info).end.status is Status.FINISHED, title


def test_every_kind_of_sample_has_a_model_for_every_task() -> None:
    for title, info in INFOS.items():
        fitting = [model for model in choices("model") if _takes(model, info)]
        assert fitting, title


def _takes(model: Any, info: DatasetInfo) -> bool:
    component = model()
    assert isinstance(component, ModelComponent)
    return component.misfit(info) is None


@pytest.mark.parametrize("batch_size", [1, TRAIN])
@pytest.mark.parametrize("model", choices("model"))
def test_a_model_trains_on_one_sample_a_batch_and_on_all_or_is_refused(
    model: Any, batch_size: int, train_on: Any
) -> None:
    for title in ("multiclass 5, grey 28×28", "multiclass 5, table", "multiclass 5, tokens"):
        info = INFOS[title]
        (loss, *_) = choices("loss")
        experiment = combined(loss, model, batch_size=batch_size)
        if not experiment.conflicts(info):
            assert train_on(experiment, info).end.status is Status.FINISHED, title
