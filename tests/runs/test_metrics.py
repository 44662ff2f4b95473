"""The curves of a run: written while it trains, read meanwhile, later, elsewhere and in part."""

import contextlib
import math
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import FileError
from workbench.runs.events import BatchBlock, EpochEnd
from workbench.runs.metrics import MetricsWriter, read_batches, read_epochs

Block = Callable[..., BatchBlock]
End = Callable[..., EpochEnd]
ReadOnly = Callable[[Path], contextlib.AbstractContextManager[Path]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "metrics.sqlite"


def test_batches_come_back_as_they_were_told(file: Path, block: Block) -> None:
    writer = MetricsWriter(file)
    writer.write(block(1, 2.5, 0.1 + 0.2, rate=1e-3))
    writer.write(block(3, 1e-300, epoch=2, rate=1e-4))
    writer.close()
    curve = read_batches(file)
    assert curve.steps.tolist() == [1, 2, 3]
    assert curve.losses.tolist() == [2.5, 0.1 + 0.2, 1e-300]
    assert curve.learning_rates.tolist() == [1e-3, 1e-3, 1e-4]
    assert curve.seconds.tolist() == [0.1, 0.2, 0.3]
    assert {array.dtype for array in vars(curve).values()} == {np.dtype(np.float64)}


def test_epochs_come_back_as_they_were_told(file: Path, epoch_end: End) -> None:
    writer = MetricsWriter(file)
    ends = [epoch_end(1, 3), epoch_end(2, 6, val_loss=0.1 + 0.2, accuracy=1 / 3)]
    for end in ends:
        writer.write(end)
    writer.close()
    assert read_epochs(file) == ends


def test_losses_that_are_not_numbers_come_back_so(file: Path, block: Block, epoch_end: End) -> None:
    writer = MetricsWriter(file)
    writer.write(block(1, 1.0, math.nan, math.inf, -math.inf))
    writer.write(epoch_end(1, 4, val_loss=math.nan, accuracy=math.nan))
    writer.close()
    assert str(read_batches(file).losses.tolist()) == "[1.0, nan, inf, -inf]"
    (end,) = read_epochs(file)
    assert math.isnan(end.val_loss)
    assert math.isnan(end.metrics["val_accuracy"])


def test_an_empty_run_has_empty_curves(file: Path) -> None:
    MetricsWriter(file).close()
    assert [len(array) for array in vars(read_batches(file)).values()] == [0, 0, 0, 0]
    assert read_epochs(file) == []


def test_a_closed_file_stands_alone(file: Path, block: Block) -> None:
    writer = MetricsWriter(file)
    writer.write(block(1, 1.0))
    writer.close()
    assert os.listdir(file.parent) == [file.name]


def test_a_reader_sees_every_block_as_soon_as_it_is_written(file: Path, block: Block) -> None:
    """No checkpoint may be ahead of the metrics: a run killed right after one must have all steps before it."""
    writer = MetricsWriter(file)
    writer.write(block(1, 1.0, 2.0))
    assert read_batches(file).steps.tolist() == [1, 2]
    writer.write(block(3, 3.0))
    assert read_batches(file).steps.tolist() == [1, 2, 3]
    writer.close()


def test_a_crash_costs_nothing_that_was_written(file: Path, block: Block, tmp_path: Path) -> None:
    writer = MetricsWriter(file)
    writer.write(block(1, 1.0, 2.0))
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    for name in (file.name, f"{file.name}-wal"):
        shutil.copy(tmp_path / name, crashed / name)
    writer.close()
    assert read_batches(crashed / file.name).losses.tolist() == [1.0, 2.0]


def test_a_run_that_goes_on_drops_what_lies_behind_its_checkpoint(file: Path, block: Block, epoch_end: End) -> None:
    writer = MetricsWriter(file)
    for event in (block(1, 1.0, 2.0, 3.0), epoch_end(1, 3), block(4, 4.0, 5.0, epoch=2), epoch_end(2, 5)):
        writer.write(event)
    writer.close()
    writer = MetricsWriter(file, after_step=4)
    writer.write(block(5, 50.0, 60.0, epoch=2))
    writer.close()
    assert read_batches(file).losses.tolist() == [1.0, 2.0, 3.0, 4.0, 50.0, 60.0]
    assert [end.epoch for end in read_epochs(file)] == [1]


def test_a_run_that_starts_anew_drops_everything(file: Path, block: Block) -> None:
    for loss in (1.0, 2.0):
        writer = MetricsWriter(file)
        writer.write(block(1, loss))
        writer.close()
    assert read_batches(file).losses.tolist() == [2.0]


def test_a_short_run_is_read_whole(file: Path, block: Block) -> None:
    writer = MetricsWriter(file)
    writer.write(block(1, *range(100)))
    writer.close()
    assert read_batches(file, most=100).losses.tolist() == list(range(100))


@settings(deadline=None)
@given(
    losses=st.lists(st.floats(-1e6, 1e6) | st.just(math.nan), min_size=11, max_size=300),
    most=st.integers(2, 10),
    first=st.integers(1, 1_000),
)
def test_a_long_run_is_thinned_out_and_keeps_its_extremes(
    tmp_path_factory: pytest.TempPathFactory, losses: list[float], most: int, first: int
) -> None:
    file = tmp_path_factory.mktemp("metrics") / "metrics.sqlite"
    steps = np.arange(first, first + len(losses))
    writer = MetricsWriter(file, after_step=first)
    writer.write(BatchBlock(1, first, np.array(losses), steps * 2.0, steps * 3.0))
    writer.close()
    curve = read_batches(file, most=most)
    assert 0 < len(curve.steps) <= most
    assert (np.diff(curve.steps) > 0).all()
    np.testing.assert_array_equal(curve.losses, np.array(losses)[curve.steps.astype(int) - first])
    np.testing.assert_array_equal(curve.learning_rates, curve.steps * 2)
    np.testing.assert_array_equal(curve.seconds, curve.steps * 3)
    if not np.isnan(losses).all():
        assert np.nanmax(curve.losses) == np.nanmax(losses)
        assert np.nanmin(curve.losses) == np.nanmin(losses)


def test_curves_are_read_where_nothing_can_be_written(
    file: Path, block: Block, epoch_end: End, read_only: ReadOnly
) -> None:
    writer = MetricsWriter(file)
    writer.write(block(1, 1.0, 2.0))
    writer.write(epoch_end(1, 2))
    writer.close()
    with read_only(file.parent) as folder:
        with pytest.raises(OSError, match="Permission denied"):
            (folder / "probe").touch()
        assert read_batches(folder / file.name).losses.tolist() == [1.0, 2.0]
        assert read_epochs(folder / file.name) == [epoch_end(1, 2)]
        assert os.listdir(folder) == [file.name]


def test_a_file_that_cannot_be_written_is_named_and_left_alone(file: Path, block: Block, read_only: ReadOnly) -> None:
    writer = MetricsWriter(file)
    writer.write(block(1, 1.0))
    writer.close()
    before = file.read_bytes()
    with (
        read_only(file.parent) as folder,
        pytest.raises(FileError, match=r"Cannot write .*metrics\.sqlite: .* Choose a workspace you can write to"),
    ):
        MetricsWriter(folder / file.name)
    assert file.read_bytes() == before


def test_a_missing_file_is_told(file: Path) -> None:
    for read in (read_batches, read_epochs):
        with pytest.raises(FileError, match=r"metrics\.sqlite is missing: the run has no curves"):
            read(file)
    assert not file.exists()


@pytest.mark.parametrize("damage", [b"no database, " * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_named(file: Path, damage: bytes) -> None:
    file.write_bytes(damage)
    for use in (read_batches, read_epochs, MetricsWriter):
        with pytest.raises(FileError, match=r"Cannot (read|write) .*metrics\.sqlite: "):
            use(file)
    assert file.read_bytes() == damage


def test_another_database_is_not_taken_for_metrics(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as other, other:
        other.execute("CREATE TABLE batches (name TEXT)")
    with pytest.raises(FileError, match="Cannot write"):
        MetricsWriter(file)
    with pytest.raises(FileError, match="Cannot read"):
        read_batches(file)
