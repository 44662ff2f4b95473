"""The user's own arrays: .npz and IDX files, understood as images or tables, as classes, labels or numbers."""

import contextlib
import gzip
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.core.data import datasets, npz
from workbench.core.data.array_values import read_inputs, read_targets
from workbench.core.data.parts import Data
from workbench.core.progress import Cancelled
from workbench.errors import DataError, WorkbenchError
from workbench.folders import Folders
from workbench.spec.datasets import Arrays, IDXFiles

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (50, 6, 5), dtype=np.uint8)
TABLE = GENERATOR.normal(3, 2, (50, 4))
CLASSES = np.arange(50) % 3


@pytest.fixture
def home(tmp_path: Path) -> Folders:
    """Folders of a new user."""
    base = tmp_path / "home"
    return Folders(base / "settings", base / "data", base / "cache", base / "workspace", ())


@pytest.fixture
def load(tmp_path: Path, home: Folders) -> Callable[..., Data]:
    """Saves arrays under the names they are given by and loads them; ``fields`` are the dataset's."""

    def saved_and_loaded(fields: dict[str, Any] | None = None, **arrays: Any) -> Data:
        path = tmp_path / "mine.npz"
        np.savez_compressed(path, **arrays)
        return datasets.load(Arrays(path=str(path), **(fields or {})), home)

    return saved_and_loaded


def test_grey_images_with_classes(load: Callable[..., Data]) -> None:
    data = load(x=IMAGES, y=CLASSES)
    assert data.info.model_dump() == {
        "task": "multiclass", "kind": "image", "shape": (1, 6, 5), "targets": ("0", "1", "2"), "train_samples": 40,
        "validation_samples": 10, "categories": (), "vocabulary": 0,
    }  # fmt: skip
    assert (data.train.inputs.shape, data.train.inputs.dtype) == ((40, 1, 6, 5), torch.uint8)
    everything = torch.cat([data.train.inputs, data.validation.inputs])[:, 0]
    assert sorted(everything.reshape(50, -1).tolist()) == sorted(IMAGES.reshape(50, -1).tolist())
    for part in (data.train, data.validation):
        for image, label in zip(part.inputs[:, 0].numpy(), part.targets.tolist(), strict=True):
            (place,) = np.flatnonzero((image == IMAGES).all(axis=(1, 2)))
            assert CLASSES[place] == label


@pytest.mark.parametrize("own", [("x_train", "y_train", "x_test", "y_test"), ("X", "Y", "val_images", "labels_val"),
                                 ("train_images", "train_labels", "test_images", "test_labels"),
                                 ("data", "target", "dataTest", "target-test")])  # fmt: skip
def test_parts_are_found_by_their_usual_names(load: Callable[..., Data], own: tuple[str, ...]) -> None:
    test = IMAGES[:7][::-1]
    data = load(**dict(zip(own, (IMAGES, CLASSES[:, None], test, CLASSES[:7, None]), strict=True)))
    assert (len(data.train), len(data.validation)) == (50, 7)
    assert torch.equal(data.validation.inputs[:, 0], torch.from_numpy(test.copy()))
    assert data.validation.targets.tolist() == CLASSES[:7].tolist()


def test_arrays_can_be_named(load: Callable[..., Data]) -> None:
    fields = {"inputs": "a", "targets": "b", "test_inputs": "c", "test_targets": "d"}
    data = load(fields, x=IMAGES[:3], y=CLASSES[:3], a=TABLE, b=CLASSES, c=TABLE[:9], d=CLASSES[:9])
    assert (data.info.kind, len(data.train), len(data.validation)) == ("table", 50, 9)


