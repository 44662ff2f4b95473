"""The colours and line styles of curves, told apart by colour-blind eyes too.

The hues are those of Okabe and Ito's palette ("Color Universal Design", 2008), made darker or lighter so
that each has a contrast of at least 3:1 on the plot's background. Hues that come near each other under a colour vision
deficiency never share a line style.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from workbench.gui.theme.palette import Theme

_LIGHT = ("#0067a8", "#c84b00", "#009270", "#c2609f", "#b58900", "#4099d2", "#3b4048", "#7d1414")
_DARK = ("#4c9be8", "#f0743e", "#2fc79a", "#ee9acb", "#e8c63c", "#b4e4fa", "#8f959f", "#bd4b3b")
_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
_HUES_PER_STYLE = 4

SERIES_COUNT = 16
"""How many styles differ; further indices start over."""


def series_style(index: int, theme: Theme) -> tuple[QColor, Qt.PenStyle]:
    """The colour and line style of the series ``index`` (0 or more), the same hue in every theme."""
    colors = _DARK if theme.dark else _LIGHT
    return QColor(colors[index % len(colors)]), _STYLES[index // _HUES_PER_STYLE % len(_STYLES)]
