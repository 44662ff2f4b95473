"""The training loop: a generator of events that the window, the command line and the tests drive by iterating it."""

import copy
import math
import time
from collections.abc import Generator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from workbench.core import build, checkpoint, device, rng
from workbench.core.checkpoint import Checkpoint, Position
from workbench.core.control import Control
from workbench.core.data import datasets
from workbench.core.data.augmentation import augmentation_for
from workbench.core.data.batches import EVALUATION_BATCH, Batches
from workbench.core.data.parts import Data
from workbench.core.evaluate import evaluate
from workbench.core.metering import Clock, LossBlocks
from workbench.core.optimizers import build_optimizer
from workbench.core.progress import Cancelled, Progress, silent
from workbench.core.schedulers import Schedule
from workbench.core.stepping import Stepper
from workbench.errors import CheckpointError, FileError
from workbench.folders import Folders
from workbench.runs.events import (
    BatchBlock,
    CheckpointKind,
    CheckpointSaved,
    EpochEnd,
    Event,
    Notice,
    Paused,
    Resumed,
    RunEnded,
    RunStarted,
    Status,
)
from workbench.spec.component import Conflict
from workbench.spec.experiment import Experiment, ExperimentError
from workbench.spec.tasks import HIGHER_IS_BETTER

BLOCK_SECONDS = 1 / 30
Events = Generator[Event, None, None]


def train(
    experiment: Experiment,
    checkpoints: Path,
    folders: Folders,
    *,
    device_name: str = "auto",
    threads: int = 0,
    control: Control | None = None,
    start: Checkpoint | None = None,
    progress: Progress = silent,
) -> Events:
    """Train ``experiment`` and tell what happens, in the order of ARCHITECTURE.md's table of events.

    Sets torch's global thread count and random state, so one process trains one run at a time. On the CPU, equal
    experiments with equal ``threads`` give bit-identical events, however often they were stopped and gone on with.

    Args:
        checkpoints: the folder for ``last.pt``, ``best.pt`` and ``epoch-NNNN.pt``; made when the first is saved.
        device_name: ``auto``, ``cpu``, ``cuda``, ``cuda:N`` or ``mps``.
        threads: torch's threads; 0 takes those of ``start``, or what the rule in ``device`` says.
        control: hears what the user asks for meanwhile.
        start: the checkpoint to go on from.
        progress: hears about the preparation.

    Raises:
        WorkbenchError: the experiment, data, device or checkpoint does not allow the run to start.
    """
    control = control or Control()
    _check(experiment, start)
    target = device.resolve(device_name)
    try:
        data = datasets.load(experiment.dataset, folders, _until_ended(progress, control))
    except Cancelled:
        yield RunEnded(Status.CANCELLED, 0, 0)
        return
    _refuse(experiment.conflicts(data.info))
    yield from _Session(experiment, data, checkpoints, target, threads, control, start).events()


def _check(experiment: Experiment, start: Checkpoint | None) -> None:
    """Refuse what cannot be trained. Raises ExperimentError or CheckpointError."""
    _refuse(experiment.conflicts())
    if start and (conflicts := experiment.continues(start.experiment, start.position.epoch - 1)):
        text = "; ".join(f"{conflict.field} {conflict.reason}" for conflict in conflicts)
        raise CheckpointError(f"The checkpoint cannot be gone on with: {text}")


def _refuse(conflicts: list[Conflict]) -> None:
    """Raises ExperimentError with every one of ``conflicts``, if there is one."""
    if conflicts:
        raise ExperimentError("; ".join(f"{conflict.field} {conflict.reason}" for conflict in conflicts))


def _until_ended(progress: Progress, control: Control) -> Progress:
    """``progress`` that also stops the preparation when the run was asked to end."""

    def report(stage: str, done: int, total: int) -> None:
        if control.ending:
            raise Cancelled
        progress(stage, done, total)

    return report


