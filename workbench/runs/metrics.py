"""``metrics.sqlite``: a row a batch and a row an epoch, written while a run trains, read while it does or later."""

import contextlib
import json
import math
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.errors import FileError
from workbench.runs.events import BatchBlock, EpochEnd

_SCHEMA = """
CREATE TABLE IF NOT EXISTS batches (
    step INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, loss REAL, learning_rate REAL NOT NULL, seconds REAL NOT NULL);
CREATE TABLE IF NOT EXISTS epochs (
    epoch INTEGER PRIMARY KEY, step INTEGER NOT NULL, train_loss REAL, val_loss REAL, metrics TEXT NOT NULL,
    learning_rate REAL NOT NULL, seconds REAL NOT NULL);
"""


class MetricsWriter:
    """Writes the metrics of one run. Belongs to the thread that made it."""

    def __init__(self, path: Path, *, after_step: int = 0) -> None:
        """Open or make ``path`` and drop what was written after ``after_step``, the step the run goes on from.

        Raises:
            FileError: ``path`` cannot be written or is not a metrics file.
        """
        self._path = path
        with self._own_errors():
            self._connection = sqlite3.connect(path, isolation_level=None)
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = NORMAL")
                self._connection.executescript(_SCHEMA)
                self._connection.execute("BEGIN")
                self.drop_after(after_step)
            except BaseException:
                self._connection.close()
                raise

    def write(self, event: BatchBlock | EpochEnd) -> None:
        """Add and commit the rows of ``event``: no checkpoint may be ahead of them. Raises FileError.

        A commit of a few rows to the write-ahead log takes about 10 µs and does not wait for the disk.
        """
        with self._own_errors():
            if isinstance(event, BatchBlock):
                steps = range(event.first_step, event.last_step + 1)
                columns = (event.losses.tolist(), event.learning_rates.tolist(), event.seconds.tolist())
                rows = ((step, event.epoch, *row) for step, *row in zip(steps, *columns, strict=True))
                self._connection.executemany("INSERT OR REPLACE INTO batches VALUES (?, ?, ?, ?, ?)", rows)
            else:
                self._write_epoch(event)
            self._commit()

    def _write_epoch(self, event: EpochEnd) -> None:
        row = (
            event.epoch,
            event.step,
            event.train_loss,
            event.val_loss,
            json.dumps(dict(event.metrics)),
            event.learning_rate,
            event.seconds,
        )
        self._connection.execute("INSERT OR REPLACE INTO epochs VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def drop_after(self, step: int) -> None:
        """Drop what was written after ``step``. Raises FileError."""
        with self._own_errors():
            self._connection.execute("DELETE FROM batches WHERE step > ?", (step,))
            self._connection.execute("DELETE FROM epochs WHERE step > ?", (step,))
            self._commit()

    def _commit(self) -> None:
        """Let everything written so far be seen by readers and survive the end of this process."""
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN")

    def close(self) -> None:
        """Commit and fold the write-ahead log into the file. Raises FileError."""
        with self._own_errors():
            self._connection.execute("COMMIT")
            self._connection.close()

    @contextlib.contextmanager
    def _own_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise FileError(f"Cannot write {self._path}: {error}. Choose a workspace you can write to.") from error


@dataclass(frozen=True, eq=False)
class BatchCurve:
    """Batches in the order of their steps; all arrays have shape ``(n,)``. A loss that was not finite is NaN."""

    steps: NDArray[np.float64]
    losses: NDArray[np.float64]
    learning_rates: NDArray[np.float64]
    seconds: NDArray[np.float64]

    @classmethod
    def empty(cls) -> "BatchCurve":
        """No batches."""
        return cls(*(np.empty(0) for _ in range(4)))

    @property
    def columns(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Steps, losses, learning rates and seconds."""
        return self.steps, self.losses, self.learning_rates, self.seconds


def read_batches(path: Path, *, most: int = 20_000) -> BatchCurve:
    """The batches of a run, at most about ``most`` of them.

    Of a longer run, the batches with the smallest and the largest loss of each of ``most / 2`` equal stretches are
    returned, so that no peak is lost. Raises FileError.
    """
    columns = "step, loss, learning_rate, seconds"
    with _reading(path) as connection:
        first, last, count = connection.execute("SELECT MIN(step), MAX(step), COUNT(*) FROM batches").fetchone()
        if count <= most:
            rows = connection.execute(f"SELECT {columns} FROM batches ORDER BY step").fetchall()
        else:
            stretch = math.ceil((last - first + 1) / (most // 2))
            extremes = " UNION ".join(
                f"SELECT step, {extreme}(loss) AS loss, learning_rate, seconds FROM batches "
                "GROUP BY (step - :first) / :stretch"
                for extreme in ("MIN", "MAX")
            )
            query = f"SELECT * FROM ({extremes}) ORDER BY step"
            rows = connection.execute(query, {"first": first, "stretch": stretch}).fetchall()
    table = np.array(rows, dtype=np.float64).reshape(-1, 4)
    return BatchCurve(*(np.ascontiguousarray(column) for column in table.T))


def read_epochs(path: Path) -> list[EpochEnd]:
    """The epochs of a run in their order. Raises FileError."""
    query = "SELECT epoch, step, train_loss, val_loss, metrics, learning_rate, seconds FROM epochs ORDER BY epoch"
    with _reading(path) as connection:
        rows = connection.execute(query).fetchall()
    return [
        EpochEnd(epoch, step, _number(train), _number(val), json.loads(metrics), rate, seconds)
        for epoch, step, train, val, metrics, rate, seconds in rows
    ]


def _number(value: float | None) -> float:
    """SQLite keeps a NaN as NULL."""
    return math.nan if value is None else value


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads; also works in a folder where nothing can be written."""
    if not path.is_file():
        raise FileError(f"{path} is missing: the run has no curves.")
    try:
        for mode in ("mode=ro", "immutable=1"):
            connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True)
            try:
                connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
                break
            except sqlite3.OperationalError:
                connection.close()
                if mode == "immutable=1":
                    raise
        with contextlib.closing(connection):
            yield connection
    except sqlite3.Error as error:
        raise FileError(f"Cannot read {path}: {error}. Restore the file or delete the run.") from error
