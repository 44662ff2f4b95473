"""Torchvision's classifiers, from new weights or those of a file."""

import importlib
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from workbench.core.data.mirrors import torchvision_datasets
from workbench.errors import FileError
from workbench.files import reason


def classifier(architecture: str, shape: Sequence[int], outputs: int) -> nn.Module:
    """``torchvision.models``' function ``architecture`` with torchvision's initial weights, for images ``(C, H, W)``.

    Input ``(N, 1 or 3, H, W)``, output ``(N, outputs)``. Grey images are given to it as three equal channels.
    """
    torchvision_datasets()  # mends torchvision's import where that is needed
    options = {"image_size": shape[1]} if architecture.startswith("vit") else {}
    build = getattr(importlib.import_module("torchvision.models"), architecture)
    model: nn.Module = build(weights=None, num_classes=outputs, **options)
    if shape[0] == 1:
        model.register_forward_pre_hook(_grey_as_colour)
    return model


def load_weights(model: nn.Module, path: Path, architecture: str) -> None:
    """Give ``model``, a ``classifier`` of ``architecture``, the weights in ``path``; runs no code from the file.

    The file holds a state dict as torchvision's own do, or a checkpoint with one under ``model`` or ``state_dict``.
    The last layer stays as it is where the file's has another number of outputs.

    Raises:
        FileError: the file is missing, no file of weights, or of another network.
    """
    given = _read(path)
    own = model.state_dict()
    head = [name for name, _ in model.named_parameters()][-2:]
    if any(name in given and given[name].shape != own[name].shape for name in head):
        given = {**given, **{name: own[name] for name in head}}
    wrong = [name for name in own if name not in given or given[name].shape != own[name].shape]
    wrong += [name for name in given if name not in own]
    if wrong:
        which = f"{wrong[0]} and {len(wrong) - 1:,} more differ" if len(wrong) > 1 else f"{wrong[0]} differs"
        raise FileError(
            f"{path} does not hold the weights of {architecture} for this dataset: {which}. "
            f"Choose a file of {architecture}'s weights, or none."
        )
    model.load_state_dict(dict(given))


def _read(path: Path) -> Mapping[str, torch.Tensor]:
    """The state dict in ``path``. Raises FileError."""
    try:
        content: Any = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise FileError(f"There is no weights file {path}: choose another, or none for random weights.") from error
    except OSError as error:
        raise FileError(f"Cannot read the weights file {path}: {reason(error)}.") from error
    except pickle.UnpicklingError as error:
        raise FileError(
            f"{path} holds program code or is no file of weights: it was not loaded. Choose a file that torch.save "
            "made of a state dict."
        ) from error
    except Exception as error:  # a file made to deceive can make torch raise anything
        raise FileError(f"{path} is damaged or is no file of weights: choose another.") from error
    for key in ("model", "state_dict"):
        if isinstance(content, Mapping) and isinstance(content.get(key), Mapping):
            content = content[key]
    if not isinstance(content, Mapping) or not all(isinstance(value, torch.Tensor) for value in content.values()):
        raise FileError(f"{path} holds no state dict: choose a file that torch.save made of a model's state_dict().")
    return content


def _grey_as_colour(model: nn.Module, inputs: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
    (images,) = inputs
    return (images.expand(-1, 3, -1, -1),)
