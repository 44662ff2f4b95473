"""Fields that hold the path of a file or folder: which they are, and where relative paths start."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from workbench.spec.component import Spec, hint

S = TypeVar("S", bound=Spec)


def path_fields(kind: type[Spec]) -> list[str]:
    """The fields of ``kind`` that were declared with ``path``."""
    return [name for name, field in kind.model_fields.items() if hint(field, "path")]


def path_misfit(path: str) -> str:
    """Why ``path`` leads nowhere on any computer like this one, as a sentence without the field's name; else empty."""
    if "\0" in path:
        return "holds a character that no path can have: choose it anew."
    if not Path(path).is_absolute():
        return f"is not a whole path, such as {Path.home() / 'data'}: choose it with the button, or write all of it."
    return ""


def absolute(path: str, folder: Path) -> str:
    """``path`` as seen from ``folder``; ``~`` is the user's home, and an empty path stays empty."""
    if not path.strip() or "\0" in path:
        return path
    try:
        return str(folder / Path(path).expanduser())
    except RuntimeError:  # there is no such user, so ~name is a name like any other
        return str(folder / path)


def with_absolute_paths(spec: S, folder: Path, folders: Mapping[str, Path]) -> S:
    """``spec`` with whole paths only: relative ones start at ``folder``, or at what ``folders`` has for their field."""
    changes = {
        name: whole
        for name in path_fields(type(spec))
        if (whole := absolute(given := getattr(spec, name), folders.get(name, folder))) != given
    }
    return spec.model_copy(update=changes) if changes else spec
