"""Muon for the matrices of hidden layers and AdamW for everything else, as one optimizer."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn


def hidden_matrices(model: nn.Module) -> set[nn.Parameter]:
    """The weights that Muon steps: those of two dimensions that are no embedding and not the last, which makes the
    outputs (github.com/KellerJordan/Muon)."""
    embeddings = {
        parameter
        for module in model.modules()
        if isinstance(module, nn.Embedding | nn.EmbeddingBag)
        for parameter in module.parameters()
    }
    weights = [parameter for parameter in model.parameters() if parameter.dim() >= 2]
    return {weight for weight in weights[:-1] if weight.dim() == 2 and weight not in embeddings}


class MuonWithAdamW(torch.optim.Optimizer):
    """``torch.optim.Muon`` over some parameter groups and ``torch.optim.AdamW`` over others.

    ``param_groups`` has Muon's groups first; the state is that of both. Schedules and checkpoints treat it like any
    other optimizer.

    Args:
        matrices, others: parameter groups of ``torch.optim``; the first not empty, its parameters of two dimensions.
        muon, adamw: the arguments of each.
    """

    def __init__(
        self,
        matrices: Sequence[dict[str, Any]],
        others: Sequence[dict[str, Any]],
        muon: dict[str, Any],
        adamw: dict[str, Any],
    ) -> None:
        self._parts: list[torch.optim.Optimizer] = [torch.optim.Muon(list(matrices), **muon)]
        if others:
            self._parts.append(torch.optim.AdamW(list(others), **adamw))
        self._counts = [len(part.param_groups) for part in self._parts]
        super().__init__([group for part in self._parts for group in part.param_groups], {})
        # What a schedule may change: Muon's momentum. It leaves AdamW's betas alone.
        self.defaults = dict(self._parts[0].defaults)
        self._share()

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._share()

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step of both. ``closure`` gives the loss, which is returned, and leaves its gradients."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for part in self._parts:
            part.step()
        return loss

    def _share(self) -> None:
        """Let both parts work on this optimizer's groups and state, which loading a state replaces."""
        first = 0
        for part, count in zip(self._parts, self._counts, strict=True):
            part.state = self.state
            part.param_groups = self.param_groups[first : first + count]
            first += count
