"""Each kind of editor: what it shows, what it reads, and how keys and the wheel change it."""

from collections.abc import Callable

import pytest
from pydantic.fields import FieldInfo
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QWidget
from pytestqt.qtbot import QtBot

from workbench.gui.editors.factory import editor_for
from workbench.gui.editors.field_editor import FieldEditor
from workbench.spec.component import Spec, parameter
from workbench.spec.datasets import FashionMNIST
from workbench.spec.experiment import SECTIONS, Experiment, choices
from workbench.spec.models import MLP
from workbench.spec.optimizers import LBFGS, SGD, Adafactor, Adam, Muon
from workbench.spec.schedulers import OneCycleLR, StepLR
from workbench.spec.training import Training

Make = Callable[[type[Spec], str], FieldEditor]


class Wished(Spec):
    """Types that no class of the catalogue has yet."""

    steps: int | None = parameter(None, "Steps", "At most so many.", ge=1)


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    """Makes a shown editor of a class's field."""

    def shown(kind: type[Spec], field: str) -> FieldEditor:
        editor = editor_for(field, kind.model_fields[field])
        qtbot.addWidget(editor)
        qtbot.addWidget(editor.error_label)
        editor.show()
        qtbot.waitExposed(editor)
        return editor

    return shown


def focus(editor: FieldEditor, qtbot: QtBot, control: int = 0) -> QWidget:
    """Give the keyboard to one of the editor's controls."""
    editor.activateWindow()
    editor.controls()[control].setFocus()
    qtbot.waitUntil(lambda: editor.controls()[control].hasFocus())
    return editor.controls()[control]


