"""What a run does at the moment, in one line of plain words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication

from workbench.gui.panels.metric_words import metric_name, metric_text
from workbench.gui.panels.run_pace import Pace
from workbench.runs.events import EpochEnd, Progress, RunEnded, RunStarted, Status
from workbench.runs.figures import loss_text, metrics_in
from workbench.spec.tasks import METRICS

_SEPARATOR = " \u00b7 "


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunStatus", text)


@dataclass(slots=True)
class ShownRun:
    """A run that the Train tab shows: a live one, or one from the history."""

    key: str
    label: str
    style_index: int
    visible: bool = True
    started: RunStarted | None = None
    """None for a run of the history and while a run is prepared."""
    pace: Pace = field(default_factory=lambda: Pace(0.0))
    preparing: Progress | None = None
    step: int = 0
    loss: float | None = None
    paused: bool = False
    ended: RunEnded | None = None
    epochs: list[EpochEnd] = field(default_factory=list)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of its validation metrics, the most telling first; empty while nobody knows."""
        if self.epochs:
            return metrics_in(self.epochs[0].metrics)
        return METRICS[self.started.task] if self.started and self.started.task else ()

    @property
    def live(self) -> bool:
        """Whether more is to come."""
        return self.ended is None and (self.started is not None or self.preparing is not None)

    @property
    def share_done(self) -> float | None:
        """How much of the run, or of a stage of its preparation, is done: 0 to 1; None where nobody knows."""
        if self.started is None:
            stage = self.preparing
            return min(stage.done / stage.total, 1.0) if stage and stage.total else None
        if self.ended is not None and self.ended.status is Status.FINISHED:
            return 1.0
        return min(self.step / max(self.started.epochs * self.started.batches_per_epoch, 1), 1.0)


def status_text(run: ShownRun | None) -> str:
    """The status line, translated."""
    if run is None:
        return _tr("Nothing trained yet. Choose what to train on the left, then press Train.")
    if run.ended is not None:
        return _ended_text(run, run.ended)
    if run.started is None:
        return _preparing_text(run)
    if run.loss is None and not run.paused:
        parameters = _tr("{count} trainable parameters").format(count=f"{run.started.parameters:,}")
        return _SEPARATOR.join((_tr("Starting on {device}").format(device=run.started.device), parameters))
    epochs_done = run.epochs[-1].epoch if run.epochs else 0
    if not run.paused and run.step > 0 and run.step == (epochs_done + 1) * run.started.batches_per_epoch:
        place = {"epoch": epochs_done + 1, "epochs": run.started.epochs}
        return _tr("Validating epoch {epoch} of {epochs}").format(**place)
    parts = [_tr("Paused")] if run.paused else []
    parts.append(_place(run, run.started))
    if run.loss is not None:
        parts.append(_tr("loss {loss}").format(loss=loss_text(run.loss)))
    if not run.paused and run.pace.samples_per_second:
        parts.append(_tr("{rate} samples/s").format(rate=f"{run.pace.samples_per_second:,.0f}"))
    left = run.pace.remaining_seconds(run.started, run.step, epochs_done)
    if left is not None and not run.paused:
        parts.append(_tr("about {time} left").format(time=duration(left)))
    return _SEPARATOR.join(parts)


def duration(seconds: float) -> str:
    """``seconds`` as a person would say it: the two largest units, coarser the longer it is."""
    if seconds < 60:
        return _tr("{seconds} s").format(seconds=max(round(seconds), 1))
    if seconds < 3600:
        minutes, rest = divmod(round(seconds / 5) * 5, 60)
        text = _tr("{minutes} min").format(minutes=minutes)
        return f"{text} {_tr('{seconds} s').format(seconds=rest)}" if rest and minutes < 10 else text
    hours, rest = divmod(round(seconds / 300) * 300, 3600)
    text = _tr("{hours} h").format(hours=hours)
    return f"{text} {_tr('{minutes} min').format(minutes=rest // 60)}" if rest else text


def figures_text(figures: Mapping[str, float]) -> str:
    """The validation loss and metrics among ``figures``, as far as they are there."""
    parts = []
    if "val_loss" in figures:
        parts.append(_tr("validation loss {loss}").format(loss=loss_text(figures["val_loss"])))
    parts += [f"{metric_name(name)} {metric_text(name, figures[name], digits=1)}" for name in metrics_in(figures)]
    return ", ".join(parts)


def _preparing_text(run: ShownRun) -> str:
    stage = run.preparing
    if stage is None:
        count = _tr("{count} epochs").format(count=len(run.epochs))
        return _SEPARATOR.join((run.label, count, _tr("step {step}").format(step=f"{run.step:,}")))
    name = QCoreApplication.translate("Stages", stage.stage)
    return f"{name} {stage.done / stage.total:.0%}".replace("%", " %") if stage.total else f"{name} \u2026"


def _place(run: ShownRun, started: RunStarted) -> str:
    batches = max(started.batches_per_epoch, 1)
    epoch, step = divmod(max(run.step - 1, 0), batches)
    text = _tr("Epoch {epoch} of {epochs}").format(epoch=epoch + 1, epochs=started.epochs)
    step_text = _tr("step {step} of {steps}").format(step=f"{step + (run.step > 0):,}", steps=f"{batches:,}")
    return _SEPARATOR.join((text, step_text))


def _ended_text(run: ShownRun, ended: RunEnded) -> str:
    where = {"epoch": ended.epoch, "step": f"{ended.step:,}"}
    texts = {
        Status.FINISHED: _tr("Finished after epoch {epoch}"),
        Status.STOPPED: _tr("Stopped in epoch {epoch} at step {step}; the checkpoint is kept"),
        Status.CANCELLED: _tr("Cancelled and discarded"),
        Status.FAILED: _tr("Failed in epoch {epoch} at step {step}"),
        Status.INTERRUPTED: _tr("Interrupted at step {step}; Resume goes on from the last checkpoint"),
    }
    parts = [texts.get(ended.status, ended.status.value).format(**where)]
    if ended.message:
        parts.append(ended.message)
    elif ended.best and ended.status in (Status.FINISHED, Status.STOPPED):
        best = _tr("best in epoch {epoch}").format(epoch=int(ended.best.get("epoch", 0)))
        parts.append(f"{best}: {figures_text(ended.best)}")
    return _SEPARATOR.join(parts)