class _Session:
    """One stretch of a run in this process: from a start or checkpoint to an ending."""

    def __init__(
        self,
        experiment: Experiment,
        data: Data,
        checkpoints: Path,
        target: torch.device,
        threads: int,
        control: Control,
        start: Checkpoint | None,
    ) -> None:
        self._experiment = experiment
        self._options = experiment.training
        self._info = data.info
        self._notices = [Notice(data.left_out(), "\n".join(data.skipped))] if data.skipped else []
        self._checkpoints = checkpoints
        self._device = target
        self._control = control

        self._batch_samples = self._options.batch_samples(len(data.train))
        augmentation = augmentation_for(experiment.dataset, data.info)
        self._train = Batches(data.train, self._batch_samples, data.normalisation, target, augmentation)
        self._validation = Batches(data.validation, EVALUATION_BATCH, data.normalisation, target)
        model = build.build_model(experiment, data.info, read_weights=start is None)
        self._threads = threads or (start.threads if start else self._threads_for(model))
        torch.set_num_threads(self._threads)
        self._model = model.to(target)
        self._objective = build.build_objective(experiment.loss, data.info).to(target)
        self._optimizer = build_optimizer(experiment.optimizer, self._model, self._options.groups)
        self._stepper = Stepper(self._model, self._objective, self._optimizer, self._options, len(data.train))
        self._schedule = Schedule(
            experiment.scheduler,
            self._optimizer,
            self._options.epochs,
            self._options.steps_per_epoch(len(data.train)),
        )

        self._epoch, self._batch, self._step = 1, 0, 0
        self._loss_sum = 0.0
        self._epochs: list[EpochEnd] = []
        self._best: Mapping[str, float] = {}
        self._clock = Clock()
        if start is not None:
            self._restore(start)
        self._losses = LossBlocks(BLOCK_SECONDS)

    def events(self) -> Events:
        yield RunStarted(
            title=self._experiment.title,
            epochs=self._options.epochs,
            batches_per_epoch=len(self._train),
            train_samples=self._train.samples,
            validation_samples=self._validation.samples,
            parameters=sum(parameter.numel() for parameter in self._model.parameters()),
            device=str(self._device),
            threads=self._threads,
            step=self._step,
            task=self._info.task,
        )
        yield from self._notices
        self._clock.start()
        self._last_saved = time.monotonic()
        try:
            while self._epoch <= self._options.epochs:
                yield from self._train_epoch()
                yield from self._validate_epoch()
            yield from self._save_copies()
        except _Ended as ended:
            yield RunEnded(ended.status, self._epoch, self._step, ended.message, self._best)
        else:
            yield RunEnded(Status.FINISHED, self._options.epochs, self._step, best=self._best)

    def _train_epoch(self) -> Events:
        """The batches of the current epoch that are not done yet."""
        order = self._train.begin_epoch(self._options.seed, self._epoch, shuffle=self._options.shuffle)
        self._model.train()
        self._losses.begin_epoch(self._epoch, self._step)
        group = self._optimizer.param_groups[0]
        for index in range(self._batch, len(self._train)):
            if self._control.pending:
                yield from self._obey()
            samples = self._train.batch(index, order)
            rate = float(group["lr"])
            loss = self._stepper.learn(samples, self._epoch, index)
            self._batch, self._step = index + 1, self._step + 1
            if self._stepper.completes_group(index):
                self._schedule.step_batch()
            now = self._clock.seconds()
            self._losses.add(loss, rate, now)
            if self._losses.is_due(now):
                yield from self._flush()
                if time.monotonic() - self._last_saved >= 60 * self._options.checkpoint_minutes:
                    yield from self._save(CheckpointKind.LAST)
        yield from self._flush()
        if self._control.pending:
            yield from self._obey()

    def _flush(self) -> Events:
        """Tell the losses so far; end the run at the first that is not finite."""
        block = self._losses.take()
        if block is None:
            return
        first = self._batch - len(block.losses)
        for offset, loss in enumerate(block.losses.tolist()):
            self._loss_sum += loss * self._train.size_of(first + offset)
        yield block
        broken = np.flatnonzero(~np.isfinite(block.losses))
        if len(broken):
            raise _Ended(Status.FAILED, self._diverged(block, int(broken[0])))

    def _diverged(self, block: BatchBlock, offset: int) -> str:
        kind = "NaN" if math.isnan(block.losses[offset]) else "infinite"
        kept = "The last checkpoint is from before." if (self._checkpoints / "last.pt").exists() else ""
        rate = float(block.learning_rates[offset])
        return (
            f"The loss became {kind} at step {block.first_step + offset:,} (epoch {block.epoch}). "
            f"The learning rate {rate:g} is probably too high: try {min(rate / 10, 0.1):g}. {kept}"
        ).rstrip()

    def _validate_epoch(self) -> Events:
        """Validate, step the schedule, save, and move to the next epoch."""
        task, should_end = self._info.task, lambda: self._control.ending is not None
        result = evaluate(self._stepper.evaluated_model, self._objective, self._validation, task, should_end)
        if result is None:
            yield from self._obey()
            return
        rate = float(self._optimizer.param_groups[0]["lr"])
        self._schedule.step_epoch(result.loss)
        end = EpochEnd(
            epoch=self._epoch,
            step=self._step,
            train_loss=self._loss_sum / self._train.samples,
            val_loss=result.loss,
            metrics=result.metrics,
            learning_rate=rate,
            seconds=self._clock.lap(),
        )
        self._epochs.append(end)
        is_best = self._note_best(end)
        yield end
        if not math.isfinite(result.loss):
            raise _Ended(
                Status.FAILED, f"The validation loss of epoch {end.epoch} is not finite: lower the learning rate."
            )
        self._epoch, self._batch, self._loss_sum = self._epoch + 1, 0, 0.0
        yield from self._save_epoch(end.epoch, is_best=is_best)

    def _note_best(self, end: EpochEnd) -> bool:
        """Whether ``end`` is the best epoch so far by the figure the experiment names."""
        figure = self._options.best_figure(self._info.task)
        value, best = end.value(figure), self._best.get(figure)
        better = best is None or (value > best if figure in HIGHER_IS_BETTER else value < best)
        if better and math.isfinite(end.val_loss):
            self._best = {"epoch": end.epoch, "train_loss": end.train_loss, "val_loss": end.val_loss, **end.metrics}
            return True
        return False

    def _save_epoch(self, epoch: int, *, is_best: bool) -> Events:
        kinds = [CheckpointKind.LAST]
        if is_best:
            kinds.append(CheckpointKind.BEST)
        if self._options.keep_every and epoch % self._options.keep_every == 0:
            kinds.append(CheckpointKind.EPOCH)
        yield from self._save(*kinds, epoch=epoch)

    def _save(self, *kinds: CheckpointKind, epoch: int | None = None) -> Events:
        """Write the current state under the name of each kind in the run's folder."""
        at = epoch or self._epoch
        paths = [
            self._checkpoints / (f"epoch-{at:04d}.pt" if kind is CheckpointKind.EPOCH else f"{kind}.pt")
            for kind in kinds
        ]
        checkpoint.save(self._state(), *paths)
        self._last_saved = time.monotonic()
        for kind, path in zip(kinds, paths, strict=True):
            yield CheckpointSaved(kind, path, at, self._step)

    def _obey(self) -> Events:
        """Do what the user asked for, between two batches."""
        yield from self._flush()
        yield from self._save_copies()
        if self._control.is_paused():
            self._clock.stop()
            yield Paused(self._step)
            while self._control.is_paused():
                self._control.wait()
                yield from self._save_copies()
            if self._control.ending is None:
                yield Resumed(self._step)
            self._clock.start()
            self._losses.restart(self._clock.seconds())
        match self._control.ending:
            case "stop":
                yield from self._save(CheckpointKind.LAST)
                raise _Ended(Status.STOPPED)
            case "cancel":
                raise _Ended(Status.CANCELLED)

    def _save_copies(self) -> Events:
        for path in self._control.take_copies():
            try:
                checkpoint.save(self._state(), path)
            except FileError as error:  # a place that cannot be written is no reason to end the run
                yield Notice(str(error))
            else:
                yield CheckpointSaved(CheckpointKind.COPY, path, self._epoch, self._step)

    def _state(self) -> Checkpoint:
        return Checkpoint(
            experiment=self._experiment,
            position=Position(self._epoch, self._batch, self._step),
            model=self._model.state_dict(),
            optimizer=self._optimizer.state_dict(),
            scheduler=self._schedule.state_dict(),
            rng=rng.capture(self._device),
            threads=self._threads,
            device=str(self._device),
            loss_sum=self._loss_sum,
            seconds=self._clock.seconds(),
            epoch_seconds=self._clock.lap_seconds(),
            epochs=tuple(_plain(end) for end in self._epochs),
            best=self._best,
            classes=self._info.targets,
            input_shape=self._info.shape,
            accumulated=self._stepper.accumulated(self._batch),
            ema=self._stepper.averages(),
        )

    def _restore(self, start: Checkpoint) -> None:
        """Take over everything ``start`` holds. Raises CheckpointError where it does not fit."""
        try:
            self._model.load_state_dict(start.model)
            # a copy, because torch goes on with the very tensors it is given
            self._optimizer.load_state_dict(copy.deepcopy(dict(start.optimizer)))
            self._schedule.load_state_dict(start.scheduler or {})
            self._stepper.restore(start.accumulated, start.ema, start.position.epoch, start.position.batch)
            rng.restore(dict(start.rng), self._device)
            self._epochs = [EpochEnd(**epoch) for epoch in start.epochs]
        except (RuntimeError, ValueError, KeyError, TypeError) as error:
            raise CheckpointError(
                "The checkpoint does not fit the model it names: use another checkpoint of the run."
            ) from error
        self._epoch, self._batch, self._step = start.position.epoch, start.position.batch, start.position.step
        self._loss_sum = start.loss_sum
        self._best = start.best
        self._clock = Clock(start.seconds, start.epoch_seconds)

    def _threads_for(self, model: torch.nn.Module) -> int:
        return device.thread_count(build.step_work(model, self._info, self._batch_samples), device.cores())


class _Ended(Exception):
    """The run ends before its last epoch."""

    def __init__(self, status: Status, message: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def _plain(end: EpochEnd) -> dict[str, Any]:
    """An EpochEnd as builtins."""
    fields = asdict(end)
    return {**fields, "metrics": dict(fields["metrics"])}
