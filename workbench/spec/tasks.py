"""What a model is trained for, and what it has to fit: the vocabulary between datasets, models, losses and metrics."""

from typing import Final, Literal

from workbench.spec.component import Spec

Task = Literal["multiclass", "binary", "multilabel", "regression"]
"""One class out of several; one of two; any number of labels; one or several numbers."""

TASK_NAMES: Final[dict[Task, str]] = {
    "multiclass": "choosing one of several classes",
    "binary": "choosing one of two classes",
    "multilabel": "several labels at once",
    "regression": "predicting numbers",
}

METRICS: Final[dict[Task, tuple[str, ...]]] = {
    "multiclass": ("val_accuracy",),
    "binary": ("val_accuracy",),
    "multilabel": ("val_accuracy", "val_exact_match"),
    "regression": ("val_mae", "val_rmse", "val_r2"),
}
"""What is measured on the validation part beside the loss, the most telling first.

Accuracies and exact match are fractions; with several labels, accuracy is the share of single labels that are right,
exact match that of samples with all labels right.
"""

HIGHER_IS_BETTER: Final = frozenset({"val_accuracy", "val_exact_match", "val_r2"})


class DatasetInfo(Spec):
    """What is known of a dataset: from its declaration alone, or after its files were read."""

    task: Task
    kind: Literal["image", "table", "tokens"]
    shape: tuple[int, ...]
    """Of one sample's input: ``(C, H, W)``, ``(features,)`` or ``(length,)``."""
    targets: tuple[str, ...]
    """The classes, the labels, or the names of the numbers to predict."""
    train_samples: int
    validation_samples: int
    categories: tuple[int, ...] = ()
    """Of a table: how many values each column of codes has; these columns are the last of the input."""
    vocabulary: int = 0
    """Of tokens: how many there are; 0 pads."""

    @property
    def is_classification(self) -> bool:
        """Whether each sample has one class."""
        return self.task in ("multiclass", "binary")
