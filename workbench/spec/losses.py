"""The losses an experiment can name; names and fields are those of ``torch.nn``."""

from typing import ClassVar, Literal

from workbench.spec.component import Component, parameter


class CrossEntropyLoss(Component):
    """``torch.nn.CrossEntropyLoss``."""

    label: ClassVar[str] = "Cross-entropy"
    about: ClassVar[str] = "For one class out of several; takes logits, so the model ends without a softmax."
    documentation: ClassVar[str] = "https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html"

    name: Literal["CrossEntropyLoss"] = "CrossEntropyLoss"
    label_smoothing: float = parameter(
        0.0,
        "Label smoothing",
        "Share of the target spread evenly over all classes; 0 for none, 0.1 is usual (Szegedy et al. 2016).",
        ge=0,
        le=1,
    )


Loss = CrossEntropyLoss
