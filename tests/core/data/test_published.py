"""The published image sets: read from small files of their true formats, downloaded, and refused where damaged."""

import bz2
import gzip
import hashlib
import http.server
import pickle
import re
import tarfile
import threading
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.core.data.true_formats import (
    WRITERS,
    Parts,
    cifar10_members,
    cifar_batch,
    idx,
    pictures,
    stl10_members,
    write_emnist,
    write_tar,
)
from workbench.core.data import datasets, mirrors, sources
from workbench.core.data.cifar import decode_batch
from workbench.core.data.mirrors import RemoteFile, torchvision_datasets
from workbench.core.progress import Cancelled
from workbench.errors import DataError, DataMissing
from workbench.folders import Folders
from workbench.spec.datasets import (
    CIFAR10,
    CIFAR100,
    EMNIST,
    MNIST,
    QMNIST,
    STL10,
    SVHN,
    USPS,
    ClassifiedImages,
    FashionMNIST,
)
from workbench.spec.datasets import images as specs

KINDS = list(WRITERS)
by_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@pytest.fixture
def empty(tmp_path: Path) -> Folders:
    """Folders of a new user on a computer without datasets."""
    home = tmp_path / "home"
    return Folders(home / "settings", home / "data", home / "cache", home / "w", (tmp_path / "datasets",))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Callable[[type[ClassifiedImages]], Parts]:
    """Declares that a dataset has few samples, and makes them."""

    def small(kind: type[ClassifiedImages]) -> Parts:
        dataset = kind()
        classes = len(dataset.class_names())
        counts = 2 * classes + 3, classes + 1
        if isinstance(dataset, EMNIST):
            for split, names in specs._EMNIST_CLASSES.items():
                monkeypatch.setitem(specs._EMNIST_SIZES, split, (2 * len(names) + 3, len(names) + 1))
        else:
            monkeypatch.setattr(kind, "train_samples", counts[0])
            monkeypatch.setattr(kind, "test_samples", counts[1])
        return pictures(dataset, counts)

    return small


def home_of(kind: type[ClassifiedImages], folders: Folders) -> Path:
    """The folder that downloads of a dataset go to."""
    folder = folders.data / sources.SOURCES[kind].places[0]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def check(kind: type[ClassifiedImages], folders: Folders, parts: Parts, **fields: Any) -> None:
    data = datasets.load(kind(**fields), folders, may_download=False)
    for part, (images, labels) in zip((data.train, data.validation), parts.values(), strict=True):
        assert (part.inputs.dtype, part.targets.dtype) == (torch.uint8, torch.int64)
        np.testing.assert_array_equal(part.inputs.numpy(), images)
        np.testing.assert_array_equal(part.targets.numpy(), labels)
    assert data.info == kind(**fields).info()
    assert data.info.shape == tuple(data.train.inputs.shape[1:])
    assert (data.info.train_samples, data.info.validation_samples) == (len(data.train), len(data.validation))


