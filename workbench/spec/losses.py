"""The losses an experiment can name; names, fields and defaults are those of ``torch.nn``."""

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from workbench.spec.component import Component, Conflict, parameter
from workbench.spec.tasks import TASK_NAMES, DatasetInfo, Task

Weight = Annotated[float, Field(ge=1e-6, le=1e6)]
"""Above 0, because torch divides by the sum of a batch's weights, and within what float32 adds up well."""


def documentation_of(name: str) -> str:
    """The address of torch's page about the loss ``name``."""
    return f"https://docs.pytorch.org/docs/stable/generated/torch.nn.{name}.html"


def _class_weights(effect: str) -> Any:
    return parameter(
        (),
        "Class weights",
        f"How much each class counts, one number a class in the dataset's order, such as 1, 5; {effect} Empty where "
        "all count alike.",
        advanced=True,
    )


def _label_weights(rule: str = "in the dataset's order.") -> Any:
    return parameter(
        (),
        "Label weights",
        f"How much each label counts, one number a label {rule} Empty where all count alike.",
        advanced=True,
    )


class LossComponent(Component):
    """A loss, averaged over the batch.

    Of torch's parameters four are left out everywhere: ``reduction``, because the loop needs the mean,
    ``size_average`` and ``reduce``, which torch gave up for it, and ``ignore_index``, because every sample has a class.
    """

    tasks: ClassVar[tuple[Task, ...]]
    """Those it is for."""
    weighted: ClassVar[tuple[str, ...]] = ()
    """The fields that hold one number for each of the model's outputs, or none."""
    takes_shares: ClassVar[bool] = True
    """Whether a sample may belong to several classes in part, as mixed images do."""

    def outputs(self, info: DatasetInfo) -> int:
        """How many outputs the model needs for ``info``."""
        return len(info.targets)

    def misfits(self, info: DatasetInfo) -> list[Conflict]:
        """Why this loss cannot be used with the dataset; empty where it can."""
        if info.task not in self.tasks:
            own = " or ".join(TASK_NAMES[task] for task in self.tasks)
            reason = (
                f"is for {own}, and the dataset is for {TASK_NAMES[info.task]}: choose {_any_of(names_for(info.task))}."
            )
            return [Conflict(field="name", reason=reason)]
        wanted = self.outputs(info)
        return [
            Conflict(field=field, reason=f"has {_count(len(given), 'number')}: {self._wanted_weights(info)}.")
            for field in self.weighted
            if (given := getattr(self, field)) and len(given) != wanted
        ]

    def _wanted_weights(self, info: DatasetInfo) -> str:
        outputs = self.outputs(info)
        if outputs == 1:
            return "give a single number"
        return f"give one for each of the {outputs:,} {'labels' if info.task == 'multilabel' else 'classes'}"


class CrossEntropyLoss(LossComponent):
    """``torch.nn.CrossEntropyLoss``."""

    label: ClassVar[str] = "Cross-entropy"
    about: ClassVar[str] = "For one class out of several; takes logits, so the model ends without a softmax."
    documentation: ClassVar[str] = documentation_of("CrossEntropyLoss")
    tasks: ClassVar[tuple[Task, ...]] = ("multiclass", "binary")
    weighted: ClassVar[tuple[str, ...]] = ("weight",)

    name: Literal["CrossEntropyLoss"] = "CrossEntropyLoss"
    label_smoothing: float = parameter(
        0.0,
        "Label smoothing",
        "Share of the target spread evenly over all classes; 0 for none, 0.1 is usual (Szegedy et al. 2016).",
        ge=0,
        le=1,
    )
    weight: tuple[Weight, ...] = _class_weights("the mean is divided by the sum of the samples' weights.")


class NLLLoss(LossComponent):
    """``torch.nn.NLLLoss`` of the outputs' log-softmax, because models give logits: the same as cross-entropy."""

    label: ClassVar[str] = "Negative log-likelihood"
    about: ClassVar[str] = (
        "For one class out of several; the log-softmax it needs is added to the model, so it equals cross-entropy."
    )
    documentation: ClassVar[str] = documentation_of("NLLLoss")
    tasks: ClassVar[tuple[Task, ...]] = ("multiclass", "binary")
    weighted: ClassVar[tuple[str, ...]] = ("weight",)
    takes_shares: ClassVar[bool] = False

    name: Literal["NLLLoss"] = "NLLLoss"
    weight: tuple[Weight, ...] = _class_weights("the mean is divided by the sum of the samples' weights.")


class MultiMarginLoss(LossComponent):
    """``torch.nn.MultiMarginLoss``: the multi-class hinge loss (Crammer and Singer 2001)."""

    label: ClassVar[str] = "Multi-class hinge"
    about: ClassVar[str] = (
        "For one class out of several: the right class must lead every other by a margin, as in an SVM."
    )
    documentation: ClassVar[str] = documentation_of("MultiMarginLoss")
    tasks: ClassVar[tuple[Task, ...]] = ("multiclass", "binary")
    weighted: ClassVar[tuple[str, ...]] = ("weight",)
    takes_shares: ClassVar[bool] = False

    name: Literal["MultiMarginLoss"] = "MultiMarginLoss"
    p: Literal[1, 2] = parameter(1, "Power", "What is missing of the margin counts as it is (1) or squared (2).")
    margin: float = parameter(1.0, "Margin", "The lead that the right class needs. Usual: 1.", gt=0, le=1e6)
    weight: tuple[Weight, ...] = _class_weights("the mean is divided by the number of samples all the same.")


