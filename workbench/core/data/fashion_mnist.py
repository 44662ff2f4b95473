"""Where the four files of Fashion-MNIST come from: the data folder, the system, or a download."""

from pathlib import Path

from workbench import files
from workbench.core.data.download import download
from workbench.core.progress import Progress
from workbench.errors import DataMissing
from workbench.folders import Folders

_NAMES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


def find(folders: Folders) -> dict[str, Path] | None:
    """The files where they lie on this computer, plain or gzipped; None where any is missing.

    The data folder has torchvision's layout, so a download made by torchvision is found there too.
    """
    places = [_raw_folder(folders), folders.data / "fashion-mnist"]
    places += [folder / "fashion-mnist" for folder in folders.system_datasets]
    for place in places:
        found = {
            key: path for key, name in _NAMES.items() for path in (place / f"{name}.gz", place / name) if path.is_file()
        }
        if len(found) == len(_NAMES):
            return found
    return None


def obtain(folders: Folders, progress: Progress, *, may_download: bool) -> dict[str, Path]:
    """The files, downloaded into the data folder where they are not on this computer.

    Raises:
        DataMissing: they are not here and must not be downloaded.
        DataError: they cannot be downloaded.
        Cancelled: ``progress`` said so; what has come stays and the next call goes on from there.
    """
    found = find(folders)
    if found is not None:
        return found
    if not may_download:
        raise DataMissing("Fashion-MNIST is not on this computer. It is a download of 30 MB.")
    from workbench.core.data.mirrors import fashion_mnist_mirrors

    mirrors, checksums = fashion_mnist_mirrors()
    raw = files.make_folder(_raw_folder(folders))
    paths = {key: raw / f"{name}.gz" for key, name in _NAMES.items()}
    for path in paths.values():
        if not path.is_file():
            download([mirror + path.name for mirror in mirrors], path, checksums[path.name], progress)
    return paths


def _raw_folder(folders: Folders) -> Path:
    return folders.data / "FashionMNIST" / "raw"
