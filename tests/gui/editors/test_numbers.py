"""Numbers in fields: read, written, stepped, and the range of their declaration."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.gui.editors.bounds import Bounds, bounds_of
from workbench.gui.editors.number_text import is_unfinished, number_text, read_number
from workbench.gui.editors.stepping import stepped
from workbench.spec.datasets import FashionMNIST
from workbench.spec.models import MLP
from workbench.spec.optimizers import Adafactor, Adam, Rprop
from workbench.spec.schedulers import OneCycleLR, StepLR
from workbench.spec.training import Training


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.001, "0.001"), (1e-8, "1e-8"), (0.0, "0"), (1.0, "1"), (0.1 + 0.2, "0.30000000000000004"), (1e22, "1e22"),
     (512, "512"), (4294967295, "4294967295"), (-2.5, "-2.5")],
)  # fmt: skip
def test_a_number_is_written_as_a_person_writes_it(number: float, text: str) -> None:
    assert number_text(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_written_float_reads_back_bit_for_bit(number: float) -> None:
    assert read_number(number_text(number), whole=False) == number


@given(st.integers())
def test_a_written_int_reads_back(number: int) -> None:
    assert read_number(number_text(number), whole=True) == number


@pytest.mark.parametrize(
    ("text", "number"), [("1e-3", 0.001), (" 0.001 ", 0.001), (".5", 0.5), ("1E2", 100.0), ("-3", -3.0)]
)
def test_the_usual_ways_of_writing_a_number_are_read(text: str, number: float) -> None:
    assert read_number(text, whole=False) == number


@pytest.mark.parametrize(
    ("text", "whole", "sentence"),
    [
        ("fast", False, "must be a number, not 'fast'"),
        ("", False, "is empty: give a number"),
        ("  ", True, "is empty: give a number"),
        ("0,001", False, "must be written with a point, such as 0.001"),
        ("6.5", True, "must be a whole number, not '6.5'"),
        ("9" * 30 + "x", True, "must be a whole number, not '999999999999999999999999…'"),
    ],
)
def test_what_is_no_number_gets_a_sentence(text: str, whole: bool, sentence: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  the whole sentence is compared
        read_number(text, whole)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("text", ["1e", "1e-", "2.5E+", "-", ".", "-."])
def test_the_beginning_of_a_number_is_told_from_a_wrong_one(text: str) -> None:
    assert is_unfinished(text)


@pytest.mark.parametrize("text", ["", "abc", "1e-3", "--", "1e-x"])
def test_what_is_wrong_or_complete_is_not_called_unfinished(text: str) -> None:
    assert not is_unfinished(text)


FREE = Bounds()
FROM_ZERO = Bounds(ge=0)


@pytest.mark.parametrize(
    ("number", "up", "following"),
    [(0.001, True, 0.002), (0.002, True, 0.005), (0.005, True, 0.01), (0.003, True, 0.005), (0.003, False, 0.002),
     (0.001, False, 0.0005), (1e-8, False, 5e-9), (0.0, True, 1e-5), (0.0, False, 0.0), (1e-10, False, 0.0),
     (-1.0, True, 0.0)],
)  # fmt: skip
def test_a_logarithmic_float_goes_through_1_2_5(number: float, up: bool, following: float) -> None:
    assert stepped(number, up, "log", whole=False, bounds=FROM_ZERO) == following


@pytest.mark.parametrize(
    ("number", "up", "following"),
    [(64, True, 128), (64, False, 32), (100, True, 128), (100, False, 64), (1, False, 1), (4, False, 2),
     (1000, True, 1000), (5000, False, 1000)],
)  # fmt: skip
def test_a_logarithmic_int_goes_through_powers_of_two(number: int, up: bool, following: int) -> None:
    result = stepped(number, up, "log", whole=True, bounds=Bounds(ge=1, le=1000))
    assert result == (1000 if (number, up) == (1000, True) else following)
    assert isinstance(result, int)


@pytest.mark.parametrize(
    ("number", "up", "following"),
    [(0.0, True, 0.05), (0.9, True, 0.95), (0.1, False, 0.05), (0.93, True, 0.95), (1.0, True, 1.1),
     (1.0, False, 0.95), (12.0, True, 13.0), (10.0, False, 9.9), (0.0, False, -0.05), (-1.0, True, -0.95)],
)  # fmt: skip
def test_a_linear_float_goes_in_round_steps(number: float, up: bool, following: float) -> None:
    assert stepped(number, up, "linear", whole=False, bounds=FREE) == following


def test_a_step_never_leaves_the_range() -> None:
    assert stepped(0.95, True, "linear", whole=False, bounds=Bounds(ge=0, lt=1)) == 0.95
    assert stepped(0.98, True, "linear", whole=False, bounds=Bounds(ge=0, le=0.99)) == 0.99
    assert stepped(0, False, "linear", whole=True, bounds=FROM_ZERO) == 0


@given(st.floats(1e-300, 1e300), st.booleans(), st.sampled_from(["linear", "log"]))
def test_stepping_up_and_down_moves_the_right_way(number: float, up: bool, scale: str) -> None:
    following = stepped(number, up, scale, whole=False, bounds=FROM_ZERO)  # type: ignore[arg-type]
    assert math.isfinite(following)
    assert following >= number if up else following <= number


@pytest.mark.parametrize(
    ("kind", "field", "formula"),
    [
        (Adam, "lr", "lr ≥ 0"),
        (Adam, "betas", "0 ≤ betas < 1"),
        (Rprop, "etas", ""),
        (Rprop, "step_sizes", "step_sizes > 0"),
        (Adafactor, "eps", "eps ≥ 0"),
        (OneCycleLR, "max_lr", "max_lr > 0"),
        (MLP, "hidden", "1 ≤ hidden ≤ 65,536"),
        (StepLR, "gamma", "gamma > 0"),
        (FashionMNIST, "validation", "0 < validation < 1"),
        (Training, "seed", "0 ≤ seed < 4,294,967,296"),
        (Training, "shuffle", ""),
    ],
)
def test_the_range_comes_from_the_declaration(kind: type, field: str, formula: str) -> None:
    assert bounds_of(kind.model_fields[field]).written(field) == formula


def test_one_sided_upper_ranges_are_written() -> None:
    assert Bounds(le=1).written("x") == "x ≤ 1"
    assert Bounds(lt=0.5).written("x") == "x < 0.5"
