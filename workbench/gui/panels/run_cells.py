"""What the cells of the runs table say, and the values they are sorted by."""

import math
from datetime import datetime
from enum import IntEnum

from PySide6.QtCore import QCoreApplication

from workbench.gui.panels.metric_words import metric_name, metric_text, metric_title
from workbench.gui.panels.run_status import duration
from workbench.runs.events import Status
from workbench.runs.figures import loss_text, main_metric, metrics_in
from workbench.runs.store import RunRecord

_NONE = "\u2013"


class Column(IntEnum):
    """What the columns show."""

    OVERLAY = 0
    TITLE = 1
    STATUS = 2
    EPOCH = 3
    METRIC = 4
    LOSS = 5
    DEVICE = 6
    TIME = 7
    STARTED = 8


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunCells", text)


def heading(column: int, metric: str | None = None) -> str:
    """The name of ``column``; ``metric`` is the one that all runs have, None where they have different ones."""
    return (
        _tr("Curves"),
        _tr("Title"),
        _tr("Status"),
        _tr("Epoch"),
        metric_title(metric) if metric else _tr("Validation metric"),
        _tr("Validation loss"),
        _tr("Device"),
        _tr("Time"),
        _tr("Started"),
    )[column]


def heading_tip(column: int) -> str:
    """What more there is to say of ``column``; often nothing."""
    if column == Column.OVERLAY:
        return _tr("Tick a run to see its curves in the plots")
    if column in (Column.METRIC, Column.LOSS):
        return _tr("Of the best epoch")
    return _tr("Of training and validation, pauses left out") if column == Column.TIME else ""


def status_word(status: Status) -> str:
    """``status`` for the user."""
    return {
        Status.RUNNING: _tr("Running"),
        Status.PAUSED: _tr("Paused"),
        Status.FINISHED: _tr("Finished"),
        Status.STOPPED: _tr("Stopped"),
        Status.CANCELLED: _tr("Cancelled"),
        Status.FAILED: _tr("Failed"),
        Status.INTERRUPTED: _tr("Interrupted"),
    }[status]


def cell_text(record: RunRecord, column: int, metric: str | None = None) -> str:
    """The text in ``column`` of a run; ``metric`` as for ``heading``."""
    match column:
        case Column.TITLE:
            return record.title
        case Column.STATUS:
            return status_word(record.status)
        case Column.EPOCH:
            return f"{record.epoch}/{record.epochs}"
        case Column.METRIC:
            name = main_metric(record.best)
            if name is None:
                return _NONE
            text = metric_text(name, record.best[name])
            return text if name == metric else f"{metric_name(name)} {text}"
        case Column.LOSS:
            loss = record.best.get("val_loss")
            return _NONE if loss is None else loss_text(loss)
        case Column.DEVICE:
            return record.device or _NONE
        case Column.TIME:
            return duration(record.seconds) if record.seconds > 0 else _NONE
        case Column.STARTED:
            return local_time(record.created)
    return ""


def sort_value(record: RunRecord, column: int) -> float | str | tuple[str, float] | None:
    """The value behind the text; None where there is none, or not a number. Metrics of one name stay together."""
    match column:
        case Column.TITLE:
            return record.title.casefold()
        case Column.STATUS:
            return status_word(record.status)
        case Column.EPOCH:
            return float(record.epoch)
        case Column.METRIC:
            name = main_metric(record.best)
            return None if name is None or math.isnan(record.best[name]) else (name, record.best[name])
        case Column.LOSS:
            value = record.best.get("val_loss", math.nan)
            return None if math.isnan(value) else value
        case Column.DEVICE:
            return record.device
        case Column.TIME:
            return record.seconds
    return record.created.timestamp()


def cell_tip(run_id: str, record: RunRecord, column: int) -> str:
    """What more there is to say of a cell; often nothing."""
    if column == Column.METRIC and "epoch" in record.best:
        figures = [f"{metric_name(name)} {metric_text(name, record.best[name])}" for name in metrics_in(record.best)]
        told = [_tr("In epoch {epoch}").format(epoch=f"{record.best['epoch']:.0f}"), ", ".join(figures)]
        return ": ".join(filter(None, told))
    if column == Column.LOSS and "epoch" in record.best:
        return _tr("In epoch {epoch}").format(epoch=f"{record.best['epoch']:.0f}")
    if column == Column.STARTED and record.ended is not None:
        return _tr("Ended {time}").format(time=local_time(record.ended))
    if column == Column.TITLE:
        return record.message or run_id
    return record.message if column == Column.STATUS else ""


def curves_text(record: RunRecord, shown: bool) -> str:
    """The state of a run's tick, for screen readers."""
    text = _tr("Curves of {title} are shown") if shown else _tr("Curves of {title} are hidden")
    return text.format(title=record.title)


def local_time(time: datetime) -> str:
    """``time`` on this computer's clock."""
    return f"{time.astimezone():%Y-%m-%d %H:%M}"
