"""Images that a table lists: with a class, labels or numbers, and what is broken is named."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
from PIL import Image

from workbench.core.data import datasets, image_table
from workbench.core.data.parts import Data
from workbench.core.progress import Cancelled
from workbench.errors import DataError
from workbench.folders import Folders
from workbench.spec.datasets import ImageTable

COUNT = 30
LABELS = [("cat" if row % 2 else "dog") for row in range(COUNT)]


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    home = tmp_path / "home"
    return Folders(home / "settings", home / "data", home / "cache", home / "workspace", ())


@pytest.fixture
def load(folders: Folders) -> Callable[..., Data]:
    """Loads a table with small images."""

    def load(path: Path, target: Any = "label", **fields: Any) -> Data:
        return datasets.load(ImageTable(path=str(path), target=target, **{"size": (8, 8), **fields}), folders)

    return load


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with pictures, each of one grey that tells its number."""
    folder = tmp_path / "data" / "图 1"
    folder.mkdir(parents=True)
    for number in range(COUNT):
        Image.new("RGB", (12 + number % 3, 12), (number * 8,) * 3).save(folder / f"{number} x.png")
    return folder


def write(path: Path, columns: dict[str, Sequence[Any]]) -> Path:
    pl.DataFrame(columns).write_csv(path)
    return path


def names(prefix: str = "图 1/") -> list[str]:
    return [f"{prefix}{number} x.png" for number in range(COUNT)]


