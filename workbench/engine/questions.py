"""The short questions an engine answers, each by one function."""

from workbench.core import checkpoint, device
from workbench.core.data.table import describe_table
from workbench.core.layers import describe_model
from workbench.core.progress import Progress
from workbench.core.try_loss import try_loss
from workbench.engine.messages import (
    CheckpointSummary,
    DescribeCheckpoint,
    DescribeModel,
    DescribeTable,
    Device,
    DrawSchedule,
    ListDevices,
    LossTrial,
    PreviewDataset,
    Question,
    TryLoss,
)
from workbench.engine.preview import preview
from workbench.engine.schedule_curve import draw_schedule
from workbench.folders import Folders


def answer(question: Question, folders: Folders, progress: Progress) -> object:
    """The answer to ``question``, of the type its docstring names.

    Raises:
        WorkbenchError: there is none; the message says why.
        Cancelled: ``progress`` said so.
    """
    match question:
        case PreviewDataset():
            return preview(question, folders, progress)
        case DescribeCheckpoint():
            return _describe(question)
        case ListDevices():
            return tuple(Device(found.name, found.label, found.memory) for found in device.devices())
        case DescribeModel():
            return describe_model(question.experiment, question.info, question.batch_size)
        case DrawSchedule():
            return draw_schedule(question)
        case TryLoss():
            trial = try_loss(question.experiment, question.info)
            return LossTrial(trial.value, trial.chance, trial.sentence)
        case DescribeTable():
            return describe_table(question.dataset, progress)


def _describe(question: DescribeCheckpoint) -> CheckpointSummary:
    loaded = checkpoint.load(question.path)
    return CheckpointSummary(
        path=question.path,
        experiment=loaded.experiment,
        epochs_done=loaded.position.epoch - 1,
        step=loaded.position.step,
        best=dict(loaded.best),
    )
