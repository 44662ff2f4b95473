"""The experiment: everything that decides what is trained, as one immutable value."""

from typing import Any, Final, Literal, get_args

from workbench.errors import WorkbenchError
from workbench.spec.component import Component, Conflict, Spec, parameter
from workbench.spec.datasets import Dataset, Digits, FashionMNIST
from workbench.spec.datasets.augmentation import AugmentedImages
from workbench.spec.losses import CrossEntropyLoss, Loss
from workbench.spec.models import MLP, LeNet5, Model, ModelComponent
from workbench.spec.optimizers import SGD, Optimizer
from workbench.spec.schedulers import Constant, Scheduler
from workbench.spec.stepping import stepping_conflicts
from workbench.spec.tasks import METRICS, TASK_NAMES, DatasetInfo
from workbench.spec.training import Training

FORMAT_VERSION: Final = 1
"""Of experiment files. Defaults belong to it: a file leaves out fields that have their default, so changing a
default means a new version and a migration in ``yaml_io``."""


class ExperimentError(WorkbenchError):
    """An experiment cannot be read or trained; the message names each field."""


class Experiment(Spec):
    """What to train. Equal experiments on the same device and thread count give the same run."""

    version: Literal[1] = FORMAT_VERSION
    title: str = parameter("Untitled", "Title", "Names the experiment and its runs.", min_length=1, max_length=120)
    source: str = parameter("", "Source", "Where the experiment comes from.", max_length=2000)
    expected: str = parameter("", "Expected result", "What a run should reach.", max_length=2000)
    dataset: Dataset
    model: Model
    loss: Loss
    optimizer: Optimizer
    scheduler: Scheduler = Constant()
    training: Training = Training()

    def conflicts(self, info: DatasetInfo | None = None) -> list[Conflict]:
        """Every reason why this experiment cannot be trained, each with the field to mend; empty when it can.

        ``info`` is what reading the dataset told; without it, what the declaration knows is used, and what depends on
        more is left unchecked.
        """
        conflicts = [
            conflict.within(section)
            for section in SECTIONS
            if isinstance(component := getattr(self, section), Component)
            for conflict in component.conflicts()
        ]
        conflicts += [conflict.within("optimizer") for conflict in self.optimizer.misfits(self.model)]
        conflicts += [conflict.within("scheduler") for conflict in self.scheduler.misfits(self.optimizer)]
        conflicts += stepping_conflicts(self.training, self.optimizer, self.model)
        if isinstance(self.dataset, AugmentedImages) and self.dataset.mixes_targets and not self.loss.takes_shares:
            blend = "takes one class a sample, and mixup and cutmix blend several"
            reason = f"{blend}: choose CrossEntropyLoss or set both to 0."
            conflicts.append(Conflict(field="loss.name", reason=reason))
        known = info or self.dataset.info()
        # of a dataset that leaves nothing to train on, its own conflict says enough
        return conflicts + self._misfits(known) if known and known.train_samples else conflicts

    def _misfits(self, info: DatasetInfo) -> list[Conflict]:
        """What does not go with the dataset."""
        conflicts = [conflict.within("loss") for conflict in self.loss.misfits(info)]
        if misfit := self.model.misfit(info):
            conflicts.append(Conflict(field="model.name", reason=misfit))
        elif conflict := _smallest_batch_conflict(self.model, self.training, info):
            conflicts.append(conflict)
        conflicts += self.training.misfits(info.train_samples)
        steps = self.training.epochs * self.training.steps_per_epoch(info.train_samples)
        conflicts += [conflict.within("scheduler") for conflict in self.scheduler.length_misfits(steps)]
        metrics = METRICS[info.task]
        if self.training.best_by not in ("automatic", "val_loss", *metrics):
            choices = " or ".join(("automatic", "val_loss", *metrics))
            reason = f"is not measured for {TASK_NAMES[info.task]}: choose {choices}."
            conflicts.append(Conflict(field="training.best_by", reason=reason))
        return conflicts

    def differences(self, other: "Experiment") -> list[str]:
        """The dotted paths of the fields of all sections that are not the same in ``other``."""
        return [
            f"{section}.{field}"
            for section in SECTIONS
            for field in _fields(getattr(self, section), getattr(other, section))
            if getattr(getattr(self, section), field, None) != getattr(getattr(other, section), field, None)
        ]

    def continues(self, original: "Experiment", epochs_done: int) -> list[Conflict]:
        """Why this experiment cannot go on from a checkpoint of ``original`` after ``epochs_done`` whole epochs."""
        conflicts = [
            Conflict(field=path, reason="differs from the checkpoint: set it as it was, or start anew.")
            for path in self.differences(original)
            if path not in FREE_TO_CHANGE
        ]
        if epochs_done >= self.training.epochs:
            conflicts.append(
                Conflict(
                    field="training.epochs",
                    reason=f"is {self.training.epochs}, but {epochs_done} are done already: set more to train on.",
                )
            )
        planned = original.training.epochs
        if (automatic := self.scheduler.length_field()) and self.training.epochs != planned:
            reason = (
                f"is {self.training.epochs}, but the schedule was laid out over {planned} epochs, because "
                f"scheduler.{automatic} is automatic: set {planned}, or start anew."
            )
            conflicts.append(Conflict(field="training.epochs", reason=reason))
        return conflicts