def numbers(inputs: torch.Tensor) -> list[int]:
    """Which picture each sample is."""
    return (inputs[:, 0, 0, 0] // 8).tolist()


def test_each_row_is_an_image_with_its_class(pictures: Path, load: Callable[..., Data]) -> None:
    path = write(pictures.parent / "a.csv", {"note": ["x"] * COUNT, "file": names(), "label": LABELS})
    data = load(path)
    assert (data.info.task, data.info.kind, data.info.shape) == ("binary", "image", (3, 8, 8))
    assert data.info.targets == ("cat", "dog")
    assert (data.info.train_samples, data.info.validation_samples) == (24, 6)
    for part in (data.train, data.validation):
        assert part.inputs.dtype == torch.uint8
        assert part.targets.tolist() == [0 if number % 2 else 1 for number in numbers(part.inputs)]
    assert sorted(numbers(data.train.inputs) + numbers(data.validation.inputs)) == list(range(COUNT))
    assert data.skipped == ()
    assert data.normalisation is not None
    assert data.normalisation.mean == pytest.approx((float(data.train.inputs.double().mean()) / 255,) * 3)


@pytest.mark.parametrize("separator", ["|", ";", ", "])
def test_several_labels_stand_in_one_column(pictures: Path, load: Callable[..., Data], separator: str) -> None:
    tags = [
        separator.join(tag for place, tag in enumerate(("红", "old", "wet")) if (row + 1) >> place & 1)
        for row in range(COUNT)
    ]
    path = write(pictures.parent / "a.csv", {"file": names(), "label": [tag or None for tag in tags]})
    data = load(path, task="multilabel" if separator == ", " else "automatic")
    assert data.info.task == "multilabel"
    assert data.info.targets == ("old", "wet", "红")
    kept = [row for row in range(COUNT) if tags[row]]
    assert sorted(numbers(data.train.inputs) + numbers(data.validation.inputs)) == kept
    expected = [[(row + 1) >> place & 1 for place in (1, 2, 0)] for row in numbers(data.train.inputs)]
    assert data.train.targets.tolist() == expected
    assert data.skipped == (f"{COUNT - len(kept)} rows of a.csv: no value to predict",)


def test_labels_and_numbers_stand_in_columns_of_their_own(pictures: Path, load: Callable[..., Data]) -> None:
    path = pictures.parent / "a.parquet"
    rows = range(COUNT)
    pl.DataFrame(
        {
            "file": names(),
            "wet": [row % 3 == 0 for row in rows],
            "old": [row % 2 for row in rows],
            "age": [row / 2 for row in rows],
        }
    ).write_parquet(path)
    labels = load(path, ("wet", "old"))
    assert labels.info.task == "multilabel"
    assert labels.train.targets.tolist() == [[row % 3 == 0, row % 2] for row in numbers(labels.train.inputs)]
    ages = load(path, "age")
    assert ages.info.task == "regression"
    assert ages.train.targets.tolist() == [[row / 2] for row in numbers(ages.train.inputs)]


def test_files_lie_beside_the_table_or_in_a_folder_that_is_given(pictures: Path, load: Callable[..., Data]) -> None:
    elsewhere = pictures.parents[1] / "a.csv"
    write(elsewhere, {"other": names("gone/"), "file": names(""), "label": LABELS})
    with pytest.raises(
        DataError, match=r"names 0 images that can be read \(gone/0 x\.png: no such file or directory\)"
    ):
        load(elsewhere)
    assert len(load(elsewhere, images="file", folder=str(pictures)).train) == 24
    absolute = write(pictures.parent / "b.csv", {"file": names(f"{pictures}/"), "label": LABELS})
    assert len(load(absolute).train) == 24
    windows = write(pictures.parent / "c.csv", {"file": names("图 1\\"), "label": LABELS})
    assert len(load(windows).train) == 24


def test_files_that_cannot_be_read_are_left_out_and_named(pictures: Path, load: Callable[..., Data]) -> None:
    (pictures / "3 x.png").write_bytes(b"no image")
    (pictures / "4 x.png").unlink()
    files: list[str | None] = [*names()]
    files[5] = None
    labels: list[str | None] = [*LABELS]
    labels[6] = None
    data = load(write(pictures.parent / "a.csv", {"file": files, "label": labels}))
    assert data.skipped == (
        "图 1/3 x.png: it is no image, or of a kind that cannot be read",
        "图 1/4 x.png: no such file or directory",
        "line 7: no file is named",
        "1 row of a.csv: no value to predict",
    )
    assert sorted(numbers(data.train.inputs) + numbers(data.validation.inputs)) == [0, 1, 2, *range(7, COUNT)]


def test_images_are_decoded_once_until_a_file_changes(
    pictures: Path, load: Callable[..., Data], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[int] = []
    decode = image_table.decode_images

    def counting(paths: Sequence[str], *others: Any) -> Any:
        decoded.append(len(paths))
        return decode(paths, *others)

    monkeypatch.setattr(image_table, "decode_images", counting)
    path = write(pictures.parent / "a.csv", {"file": names(), "label": LABELS, "age": list(range(COUNT))})
    first, again = load(path), load(path)
    assert torch.equal(first.train.inputs, again.train.inputs)
    load(path, "age", task="regression")
    assert decoded == [COUNT]
    Image.new("RGB", (9, 9), (255, 0, 0)).save(pictures / "0 x.png")
    changed = load(path)
    assert decoded == [COUNT, COUNT]
    assert 255 // 8 in numbers(changed.train.inputs) + numbers(changed.validation.inputs)


def test_the_work_can_be_cancelled(pictures: Path, folders: Folders) -> None:
    path = write(pictures.parent / "a.csv", {"file": names(), "label": LABELS})

    def cancel(stage: str, done: int, total: int) -> None:
        if stage == "Decoding images":
            raise Cancelled

    with pytest.raises(Cancelled):
        datasets.load(ImageTable(path=str(path), target=("label",)), folders, cancel)
    assert list(folders.cache.iterdir()) == []


@pytest.mark.parametrize(
    ("columns", "fields", "sentence"),
    [
        ({"label": LABELS, "x": LABELS}, {}, "has no column with names of image files alone, such as cats/1.jpg: name"),
        ({"label": LABELS, "x": names()}, {"images": "y"}, "has no column y, which dataset.images names; its columns"),
        (
            {"label": ["a|b", "b"] * 15, "x": names()},
            {},
            "the target label has b in every row: there is nothing to tell",
        ),
        ({"label": LABELS, "x": names()}, {"images": "label"}, "dataset.images is label, which is the target, too"),
        ({"label": LABELS, "x": names()}, {"mean": (0.5,)}, "dataset.mean has 1 numbers, not one for each of the 3"),
        ({"label": LABELS, "x": names()}, {"folder": "here"}, "dataset.folder is not a whole path"),
        ({"label": LABELS, "x": names()}, {"validation": "test"}, "the data has no test part"),
    ],
)
def test_each_fault_gets_its_own_sentence(
    pictures: Path, load: Callable[..., Data], columns: dict[str, list[str]], fields: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(DataError, match=sentence.replace("|", r"\|")):
        load(write(pictures.parent / "a.csv", columns), **fields)
