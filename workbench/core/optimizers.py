"""From optimizer declarations to torch's optimizers."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn

from workbench.core.build import arguments
from workbench.core.muon import MuonWithAdamW, hidden_matrices
from workbench.core.parameter_groups import parameter_groups
from workbench.spec import optimizers
from workbench.spec.experiment import ExperimentError
from workbench.spec.parameter_groups import ParameterGroup

ADAMW_PREFIX = "adamw_"
"""Of Muon's fields that are arguments of AdamW."""


def build_optimizer(
    spec: optimizers.Optimizer, model: nn.Module, groups: Sequence[ParameterGroup] = ()
) -> torch.optim.Optimizer:
    """``spec``'s namesake of ``torch.optim``, or what its builder makes, over all parameters of ``model``, those of
    ``groups`` set apart.

    Raises:
        ExperimentError: a group's pattern matches no parameter, or the model has nothing for Muon.
    """
    # The default, said aloud: torch warns of sparse tensors where nobody chose.
    torch.sparse.check_sparse_tensor_invariants.disable()  # type: ignore[no-untyped-call]
    parameters = parameter_groups(model, groups) if groups else [{"params": list(model.parameters())}]
    build: Builder = BUILDERS.get(type(spec), _namesake)
    return build(spec, model, parameters)


def _namesake(
    spec: optimizers.OptimizerComponent, model: nn.Module, groups: Sequence[dict[str, Any]]
) -> torch.optim.Optimizer:
    optimizer: torch.optim.Optimizer = getattr(torch.optim, spec.name)(groups, **arguments(spec))
    return optimizer


def _muon(spec: optimizers.Muon, model: nn.Module, groups: Sequence[dict[str, Any]]) -> MuonWithAdamW:
    chosen = hidden_matrices(model)
    if not chosen:
        raise ExperimentError(
            "optimizer.name Muon steps matrices of hidden layers, and the model has none: choose AdamW."
        )
    matrices = [{**group, "params": [weight for weight in group["params"] if weight in chosen]} for group in groups]
    others = [{**group, "params": [weight for weight in group["params"] if weight not in chosen]} for group in groups]
    given = arguments(spec)
    return MuonWithAdamW(
        [group for group in matrices if group["params"]],
        [group for group in others if group["params"]],
        {name: value for name, value in given.items() if not name.startswith(ADAMW_PREFIX)},
        {name.removeprefix(ADAMW_PREFIX): value for name, value in given.items() if name.startswith(ADAMW_PREFIX)},
    )


Builder = Callable[[Any, nn.Module, Sequence[dict[str, Any]]], torch.optim.Optimizer]

BUILDERS: dict[type[optimizers.OptimizerComponent], Builder] = {optimizers.Muon: _muon}
"""Of the optimizers that are not simply torch's by the same name: from a declaration, the network and its parameter
groups."""
