"""The three type sizes of the window, in the system's font."""

from enum import Enum

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication


class TypeSize(Enum):
    """How large a text is, relative to the system's font."""

    SMALL = 0.88
    BODY = 1.0
    TITLE = 1.15


def font(size: TypeSize, *, bold: bool = False) -> QFont:
    """The system's font in ``size``. No family is named, so Qt picks one for every script, Chinese too."""
    made = QFont(QApplication.font())
    if made.pointSizeF() > 0:
        made.setPointSizeF(made.pointSizeF() * size.value)
    else:
        made.setPixelSize(round(made.pixelSize() * size.value))
    if bold:
        made.setWeight(QFont.Weight.DemiBold)
    return made
