"""Class folders of images: found, decoded once in parallel, mapped from the cache, and what is broken is named."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from workbench.core.data import datasets, own_parts, parallel_decoding
from workbench.core.data.class_folders import list_class_folders
from workbench.core.data.parts import Data
from workbench.core.progress import Cancelled
from workbench.errors import DataError, FileError
from workbench.folders import Folders
from workbench.spec.datasets import ImageFolder

CLASSES = ("cat", "dog", "鸟 和 鱼")
PER_CLASS = 40
MODES = ("RGB", "L", "P", "RGBA", "LA", "CMYK", "I;16", "1")
SUFFIXES = {"CMYK": "jpg", "RGBA": "png", "LA": "png", "I;16": "png", "1": "png", "P": "gif"}
BROKEN = 20


@pytest.fixture
def home(tmp_path: Path) -> Folders:
    """Folders of a new user."""
    base = tmp_path / "home"
    return Folders(base / "settings", base / "data", base / "cache", base / "workspace", ())


def picture(label: int, number: int) -> Image.Image:
    """Noise as bright as the class, of a size and mode of its own."""
    generator = np.random.default_rng((label, number))
    mode = MODES[number % len(MODES)]
    height, width = generator.integers(20, 90, 2)
    values = generator.integers(80 * label, 80 * label + 80, (height, width), dtype=np.uint16)
    if mode == "I;16":
        return Image.fromarray(values * 257)
    grey = Image.fromarray(values.astype(np.uint8))
    return grey if mode == "L" else grey.convert("RGB").convert(mode)


def fill(root: Path, label: int, name: str, count: int = PER_CLASS) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    for number in range(count):
        mode = MODES[number % len(MODES)]
        suffix = SUFFIXES.get(mode, "jpg" if number % 3 else "png")
        picture(label, number).save(folder / f"image {number} 图.{suffix}")
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 sound images of three classes."""
    root = tmp_path_factory.mktemp("我的 pictures")
    for label, name in enumerate(CLASSES):
        fill(root, label, name)
    (root / "dog" / "Thumbs.db").write_bytes(b"x")
    (root / "dog" / ".hidden.png").write_bytes(b"x")
    (root / ".git").mkdir()
    return root


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """120 images, 20 of them damaged in all ways."""
    root = tmp_path / "pictures"
    for label, name in enumerate(CLASSES):
        fill(root, label, name)
    files = sorted(path for path in root.rglob("*") if path.is_file())
    for number, path in enumerate(files[::6][:BROKEN]):
        content = path.read_bytes()
        path.write_bytes([b"", content[: len(content) // 2], b"no image at all", content[:30]][number % 4])
    return root


def load(root: Path, home: Folders, **fields: object) -> Data:
    return datasets.load(ImageFolder(path=str(root), **{"size": (16, 16), **fields}), home)


def test_folders_become_classes_and_every_image_a_sample(whole: Path, home: Folders) -> None:
    data = load(whole, home)
    assert data.info.targets == CLASSES
    assert (data.info.task, data.info.kind, data.info.shape) == ("multiclass", "image", (3, 16, 16))
    assert (data.info.train_samples, data.info.validation_samples) == (96, 24)
    assert data.train.inputs.shape == (96, 3, 16, 16)
    assert data.train.inputs.dtype == torch.uint8
    assert torch.bincount(data.train.targets).tolist() == [32, 32, 32]
    assert torch.bincount(data.validation.targets).tolist() == [8, 8, 8]
    assert data.skipped == ()
    # bits are black or white whatever the class; all others are as bright as their class
    brightness = data.train.inputs.float().mean(dim=(1, 2, 3))
    for label, (low, high) in enumerate(((20, 60), (100, 140), (180, 220))):
        inside = (brightness[data.train.targets == label] > low) & (brightness[data.train.targets == label] < high)
        assert inside.float().mean() > 0.8


def test_the_second_start_comes_from_the_cache_and_gives_the_same_bits(
    damaged: Path, home: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load(damaged, home)

    def fail(*arguments: object) -> None:
        raise AssertionError("decoded again")

    monkeypatch.setattr(parallel_decoding, "decode_image", fail)
    second = load(damaged, home)
    assert torch.equal(first.train.inputs, second.train.inputs)
    assert torch.equal(first.validation.targets, second.validation.targets)
    assert first.normalisation == second.normalisation
    assert first.skipped == second.skipped
    assert len(second.skipped) == BROKEN


def test_files_that_cannot_be_read_are_left_out_counted_and_named(damaged: Path, home: Folders) -> None:
    data = load(damaged, home)
    assert len(data.train) + len(data.validation) == 100
    assert len(data.skipped) == BROKEN
    assert data.skipped[0] == "cat/image 0 图.png: it is no image, or of a kind that cannot be read"
    assert any("truncated" in line for line in data.skipped)
    assert data.left_out().startswith("Left out of the data, 20 in all: cat/image 0 图.png: it is no image")
    assert data.left_out().endswith("; and 17 more.")


def test_the_number_of_threads_changes_nothing(
    whole: Path, home: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Folders(tmp_path, tmp_path, tmp_path / "other", tmp_path)
    monkeypatch.setattr("workbench.core.device.cores", lambda: 1)
    one = load(whole, home)
    monkeypatch.setattr("workbench.core.device.cores", lambda: 7)
    seven = load(whole, other)
    assert torch.equal(one.train.inputs, seven.train.inputs)
    assert torch.equal(one.train.targets, seven.train.targets)


@pytest.mark.parametrize("change", ["content", "time", "new file", "size", "fit", "channels"])
def test_whatever_changes_the_pixels_is_decoded_anew(damaged: Path, home: Folders, change: str) -> None:
    load(damaged, home)
    decoded = set(os.listdir(home.cache))
    fields: dict[str, object] = {}
    path = damaged / "dog" / "image 1 图.jpg"
    match change:
        case "content":
            Image.new("RGB", (30, 30)).save(path)
        case "time":
            os.utime(path, ns=(1, 1))
        case "new file":
            Image.new("RGB", (30, 30)).save(damaged / "dog" / "new.png")
        case "size":
            fields = {"size": (16, 12)}
        case "fit":
            fields = {"fit": "squash"}
        case "channels":
            fields = {"channels": 1}
    data = load(damaged, home, **fields)
    assert len(set(os.listdir(home.cache)) - decoded) == 1
    assert data.train.inputs.shape[1:] == data.info.shape


def test_another_split_decodes_nothing(whole: Path, home: Folders) -> None:
    one = load(whole, home)
    other = load(whole, home, split_seed=1, validation=0.5)
    assert len(os.listdir(home.cache)) == 1
    assert len(other.validation) == 60
    assert not torch.equal(one.validation.inputs, other.validation.inputs[:24])


def test_statistics_are_those_of_the_training_part(whole: Path, home: Folders) -> None:
    data = load(whole, home)
    assert data.normalisation is not None
    pixels = data.train.inputs.double() / 255
    torch.testing.assert_close(
        torch.tensor(data.normalisation.mean, dtype=torch.float64), pixels.mean(dim=(0, 2, 3)), rtol=1e-12, atol=0
    )
    torch.testing.assert_close(
        torch.tensor(data.normalisation.std, dtype=torch.float64),
        pixels.std(dim=(0, 2, 3), correction=0),
        rtol=1e-9,
        atol=0,
    )


def test_given_statistics_are_used(whole: Path, home: Folders) -> None:
    data = load(whole, home, mean=(0.1, 0.2, 0.3), std=(0.5, 0.5, 0.5))
    assert data.normalisation is not None
    assert data.normalisation.mean == (0.1, 0.2, 0.3)


@pytest.mark.parametrize("own", ["val", "valid", "validation", "test", "Test"])
def test_train_and_its_companion_are_the_parts(tmp_path: Path, home: Folders, own: str) -> None:
    for label, name in enumerate(CLASSES[:2]):
        fill(tmp_path / "p" / "train", label, name, 6)
        fill(tmp_path / "p" / own, label, name, 4)
    data = load(tmp_path / "p", home)
    assert (len(data.train), len(data.validation)) == (12, 8)
    assert data.info.targets == ("cat", "dog")
    assert data.info.task == "binary"
    assert data.validation.targets.tolist() == [0] * 4 + [1] * 4
    held_out = load(tmp_path / "p", home, validation=0.5)
    assert (len(held_out.train), len(held_out.validation)) == (6, 6)
    assert load(tmp_path / "p", home, validation="test").info == data.info


def test_a_class_may_be_called_train(tmp_path: Path, home: Folders) -> None:
    for label, name in enumerate(("car", "train", "test")):
        fill(tmp_path / "p", label, name, 5)
    assert load(tmp_path / "p", home).info.targets == ("car", "test", "train")


def test_files_are_in_natural_order_and_classes_as_torchvision_numbers_them(tmp_path: Path) -> None:
    for name in ("10", "9", "B", "a"):
        (tmp_path / name).mkdir()
        for file in ("img10.png", "img9.png", "Img1.png"):
            (tmp_path / name / file).touch()
    found = list_class_folders(tmp_path)
    assert found.classes == ("10", "9", "B", "a")
    assert [file.name for file in found.train[:3]] == ["10/Img1.png", "10/img9.png", "10/img10.png"]


def test_deeper_folders_count_and_links_in_a_circle_do_no_harm(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name / "2024").mkdir(parents=True)
        (tmp_path / name / "2024" / "x.png").touch()
    try:
        (tmp_path / "a" / "2024" / "again").symlink_to(tmp_path / "a", target_is_directory=True)
    except OSError:
        pytest.skip("no links can be made here")
    assert [file.name for file in list_class_folders(tmp_path).train] == ["a/2024/x.png", "b/2024/x.png"]


def test_a_link_to_nothing_is_named(whole: Path, tmp_path: Path, home: Folders) -> None:
    for label, name in enumerate(CLASSES[:2]):
        fill(tmp_path / "p", label, name, 5)
    try:
        (tmp_path / "p" / "cat" / "lost.png").symlink_to(tmp_path / "gone.png")
    except OSError:
        pytest.skip("no links can be made here")
    assert load(tmp_path / "p", home).skipped == ("cat/lost.png: no such file or directory",)


def test_listing_can_be_cancelled(whole: Path) -> None:
    def cancel(stage: str, done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        list_class_folders(whole, cancel)


def test_images_beside_the_class_folders_are_named(whole: Path, tmp_path: Path, home: Folders) -> None:
    for label, name in enumerate(CLASSES[:2]):
        fill(tmp_path / "p", label, name, 5)
    Image.new("RGB", (9, 9)).save(tmp_path / "p" / "lost.png")
    (tmp_path / "p" / "README.txt").write_text("about")
    assert load(tmp_path / "p", home).skipped == ("lost.png: it is in no class folder",)


def without_classes(root: Path) -> None:
    fill(root.parent, 0, root.name, 2)


def one_class(root: Path) -> None:
    fill(root, 0, "cat", 2)


def empty_class(root: Path) -> None:
    fill(root, 0, "cat", 2)
    fill(root, 0, "dog", 2)
    (root / "bird").mkdir()


def no_files(root: Path) -> None:
    (root / "cat").mkdir(parents=True)
    (root / "dog").mkdir()


def other_classes(root: Path) -> None:
    fill(root / "train", 0, "cat", 2)
    fill(root / "train", 0, "dog", 2)
    fill(root / "val", 0, "cow", 2)


def unreadable_class(root: Path) -> None:
    fill(root, 0, "cat", 5)
    fill(root, 0, "dog", 5)
    for path in (root / "dog").iterdir():
        path.write_bytes(b"x")


def all_unreadable(root: Path) -> None:
    unreadable_class(root)
    for path in (root / "cat").iterdir():
        path.write_bytes(b"x")


def too_few(root: Path) -> None:
    fill(root, 0, "cat", 1)
    fill(root, 0, "dog", 1)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda root: None, "is not there: choose a folder"),
        (lambda root: root.write_text("x"), "is a file, not a folder"),
        (lambda root: root.mkdir(), "has no class folders, it holds no folders"),
        (without_classes, "has no class folders, its images lie beside each other: put the images"),
        (no_files, "There are no images in the class folders of"),
        (one_class, "has only one class folder, cat: to tell classes apart, two"),
        (empty_class, "has class folders without images: bird. Fill or remove them"),
        (other_classes, "has class folders that .*train has not: cow"),
        (unreadable_class, r"No image of dog in .* can be read \(dog/image 0 图"),
        (all_unreadable, "None of the 10 files from cat/image 0"),
        (too_few, "holds out 0 of 2 samples"),
    ],
)
def test_each_broken_folder_gets_one_sentence_and_leaves_nothing_behind(
    tmp_path: Path, home: Folders, make: Callable[[Path], object], sentence: str
) -> None:
    root = tmp_path / "p"
    make(root)
    with pytest.raises(DataError, match=sentence) as caught:
        load(root, home)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    assert not list(home.cache.glob(".*")) if home.cache.exists() else True


def test_a_part_that_is_not_there_cannot_be_asked_for(whole: Path, home: Folders) -> None:
    with pytest.raises(DataError, match=r"dataset\.validation is test, but the data has no test part"):
        load(whole, home, validation="test")


def test_a_class_that_is_wholly_held_out_is_refused(tmp_path: Path, home: Folders) -> None:
    fill(tmp_path / "p", 0, "cat", 5)
    fill(tmp_path / "p", 1, "dog", 1)
    with pytest.raises(DataError, match="No sample of dog is left to train on"):
        load(tmp_path / "p", home, validation=0.6)


def test_progress_counts_up_to_all_files(whole: Path, home: Folders) -> None:
    told: list[tuple[str, int, int]] = []
    datasets.load(ImageFolder(path=str(whole), size=(16, 16)), home, lambda *told_now: told.append(told_now))
    decoding = [(done, total) for stage, done, total in told if stage == parallel_decoding.STAGE]
    assert decoding[0][0] == 0
    assert decoding[-1] == (120, 120)
    assert decoding == sorted(decoding)


def test_cancelling_takes_less_than_a_second_and_leaves_nothing(
    whole: Path, home: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    real = parallel_decoding.decode_image

    def slow(*arguments: object) -> np.ndarray:
        release.wait(20)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(parallel_decoding, "decode_image", slow)
    asked: list[float] = []

    def cancel(stage: str, done: int, total: int) -> None:
        if stage == parallel_decoding.STAGE and len(asked) < 3:
            asked.append(time.monotonic())
        elif stage == parallel_decoding.STAGE:
            raise Cancelled

    try:
        with pytest.raises(Cancelled):
            datasets.load(ImageFolder(path=str(whole), size=(16, 16)), home, cancel)
        assert time.monotonic() - asked[-1] < 1
    finally:
        release.set()
    assert list(home.cache.iterdir()) == []


def test_a_cache_that_cannot_be_written_gets_a_sentence(whole: Path, home: Folders) -> None:
    home.cache.parent.mkdir(parents=True)
    home.cache.write_text("in the way")
    with pytest.raises(FileError, match="Cannot make the folder"):
        load(whole, home)


def test_samples_too_large_for_the_memory_are_split_on_disk_into_the_same(
    whole: Path, home: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = load(whole, home)
    monkeypatch.setattr(own_parts, "MEMORY_SHARE", 0)
    for _ in range(2):
        mapped = load(whole, home)
        assert torch.equal(mapped.train.inputs, in_memory.train.inputs)
        assert torch.equal(mapped.validation.inputs, in_memory.validation.inputs)
        assert torch.equal(mapped.validation.targets, in_memory.validation.targets)
        assert mapped.normalisation == in_memory.normalisation
    assert len(os.listdir(home.cache)) == 2
