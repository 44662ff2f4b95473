from itertools import combinations

import pytest
from PySide6.QtGui import QColor, QPalette

from workbench.gui.theme.appearance import apply
from workbench.gui.theme.icons import ICONS, icon
from workbench.gui.theme.palette import DARK, LIGHT, blend, contrast
from workbench.gui.theme.series import SERIES_COUNT, series_style
from workbench.gui.theme.typography import TypeSize, font

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


@THEMES
@pytest.mark.parametrize("text", ["text", "muted_text", "accent", "success", "warning", "danger"])
@pytest.mark.parametrize("background", ["window", "surface", "raised", "plot_background"])
def test_every_text_can_be_read(theme, text, background):
    assert contrast(getattr(theme, text), getattr(theme, background)) >= 4.5


@THEMES
def test_text_on_the_accent_and_in_selections_can_be_read(theme):
    assert contrast(theme.accent_text, theme.accent) >= 4.5
    assert contrast(theme.text, theme.selection) >= 4.5
    assert contrast(theme.text, theme.hover) >= 4.5


@THEMES
def test_every_curve_stands_out(theme):
    for index in range(SERIES_COUNT):
        assert contrast(series_style(index, theme)[0], theme.plot_background) >= 3


@THEMES
def test_no_two_series_look_the_same(theme):
    styles = [series_style(index, theme) for index in range(SERIES_COUNT)]
    assert len({(color.name(), style) for color, style in styles}) == SERIES_COUNT


# Machado, Oliveira, Fernandes: "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009),
# severity 1, on linear RGB.
DEFICIENCIES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}


def lab(color, matrix):
    """CIE L*a*b* (D65) of ``color`` as seen through ``matrix``."""
    channels = (color.redF(), color.greenF(), color.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    seen = [min(max(sum(m * c for m, c in zip(row, linear, strict=True)), 0), 1) for row in matrix]
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    xyz = [sum(m * c for m, c in zip(row, seen, strict=True)) for row in rows]
    x, y, z = (
        (v / white) ** (1 / 3) if v / white > 0.008856 else 7.787 * v / white + 16 / 116
        for v, white in zip(xyz, (0.9505, 1, 1.089), strict=True)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@THEMES
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_curves_of_one_line_style_are_told_apart_by_color_blind_eyes(theme, deficiency):
    seen = [(lab(series_style(i, theme)[0], DEFICIENCIES[deficiency]), series_style(i, theme)[1]) for i in range(8)]
    for (first, first_style), (second, second_style) in combinations(seen, 2):
        difference = sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5
        assert first_style != second_style or difference >= 12


def test_blending_gives_an_opaque_colour_between_the_two():
    assert blend("#ff0000", "#ffffff", 0.2).name() == "#ffcccc"
    assert blend(QColor("#000000"), "#ffffff", 0.0).name() == "#ffffff"


@pytest.fixture
def restored(qapp):
    before = (qapp.style().objectName(), qapp.palette(), qapp.styleSheet())
    yield qapp
    apply(qapp, "system")
    qapp.setStyle(before[0])
    qapp.setPalette(before[1])
    qapp.setStyleSheet(before[2])


def test_the_scheme_switches_while_the_window_is_open(restored, qtbot):
    appearance = apply(restored, "light")
    assert appearance.theme == LIGHT
    assert restored.palette().color(QPalette.ColorRole.Window).name() == LIGHT.window
    with qtbot.waitSignal(appearance.changed) as told:
        assert apply(restored, "dark") is appearance
    assert told.args == [DARK]
    assert restored.palette().color(QPalette.ColorRole.Text).name() == DARK.text
    assert DARK.accent in restored.styleSheet()
    with qtbot.assertNotEmitted(appearance.changed):
        apply(restored, "dark")


@THEMES
def test_every_icon_can_be_drawn(qapp, theme):
    for name in ICONS:
        assert not icon(name, theme).pixmap(16, 16).isNull()


def test_sizes_go_up_from_small_to_title(qapp):
    sizes = [font(size).pointSizeF() for size in (TypeSize.SMALL, TypeSize.BODY, TypeSize.TITLE)]
    assert sizes == sorted(set(sizes))
    assert font(TypeSize.BODY, bold=True).bold()
