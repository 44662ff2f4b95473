"""torchvision's lists of mirrors and checksums. Importing torchvision takes a second: it is done where it is needed."""

import importlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Final

import torch


@dataclass(frozen=True)
class RemoteFile:
    """A file to download."""

    urls: tuple[str, ...]
    """The mirrors, in the order to try."""
    md5: str
    """In hexadecimal."""


CIFAR_ARCHIVES: Final = {"CIFAR10": "cifar-10-python.tar.gz", "CIFAR100": "cifar-100-python.tar.gz"}


def mnist_files(name: str) -> dict[str, RemoteFile]:
    """The four files of a dataset that torchvision derives from MNIST, by what they are for."""
    dataset = getattr(torchvision_datasets(), name)
    return _by_use(
        {file: RemoteFile(tuple(mirror + file for mirror in dataset.mirrors), md5) for file, md5 in dataset.resources}
    )


def qmnist_files() -> dict[str, RemoteFile]:
    """The four files of QMNIST, by what they are for."""
    parts = torchvision_datasets().QMNIST.resources
    return _by_use({url: RemoteFile((url,), md5) for part in ("train", "test") for url, md5 in parts[part]})


def archive_file(name: str) -> dict[str, RemoteFile]:
    """The one archive of EMNIST, CIFAR10, CIFAR100 or STL10."""
    dataset = getattr(torchvision_datasets(), name)
    md5 = dataset.md5 if name == "EMNIST" else dataset.tgz_md5
    return {"archive": RemoteFile((dataset.url,), md5)}


def split_files(name: str) -> dict[str, RemoteFile]:
    """The training and the test file of USPS or SVHN."""
    parts = getattr(torchvision_datasets(), name).split_list
    return {part: RemoteFile((parts[part][0],), parts[part][2]) for part in ("train", "test")}


def _by_use(files: Mapping[str, RemoteFile]) -> dict[str, RemoteFile]:
    """Files named in MNIST's way by what they are for, such as ``train_images``."""
    return {
        f"{'train' if 'train-' in name else 'test'}_{'images' if 'images' in name else 'labels'}": file
        for name, file in files.items()
    }


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
