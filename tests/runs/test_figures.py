"""What the figures of a run are called and how they are written."""

import pytest

from workbench.runs.figures import METRIC_NAMES, SHARES, loss_text, main_metric, metric_text, metrics_in
from workbench.spec.tasks import METRICS


def test_every_metric_of_every_task_has_a_name_in_the_order_of_its_task() -> None:
    known = list(METRIC_NAMES)
    for metrics in METRICS.values():
        assert set(metrics) <= set(known)
        assert sorted(metrics, key=known.index) == list(metrics)
    assert set(known) == {name for metrics in METRICS.values() for name in metrics}
    assert set(known) >= SHARES


def test_the_main_metric_is_the_most_telling_one() -> None:
    assert main_metric({"epoch": 1, "val_loss": 2.0, "val_exact_match": 0.5, "val_accuracy": 0.9}) == "val_accuracy"
    assert main_metric(["val_r2", "val_rmse", "val_mae"]) == "val_mae"
    assert main_metric({"train_loss": 1.0, "val_loss": 2.0}) is None
    assert metrics_in(["val_r2", "val_loss", "val_mae"]) == ("val_mae", "val_r2")


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("val_accuracy", 0.87314, "87.31%"),
        ("val_exact_match", 1.0, "100.00%"),
        ("val_mae", 42.4802, "42.48"),
        ("val_mae", 0.5, "0.5000"),
        ("val_rmse", 21_345.6, "21,346"),
        ("val_rmse", 2.5e9, "2.5e+09"),
        ("val_r2", -0.01234, "-0.01234"),
    ],
)
def test_shares_are_written_in_percent_and_numbers_with_four_digits(name: str, value: float, text: str) -> None:
    assert metric_text(name, value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.35142, "0.3514"), (2859.42481, "2,859.4"), (28_594.2, "28,594.2"), (567065088.0, "5.67e+08")]
)
def test_a_large_loss_has_fewer_decimals(value: float, text: str) -> None:
    assert loss_text(value) == text
