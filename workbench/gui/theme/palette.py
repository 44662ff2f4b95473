"""The colours of the window, light and dark."""

from dataclasses import dataclass

from PySide6.QtGui import QColor


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour of the window, as ``#rrggbb``.

    Text, muted text, the accent and the three state colours keep a contrast of at least 4.5:1 on
    ``window``, ``surface`` and ``raised`` (WCAG 2.2, success criterion 1.4.3).
    """

    name: str
    dark: bool
    window: str
    """Behind everything."""
    surface: str
    """Fields, tables and lists."""
    raised: str
    """Buttons, headers and tooltips."""
    hover: str
    border: str
    text: str
    muted_text: str
    accent: str
    accent_text: str
    selection: str
    """Behind selected rows; carries ``text``."""
    success: str
    warning: str
    danger: str
    plot_background: str
    plot_grid: str


LIGHT = Theme(
    name="light",
    dark=False,
    window="#f3f4f6",
    surface="#ffffff",
    raised="#fafbfc",
    hover="#e9ecf1",
    border="#cfd4dc",
    text="#1b2330",
    muted_text="#566071",
    accent="#1f5fc4",
    accent_text="#ffffff",
    selection="#d6e4fb",
    success="#17703f",
    warning="#8a5700",
    danger="#b3261e",
    plot_background="#ffffff",
    plot_grid="#e8ebf0",
)

DARK = Theme(
    name="dark",
    dark=True,
    window="#1a1d23",
    surface="#21252c",
    raised="#292e37",
    hover="#333944",
    border="#3c434f",
    text="#e3e7ed",
    muted_text="#9ba5b4",
    accent="#7aabf7",
    accent_text="#0d1a2d",
    selection="#2c4368",
    success="#5fca8e",
    warning="#e3ad52",
    danger="#f28b82",
    plot_background="#1e2228",
    plot_grid="#2c323b",
)


def relative_luminance(color: QColor) -> float:
    """The relative luminance of ``color``, 0 (black) to 1 (white), after WCAG 2.2."""

    def linear(channel: float) -> float:
        return float(channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def contrast(first: str | QColor, second: str | QColor) -> float:
    """The contrast ratio of two colours, 1 to 21, after WCAG 2.2."""
    dark, light = sorted((relative_luminance(QColor(first)), relative_luminance(QColor(second))))
    return (light + 0.05) / (dark + 0.05)


def blend(color: str | QColor, background: str | QColor, share: float) -> QColor:
    """The opaque colour that ``color`` makes over ``background`` where it covers ``share`` (0 to 1) of it.

    Opaque, because translucent pens are many times slower to draw.
    """
    over, under = QColor(color), QColor(background)
    return QColor.fromRgbF(
        under.redF() + (over.redF() - under.redF()) * share,
        under.greenF() + (over.greenF() - under.greenF()) * share,
        under.blueF() + (over.blueF() - under.blueF()) * share,
    )