def test_a_table_is_standardized_by_its_training_part(load: Callable[..., Data]) -> None:
    data = load(x=np.column_stack([TABLE, np.full(50, 7.0)]), y=TABLE[:, :1])
    assert (data.info.task, data.info.targets, data.info.shape) == ("regression", ("target",), (5,))
    assert data.features == ("x1", "x2", "x3", "x4", "x5")
    assert data.normalisation is not None
    np.testing.assert_allclose(data.normalisation.mean, data.train.inputs.double().mean(dim=0), rtol=1e-6)
    np.testing.assert_allclose(data.normalisation.std[:4], data.train.inputs.double().std(dim=0, correction=0)[:4])
    assert data.normalisation.std[4] == 1.0, "a column that does not vary is not divided by zero"
    assert data.train.targets.shape == (40, 1)


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (np.full((2, 3, 3), 0.5), 128),
        (np.array([0.0, 255.0]).repeat(9).reshape(2, 3, 3), [0, 255]),
        (np.array([0, 65_535], np.uint16).repeat(9).reshape(2, 3, 3), [0, 255]),
        (np.array([0, 200], np.int64).repeat(9).reshape(2, 3, 3), [0, 200]),
        (np.array([False, True]).repeat(9).reshape(2, 3, 3), [0, 255]),
        (np.array([0.0, 1.0], np.float16).repeat(9).reshape(2, 3, 3), [0, 255]),
    ],
)
def test_pixels_of_every_range_become_bytes(inputs: np.ndarray, expected: object) -> None:
    (images,) = read_inputs([inputs], "They")
    assert images.dtype == np.uint8
    assert images.shape == (2, 1, 3, 3)
    np.testing.assert_array_equal(images[:, 0, 0, 0], expected)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((9, 6, 5, 3), (3, 6, 5)), ((9, 3, 6, 5), (3, 6, 5)), ((9, 6, 5, 1), (1, 6, 5)), ((9, 6, 3, 3), (3, 6, 3))],
)
def test_channels_may_come_last_or_second(shape: tuple[int, ...], expected: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    (images,) = read_inputs([pixels], "They")
    assert images.shape == (9, *expected)
    same = pixels if shape[1:] == expected else pixels.transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(images, same)


@pytest.mark.parametrize(
    ("targets", "task", "names", "first"),
    [
        (np.array([3, 3, 7, 7]), "binary", ("3", "7"), 0),
        (np.array([1.0, 2.0, 5.0]), "multiclass", ("1", "2", "5"), 0),
        (np.array(["no", "yes", "no"]), "binary", ("no", "yes"), 0),
        (np.array([b"b", b"a"]), "binary", ("a", "b"), 1),
        (np.array([True, False]), "binary", ("False", "True"), 1),
        (np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]]), "multiclass", ("0", "1", "2"), 1),
        (np.array([[0, 1, 1], [1, 0, 0]]), "multilabel", ("label 1", "label 2", "label 3"), [0, 1, 1]),
        (np.array([0.5, 1.5]), "regression", ("target",), [0.5]),
        (np.array([[0.5, 2], [1.5, 3]]), "regression", ("target 1", "target 2"), [0.5, 2]),
        (np.arange(2_000), "regression", ("target",), [0]),
    ],
)
def test_what_targets_are_is_guessed(targets: np.ndarray, task: str, names: tuple[str, ...], first: object) -> None:
    found = read_targets([targets], "automatic", "They")
    assert (found.task, found.names) == (task, names)
    assert found.values[0][0].tolist() == first
    assert found.values[0].dtype == (np.int64 if task in ("multiclass", "binary") else np.float32)


def test_the_task_can_be_asked_for(load: Callable[..., Data]) -> None:
    data = load({"task": "regression"}, x=IMAGES, y=CLASSES)
    assert (data.info.task, data.train.targets.dtype) == ("regression", torch.float32)