def turn_wheel(widget: QWidget, notches: int) -> bool:
    """Turn the wheel over ``widget``, up where ``notches`` is positive; whether the widget took it."""
    middle = QPointF(widget.rect().center())
    event = QWheelEvent(
        middle, widget.mapToGlobal(middle), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


@pytest.mark.parametrize(
    ("kind", "field", "values"),
    [
        (Training, "epochs", [1, 5, 1_000_000]),
        (Adam, "lr", [0.0, 1e-8, 0.001, 0.1 + 0.2]),
        (Training, "shuffle", [True, False]),
        (MLP, "activation", ["ReLU", "SiLU"]),
        (Adam, "fused", [None, True, False]),
        (MLP, "hidden", [(512, 512), (), (1,)]),
        (Adam, "betas", [(0.9, 0.999), (0.0, 0.5)]),
        (Adafactor, "eps", [(None, 0.001), (1e-30, 0.001)]),
        (LBFGS, "line_search_fn", [None, "strong_wolfe"]),
        (Muon, "adjust_lr_fn", [None, "original", "match_rms_adamw"]),
        (OneCycleLR, "max_lr", [None, 0.1]),
        (FashionMNIST, "validation", ["test", 0.2, 0.125]),
        (Wished, "steps", [None, 20]),
        (Experiment, "title", ["Fashion-MNIST, LeNet-5", ""]),
    ],
)
def test_every_kind_of_editor_gives_back_what_it_was_given(
    make: Make, qtbot: QtBot, kind: type[Spec], field: str, values: list[object]
) -> None:
    editor = make(kind, field)
    with qtbot.assertNotEmitted(editor.edited):
        for value in values:
            editor.set_value(value)
            assert editor.value() == value
            assert type(editor.value()) is type(value)


@pytest.mark.parametrize(
    ("kind", "field", "typed", "sentence"),
    [
        (Training, "epochs", "many", "must be a whole number, not 'many'"),
        (Adam, "lr", "fast", "must be a number, not 'fast'"),
        (MLP, "hidden", "512, x", "must be a whole number, not 'x'"),
        (Adam, "betas", "0.9", "needs 2 numbers with commas between, not 1"),
        (Adam, "betas", "automatic, 0.9", "must be a number, not 'automatic'"),
        (Adafactor, "eps", "none, 0.9", "must be a number, not 'none'"),
    ],
)
def test_text_of_the_wrong_type_gets_a_sentence(
    make: Make, qtbot: QtBot, kind: type[Spec], field: str, typed: str, sentence: str
) -> None:
    editor = make(kind, field)
    editor.set_value(kind.model_fields[field].default)
    control = focus(editor, qtbot)
    qtbot.keyClick(control, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(editor.edited):
        qtbot.keyClicks(control, typed)
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the whole sentence is compared
        editor.value()
    assert str(caught.value) == sentence
    assert editor.text() == typed


@pytest.mark.parametrize("typed", ["Automatic, 0.001", "automatic 0.001", "(AUTOMATIC; 1e-3)"])
def test_a_number_among_several_may_be_automatic_where_its_declaration_allows(make: Make, typed: str) -> None:
    editor = make(Adafactor, "eps")
    editor.set_text(typed)
    assert editor.value() == (None, 0.001)


@pytest.mark.parametrize("typed", ["512,256", "512 256", "[512, 256]", "(512; 256)", "512, 256,"])
def test_a_list_of_numbers_is_read_however_it_is_separated(make: Make, typed: str) -> None:
    editor = make(MLP, "hidden")
    editor.set_text(typed)
    assert editor.value() == (512, 256)


def test_what_was_typed_stays_while_it_means_the_value(make: Make) -> None:
    editor = make(Adam, "lr")
    editor.set_text("1e-3")
    editor.set_value(0.001)
    assert editor.text() == "1e-3"
    editor.set_value(0.002)
    assert editor.text() == "0.002"


def test_arrow_keys_step_a_number(make: Make, qtbot: QtBot) -> None:
    editor = make(SGD, "lr")
    editor.set_value(0.01)
    line = focus(editor, qtbot)
    with qtbot.waitSignal(editor.edited):
        qtbot.keyClick(line, Qt.Key.Key_Up)
    assert editor.value() == 0.02
    qtbot.keyClick(line, Qt.Key.Key_Down)
    qtbot.keyClick(line, Qt.Key.Key_Down)
    assert editor.value() == 0.005


def test_a_step_from_what_is_no_number_changes_nothing(make: Make, qtbot: QtBot) -> None:
    editor = make(SGD, "lr")
    editor.set_text("fast")
    with qtbot.assertNotEmitted(editor.edited):
        qtbot.keyClick(focus(editor, qtbot), Qt.Key.Key_Up)
    assert editor.text() == "fast"


@pytest.mark.parametrize(
    ("kind", "field", "value", "after"),
    [(Training, "accumulate", 8, 16), (SGD, "momentum", 0.9, 0.95), (MLP, "activation", "LeakyReLU", "ReLU")],
)
def test_the_wheel_changes_a_value_only_where_the_focus_is(
    make: Make, qtbot: QtBot, kind: type[Spec], field: str, value: object, after: object
) -> None:
    editor = make(kind, field)
    editor.set_value(value)
    control = focus(editor, qtbot)
    control.clearFocus()
    assert not turn_wheel(control, 1)
    assert editor.value() == value
    focus(editor, qtbot)
    assert turn_wheel(control, 1)
    assert editor.value() == after


def test_small_turns_of_a_touch_pad_add_up_to_a_notch(make: Make, qtbot: QtBot) -> None:
    editor = make(Training, "epochs")
    editor.set_value(5)
    line = focus(editor, qtbot)
    middle = QPointF(line.rect().center())
    for _ in range(4):
        event = QWheelEvent(
            middle, line.mapToGlobal(middle), QPoint(), QPoint(0, 30), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(line, event)
    assert editor.value() == 6


def test_return_and_space_toggle_a_switch(make: Make, qtbot: QtBot) -> None:
    editor = make(Training, "shuffle")
    editor.set_value(True)
    switch = focus(editor, qtbot)
    qtbot.keyClick(switch, Qt.Key.Key_Return)
    assert editor.value() is False
    qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert editor.value() is True


def test_choosing_fraction_offers_a_number_beside_it(make: Make, qtbot: QtBot) -> None:
    editor = make(FashionMNIST, "validation")
    editor.set_value("test")
    chooser, number = editor.controls()
    assert isinstance(chooser, QComboBox)
    assert [chooser.itemText(index) for index in range(2)] == ["Test part", "Fraction"]
    assert not number.isVisible()
    with qtbot.waitSignal(editor.edited):
        qtbot.keyClick(focus(editor, qtbot), Qt.Key.Key_Down)
    assert number.isVisible()
    assert editor.value() == 0.2


def test_a_fraction_out_of_range_is_refused_in_words_about_the_number(make: Make) -> None:
    editor = make(FashionMNIST, "validation")
    editor.set_text("1.5")
    with pytest.raises(ValueError, match=r"^must be less than 1, not 1\.5$"):
        editor.value()


def test_three_states_are_called_automatic_on_and_off(make: Make) -> None:
    editor = make(Adam, "fused")
    chooser = editor.controls()[0]
    assert isinstance(chooser, QComboBox)
    assert [chooser.itemText(index) for index in range(chooser.count())] == ["Automatic", "On", "Off"]


def test_the_tooltip_tells_meaning_range_default_and_name(make: Make) -> None:
    tooltip = make(StepLR, "gamma").toolTip()
    assert "The learning rate is multiplied by this." in tooltip
    assert "gamma &gt; 0 · default 0.1" in tooltip


def test_an_error_is_shown_and_told_to_assistive_technology(make: Make) -> None:
    editor = make(Adam, "lr")
    editor.show_error("Must be at least 0.")
    assert editor.error_label.text() == "Must be at least 0."
    assert editor.error_label.isVisible()
    assert editor.controls()[0].accessibleDescription().startswith("Must be at least 0. Size of a step.")
    editor.show_error("")
    assert not editor.error_label.isVisible()
    assert editor.controls()[0].accessibleDescription().startswith("Size of a step.")


def test_every_field_of_every_class_has_an_editor_that_takes_its_default(make: Make) -> None:
    walked = 0
    for section in SECTIONS:
        for kind in choices(section):
            for field, info in kind.model_fields.items():
                if field == "name":
                    continue
                editor = make(kind, field)
                editor.set_value(info.default)
                assert editor.value() == info.default
                assert all(control.accessibleName() for control in editor.controls())
                walked += 1
    assert walked > 25


def test_a_type_without_editor_is_named(qtbot: QtBot) -> None:
    with pytest.raises(TypeError, match="No editor for the field odd"):
        editor_for("odd", FieldInfo(annotation=dict[str, int]))  # type: ignore[arg-type]


def test_the_context_menu_of_a_line_keeps_qts_actions_and_resets(make: Make, qtbot: QtBot) -> None:
    editor = make(SGD, "lr")
    editor.set_value(0.5)
    editor.reset_action.setText("Reset to 0.001")
    line = focus(editor, qtbot)
    QApplication.sendEvent(
        line, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), line.mapToGlobal(QPoint(5, 5)))
    )
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert menu.actions()[-1].text() == "Reset to 0.001"
    assert any("Paste" in action.text() for action in menu.actions())
    with qtbot.waitSignal(editor.reset):
        menu.actions()[-1].trigger()
    menu.close()
