"""What the validation metrics are called in the window, and how their values are written."""

from PySide6.QtCore import QCoreApplication

from workbench.runs import figures


def _tr(text: str) -> str:
    return QCoreApplication.translate("Metrics", text)


def metric_name(name: str) -> str:
    """The metric inside a sentence."""
    return {
        "val_accuracy": _tr("accuracy"),
        "val_exact_match": _tr("exact match"),
        "val_mae": _tr("MAE"),
        "val_rmse": _tr("RMSE"),
        "val_r2": _tr("R²"),
    }[name]


def metric_heading(name: str) -> str:
    """The metric as the heading of a column."""
    text = metric_name(name)
    return text[:1].upper() + text[1:]


def metric_title(name: str) -> str:
    """The metric as the title of a plot or of a column that stands alone."""
    return {
        "val_accuracy": _tr("Validation accuracy"),
        "val_exact_match": _tr("Validation exact match"),
        "val_mae": _tr("Validation MAE"),
        "val_rmse": _tr("Validation RMSE"),
        "val_r2": _tr("Validation R²"),
    }[name]


def metric_about(name: str) -> str:
    """What the metric measures, in plain words."""
    return {
        "val_accuracy": _tr("How many unseen samples the model gets right"),
        "val_exact_match": _tr("How many unseen samples have all labels right"),
        "val_mae": _tr("Mean absolute error: how far off the model is on average"),
        "val_rmse": _tr("Root mean squared error: like the mean error, but large misses count more"),
        "val_r2": _tr("How much of the targets' variation the model explains: 1 is all of it, 0 none"),
    }[name]


def metric_text(name: str, value: float, digits: int = 2) -> str:
    """The value of the metric: ``81.23 %``, ``43.21``."""
    return figures.metric_text(name, value, digits).replace("%", " %")