@by_kind
def test_a_small_file_of_the_true_format_is_read_and_then_cached(
    kind: type[ClassifiedImages],
    empty: Folders,
    small: Callable[[type[ClassifiedImages]], Parts],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = small(kind)
    WRITERS[kind](home_of(kind, empty), parts)
    check(kind, empty, parts)
    monkeypatch.setattr("workbench.core.data.published._DECODERS", {})
    check(kind, empty, parts)


@by_kind
def test_torchvision_reads_the_same_from_the_same_files(
    kind: type[ClassifiedImages],
    empty: Folders,
    small: Callable[[type[ClassifiedImages]], Parts],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    parts = small(kind)
    home = home_of(kind, empty)
    WRITERS[kind](home, parts)
    data = datasets.load(kind(), empty, may_download=False)
    for packed in home.glob("*.gz"):
        if packed.name.endswith(".tar.gz"):
            with tarfile.open(packed) as archive:  # Python before 3.11.4 has no filters, later ones want one
                archive.extractall(home, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        else:
            packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
    if kind is EMNIST:
        for packed in zipfile.ZipFile(home / "gzip.zip").namelist():
            if packed.endswith(".gz"):
                content = gzip.decompress(zipfile.ZipFile(home / "gzip.zip").read(packed))
                (home / Path(packed).stem).write_bytes(content)
    reader = getattr(torchvision_datasets(), kind.__name__)
    for check_name in ("_check_integrity", "_load_meta"):
        if hasattr(reader, check_name):
            monkeypatch.setattr(reader, check_name, lambda self: True)
    root = empty.data if home.name == "raw" else home
    for part, name in ((data.train, "train"), (data.validation, "test")):
        options: dict[str, Any] = {"split": name} if kind in (SVHN, STL10) else {"train": name == "train"}
        if kind is EMNIST:
            options["split"] = "balanced"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of numpy, which finds its old names in the pickles
            theirs = reader(root, **options)
        images = np.asarray(theirs.data)
        labels = np.asarray(theirs.labels if kind in (SVHN, STL10) else theirs.targets)
        if kind in (CIFAR10, CIFAR100):
            images = images.transpose(0, 3, 1, 2)
        if kind is EMNIST:  # torchvision leaves the images as they lie in the file
            images = images.transpose(0, 2, 1)
        np.testing.assert_array_equal(part.inputs.numpy().reshape(images.shape), images)
        np.testing.assert_array_equal(part.targets.numpy(), labels[:, 0] if kind is QMNIST else labels)


@by_kind
def test_the_files_to_download_are_those_that_torchvision_names(kind: type[ClassifiedImages]) -> None:
    source = sources.SOURCES[kind]
    remote = source.remote()
    assert remote.keys() == source.names[0].keys()
    for key, file in remote.items():
        assert file.urls
        assert all(re.fullmatch(rf"https?://.*/{re.escape(source.names[0][key])}", url) for url in file.urls)
        assert re.fullmatch("[0-9a-f]{32}", file.md5)
    assert len({file.md5 for file in remote.values()}) == len(remote)


@by_kind
def test_classes_are_named_as_torchvision_names_them(kind: type[ClassifiedImages]) -> None:
    theirs = getattr(torchvision_datasets(), kind.__name__)
    if kind is EMNIST:
        for split, names in theirs.classes_split_dict.items():
            expected = [name for name in names if name != "N/A"]  # a class that no sample has
            assert list(EMNIST(split=split).class_names()) == expected
    elif hasattr(theirs, "classes"):
        assert list(kind().class_names()) == theirs.classes


def test_the_sizes_are_those_that_the_publishers_tell() -> None:
    sizes = {kind.__name__: kind().part_sizes() for kind in KINDS}
    assert sizes == {
        "FashionMNIST": (60_000, 10_000),
        "MNIST": (60_000, 10_000),
        "KMNIST": (60_000, 10_000),
        "QMNIST": (60_000, 60_000),
        "EMNIST": (112_800, 18_800),
        "USPS": (7_291, 2_007),
        "CIFAR10": (50_000, 10_000),
        "CIFAR100": (50_000, 10_000),
        "SVHN": (73_257, 26_032),
        "STL10": (5_000, 8_000),
    }
    assert [
        sum(EMNIST(split=split).part_sizes()) for split in ("byclass", "bymerge", "letters", "digits", "mnist")
    ] == [
        814_255,
        814_255,
        145_600,
        280_000,
        70_000,
    ]


@pytest.mark.parametrize("split", ["byclass", "letters", "digits"])
def test_each_split_of_emnist_has_its_own_files_and_classes(
    split: specs.EMNISTSplit, empty: Folders, small: Callable[[type[ClassifiedImages]], Parts]
) -> None:
    small(EMNIST)
    dataset = EMNIST(split=split)
    parts = pictures(dataset, dataset.part_sizes())
    write_emnist(home_of(EMNIST, empty), parts, split)
    check(EMNIST, empty, parts, split=split)
    with pytest.raises(
        DataError, match=r"gzip\.zip lacks gzip/emnist-mnist-train-images-idx3-ubyte\.gz: it is another"
    ):
        datasets.load(EMNIST(split="mnist"), empty)


@pytest.mark.parametrize(("kind", "members"), [(CIFAR10, cifar10_members), (STL10, stl10_members)])
@pytest.mark.parametrize("place", ["", "{name}"])
def test_what_was_taken_out_of_an_archive_is_found_too(
    kind: type[ClassifiedImages],
    members: Callable[[Parts], dict[str, bytes]],
    place: str,
    empty: Folders,
    small: Callable[[type[ClassifiedImages]], Parts],
) -> None:
    parts = small(kind)
    for name, content in members(parts).items():
        path = empty.data / place.format(name=kind.__name__) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    check(kind, empty, parts)


def test_a_dataset_of_the_system_is_found(empty: Folders, small: Callable[[type[ClassifiedImages]], Parts]) -> None:
    parts = small(USPS)
    folder = empty.system_datasets[0] / "usps"
    folder.mkdir(parents=True)
    WRITERS[USPS](folder, parts)
    check(USPS, empty, parts)


@by_kind
def test_what_is_not_there_is_told_with_the_size_of_the_download(kind: type[ClassifiedImages], empty: Folders) -> None:
    size = "2.6 GB" if kind is STL10 else f"{kind.download_megabytes} MB"
    sentence = f"{kind.label} is not on this computer. It is a download of {size}."
    with pytest.raises(DataMissing, match=f"^{re.escape(sentence)}$"):
        datasets.load(kind(), empty, may_download=False)


# ---- downloads ----


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of a server of the files in the folder "mirror"."""
    folder = tmp_path / "mirror"
    folder.mkdir()

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


def serve(kind: type[ClassifiedImages], server: str, mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a dataset be downloaded from ``server``, after a mirror that does not have it."""
    source = sources.SOURCES[kind]
    remote = {
        key: RemoteFile((f"{server}gone/{name}", server + name), hashlib.md5((mirror / name).read_bytes()).hexdigest())
        for key, name in source.names[0].items()
    }
    monkeypatch.setattr(sources, "SOURCES", {**sources.SOURCES, kind: replace(source, remote=lambda: remote)})


@by_kind
def test_a_dataset_that_is_nowhere_is_downloaded_and_stays(
    kind: type[ClassifiedImages],
    empty: Folders,
    small: Callable[[type[ClassifiedImages]], Parts],
    server: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = small(kind)
    WRITERS[kind](tmp_path / "mirror", parts)
    serve(kind, server, tmp_path / "mirror", monkeypatch)
    stages = []
    data = datasets.load(kind(), empty, lambda stage, done, total: stages.append((stage, done, total)))
    assert len(data.train) == len(parts["train"][1])
    for name in sources.SOURCES[kind].names[0].values():
        size = (tmp_path / "mirror" / name).stat().st_size
        assert (f"Downloading {name}", size, size) in stages
        assert (home_of(kind, empty) / name).stat().st_size == size
    check(kind, empty, parts)


def test_a_cancelled_download_goes_on_behind_its_last_byte(
    empty: Folders,
    small: Callable[[type[ClassifiedImages]], Parts],
    server: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = small(STL10)
    WRITERS[STL10](tmp_path / "mirror", parts)
    serve(STL10, server, tmp_path / "mirror", monkeypatch)
    monkeypatch.setattr("workbench.core.data.download.REPORT_EVERY", 0.0)

    def cancel(stage: str, done: int, total: int) -> None:
        if done > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        datasets.load(STL10(), empty, cancel)
    part = home_of(STL10, empty) / "stl10_binary.tar.gz.part"
    assert 0 < part.stat().st_size < (tmp_path / "mirror" / "stl10_binary.tar.gz").stat().st_size
    datasets.load(STL10(), empty)
    check(STL10, empty, parts)


def test_decoding_an_archive_can_be_cancelled_and_leaves_nothing(
    empty: Folders, small: Callable[[type[ClassifiedImages]], Parts]
) -> None:
    WRITERS[CIFAR10](home_of(CIFAR10, empty), small(CIFAR10))

    def cancel(stage: str, done: int, total: int) -> None:
        if stage == "Decoding cifar-10-python.tar.gz" and done > 0:
            assert done <= total
            raise Cancelled

    with pytest.raises(Cancelled):
        datasets.load(CIFAR10(), empty, cancel)
    assert not empty.cache.exists()


# ---- damage ----

Damage = Callable[[bytes], bytes]


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def nonsense(content: bytes) -> bytes:
    return b"<html>404 Not Found</html>"


DAMAGED = [(kind, damage) for kind in KINDS for damage in (half, nonsense, lambda content: b"")]


@pytest.mark.parametrize(
    ("kind", "damage"), DAMAGED, ids=[f"{kind.__name__} {damage.__name__}" for kind, damage in DAMAGED]
)
def test_a_damaged_file_is_named_in_one_sentence(
    kind: type[ClassifiedImages], damage: Damage, empty: Folders, small: Callable[[type[ClassifiedImages]], Parts]
) -> None:
    home = home_of(kind, empty)
    WRITERS[kind](home, small(kind))
    for name in sources.SOURCES[kind].names[0].values():
        file = home / name
        whole = file.read_bytes()
        file.write_bytes(damage(whole))
        with pytest.raises(DataError) as raised:
            datasets.load(kind(), empty, may_download=False)
        assert str(file) in str(raised.value)
        assert "\n" not in str(raised.value)
        assert "get the dataset again" in str(raised.value)
        file.write_bytes(whole)
    assert not empty.cache.exists()


@by_kind
def test_files_with_another_number_of_samples_belong_to_another_dataset(
    kind: type[ClassifiedImages], empty: Folders, small: Callable[[type[ClassifiedImages]], Parts]
) -> None:
    parts = small(kind)
    fewer = {**parts, "test": tuple(array[1:] for array in parts["test"])}
    WRITERS[kind](home_of(kind, empty), fewer)  # type: ignore[arg-type]
    shape = "×".join(str(side) for side in parts["test"][0].shape if side != 1)
    with pytest.raises(DataError, match=rf"holds an array of .*, but {kind.label} has {shape}: it belongs to another"):
        datasets.load(kind(), empty)


@pytest.mark.parametrize("kind", [MNIST, QMNIST, EMNIST, CIFAR10, CIFAR100])
def test_labels_beyond_the_classes_are_refused(
    kind: type[ClassifiedImages], empty: Folders, small: Callable[[type[ClassifiedImages]], Parts]
) -> None:
    parts = small(kind)
    classes = len(kind().class_names())
    parts["test"][1][3] = classes
    WRITERS[kind](home_of(kind, empty), parts)
    with pytest.raises(DataError, match=rf"holds labels above {classes - 1}: it is damaged"):
        datasets.load(kind(), empty)


def test_labels_of_usps_svhn_and_stl10_are_from_1_to_10(
    empty: Folders, small: Callable[[type[ClassifiedImages]], Parts]
) -> None:
    for kind in (USPS, SVHN, STL10):
        parts = small(kind)
        parts["test"][1][3] = 11
        WRITERS[kind](home_of(kind, empty), parts)
        with pytest.raises(DataError, match=r"is damaged: "):
            datasets.load(kind(), empty)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1 1:0.5 \n", "its lines are not a label and 256 values each"),
        ("1 " + " ".join(f"{place}:x" for place in range(1, 257)) + "\n", "its lines are not a label and 256 values"),
        ("1 " + " ".join(f"{place}:0" for place in range(2, 258)) + "\n", "labels, places or values outside"),
        ("1 " + " ".join(f"{place}:1.5" for place in range(1, 257)) + "\n", "labels, places or values outside"),
        ("1.5 " + " ".join(f"{place}:0" for place in range(1, 257)) + "\n", "labels, places or values outside"),
    ],
)
def test_lines_that_are_no_image_of_usps_are_refused(
    text: str, sentence: str, empty: Folders, small: Callable[[type[ClassifiedImages]], Parts]
) -> None:
    home = home_of(USPS, empty)
    WRITERS[USPS](home, small(USPS))
    (home / "usps.t.bz2").write_bytes(bz2.compress(text.encode()))
    with pytest.raises(DataError, match=sentence):
        datasets.load(USPS(), empty)


def test_rows_of_qmnist_that_begin_with_no_class_are_refused(
    empty: Folders, small: Callable[[type[ClassifiedImages]], Parts]
) -> None:
    home = home_of(QMNIST, empty)
    WRITERS[QMNIST](home, small(QMNIST))
    for rows in (np.full((5, 8), -1, ">i4"), np.full((5, 8), 256, ">i4"), np.zeros(5, ">i4"), np.zeros((5, 0), ">i4")):
        (home / "qmnist-test-labels-idx2-int.gz").write_bytes(idx(rows, 0x0C))
        with pytest.raises(DataError, match="holds no rows that begin with a class"):
            datasets.load(QMNIST(), empty)


def test_an_archive_without_a_batch_is_cut_off(
    empty: Folders, small: Callable[[type[ClassifiedImages]], Parts]
) -> None:
    members = cifar10_members(small(CIFAR10))
    del members["cifar-10-batches-py/data_batch_3"]
    write_tar(home_of(CIFAR10, empty) / "cifar-10-python.tar.gz", members)
    with pytest.raises(DataError, match=r"lacks cifar-10-batches-py/data_batch_3: it is cut off or another archive"):
        datasets.load(CIFAR10(), empty)


# ---- what a batch of CIFAR can and cannot do ----

RAN: list[str] = []


class Attack:
    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return RAN.append, ("attack",)


def test_a_pickle_that_runs_something_is_refused_and_runs_nothing() -> None:
    for attack in (
        pickle.dumps({"data": Attack(), "labels": [1]}, 2),
        b"cos\nsystem\n(S'exit 1'\ntR.",
        b"cbuiltins\neval\n(S'1'\ntR.",
        b"cnumpy\nload\n(S'/etc/passwd'\ntR.",
        b"\x80\x04\x8c\x05numpy\x8c\x0dndarray.dumps\x93.",
    ):
        with pytest.raises(DataError, match="batch is damaged or not a batch of CIFAR: it cannot be unpickled"):
            decode_batch(attack, "batch", "labels")
    assert RAN == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (pickle.dumps([1, 2], 2), "it has no images with labels"),
        (b"\x80\x02}U\x06labels]K\x01as.", "it has no images with labels"),
        (b"\x80\x02}(U\x06labels]K\x01aU\x04dataU\x03xyzu.", "it has no images with labels"),
        (
            cifar_batch(np.zeros((2, 3, 32, 32), np.uint8), np.zeros(2, np.uint8), b"fine_labels"),
            "it has no images with",
        ),
        (cifar_batch(np.zeros((2, 3, 32, 32), np.uint8), np.zeros(3, np.uint8), b"labels"), "do not fit together"),
        (cifar_batch(np.zeros((2, 3, 32, 31), np.uint8), np.zeros(2, np.uint8), b"labels"), "do not fit together"),
    ],
)
def test_what_is_no_batch_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        decode_batch(content, "batch", "labels")


def test_a_batch_damaged_anywhere_is_refused_or_read() -> None:
    images = np.arange(2 * 3072, dtype=np.uint32).astype(np.uint8).reshape(2, 3, 32, 32)
    content = cifar_batch(images, np.array([3, 9], np.uint8), b"labels")
    head = content.index(images.tobytes())
    refused = 0
    for at in [*range(head), *range(len(content) - 5, len(content))]:
        for flip in (0x01, 0x80, 0xFF):
            changed = bytearray(content)
            changed[at] ^= flip
            try:
                read, labels = decode_batch(bytes(changed), "batch", "labels")
            except DataError:
                refused += 1
            else:
                assert (read.shape, labels.shape) == ((2, 3, 32, 32), (2,))
    assert refused > head


def test_mirrors_of_mnist_are_tried_in_torchvisions_order() -> None:
    remote = mirrors.mnist_files("MNIST")
    theirs = torchvision_datasets().MNIST
    assert remote["train_labels"].urls == tuple(f"{mirror}train-labels-idx1-ubyte.gz" for mirror in theirs.mirrors)
    assert remote["train_labels"].md5 == "d53e105ee54ea40749a09fcbcd1e9432"


def test_an_image_set_can_be_normalised_by_what_is_measured_on_its_training_part(
    empty: Folders, small: Callable[[type[ClassifiedImages]], Parts]
) -> None:
    parts = small(STL10)
    WRITERS[STL10](home_of(STL10, empty), parts)
    data = datasets.load(STL10(mean="measured", std="measured"), empty)
    scaled = parts["train"][0] / 255
    assert data.normalisation is not None
    np.testing.assert_allclose(data.normalisation.mean, scaled.mean(axis=(0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(data.normalisation.std, scaled.std(axis=(0, 2, 3)), rtol=1e-12)


def test_fashion_mnist_is_still_found_beside_the_others(empty: Folders) -> None:
    assert all(sources.find(kind, empty) is None for kind in KINDS)
    folder = empty.system_datasets[0] / "fashion-mnist"
    folder.mkdir(parents=True)
    for name in sources.SOURCES[FashionMNIST].names[1].values():
        (folder / name).touch()
    assert [kind for kind in KINDS if sources.find(kind, empty)] == [FashionMNIST]
