"""What every dataset declares: how it is split, and what is known of it before any file is read."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from workbench.spec.component import Component, parameter
from workbench.spec.tasks import DatasetInfo

Fraction = Annotated[float, Field(gt=0, lt=1)]
PositiveFloat = Annotated[float, Field(gt=0)]


class DatasetComponent(Component):
    """Samples with targets, split into a part to train on and one to validate on."""

    download_megabytes: ClassVar[int] = 0
    """What getting it over the network takes; 0 where there is nothing to get."""

    validation: float | Literal["automatic", "test"]
    split_seed: int = parameter(
        0,
        "Split seed",
        "Chooses which samples are held out when validation is a fraction; the same for all runs that are compared.",
        ge=0,
        lt=2**32,
        advanced=True,
    )

    def info(self) -> DatasetInfo | None:
        """What is known before any file is read; None where only the files tell."""
        return None