@pytest.mark.parametrize(
    ("arrays", "fields", "sentence"),
    [
        ({"a": IMAGES, "b": CLASSES}, {}, "has no array named x, inputs, .* but a, b: name the right one in dataset"),
        ({"x": IMAGES}, {}, "has no array named y, targets"),
        (
            {"x": IMAGES, "y": CLASSES},
            {"inputs": "xx"},
            r"has no array xx, which dataset\.inputs names; did you mean x\?",
        ),
        ({"x": IMAGES, "y": CLASSES[:9]}, {}, "of the shape 50×6×5 do not go with targets of the shape 9"),
        ({"x": IMAGES[:0], "y": CLASSES[:0]}, {}, "hold no numbers at all: their shape is 0×6×5"),
        ({"x": np.array(5), "y": CLASSES}, {}, "of the shape a single value do not go"),
        ({"x": IMAGES - 300.0, "y": CLASSES}, {}, "hold pixels from -300 to -45: make them whole numbers up to 255"),
        ({"x": IMAGES * np.nan, "y": CLASSES}, {}, "hold missing or infinite numbers"),
        ({"x": TABLE * 1e300, "y": CLASSES}, {}, "hold numbers beyond 3.4e38"),
        ({"x": np.array(["a"] * 50), "y": CLASSES}, {}, "hold <U1, not numbers"),
        ({"x": IMAGES[:, :, :, None, None], "y": CLASSES}, {}, "have the shape 50×6×5×1×1: a table has 2"),
        ({"x": np.zeros((50, 6, 5, 4)), "y": CLASSES}, {}, "images need 1 or 3 channels"),
        ({"x": IMAGES, "y": CLASSES * 0}, {}, "hold only one class, 0: to tell classes apart"),
        ({"x": IMAGES, "y": CLASSES + np.nan}, {}, "targets .* hold missing or infinite numbers"),
        ({"x": IMAGES, "y": CLASSES}, {"task": "binary"}, "hold 3 classes, not two"),
        ({"x": IMAGES, "y": CLASSES}, {"task": "multilabel"}, "so they are no labels"),
        ({"x": IMAGES, "y": np.array(["a", "b"] * 25)}, {"task": "regression"}, "hold texts: as dataset.task choose"),
        ({"x": IMAGES, "y": np.ones((50, 2))}, {"task": "multiclass"}, "more or less than a single 1"),
        ({"x": IMAGES, "y": np.ones((50, 2, 2))}, {}, "one number or text a sample is needed"),
        ({"x": IMAGES, "y": CLASSES, "x_test": TABLE, "y_test": CLASSES}, {}, "the samples of both parts must have"),
        ({"x": IMAGES, "y": np.array([{}] * 50)}, {}, "holds Python objects, which are not read because they can run"),
        ({"x": IMAGES, "y": CLASSES}, {"validation": 0.001}, "holds out 0 of 50 samples"),
        ({"x": IMAGES, "y": CLASSES}, {"validation": "test"}, "the data has no test part"),
        ({"x": IMAGES, "y": CLASSES}, {"mean": (0.5, 0.5)}, "dataset.mean has 2 numbers, and the data has 1 channels"),
        ({"x": TABLE, "y": CLASSES}, {"horizontal_flip": 0.5}, "only images can be varied"),
    ],
)
def test_what_does_not_go_together_gets_one_sentence(
    load: Callable[..., Data], arrays: dict[str, Any], fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(DataError, match=sentence) as caught:
        load(fields, **arrays)
    assert "\n" not in str(caught.value)


def damaged_zip(path: Path) -> None:
    np.savez_compressed(path, x=IMAGES, y=CLASSES)
    content = bytearray(path.read_bytes())
    content[200:300] = bytes(100)
    path.write_bytes(content)


def promising(path: Path) -> None:
    """A file whose array claims 8 EB."""
    np.savez(path, x=IMAGES, y=CLASSES)
    content = path.read_bytes().replace(b"(50, 6, 5)", b"(1" + b"0" * 8 + b")", 1)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: None, "There is no file"),
        (lambda path: path.mkdir(), "Cannot read .*director"),
        (lambda path: path.write_bytes(b""), r"is no \.npz file"),
        (lambda path: path.write_bytes(b"\x93NUMPY" + bytes(100)), r"is no \.npz file"),
        (damaged_zip, "is damaged: save it again"),
        (promising, "is damaged: save it again"),
    ],
)
def test_files_that_cannot_be_read_get_one_sentence_and_leave_nothing(
    tmp_path: Path, home: Folders, make: Callable[[Path], object], sentence: str
) -> None:
    path = tmp_path / "mine.npz"
    make(path)
    with pytest.raises(DataError, match=sentence):
        datasets.load(Arrays(path=str(path)), home)
    assert not home.cache.exists()


