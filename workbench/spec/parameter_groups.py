"""Parameter groups: layers, found by name, that the optimizer steps with settings of their own."""

from typing import Annotated

from pydantic import Field

from workbench.spec.component import Spec, parameter

Setting = Annotated[float, Field(ge=0)]


class ParameterGroup(Spec):
    """Parameters whose name matches ``pattern``, and what of the optimizer is different for them.

    A pattern is matched against whole names of ``torch.nn.Module.named_parameters()`` as the standard library's
    ``fnmatch`` does it, capitals told apart. A parameter belongs to the first group that matches it.
    """

    pattern: str = parameter(
        ...,
        "Pattern",
        "Matches whole names of parameters: * stands for any characters, ? for one, [ab] for one of them, such as "
        "*.bias or layers.1.*.",
        min_length=1,
        max_length=200,
    )
    lr: Setting | None = parameter(
        None, "Learning rate", "Of these parameters, before the schedule; empty for the optimizer's.", scale="log"
    )
    weight_decay: Setting | None = parameter(
        None, "Weight decay", "Of these parameters; empty for the optimizer's.", scale="log"
    )
