"""Datasets found where they lie, checked, decoded once and split."""

import gzip
import hashlib
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.core.data import datasets, mirrors, published, sources
from workbench.core.data.parts import Data
from workbench.core.data.split import held_out_indices
from workbench.core.progress import Cancelled
from workbench.errors import DataError
from workbench.folders import SYSTEM_DATASETS, Folders
from workbench.spec.datasets import Digits, FashionMNIST

COUNTS = {"train": 60_000, "t10k": 10_000}
REAL = SYSTEM_DATASETS[0] / "fashion-mnist"


def idx(path: Path, shape: tuple[int, ...], values: bytes = b"") -> None:
    """An IDX file of ``shape`` that begins with ``values``; the rest is zeros the disk need not hold."""
    header = bytes([0, 0, 8, len(shape)]) + b"".join(size.to_bytes(4, "big") for size in shape)
    with path.open("wb") as file:
        file.write(header + values)
        file.truncate(len(header) + int(np.prod(shape)))


def make_files(folder: Path) -> Path:
    """Four files of the shapes of Fashion-MNIST; the first image is white, the labels are 0 to 9 in turn."""
    folder.mkdir(parents=True)
    for part, count in COUNTS.items():
        idx(folder / f"{part}-images-idx3-ubyte", (count, 28, 28), b"\xff" * 784)
        idx(folder / f"{part}-labels-idx1-ubyte", (count,), bytes(range(10)) * (count // 10))
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Folders:
    """Folders of a new user on a computer without datasets."""
    home = tmp_path / "home"
    return Folders(home / "settings", home / "data", home / "cache", home / "w", (tmp_path / "datasets",))


def check(data: Data) -> None:
    assert (data.train.inputs.shape, data.train.inputs.dtype) == ((60_000, 1, 28, 28), torch.uint8)
    assert (data.validation.inputs.shape, len(data.validation)) == ((10_000, 1, 28, 28), 10_000)
    assert (data.train.targets.dtype, data.train.targets[:12].tolist()) == (torch.int64, [*range(10), 0, 1])
    assert data.train.inputs[0].min() == 255
    assert data.train.inputs[1:].max() == 0
    assert data.info.targets[9] == "Ankle boot"


PLACES: list[Callable[[Folders], Path]] = [
    lambda folders: folders.data / "FashionMNIST" / "raw",
    lambda folders: folders.data / "fashion-mnist",
    lambda folders: folders.system_datasets[0] / "fashion-mnist",
]


@pytest.mark.parametrize("place", PLACES, ids=["torchvision's layout", "data folder", "system"])
def test_fashion_mnist_is_found_where_it_lies(empty: Folders, place: Callable[[Folders], Path]) -> None:
    make_files(place(empty))
    check(datasets.load(FashionMNIST(), empty))


def test_the_data_folder_comes_before_the_system(empty: Folders) -> None:
    make_files(empty.system_datasets[0] / "fashion-mnist")
    mine = make_files(empty.data / "FashionMNIST" / "raw")
    found = sources.find(FashionMNIST, empty)
    assert found is not None
    assert {path.parent for path in found.values()} == {mine}


def test_a_place_that_lacks_a_file_is_passed_over(empty: Folders) -> None:
    (make_files(empty.data / "FashionMNIST" / "raw") / "t10k-labels-idx1-ubyte").unlink()
    assert sources.find(FashionMNIST, empty) is None
    whole = make_files(empty.system_datasets[0] / "fashion-mnist")
    found = sources.find(FashionMNIST, empty)
    assert found is not None
    assert {path.parent for path in found.values()} == {whole}


@pytest.mark.skipif(not REAL.is_dir(), reason="the system has no Fashion-MNIST")
def test_the_real_fashion_mnist_of_the_system_is_read(tmp_path: Path) -> None:
    data = datasets.load(FashionMNIST(), Folders(tmp_path, tmp_path, tmp_path / "cache", tmp_path))
    assert data.train.targets[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    assert torch.bincount(data.train.targets).tolist() == [6_000] * 10
    assert torch.bincount(data.validation.targets).tolist() == [1_000] * 10
    assert data.train.inputs.double().mean().item() / 255 == pytest.approx(0.2860, abs=5e-5)
    assert data.train.inputs.double().std().item() / 255 == pytest.approx(0.3530, abs=5e-5)
    assert data.train.inputs[0, 0, 0].max() == 0
    assert data.train.inputs[0, 0, 15, 10] == 145


def test_mirrors_and_checksums_for_downloads_are_those_of_the_publisher() -> None:
    remote = mirrors.mnist_files("FashionMNIST")
    assert {key: file.md5 for key, file in remote.items()} == {
        "train_images": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "train_labels": "25c81989df183df01b3e8a0aad5dffbe",
        "test_images": "bef4ecab320f06d8554ea6380940ec79",
        "test_labels": "bb300cfdad3c16e7a12a480ee83cd310",
    }
    assert remote["test_labels"].urls[0].endswith("/t10k-labels-idx1-ubyte.gz")


@pytest.mark.parametrize(
    ("name", "shape", "sentence"),
    [
        (
            "train-images-idx3-ubyte",
            (59_999, 28, 28),
            "holds an array of 59999×28×28, but Fashion-MNIST has 60000×28×28",
        ),
        (
            "t10k-images-idx3-ubyte",
            (10_000, 14, 56),
            "holds an array of 10000×14×56, but Fashion-MNIST has 10000×28×28",
        ),
        ("t10k-images-idx3-ubyte", (10_000,), "holds an array of 10000, but Fashion-MNIST has 10000×28×28"),
        ("train-labels-idx1-ubyte", (59_999,), "holds an array of 59999, but Fashion-MNIST has 60000"),
    ],
)
def test_a_file_of_another_dataset_is_named(empty: Folders, name: str, shape: tuple[int, ...], sentence: str) -> None:
    idx(make_files(empty.data / "fashion-mnist") / name, shape)
    with pytest.raises(DataError, match=rf"{name} {sentence}: it belongs to another dataset\. Delete it and get"):
        datasets.load(FashionMNIST(), empty)
    assert not empty.cache.exists()


def test_labels_beyond_the_classes_are_named(empty: Folders) -> None:
    idx(make_files(empty.data / "fashion-mnist") / "t10k-labels-idx1-ubyte", (10_000,), b"\x0a")
    with pytest.raises(
        DataError, match="t10k-labels-idx1-ubyte holds labels above 9: it is damaged or belongs to another"
    ):
        datasets.load(FashionMNIST(), empty)


def test_a_truncated_file_is_named(empty: Folders) -> None:
    file = make_files(empty.data / "fashion-mnist") / "train-images-idx3-ubyte"
    with file.open("r+b") as opened:
        opened.truncate(1_000)
    with pytest.raises(DataError, match="train-images-idx3-ubyte is truncated"):
        datasets.load(FashionMNIST(), empty)


def test_what_is_not_there_and_must_not_be_downloaded_is_told(empty: Folders) -> None:
    with pytest.raises(DataError, match="Fashion-MNIST is not on this computer"):
        datasets.load(FashionMNIST(), empty, may_download=False)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a mirror with small true-format files, gzipped."""
    folder = make_files(tmp_path / "mirror")
    for path in list(folder.iterdir()):
        (folder / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 1))
        path.unlink()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *arguments: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()
        thread.join()


def test_a_dataset_that_is_nowhere_is_downloaded_once(
    empty: Folders, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sources.SOURCES[FashionMNIST].names[0]
    md5 = {name: hashlib.md5((tmp_path / "mirror" / name).read_bytes()).hexdigest() for name in names.values()}
    remote = {key: mirrors.RemoteFile((server + name,), md5[name]) for key, name in names.items()}
    monkeypatch.setattr(mirrors, "mnist_files", lambda name: remote)
    check(datasets.load(FashionMNIST(), empty))
    raw = empty.data / "FashionMNIST" / "raw"
    assert {path.name for path in raw.iterdir()} == set(md5)
    monkeypatch.delattr(mirrors, "mnist_files")
    check(datasets.load(FashionMNIST(), empty))


def test_a_dataset_is_decoded_once(empty: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    make_files(empty.data / "fashion-mnist")
    datasets.load(FashionMNIST(), empty)
    monkeypatch.delattr(published, "read_idx")
    check(datasets.load(FashionMNIST(), empty))


def test_a_file_that_changed_is_decoded_again(empty: Folders) -> None:
    folder = make_files(empty.data / "fashion-mnist")
    datasets.load(FashionMNIST(), empty)
    idx(folder / "train-labels-idx1-ubyte", (60_000,), b"\x07")
    assert datasets.load(FashionMNIST(), empty).train.targets[0] == 7


def test_the_preparation_tells_its_stages_and_can_be_cancelled(empty: Folders) -> None:
    make_files(empty.data / "fashion-mnist")
    stages = []

    def report(stage: str, done: int, total: int) -> None:
        stages.append((stage, done, total))
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        datasets.load(FashionMNIST(), empty, report)
    assert stages == [
        ("Reading Fashion-MNIST", 0, 0),
        ("Decoding train-images-idx3-ubyte", 0, 4),
        ("Decoding train-labels-idx1-ubyte", 1, 4),
        ("Decoding t10k-images-idx3-ubyte", 2, 4),
    ]


def test_the_digits_are_those_of_scikit_learn(folders: Folders) -> None:
    data = datasets.load(Digits(validation=0.25), folders)
    assert (data.train.inputs.shape, data.validation.inputs.shape) == ((1_348, 1, 8, 8), (449, 1, 8, 8))
    images = torch.cat([data.train.inputs, data.validation.inputs])
    assert images.dtype == torch.uint8
    assert sorted(images.unique().tolist()) == [round(level * 255 / 16) for level in range(17)]
    labels = torch.cat([data.train.targets, data.validation.targets])
    assert torch.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    zero = images[0, 0]
    assert zero[0].tolist() == [round(level * 255 / 16) for level in (0, 0, 5, 13, 9, 1, 0, 0)]


def test_the_parts_of_a_split_make_the_whole(folders: Folders) -> None:
    data = datasets.load(Digits(validation=0.3), folders)
    whole = datasets.load(Digits(validation=0.1), folders)
    count = [
        len(np.unique(torch.cat([split.train.inputs, split.validation.inputs]).flatten(1).numpy(), axis=0))
        for split in (data, whole)
    ]
    assert count == [1_797, 1_797]


def test_a_split_of_the_training_images_leaves_the_test_images_alone(empty: Folders) -> None:
    make_files(empty.data / "fashion-mnist")
    data = datasets.load(FashionMNIST(validation=0.1), empty)
    assert (len(data.train), len(data.validation)) == (54_000, 6_000)
    assert torch.bincount(data.validation.targets).tolist() == [600] * 10


def test_the_split_depends_on_its_own_seed_alone(folders: Folders) -> None:
    splits = [datasets.load(Digits(split_seed=seed), folders).validation.inputs for seed in (0, 0, 1)]
    assert torch.equal(splits[0], splits[1])
    assert not torch.equal(splits[0], splits[2])


def test_a_split_stays_the_same_for_ever() -> None:
    labels = np.arange(50) % 5
    assert held_out_indices(labels, 10, 0).tolist() == [0, 4, 6, 17, 21, 23, 24, 27, 28, 40]


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(1, 40), min_size=2, max_size=6),
    share=st.floats(0, 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_split_takes_the_same_share_of_every_class(sizes: list[int], share: float, seed: int) -> None:
    labels = np.repeat(np.arange(len(sizes)), sizes)
    np.random.default_rng(seed).shuffle(labels)
    count = round(len(labels) * share)
    chosen = held_out_indices(labels, count, seed)
    assert len(chosen) == count
    assert (np.diff(chosen) > 0).all()
    taken = np.bincount(labels[chosen], minlength=len(sizes))
    assert (np.abs(taken - np.array(sizes) * count / len(labels)) < 1).all()


def test_what_is_left_after_equal_shares_goes_to_the_class_that_lost_most_by_rounding() -> None:
    labels = np.repeat([0, 1], [10, 19])  # whose shares of 4 samples are 1.38 and 2.62
    assert np.bincount(labels[held_out_indices(labels, 4, 0)]).tolist() == [1, 3]
