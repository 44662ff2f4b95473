"""torchvision's list of mirrors and checksums. Importing torchvision takes a second: import this where it is needed."""

import importlib
import sys
from types import ModuleType

import torch


def fashion_mnist_mirrors() -> tuple[list[str], dict[str, str]]:
    """Base addresses, ending in a slash, and the MD5 checksum of each file by its name."""
    dataset = torchvision_datasets().FashionMNIST
    return list(dataset.mirrors), dict(dataset.resources)


def torchvision_datasets() -> ModuleType:
    """``torchvision.datasets``, also where torch and torchvision were built differently.

    Beside a CPU build of torch a CUDA build of torchvision fails to import, only because two operators of its
    compiled part are not declared. Declaring them is enough for everything but calling them.
    """
    try:
        return importlib.import_module("torchvision.datasets")
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    for operator in ("nms", "qnms"):
        torch.library.define(f"torchvision::{operator}", "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return importlib.import_module("torchvision.datasets")
