"""Where the files of published datasets come from: the data folder, the system, or a download."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench import files
from workbench.core.data import mirrors
from workbench.core.data.download import download
from workbench.core.data.mirrors import RemoteFile
from workbench.core.progress import Progress
from workbench.errors import DataMissing
from workbench.folders import Folders
from workbench.spec.component import Component
from workbench.spec.datasets import (
    CIFAR10,
    CIFAR100,
    EMNIST,
    KMNIST,
    MNIST,
    QMNIST,
    STL10,
    SVHN,
    USPS,
    DatasetComponent,
    FashionMNIST,
)


@dataclass(frozen=True)
class Source:
    """Where a dataset's files lie, and where they are got from."""

    names: tuple[Mapping[str, str], ...]
    """Sets of files that are the dataset, each file by what it is for; the first set is what a download gives. A name
    may lead through folders."""
    places: tuple[str, ...]
    """Folders inside the data folder, downloads going to the first; torchvision's layout is among them."""
    system_places: tuple[str, ...]
    """Folders inside those where systems install datasets."""
    remote: Callable[[], Mapping[str, RemoteFile]]
    """The files to download, by the keys of the first of ``names``."""


def _idx_files(prefixes: tuple[str, str], label_type: str = "idx1-ubyte") -> tuple[Mapping[str, str], ...]:
    train, test = prefixes
    names = {
        "train_images": f"{train}-images-idx3-ubyte",
        "train_labels": f"{train}-labels-{label_type}",
        "test_images": f"{test}-images-idx3-ubyte",
        "test_labels": f"{test}-labels-{label_type}",
    }
    return {key: f"{name}.gz" for key, name in names.items()}, names


def _mnist_like(dataset: type[DatasetComponent], other_place: str) -> Source:
    name = dataset.__name__
    return Source(
        names=_idx_files(("train", "t10k")),
        places=(f"{name}/raw", other_place),
        system_places=(other_place,),
        remote=lambda: mirrors.mnist_files(name),
    )


def _cifar(dataset: type[DatasetComponent], folder: str, train: tuple[str, ...], test: str, place: str) -> Source:
    name = dataset.__name__
    extracted = {f"train_{index}": f"{folder}/{file}" for index, file in enumerate(train)}
    return Source(
        names=({"archive": mirrors.CIFAR_ARCHIVES[name]}, {**extracted, "test": f"{folder}/{test}"}),
        places=(name, "", place),
        system_places=(name, "", place),
        remote=lambda: mirrors.archive_file(name),
    )


SOURCES: Mapping[type[Component], Source] = {
    FashionMNIST: _mnist_like(FashionMNIST, "fashion-mnist"),
    MNIST: _mnist_like(MNIST, "mnist"),
    KMNIST: _mnist_like(KMNIST, "kmnist"),
    QMNIST: Source(
        names=_idx_files(("qmnist-train", "qmnist-test"), "idx2-int"),
        places=("QMNIST/raw", "qmnist"),
        system_places=("qmnist",),
        remote=mirrors.qmnist_files,
    ),
    EMNIST: Source(
        names=({"archive": "gzip.zip"},),
        places=("EMNIST/raw", "emnist"),
        system_places=("emnist",),
        remote=lambda: mirrors.archive_file("EMNIST"),
    ),
    USPS: Source(
        names=({"train": "usps.bz2", "test": "usps.t.bz2"},),
        places=("USPS", "", "usps"),
        system_places=("usps",),
        remote=lambda: mirrors.split_files("USPS"),
    ),
    CIFAR10: _cifar(
        CIFAR10,
        "cifar-10-batches-py",
        tuple(f"data_batch_{index}" for index in range(1, 6)),
        "test_batch",
        "cifar-10",
    ),
    CIFAR100: _cifar(CIFAR100, "cifar-100-python", ("train",), "test", "cifar-100"),
    SVHN: Source(
        names=({"train": "train_32x32.mat", "test": "test_32x32.mat"},),
        places=("SVHN", "", "svhn"),
        system_places=("svhn",),
        remote=lambda: mirrors.split_files("SVHN"),
    ),
    STL10: Source(
        names=(
            {"archive": "stl10_binary.tar.gz"},
            {
                f"{part}_{kind}": f"stl10_binary/{part}_{letter}.bin"
                for part in ("train", "test")
                for kind, letter in (("images", "X"), ("labels", "y"))
            },
        ),
        places=("STL10", "", "stl-10"),
        system_places=("STL10", "stl-10"),
        remote=lambda: mirrors.archive_file("STL10"),
    ),
}
"""Of every dataset that can be downloaded."""


def find(dataset: type[Component], folders: Folders) -> dict[str, Path] | None:
    """The files of ``dataset`` where they lie on this computer, each by what it is for; None where any is missing."""
    source = SOURCES[dataset]
    places = [folders.data / place for place in source.places]
    places += [folder / place for folder in folders.system_datasets for place in source.system_places]
    for place in places:
        for key_sets in _alternatives(source):
            found = {key: path for key, names in key_sets.items() for name in names if (path := place / name).is_file()}
            if len(found) == len(key_sets):
                return {key: found[key] for key in key_sets}
    return None


def obtain(
    dataset: type[DatasetComponent], folders: Folders, progress: Progress, *, may_download: bool
) -> dict[str, Path]:
    """The files of ``dataset``, downloaded into the data folder where they are not on this computer.

    Raises:
        DataMissing: they are not here and must not be downloaded.
        DataError: they cannot be downloaded.
        Cancelled: ``progress`` said so; what has come stays and the next call goes on from there.
    """
    found = find(dataset, folders)
    if found is not None:
        return found
    if not may_download:
        raise DataMissing(
            f"{dataset.label} is not on this computer. It is a download of {_size(dataset.download_megabytes)}."
        )
    source = SOURCES[dataset]
    place = files.make_folder(folders.data / source.places[0])
    remote = source.remote()
    paths = {key: place / name for key, name in source.names[0].items()}
    for key, path in paths.items():
        if not path.is_file():
            download(remote[key].urls, path, remote[key].md5, progress)
    return paths


def _alternatives(source: Source) -> list[dict[str, list[str]]]:
    """Sets of keys, each with the names its file may have; sets with the same keys are one, so that packed and plain
    files may lie side by side."""
    merged: dict[tuple[str, ...], dict[str, list[str]]] = {}
    for names in source.names:
        kept = merged.setdefault(tuple(names), {key: [] for key in names})
        for key, name in names.items():
            kept[key].append(name)
    return list(merged.values())


def _size(megabytes: int) -> str:
    return f"{megabytes / 1_000:.1f} GB" if megabytes >= 1_000 else f"{megabytes} MB"
