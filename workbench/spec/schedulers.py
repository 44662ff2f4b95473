"""The learning-rate schedules an experiment can name; names and fields are those of ``torch.optim.lr_scheduler``."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from workbench.spec.component import Component, parameter


class Constant(Component):
    """No schedule: the optimizer's learning rate throughout."""

    label: ClassVar[str] = "Constant"
    about: ClassVar[str] = "The same learning rate from the first step to the last."

    name: Literal["Constant"] = "Constant"


class StepLR(Component):
    """``torch.optim.lr_scheduler.StepLR``, stepped once an epoch."""

    label: ClassVar[str] = "Step"
    about: ClassVar[str] = "Multiplies the learning rate by a factor every few epochs."
    documentation: ClassVar[str] = "https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html"

    name: Literal["StepLR"] = "StepLR"
    step_size: int = parameter(2, "Every", "Epochs between two changes of the learning rate.", ge=1, unit="epochs")
    gamma: float = parameter(0.1, "Factor", "The learning rate is multiplied by this.", gt=0)


Scheduler = Annotated[Constant | StepLR, Field(discriminator="name")]
