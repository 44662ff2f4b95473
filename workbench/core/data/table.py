"""Tables of the user's own: read from CSV or Parquet, encoded, split, and described column by column."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from workbench.core.data.cache import Arrays, cached
from workbench.core.data.own_parts import check_classes
from workbench.core.data.parts import Data, Normalisation, Part
from workbench.core.data.split import held_out_indices, strata_of
from workbench.core.data.statistics import feature_statistics
from workbench.core.data.table_columns import Column, assign_roles
from workbench.core.data.table_encoding import Features, Rows, encode
from workbench.core.data.table_file import TableFile, parse, read_content
from workbench.core.data.table_target import Targets, read_targets, refuse_infinite, refuse_unknown
from workbench.core.progress import Progress, silent
from workbench.errors import DataError
from workbench.folders import Folders
from workbench.spec.datasets.table import ColumnFacts, Role, Table
from workbench.spec.tasks import DatasetInfo

_FORMAT = 1
"""Of what is cached; another number makes it anew."""


def load_table(table: Table, folders: Folders, progress: Progress = silent) -> Data:
    """The table, encoded as ``workbench.spec.datasets.table.Table`` says and split.

    ``Data.skipped`` names the columns that are ignored unasked, and counts the rows without a target. Everything is a
    function of the file's name and content and of ``table``; what was encoded is cached under these.

    Raises:
        DataError: the file is missing, damaged, or does not go with the declaration.
        Cancelled: ``progress`` said so.
    """
    path = Path(table.path)
    content, key = read_content(path, progress)
    settings = table.model_dump_json(exclude={"path"})
    # the file's name is part of what is told of it
    name = f"table-{_digest(f'{_FORMAT} {key} {path.name} {settings}')}"
    arrays = cached(folders.cache, name, lambda: _encoded(parse(content, path, table, progress), table, progress))
    about = json.loads(arrays["about"].tobytes())
    parts = [
        Part(torch.from_numpy(arrays[f"{part}_inputs"]), torch.from_numpy(arrays[f"{part}_targets"]))
        for part in ("train", "validation")
    ]
    info = DatasetInfo.model_validate_json(json.dumps(about["info"]))
    normalisation = Normalisation(tuple(about["mean"]), tuple(about["std"])) if table.standardize else None
    return Data(parts[0], parts[1], info, normalisation, tuple(about["features"]), tuple(about["skipped"]))


def describe_table(table: Table, progress: Progress = silent) -> tuple[ColumnFacts, ...]:
    """What is known of each column of the file, in its order, with the role it has and why.

    Roles are guessed from the training part; from all rows where ``table`` has no target that can be used.

    Raises:
        DataError: the file is missing or damaged.
        Cancelled: ``progress`` said so.
    """
    import polars as pl

    path = Path(table.path)
    content, _ = read_content(path, progress)
    file = parse(content, path, table, progress)
    every = np.arange(file.rows)
    rows, training = every, every
    if table.target:
        try:
            targets = read_targets(file, table)
            rows, training = targets.rows, _split(targets, table, path)[0]
        except DataError:
            rows, training = every, every
    facts: dict[str, ColumnFacts] = {}
    for column, role, reason in assign_roles(_selected(file, rows), table, pl.Series(training), progress):
        facts[column.name] = Column(
            column.name, file.columns[column.name], pl.Series(rows[training]), column.kind, file.decimal_comma
        ).facts(role, reason)
    left_out = file.rows - len(rows)
    for name in table.target:
        if name in file.columns:
            column = Column(name, file.columns[name], pl.Series(rows), file.kinds.get(name, ""), file.decimal_comma)
            counted = f"It is to be predicted; {left_out:,} rows without a target are left out."
            facts[name] = column.facts("target", counted if left_out else "It is to be predicted.")
    return tuple(facts[name] for name in file.columns)


def _encoded(file: TableFile, table: Table, progress: Progress) -> Arrays:
    """Both parts, and what is known of them as JSON."""
    import polars as pl

    progress(f"Looking at {', '.join(table.target)}", 0, 0)
    targets = read_targets(file, table)
    for given in table.columns:
        refuse_unknown(file, given.name, "columns")
    training, held_out = _split(targets, table, file.path)
    if targets.task in ("multiclass", "binary"):
        check_classes(torch.from_numpy(targets.values[training]), targets.names)
    rows = Rows(
        training,
        lambda name, numbers: refuse_infinite(file, name, numbers, targets.rows),
        str(file.path),
        progress,
    )
    assigned = assign_roles(_selected(file, targets.rows), table, pl.Series(training), progress)
    features: list[Features] = []
    for done, (column, role, _) in enumerate(assigned):
        progress(f"Encoding {column.name}", done, len(assigned))
        features.append(encode(column, role, table, rows))
    # the codes of embeddings come last: sorted keeps the order of the rest
    features = sorted((each for each in features if each.names), key=lambda each: each.categories > 0)
    if not features:
        raise DataError(_nothing_to_learn_from(file, table, assigned))
    progress(f"Splitting {file.path.name}", 0, 2)
    inputs = np.concatenate([each.values for each in features], axis=1)
    measured = np.concatenate([np.arange(len(each.names)) < each.measured for each in features])
    train, validation = inputs[training], inputs[held_out]
    means, deviations = np.zeros(len(measured)), np.ones(len(measured))
    if measured.any():
        means[measured], deviations[measured] = feature_statistics(train[:, measured])
    progress(f"Splitting {file.path.name}", 1, 2)
    info = DatasetInfo(
        task=targets.task,
        kind="table",
        shape=(inputs.shape[1],),
        targets=targets.names,
        train_samples=len(training),
        validation_samples=len(held_out),
        categories=tuple(each.categories for each in features if each.categories),
    )
    about = {
        "info": info.model_dump(mode="json"),
        "mean": means.tolist(),
        "std": deviations.tolist(),
        "features": [name for each in features for name in each.names],
        "skipped": [*_unused(assigned, table), *targets.left_out(file)],
    }
    return {
        "train_inputs": train,
        "train_targets": targets.values[training],
        "validation_inputs": validation,
        "validation_targets": targets.values[held_out],
        "about": np.frombuffer(json.dumps(about).encode(), np.uint8),
    }


def _unused(assigned: Sequence[tuple[Column, Role, str]], table: Table) -> list[str]:
    """Columns that were guessed to be of no use, each with the reason."""
    given = {column.name for column in table.columns}
    return [
        f"column {column.name}: {reason[0].lower()}{reason[1:].rstrip('.')}"
        for column, role, reason in assigned
        if role == "ignored" and column.name not in given
    ]


def _split(targets: Targets, table: Table, path: Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places among the rows with a target: of the training part, and of those held out."""
    rows = len(targets.rows)
    count = round(rows * table.validation)
    if not 0 < count < rows:
        raise DataError(
            f"{path} has {rows:,} rows, of which {count:,} would be held out: choose a validation fraction that leaves "
            "rows for both parts, or add rows."
        )
    held_out = held_out_indices(strata_of(torch.from_numpy(targets.values)), count, table.split_seed)
    return np.setdiff1d(np.arange(rows), held_out), held_out


def _selected(file: TableFile, rows: NDArray[np.int64]) -> TableFile:
    """``file`` with these rows only."""
    import polars as pl

    kept = pl.Series(rows)
    columns = {name: values.gather(kept) for name, values in file.columns.items()}
    return TableFile(file.path, columns, file.kinds, file.decimal_comma, lambda row: file.place(int(rows[row])))


def _nothing_to_learn_from(file: TableFile, table: Table, assigned: Sequence[tuple[Column, Role, str]]) -> str:
    reasons = " ".join(f"{column.name}: {reason}" for column, _, reason in assigned[:5])
    more = f" And {len(assigned) - 5} more." if len(assigned) > 5 else ""
    return (
        f"{file.path} has no column to learn from beside the target {', '.join(table.target)}: give a column another "
        f"role than ignored. {reasons}{more}"
    ).rstrip()


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