FREE_TO_CHANGE = frozenset(f"training.{field}" for field in ("epochs", "best_by", "checkpoint_minutes", "keep_every"))
"""Fields that may change between a checkpoint and what goes on from it: they do not alter any step."""

SECTIONS = ("dataset", "model", "loss", "optimizer", "scheduler", "training")
"""The parts of an experiment, in the order they are shown."""


def _smallest_batch_conflict(model: ModelComponent, training: Training, info: DatasetInfo) -> Conflict | None:
    """Why a batch of an epoch, the last one included, has fewer samples than the model can train on."""
    least, samples, size = model.smallest_batch(info), info.train_samples, training.batch_samples(info.train_samples)
    if size > samples or (samples % size or size) >= least:
        return None
    by_distance = (size + sign * distance for distance in range(1, samples) for sign in (1, -1))
    for other in by_distance:
        if least <= other <= samples and (samples % other or other) >= least:
            reason = (
                f"leaves a batch of {samples % size or size}, and batch normalisation on images of this size needs "
                f"{least} samples or more: choose {other:,}."
            )
            return Conflict(field="training.batch_size", reason=reason)
    reason = f"needs batches of {least} samples or more, and there are {samples:,} in all: choose another model."
    return Conflict(field="model.name", reason=reason)


def _fields(one: Spec, other: Spec) -> list[str]:
    """The fields of either, each once."""
    return list(dict.fromkeys([*type(one).model_fields, *type(other).model_fields]))


def choices(section: str) -> tuple[type[Spec], ...]:
    """The classes that can stand in ``section``, in the order they are offered."""
    annotation: Any = Experiment.model_fields[section].annotation
    return get_args(annotation) or (annotation,)


def first_experiment() -> Experiment:
    """What the window shows to a newcomer."""
    return Experiment(
        title="My first model",
        dataset=FashionMNIST(mean=(0.5,), std=(0.5,)),
        model=LeNet5(),
        loss=CrossEntropyLoss(),
        optimizer=SGD(lr=0.01, momentum=0.9),
    )


def first_experiment_offline() -> Experiment:
    """What the window shows to a newcomer whose computer has no dataset but the embedded ones."""
    return Experiment(
        title="My first model",
        dataset=Digits(),
        model=MLP(hidden=(64, 32)),
        loss=CrossEntropyLoss(),
        optimizer=SGD(lr=0.1, momentum=0.9),
        training=Training(epochs=20, batch_size=32),
    )
