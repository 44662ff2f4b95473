"""The engine tells what it makes of a table's columns."""

from pathlib import Path
from typing import Any

from workbench.engine.messages import (
    Answer,
    Ask,
    DescribeTable,
    PreviewDataset,
    Question,
    QuestionFailed,
    QuestionProgress,
    Report,
)
from workbench.spec.datasets.table import ColumnFacts, ColumnRole, Table


def write(path: Path) -> Path:
    rows = "".join(f"{row / 2},{'ab'[row % 2]},{row % 3}\n" for row in range(30))
    path.write_text(f"size,kind,grade\n{rows}", encoding="utf-8")
    return path


def test_columns_are_described_with_their_roles_and_reasons(owner: Any, tmp_path: Path) -> None:
    table = Table(
        path=str(write(tmp_path / "a.csv")), target="grade", columns=(ColumnRole(name="size", role="one-hot"),)
    )
    answer = ask(owner, DescribeTable(table))
    assert answer == Answer(
        7,
        (
            ColumnFacts(
                name="size",
                role="one-hot",
                reason="Chosen; guessed: numeric. Every value is a number.",
                missing=0,
                distinct=30,
                example="0",
            ),
            ColumnFacts(
                name="kind", role="one-hot", reason="It has 2 different texts.", missing=0, distinct=2, example="a"
            ),
            ColumnFacts(
                name="grade", role="target", reason="It is to be predicted.", missing=0, distinct=3, example="0"
            ),
        ),
    )
    preview = ask(owner, PreviewDataset(table))
    assert isinstance(preview, Answer)
    assert preview.value.info.targets == ("0", "1", "2")
    assert [column.name for column in preview.value.columns][-2:] == ["kind=a", "kind=b"]
    refused = ask(owner, DescribeTable(Table(path=str(tmp_path / "gone.csv"))))
    assert refused == QuestionFailed(
        7, f"There is no file {tmp_path / 'gone.csv'}: choose the CSV or Parquet file again."
    )


def ask(owner: Any, question: Question) -> Report:
    owner.send(Ask(7, question))
    report = owner.receive()
    while isinstance(report, QuestionProgress):
        report = owner.receive()
    return report
