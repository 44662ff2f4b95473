"""Lists a folder of class folders: which files, of which class, in which part. Opens none of them."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.core.progress import Progress, silent
from workbench.errors import DataError
from workbench.files import reason

VALIDATION_NAMES = ("val", "valid", "validation", "test")
"""Sub-folders that hold the validation part beside ``train``, the first that is there."""
STAGE = "Listing the images"
_FILES_A_REPORT = 500
_NO_SAMPLES = frozenset({"thumbs.db", "desktop.ini"})
_ARCHIVE_LEFTOVERS = "__MACOSX"
_LOOKS_LIKE_AN_IMAGE = (
    ".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".avif", ".jp2", ".ppm", ".pgm", ".pbm",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file in a class folder."""

    path: str
    name: str
    """Its path within the dataset's folder, with slashes, as it is shown: characters no text can hold are replaced."""
    label: int
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class ClassFolders:
    """What a dataset's folder holds."""

    classes: tuple[str, ...]
    train: tuple[FoundFile, ...]
    """By class, then in natural order: 9.png before 10.png."""
    validation: tuple[FoundFile, ...]
    """Of the folder's own validation part; empty where it has none."""
    strays: tuple[str, ...]
    """Images beside the class folders, which belong to no class."""


def list_class_folders(root: Path, progress: Progress = silent) -> ClassFolders:
    """The files below ``root``, which holds a folder for each class, or ``train`` and ``val`` with these.

    The classes are numbered in the order of their names, as ``torchvision.datasets.ImageFolder`` does it. Files may
    lie deeper inside their class folder. Hidden files and those that systems leave behind do not count.

    Raises:
        DataError: ``root`` is missing or unreadable, has no classes, only one, or one without files, or its validation
            part has other classes.
        Cancelled: by ``progress``.
    """
    progress(STAGE, 0, 0)
    try:
        train_root, validation_root = _parts(root)
        classes = [entry.name for entry in _folders(train_root)]
        train = _files(root, train_root, classes, progress)
        validation: list[FoundFile] = []
        if validation_root is not None:
            own = [entry.name for entry in _folders(validation_root)]
            if unknown := [name for name in own if name not in classes]:
                raise DataError(
                    f"{validation_root} has class folders that {train_root} has not: {shown(', '.join(unknown))}. "
                    "Rename or remove them."
                )
            validation = _files(root, validation_root, classes, progress)
            if not validation:
                raise DataError(f"{validation_root} holds no images: put some in its class folders, or remove it.")
        strays = [
            _within(root)(entry.path)
            for folder in filter(None, (root, train_root if train_root != root else None, validation_root))
            for entry in _visible(folder)
            if entry.name.lower().endswith(_LOOKS_LIKE_AN_IMAGE) and entry.is_file()
        ]
    except OSError as error:
        where = error.filename or root
        raise DataError(
            f"Cannot read the folder {shown(str(where))}: {reason(error)}. Choose another folder."
        ) from error
    _check(train_root, classes, train, strays)
    return ClassFolders(tuple(shown(name) for name in classes), tuple(train), tuple(validation), tuple(strays))


def natural(name: str) -> tuple[tuple[int | str, ...], str]:
    """A key that sorts names with the numbers in them by value."""
    # split gives text and digits in turn, so two keys compare like with like
    words = re.split(r"([0-9]+)", name.casefold())
    return tuple(int(word) if index % 2 else word for index, word in enumerate(words)), name


def shown(name: str) -> str:
    """``name`` with a mark for each byte that is no text, as names on Linux may have."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _within(root: Path) -> Callable[[str], str]:
    """How a path below ``root`` is shown."""
    start = len(os.path.join(root, ""))  # relpath would take longer than all else for thousands of files
    return lambda path: shown(path[start:]).replace(os.sep, "/")


def _parts(root: Path) -> tuple[Path, Path | None]:
    """Where the class folders of the training and of the validation part lie."""
    if not root.is_dir():
        what = "is a file, not a folder" if root.exists() else "is not there"
        raise DataError(f"The folder {shown(str(root))} {what}: choose a folder that holds a folder for each class.")
    found = {entry.name.casefold(): Path(entry.path) for entry in _folders(root)}
    train = found.get("train")
    # a class may be called train: a part has folders in it and nothing else
    if train is None or not all(entry.is_dir() for entry in _visible(train)) or not any(_folders(train)):
        return root, None
    return train, next((found[name] for name in VALIDATION_NAMES if name in found), None)


def _visible(folder: Path | str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [
            entry
            for entry in entries
            if not entry.name.startswith(".")
            and entry.name.lower() not in _NO_SAMPLES
            and entry.name != _ARCHIVE_LEFTOVERS
        ]


def _folders(folder: Path | str) -> list[os.DirEntry[str]]:
    return sorted((entry for entry in _visible(folder) if entry.is_dir()), key=lambda entry: entry.name)


def _files(root: Path, part: Path, classes: list[str], progress: Progress) -> list[FoundFile]:
    """The files of one part, class by class; a class it has no folder of has none."""
    name_of = _within(root)
    there = {entry.name: entry.path for entry in _folders(part)}
    found: list[FoundFile] = []
    for label, name in enumerate(classes):
        if name not in there:
            continue
        entries = sorted(_walk(there[name], frozenset()), key=lambda entry: natural(entry.path))
        for entry in entries:
            if len(found) % _FILES_A_REPORT == 0:
                progress(STAGE, len(found), 0)
            try:
                status = entry.stat()
                size, mtime_ns = status.st_size, status.st_mtime_ns
            except OSError:  # a link to nothing: decoding will say so
                size, mtime_ns = 0, 0
            found.append(FoundFile(entry.path, name_of(entry.path), label, size, mtime_ns))
    return found


def _walk(folder: str, above: frozenset[str]) -> Iterator[os.DirEntry[str]]:
    """All visible files, and links to nothing, below ``folder``; a link back to a folder above is not followed."""
    real = os.path.realpath(folder)
    if real in above:
        return
    for entry in _visible(folder):
        if entry.is_dir():
            yield from _walk(entry.path, above | {real})
        elif entry.is_file() or not os.path.exists(entry.path):
            yield entry


def _check(root: Path, classes: list[str], train: list[FoundFile], strays: list[str]) -> None:
    if not classes:
        how = "its images lie beside each other" if strays else "it holds no folders"
        raise DataError(
            f"{shown(str(root))} has no class folders, {how}: put the images of each class in a folder of its own."
        )
    if not train:
        raise DataError(f"There are no images in the class folders of {shown(str(root))}: choose another folder.")
    if len(classes) == 1:
        raise DataError(
            f"{shown(str(root))} has only one class folder, {shown(classes[0])}: to tell classes apart, two at "
            "least are needed."
        )
    filled = {file.label for file in train}
    if empty := [name for label, name in enumerate(classes) if label not in filled]:
        raise DataError(
            f"{shown(str(root))} has class folders without images: {shown(', '.join(empty))}. Fill or remove them."
        )
