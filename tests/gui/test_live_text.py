"""The line of text that changes many times a second, and the thin progress bar."""

import numpy as np
import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage

from workbench.gui.live_text import LiveText
from workbench.gui.progress_line import ProgressLine
from workbench.gui.theme.palette import LIGHT
from workbench.gui.theme.typography import TypeSize, font

RED = QColor("#ff0000")


@pytest.fixture
def line(qtbot):
    line = LiveText(Qt.AlignmentFlag.AlignRight)
    line.setFont(font(TypeSize.SMALL))
    line.resize(300, 20)
    qtbot.addWidget(line)
    with qtbot.waitExposed(line):
        line.show()
    return line


def dark_columns(widget, area=None):
    """The columns in which something is painted over the background."""
    image = widget.grab(area or widget.rect()).toImage().convertToFormat(QImage.Format.Format_RGB32)
    raw = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return np.flatnonzero((raw[:, : image.width()] != raw[0, 0]).any(axis=0))


def test_all_texts_are_there_in_full_where_there_is_room(line):
    line.show_parts([(RED, "84.70 %"), (None, "87.57 %")])
    assert line.text == "84.70 %  87.57 %"
    assert line.toolTip() == ""
    shown = dark_columns(line)
    assert shown.max() >= 295
    line.show_parts([(RED, "84.70 %"), (None, "87.57\u2026")])
    assert len(dark_columns(line)) < len(shown)


@pytest.mark.parametrize("text", ["84.70 %", "0.3028", "1,234.5", "Epoch 3 of 5 · step 808 of 938"])
def test_a_text_that_fits_is_never_cut(line, text):
    line.show_text(text)
    whole = dark_columns(line)
    line.resize(3000, 20)
    assert len(dark_columns(line)) == len(whole)


def test_what_has_no_room_is_left_out_and_told_in_the_tool_tip(line):
    line.resize(70, 20)
    line.show_parts([(None, "84.70 %"), (None, "second"), (None, "third")])
    assert line.toolTip() == "84.70 %  second  third"
    assert len(dark_columns(line)) < 70
    line.resize(300, 20)
    assert line.toolTip() == ""


def test_a_new_text_does_not_lay_out_the_window_again(line, qtbot):
    hint = line.sizeHint()
    line.show_text("a much longer text than the one before it")
    assert line.sizeHint() == hint
    assert hint.width() == 0


@pytest.fixture
def bar(qtbot):
    bar = ProgressLine("Progress")
    bar.resize(200, 6)
    qtbot.addWidget(bar)
    with qtbot.waitExposed(bar):
        bar.show()
    return bar


def accent_columns(bar):
    image = bar.grab(QRect(0, 3, bar.width(), 1)).toImage()
    return [x for x in range(image.width()) if image.pixelColor(x, 0) == QColor(LIGHT.accent)]


def test_the_bar_is_filled_up_to_the_share(bar):
    bar.show_share(0.0)
    assert accent_columns(bar) == []
    bar.show_share(0.4)
    assert bar.share == 0.4
    assert accent_columns(bar)[-1] == pytest.approx(80, abs=3)
    bar.show_share(1.0)
    assert len(accent_columns(bar)) >= 196


def test_without_a_number_a_piece_of_it_moves_until_there_is_one(bar, qtbot):
    bar.show_share(None)
    assert bar.share is None
    first = accent_columns(bar)
    assert 40 < len(first) <= 52
    qtbot.waitUntil(lambda: accent_columns(bar) != first, timeout=2000)
    bar.show_share(0.5)
    still = accent_columns(bar)
    qtbot.wait(200)
    assert accent_columns(bar) == still
