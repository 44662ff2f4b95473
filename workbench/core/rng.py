"""Randomness as a function of the seed: what is drawn where never depends on what was drawn before."""

from typing import Any, Literal

import numpy as np
import torch

Stream = Literal["weights", "order", "training"]
_STREAMS: dict[Stream, int] = {"weights": 0, "order": 1, "training": 2}


def seed_for(seed: int, stream: Stream, epoch: int = 0) -> int:
    """A 63-bit seed for one use of randomness, independent of those for other uses, epochs and seeds."""
    words = np.random.SeedSequence([seed, _STREAMS[stream], epoch]).generate_state(1, np.uint64)
    return int(words[0]) >> 1


def sample_order(samples: int, seed: int, epoch: int) -> torch.Tensor:
    """The order of the training samples in ``epoch``: int64 of shape ``(samples,)``, on the CPU."""
    generator = torch.Generator().manual_seed(seed_for(seed, "order", epoch))
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
