"""Where randomness comes from.

Initial weights and dropout are drawn from torch's own generator after ``torch.manual_seed(seed)``, as a plain script
draws them. The order of the samples is a function of (seed, epoch) alone, whatever was drawn before.
"""

from typing import Any

import numpy as np
import torch


def sample_order(samples: int, seed: int, epoch: int) -> torch.Tensor:
    """The order of the training samples in ``epoch``: int64 of shape ``(samples,)``, on the CPU."""
    words = np.random.SeedSequence([seed, epoch]).generate_state(1, np.uint64)
    generator = torch.Generator().manual_seed(int(words[0]) >> 1)
    return torch.randperm(samples, generator=generator)


def capture(device: torch.device) -> dict[str, Any]:
    """The state of torch's generators that training on ``device`` draws from (dropout), as tensors."""
    state: dict[str, Any] = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        state["mps"] = torch.mps.get_rng_state()
    return state


def restore(state: dict[str, Any], device: torch.device) -> None:
    """Put the generators back; a generator that ``state`` knows nothing of stays as it is."""
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)
    elif device.type == "mps" and "mps" in state:
        torch.mps.set_rng_state(state["mps"])
