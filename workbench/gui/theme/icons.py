"""The icons of the window, by what they mean."""

import qtawesome
from PySide6.QtGui import QIcon

from workbench.gui.theme.palette import Theme, blend

ICONS = {
    "train": "mdi6.play",
    "pause": "mdi6.pause",
    "resume": "mdi6.play-pause",
    "stop": "mdi6.stop",
    "discard": "mdi6.delete-forever-outline",
    "open": "mdi6.folder-open-outline",
    "save": "mdi6.content-save-outline",
    "settings": "mdi6.cog-outline",
    "device": "mdi6.chip",
    "data": "mdi6.image-multiple-outline",
    "runs": "mdi6.format-list-bulleted",
    "folder": "mdi6.folder-outline",
    "trash": "mdi6.trash-can-outline",
    "new": "mdi6.plus",
    "checkpoint": "mdi6.flag-checkered",
    "warning": "mdi6.alert-outline",
    "error": "mdi6.alert-circle-outline",
    "info": "mdi6.information-outline",
    "close": "mdi6.close",
    "fold": "mdi6.chevron-down",
    "unfold": "mdi6.chevron-right",
    "fit": "mdi6.arrow-expand-horizontal",
    "chart": "mdi6.chart-line",
    "shuffle": "mdi6.shuffle-variant",
    "download": "mdi6.download-outline",
    "rename": "mdi6.pencil-outline",
    "duplicate": "mdi6.content-duplicate",
}
"""Meaning to qtawesome's name."""


def icon(name: str, theme: Theme, *, color: str | None = None) -> QIcon:
    """The icon that means ``name`` (a key of ``ICONS``), in ``color`` or the theme's text colour.

    Needs a QApplication. Raises KeyError for an unknown name.
    """
    chosen = color or theme.text
    faint = blend(chosen, theme.window, 0.4).name()
    made: QIcon = qtawesome.icon(ICONS[name], color=chosen, color_disabled=faint)
    return made