class BCEWithLogitsLoss(LossComponent):
    """``torch.nn.BCEWithLogitsLoss``: one logit for each yes-or-no answer."""

    label: ClassVar[str] = "Binary cross-entropy"
    about: ClassVar[str] = (
        "For yes or no, and for several labels at once; takes logits, so the model ends without a sigmoid."
    )
    documentation: ClassVar[str] = documentation_of("BCEWithLogitsLoss")
    tasks: ClassVar[tuple[Task, ...]] = ("binary", "multilabel")
    weighted: ClassVar[tuple[str, ...]] = ("weight", "pos_weight")

    name: Literal["BCEWithLogitsLoss"] = "BCEWithLogitsLoss"
    weight: tuple[Weight, ...] = _label_weights("in the dataset's order; a single one for yes or no.")
    pos_weight: tuple[Weight, ...] = parameter(
        (),
        "Positive weights",
        "How much a label's positive samples count, one number a label, a single one for yes or no; the number of "
        "negatives divided by that of positives evens out a rare label. Empty where all count alike.",
    )

    def outputs(self, info: DatasetInfo) -> int:
        return 1 if info.task == "binary" else len(info.targets)


class MultiLabelSoftMarginLoss(LossComponent):
    """``torch.nn.MultiLabelSoftMarginLoss``: binary cross-entropy averaged over the labels."""

    label: ClassVar[str] = "Multi-label soft margin"
    about: ClassVar[str] = "For several labels at once; binary cross-entropy, averaged over the labels of each sample."
    documentation: ClassVar[str] = documentation_of("MultiLabelSoftMarginLoss")
    tasks: ClassVar[tuple[Task, ...]] = ("multilabel",)
    weighted: ClassVar[tuple[str, ...]] = ("weight",)

    name: Literal["MultiLabelSoftMarginLoss"] = "MultiLabelSoftMarginLoss"
    weight: tuple[Weight, ...] = _label_weights()


class MSELoss(LossComponent):
    """``torch.nn.MSELoss``."""

    label: ClassVar[str] = "Mean squared error"
    about: ClassVar[str] = "For predicting numbers; aims at the mean, and large errors count most."
    documentation: ClassVar[str] = documentation_of("MSELoss")
    tasks: ClassVar[tuple[Task, ...]] = ("regression",)

    name: Literal["MSELoss"] = "MSELoss"


class L1Loss(LossComponent):
    """``torch.nn.L1Loss``."""

    label: ClassVar[str] = "Mean absolute error"
    about: ClassVar[str] = "For predicting numbers; aims at the median, and outliers count no more than they are off."
    documentation: ClassVar[str] = documentation_of("L1Loss")
    tasks: ClassVar[tuple[Task, ...]] = ("regression",)

    name: Literal["L1Loss"] = "L1Loss"


class HuberLoss(LossComponent):
    """``torch.nn.HuberLoss`` (Huber 1964)."""

    label: ClassVar[str] = "Huber"
    about: ClassVar[str] = (
        "For predicting numbers: squared for small errors, straight for large ones; takes outliers well."
    )
    documentation: ClassVar[str] = documentation_of("HuberLoss")
    tasks: ClassVar[tuple[Task, ...]] = ("regression",)

    name: Literal["HuberLoss"] = "HuberLoss"
    delta: float = parameter(
        1.0, "Delta", "The error, in the targets' unit, from which on it is straight.", gt=0, le=1e6, scale="log"
    )


class SmoothL1Loss(LossComponent):
    """``torch.nn.SmoothL1Loss`` (Girshick 2015, arXiv:1504.08083): the Huber loss divided by beta."""

    label: ClassVar[str] = "Smooth L1"
    about: ClassVar[str] = (
        "For predicting numbers: the absolute error, rounded off near zero; Huber's loss divided by beta."
    )
    documentation: ClassVar[str] = documentation_of("SmoothL1Loss")
    tasks: ClassVar[tuple[Task, ...]] = ("regression",)

    name: Literal["SmoothL1Loss"] = "SmoothL1Loss"
    beta: float = parameter(
        1.0,
        "Beta",
        "The error, in the targets' unit, from which on it is straight; 0 makes it the mean absolute error.",
        ge=0,
        le=1e6,
        scale="log",
    )


Loss = Annotated[
    CrossEntropyLoss
    | NLLLoss
    | MultiMarginLoss
    | BCEWithLogitsLoss
    | MultiLabelSoftMarginLoss
    | MSELoss
    | L1Loss
    | HuberLoss
    | SmoothL1Loss,
    Field(discriminator="name"),
]


def names_for(task: Task) -> list[str]:
    """The losses for ``task``, in the order they are offered."""
    return [kind.__name__ for kind in get_args(get_args(Loss)[0]) if task in kind.tasks]


def _any_of(names: list[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
