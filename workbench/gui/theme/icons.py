"""The icons of the window, by what they mean."""

from functools import cache
from pathlib import Path

import qtawesome
from PySide6.QtGui import QIcon
from qtawesome.iconic_font import IconicFont

from workbench.gui.theme.palette import Theme, blend

_SET = "mdi6"
ICONS = {
    "train": "play",
    "pause": "pause",
    "resume": "play-pause",
    "stop": "stop",
    "discard": "delete-forever-outline",
    "open": "folder-open-outline",
    "save": "content-save-outline",
    "settings": "cog-outline",
    "device": "chip",
    "data": "image-multiple-outline",
    "runs": "format-list-bulleted",
    "folder": "folder-outline",
    "trash": "trash-can-outline",
    "new": "plus",
    "checkpoint": "flag-checkered",
    "warning": "alert-outline",
    "error": "alert-circle-outline",
    "info": "information-outline",
    "close": "close",
    "fold": "chevron-down",
    "unfold": "chevron-right",
    "fit": "arrow-expand-horizontal",
    "chart": "chart-line",
    "shuffle": "shuffle-variant",
    "download": "download-outline",
    "rename": "pencil-outline",
    "duplicate": "content-duplicate",
}
"""Meaning to its name in the Material Design Icons."""


def icon(name: str, theme: Theme, *, color: str | None = None) -> QIcon:
    """The icon that means ``name`` (a key of ``ICONS``), in ``color`` or the theme's text colour.

    Needs a QApplication. Raises KeyError for an unknown name.
    """
    chosen = color or theme.text
    faint = blend(chosen, theme.window, 0.4).name()
    made: QIcon = _font().icon(f"{_SET}.{ICONS[name]}", color=chosen, color_disabled=faint)
    return made


@cache
def _font() -> IconicFont:
    """The one font of qtawesome that the window uses; ``qtawesome.icon`` would load and check all twelve at start."""
    fonts = Path(qtawesome.__file__).parent / "fonts"
    (font,) = fonts.glob("materialdesignicons6-webfont-[0-9]*.ttf")
    (names,) = fonts.glob("materialdesignicons6-webfont-charmap-*.json")
    return IconicFont((_SET, font.name, names.name))
