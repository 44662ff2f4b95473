"""What the cells of the runs table say, and the values they are sorted by."""

import math
from datetime import datetime
from enum import IntEnum

from PySide6.QtCore import QCoreApplication

from workbench.gui.panels.run_status import duration
from workbench.runs.events import Status
from workbench.runs.store import RunRecord

_NONE = "\u2013"
_LARGE_LOSS = 10_000


class Column(IntEnum):
    """What the columns show."""

    OVERLAY = 0
    TITLE = 1
    STATUS = 2
    EPOCH = 3
    ACCURACY = 4
    LOSS = 5
    DEVICE = 6
    TIME = 7
    STARTED = 8


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunCells", text)


def heading(column: int) -> str:
    """The name of ``column``."""
    return (
        _tr("Curves"),
        _tr("Title"),
        _tr("Status"),
        _tr("Epoch"),
        _tr("Validation accuracy"),
        _tr("Validation loss"),
        _tr("Device"),
        _tr("Time"),
        _tr("Started"),
    )[column]


def heading_tip(column: int) -> str:
    """What more there is to say of ``column``; often nothing."""
    if column == Column.OVERLAY:
        return _tr("Tick a run to see its curves in the plots")
    if column in (Column.ACCURACY, Column.LOSS):
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


def cell_text(record: RunRecord, column: int) -> str:
    """The text in ``column`` of a run."""
    match column:
        case Column.TITLE:
            return record.title
        case Column.STATUS:
            return status_word(record.status)
        case Column.EPOCH:
            return f"{record.epoch}/{record.epochs}"
        case Column.ACCURACY:
            accuracy = record.best.get("val_accuracy")
            return _NONE if accuracy is None else f"{accuracy * 100:.2f} %"
        case Column.LOSS:
            loss = record.best.get("val_loss")
            if loss is None:
                return _NONE
            return f"{loss:.3g}" if abs(loss) >= _LARGE_LOSS else f"{loss:.4f}"
        case Column.DEVICE:
            return record.device or _NONE
        case Column.TIME:
            return duration(record.seconds) if record.seconds > 0 else _NONE
        case Column.STARTED:
            return local_time(record.created)
    return ""


def sort_value(record: RunRecord, column: int) -> float | str | None:
    """The value behind the text; None where there is none, or not a number."""
    match column:
        case Column.TITLE:
            return record.title.casefold()
        case Column.STATUS:
            return status_word(record.status)
        case Column.EPOCH:
            return float(record.epoch)
        case Column.ACCURACY | Column.LOSS:
            value = record.best.get("val_accuracy" if column == Column.ACCURACY else "val_loss", math.nan)
            return None if math.isnan(value) else value
        case Column.DEVICE:
            return record.device
        case Column.TIME:
            return record.seconds
    return record.created.timestamp()


def cell_tip(run_id: str, record: RunRecord, column: int) -> str:
    """What more there is to say of a cell; often nothing."""
    if column in (Column.ACCURACY, Column.LOSS) and "epoch" in record.best:
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
