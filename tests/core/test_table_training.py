"""Tables are learned from: 100,000 rows with everything that tables have, and a small one, exactly."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from workbench.runs.events import BatchBlock, EpochEnd, Event
from workbench.spec.datasets.table import ColumnRole, Table
from workbench.spec.experiment import Experiment
from workbench.spec.losses import BCEWithLogitsLoss, MSELoss
from workbench.spec.models import MLP
from workbench.spec.optimizers import Adam
from workbench.spec.training import Training

ROWS = 100_000
PRAISE = ("good", "fine", "lovely", "solid")
BLAME = ("bad", "poor", "broken", "dull")
NEITHER = ("chair", "table", "lamp", "shelf", "blue", "red", "large", "small")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each kind of column has a share in ``price``, and ``sold`` says whether that is high, both with some noise."""
    rng = np.random.default_rng(7)
    sizes = rng.normal(50, 10, ROWS)
    colours = rng.integers(0, 4, ROWS)
    towns = rng.integers(0, 40, ROWS)
    worth_of_town = rng.normal(0, 1, 40)
    days = rng.integers(0, 1_000, ROWS)
    liked = rng.integers(0, 2, ROWS)
    price = (sizes - 50) / 10 + 0.5 * colours + worth_of_town[towns] + days / 500 + liked + rng.normal(0, 0.5, ROWS)
    sold = price + rng.normal(0, 0.5, ROWS) > np.median(price)
    no_size, no_colour, no_price = (rng.random(ROWS) < share for share in (0.05, 0.02, 0.01))
    words = rng.integers(0, len(NEITHER), (ROWS, 3))
    opinions = rng.integers(0, len(PRAISE), ROWS)
    dates = np.datetime64("2023-06-01") + days
    file = tmp_path_factory.mktemp("tables") / "商品 list.csv"
    with file.open("w", encoding="utf-8", newline="") as lines:
        lines.write("编号,size,colour,town,date,remark,price,sold\r\n")
        for row in range(ROWS):
            opinion = (PRAISE if liked[row] else BLAME)[opinions[row]]
            first, second, third = (NEITHER[word] for word in words[row])
            lines.write(
                f"{row},{'NA' if no_size[row] else round(sizes[row], 2)},"
                f"{'' if no_colour[row] else ('红', '绿', '蓝', 'white')[colours[row]]},"
                f'town {towns[row]},{dates[row]},"{first}, {second}: {opinion} {third}",'
                f"{'' if no_price[row] else round(price[row], 3)},{'yes' if sold[row] else 'no'}\r\n"
            )
    return file


def last_epoch(told: list[Event]) -> EpochEnd:
    return [event for event in told if isinstance(event, EpochEnd)][-1]


@pytest.mark.slow
def test_a_classifier_learns_from_100_000_rows(path: Path, make_trainer: Callable[[], Any]) -> None:
    experiment = Experiment(
        title="Sold",
        dataset=Table(path=str(path), target="sold", columns=(ColumnRole(name="price", role="ignored"),)),
        model=MLP(hidden=(64,)),
        loss=BCEWithLogitsLoss(),
        optimizer=Adam(lr=0.003),
        training=Training(epochs=2, batch_size=256, seed=1),
    )
    told = make_trainer()(experiment)
    end = last_epoch(told.events)
    assert told.started.train_samples + told.started.validation_samples == ROWS
    assert end.metrics["val_accuracy"] > 0.83


@pytest.mark.slow
def test_a_regression_learns_from_100_000_rows(path: Path, make_trainer: Callable[[], Any]) -> None:
    experiment = Experiment(
        title="Price",
        dataset=Table(path=str(path), target="price", columns=(ColumnRole(name="sold", role="ignored"),)),
        model=MLP(hidden=(64,)),
        loss=MSELoss(),
        optimizer=Adam(lr=0.003),
        training=Training(epochs=2, batch_size=256, seed=1),
    )
    told = make_trainer()(experiment)
    end = last_epoch(told.events)
    assert 0.985 * ROWS < told.started.train_samples + told.started.validation_samples < 0.995 * ROWS
    assert end.metrics["val_r2"] > 0.75


def test_a_resumed_run_on_a_table_is_exact(
    tmp_path: Path, make_trainer: Callable[[], Any], is_same: Callable[..., bool]
) -> None:
    rng = np.random.default_rng(3)
    kinds = rng.integers(0, 30, 300)
    file = tmp_path / "a.csv"
    lines = [
        f"{'' if row % 9 == 0 else round(float(rng.normal()), 3)},kind {kinds[row]},{kinds[row] / 10}"
        for row in range(300)
    ]
    file.write_text("\n".join(["x,kind,y", *lines]), encoding="utf-8")
    experiment = Experiment(
        title="Exact",
        dataset=Table(path=str(file), target="y", task="regression"),
        model=MLP(hidden=(8,), dropout=0.25),
        loss=MSELoss(),
        optimizer=Adam(lr=0.01),
        training=Training(epochs=2, batch_size=32, seed=1),
    )
    whole, parts = make_trainer(), make_trainer()
    at_once = whole(experiment)
    first = parts(experiment, lambda event, control: control.stop() if isinstance(event, BatchBlock) else None)
    second = parts(experiment, start=parts.load())
    assert 0 < len(first.losses) < len(at_once.losses)
    assert first.losses + second.losses == at_once.losses
    assert is_same(dict(whole.load().model), dict(parts.load().model))
