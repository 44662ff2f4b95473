"""From declared parameter groups to those of ``torch.optim``."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from torch import nn

from workbench.spec.experiment import ExperimentError
from workbench.spec.parameter_groups import ParameterGroup

_MOST_NAMES = 40
"""Parameters that an error names; a large network has hundreds."""


def parameter_groups(model: nn.Module, groups: Sequence[ParameterGroup]) -> list[dict[str, Any]]:
    """The parameters of ``model`` as a ``torch.optim`` optimizer takes them.

    First those that no pattern matches, if there are any, with the optimizer's own settings; then one group for each
    of ``groups``, in their order. A parameter belongs to the first group that matches it.

    Raises:
        ExperimentError: a pattern matches nothing, or nothing that is left.
    """
    parameters = dict(model.named_parameters())
    left = dict(parameters)
    made: list[dict[str, Any]] = []
    for index, group in enumerate(groups):
        matching = [name for name in parameters if fnmatchcase(name, group.pattern)]
        chosen = [left.pop(name) for name in matching if name in left]
        if not chosen:
            raise ExperimentError(f"training.groups[{index}].pattern {_why_empty(group.pattern, matching, parameters)}")
        settings = {"lr": group.lr, "weight_decay": group.weight_decay}
        made.append({"params": chosen, **{name: value for name, value in settings.items() if value is not None}})
    return [{"params": list(left.values())}, *made] if left else made


def _why_empty(pattern: str, matching: Sequence[str], parameters: dict[str, nn.Parameter]) -> str:
    if matching:
        return f"{pattern} matches only parameters that an earlier group has: remove the group or put it first."
    names = list(parameters)
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    shown = ", ".join(names[:_MOST_NAMES]) + more
    return f"{pattern} matches no parameter of the model, which has {shown}: choose a pattern that does."
