"""Writes small files in the true formats of the published image sets, named as their publishers name them."""

import bz2
import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import savemat

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
    ClassifiedImages,
    FashionMNIST,
)

Bytes = NDArray[np.uint8]
Parts = dict[str, tuple[Bytes, Bytes]]
"""By "train" and "test": images ``(N, C, H, W)`` and labels ``(N,)`` from 0 on."""


def pictures(dataset: ClassifiedImages, counts: tuple[int, int]) -> Parts:
    """Random images; the labels go round through all classes, the last sample has the last class."""
    generator = np.random.default_rng(0)
    classes = len(dataset.class_names())
    return {
        part: (
            generator.integers(0, 256, (count, *dataset.shape), dtype=np.uint8),
            (np.arange(classes - count, classes) % classes).astype(np.uint8),
        )
        for part, count in zip(("train", "test"), counts, strict=True)
    }


def idx(values: NDArray[np.integer], element_type: int = 0x08) -> bytes:
    header = struct.pack(f">HBB{values.ndim}I", 0, element_type, values.ndim, *values.shape)
    return gzip.compress(header + values.tobytes(), 1)


def write_mnist(folder: Path, parts: Parts, prefixes: tuple[str, str] = ("train", "t10k")) -> None:
    for prefix, (images, labels) in zip(prefixes, parts.values(), strict=True):
        (folder / f"{prefix}-images-idx3-ubyte.gz").write_bytes(idx(images[:, 0]))
        (folder / f"{prefix}-labels-idx1-ubyte.gz").write_bytes(idx(labels))


def write_qmnist(folder: Path, parts: Parts) -> None:
    for part, (images, labels) in parts.items():
        rows = np.arange(8 * len(labels), dtype=">i4").reshape(-1, 8)
        rows[:, 0] = labels
        (folder / f"qmnist-{part}-images-idx3-ubyte.gz").write_bytes(idx(images[:, 0]))
        (folder / f"qmnist-{part}-labels-idx2-int.gz").write_bytes(idx(rows, 0x0C))


def write_emnist(folder: Path, parts: Parts, split: str = "balanced") -> None:
    with zipfile.ZipFile(folder / "gzip.zip", "w") as archive:
        archive.writestr("gzip/emnist-other-mapping.txt", "0 48\n")
        for part, (images, labels) in parts.items():
            transposed = np.ascontiguousarray(images[:, 0].transpose(0, 2, 1))
            archive.writestr(f"gzip/emnist-{split}-{part}-images-idx3-ubyte.gz", idx(transposed))
            counted = labels + np.uint8(split == "letters")
            archive.writestr(f"gzip/emnist-{split}-{part}-labels-idx1-ubyte.gz", idx(counted))


def write_usps(folder: Path, parts: Parts) -> None:
    for name, (images, labels) in zip(("usps.bz2", "usps.t.bz2"), parts.values(), strict=True):
        values = np.minimum((images.reshape(len(images), -1) + 0.5) / 255 * 2 - 1, 1)
        lines = [
            f"{label + 1} " + " ".join(f"{place}:{value:.6f}" for place, value in enumerate(row, 1)) + " \n"
            for label, row in zip(labels, values, strict=True)
        ]
        (folder / name).write_bytes(bz2.compress("".join(lines).encode()))


def cifar_batch(images: Bytes, labels: Bytes, label_key: bytes) -> bytes:
    """A batch as Python 2 and numpy 1 pickled it with protocol 2."""

    def text(value: bytes) -> bytes:
        return b"U" + bytes([len(value)]) + value

    raw = images.tobytes()
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\nq\x04cnumpy\nndarray\nq\x05K\x00\x85q\x06U\x01bq\x07\x87q\x08Rq\x09(K\x01"
        + (b"M" + struct.pack("<H", len(images)) + b"M" + struct.pack("<H", 3072) + b"\x86q\x0a")
        + b"cnumpy\ndtype\nq\x0bU\x02u1q\x0cK\x00K\x01\x87q\x0dRq\x0e(K\x03U\x01|q\x0fNNN"
        + b"J\xff\xff\xff\xffJ\xff\xff\xff\xff"
        + (b"K\x00tq\x10b\x89T" + struct.pack("<I", len(raw)) + raw + b"tq\x11b")
    )
    numbers = b"".join(b"K" + bytes([label]) for label in labels)
    return (
        b"\x80\x02}q\x01("
        + (text(b"batch_label") + text(b"training batch 1 of 5"))
        + (text(label_key) + b"]q\x02(" + numbers + b"e")
        + (text(b"data") + array)
        + b"u."
    )


def write_tar(path: Path, members: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def cifar10_members(parts: Parts) -> dict[str, bytes]:
    images, labels = parts["train"]
    members = {"cifar-10-batches-py/readme.html": b"<html>"}
    for index, chosen in enumerate(np.array_split(np.arange(len(labels)), 5), 1):
        batch = cifar_batch(images[chosen], labels[chosen], b"labels")
        members[f"cifar-10-batches-py/data_batch_{index}"] = batch
    return {**members, "cifar-10-batches-py/test_batch": cifar_batch(*parts["test"], b"labels")}


def cifar100_members(parts: Parts) -> dict[str, bytes]:
    return {f"cifar-100-python/{part}": cifar_batch(*parts[part], b"fine_labels") for part in ("test", "train")}


def stl10_members(parts: Parts) -> dict[str, bytes]:
    members = {"stl10_binary/class_names.txt": b"airplane\n"}
    for part, (images, labels) in parts.items():
        members[f"stl10_binary/{part}_X.bin"] = np.ascontiguousarray(images.transpose(0, 1, 3, 2)).tobytes()
        members[f"stl10_binary/{part}_y.bin"] = (labels + np.uint8(1)).tobytes()
    return members


def write_svhn(folder: Path, parts: Parts) -> None:
    for part, (images, labels) in parts.items():
        counted = np.where(labels == 0, 10, labels).astype(np.uint8)[:, None]
        variables = {"X": np.ascontiguousarray(images.transpose(2, 3, 1, 0)), "y": counted}
        savemat(folder / f"{part}_32x32.mat", variables, do_compression=True)


WRITERS: dict[type[ClassifiedImages], Callable[[Path, Parts], None]] = {
    FashionMNIST: write_mnist,
    MNIST: write_mnist,
    KMNIST: write_mnist,
    QMNIST: write_qmnist,
    EMNIST: write_emnist,
    USPS: write_usps,
    CIFAR10: lambda folder, parts: write_tar(folder / "cifar-10-python.tar.gz", cifar10_members(parts)),
    CIFAR100: lambda folder, parts: write_tar(folder / "cifar-100-python.tar.gz", cifar100_members(parts)),
    SVHN: write_svhn,
    STL10: lambda folder, parts: write_tar(folder / "stl10_binary.tar.gz", stl10_members(parts)),
}
"""Write what a publisher's server has for a dataset into a folder."""
