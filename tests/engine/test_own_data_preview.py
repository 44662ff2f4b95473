"""What the window is told of the user's own files."""

from pathlib import Path

import numpy as np
from PIL import Image

from workbench.core.progress import silent
from workbench.engine.messages import PreviewDataset
from workbench.engine.preview import preview
from workbench.folders import Folders
from workbench.spec.datasets import Arrays, ImageFolder


def folders(home: Path) -> Folders:
    return Folders(home / "settings", home / "data", home / "cache", home / "workspace", ())


def test_a_preview_of_a_folder_names_what_is_left_out(tmp_path: Path) -> None:
    for label, name in enumerate(("cat", "dog")):
        (tmp_path / "p" / name).mkdir(parents=True)
        for number in range(10):
            Image.new("RGB", (20, 20), (100 * label, 7, 9)).save(tmp_path / "p" / name / f"{number}.png")
    (tmp_path / "p" / "dog" / "3.png").write_bytes(b"")
    dataset = ImageFolder(path=str(tmp_path / "p"), size=(8, 8))
    told = preview(PreviewDataset(dataset), folders(tmp_path / "home"), silent)
    assert told.skipped == ("dog/3.png: it is no image, or of a kind that cannot be read",)
    assert told.info.targets == ("cat", "dog")
    assert told.inputs.shape == (15, 8, 8, 3)
    assert told.inputs[told.targets == 1].reshape(-1, 3).tolist() == [[100, 7, 9]] * 64 * int((told.targets == 1).sum())
    assert (told.train_counts + told.validation_counts).tolist() == [10, 9]


def test_a_preview_of_arrays_summarizes_their_columns(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.arange(40.0).reshape(20, 2), y=np.arange(20.0) / 3)
    told = preview(PreviewDataset(Arrays(path=str(tmp_path / "a.npz"))), folders(tmp_path / "home"), silent)
    assert [column.name for column in told.columns] == ["x1", "x2"]
    assert [column.name for column in told.target_columns] == ["target"]
    assert told.skipped == ()