@settings(max_examples=100, deadline=None)
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_changed_byte_gives_arrays_or_a_sentence_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int
) -> None:
    folder = tmp_path_factory.mktemp("flipped")
    np.savez(folder / "a.npz", x=IMAGES[:5], y=CLASSES[:5])
    content = bytearray((folder / "a.npz").read_bytes())
    content[place % len(content)] = byte
    (folder / "a.npz").write_bytes(content)
    with contextlib.suppress(WorkbenchError):
        (inputs, targets), _ = npz.read_npz(Arrays(path=str(folder / "a.npz")))
        (images,) = read_inputs([inputs], "They")
        assert images.dtype in (np.uint8, np.float32)
        assert read_targets([targets], "automatic", "They").names


def test_the_second_start_reads_the_cache(
    load: Callable[..., Data], home: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load(x=IMAGES, y=CLASSES)
    monkeypatch.setattr(npz.np, "load", None)
    second = datasets.load(Arrays(path=str(tmp_path / "mine.npz")), home)
    assert torch.equal(first.train.inputs, second.train.inputs)
    assert first.info == second.info
    monkeypatch.undo()
    os.utime(tmp_path / "mine.npz", ns=(1, 1))
    datasets.load(Arrays(path=str(tmp_path / "mine.npz")), home)
    assert len(os.listdir(home.cache)) == 2


def idx(path: Path, values: np.ndarray) -> str:
    header = bytes([0, 0, 8, values.ndim]) + b"".join(side.to_bytes(4, "big") for side in values.shape)
    content = header + values.tobytes()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return str(path)


def test_idx_files_are_images_and_classes(tmp_path: Path, home: Folders) -> None:
    labels = CLASSES.astype(np.uint8) + 1
    images, names = idx(tmp_path / "images.gz", IMAGES), idx(tmp_path / "labels", labels)
    data = datasets.load(IDXFiles(images=images, labels=names), home)
    assert (data.info.targets, data.info.shape) == (("1", "2", "3"), (1, 6, 5))
    assert (len(data.train), len(data.validation)) == (40, 10)
    own = IDXFiles(images=images, labels=names, test_images=images, test_labels=names)
    data = datasets.load(own, home)
    assert (len(data.train), len(data.validation)) == (50, 50)
    assert torch.equal(data.train.inputs[:, 0], torch.from_numpy(IMAGES))
    assert data.train.targets.tolist() == CLASSES.tolist()


def test_idx_files_that_do_not_belong_together_are_refused(tmp_path: Path, home: Folders) -> None:
    images, names = idx(tmp_path / "images", IMAGES), idx(tmp_path / "labels", CLASSES[:9].astype(np.uint8))
    with pytest.raises(DataError, match="images and labels: samples of the shape 50×6×5 do not go with targets"):
        datasets.load(IDXFiles(images=images, labels=names), home)
    with pytest.raises(DataError, match="There is no file"):
        datasets.load(IDXFiles(images=str(tmp_path / "absent"), labels=names), home)
    (tmp_path / "labels").write_bytes(b"hello")
    with pytest.raises(DataError, match="is not an IDX file"):
        datasets.load(IDXFiles(images=images, labels=names), home)
    assert not home.cache.exists()


def test_reading_can_be_cancelled(tmp_path: Path, home: Folders) -> None:
    np.savez(tmp_path / "a.npz", x=IMAGES, y=CLASSES)

    def cancel(stage: str, done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        datasets.load(Arrays(path=str(tmp_path / "a.npz")), home, cancel)
