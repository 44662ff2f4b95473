"""Adding a component is one declaration and one builder: a made-up optimizer appears everywhere."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal, Union, get_args

import pytest
import torch
from torch import nn

from workbench.cli.commands import main
from workbench.core import optimizers
from workbench.core.build import arguments
from workbench.spec.component import parameter
from workbench.spec.experiment import Experiment, choices
from workbench.spec.optimizers import OptimizerComponent
from workbench.spec.optimizers.base import learning_rate
from workbench.spec.yaml_io import load_experiment, save_experiment

YAML = """\
version: 1
dataset: {name: Digits}
model: {name: MLP, hidden: [16]}
loss: {name: CrossEntropyLoss}
optimizer: {name: SignDescent, lr: 0.002, decay: 0.5}
training: {epochs: 5}
"""


# The declaration, as it would stand in workbench/spec/optimizers ...
class SignDescent(OptimizerComponent):
    label: ClassVar[str] = "Sign descent"
    about: ClassVar[str] = "Goes one learning rate against the sign of each gradient."

    name: Literal["SignDescent"] = "SignDescent"
    lr: float = learning_rate(1e-3, "Usual: 0.001.")
    decay: float = parameter(1.0, "Decay", "The length of each step is multiplied by this.", gt=0, le=1)


# ... and the builder, as it would stand in workbench/core/optimizers.
class SignDescentOptimizer(torch.optim.Optimizer):
    def __init__(self, params: Any, lr: float, decay: float) -> None:
        super().__init__(params, {"lr": lr, "decay": decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        with torch.enable_grad():
            loss = closure()
        for group in self.param_groups:
            for weight in group["params"]:
                weight.sub_(weight.grad.sign(), alpha=group["lr"])
        return loss


def build_sign_descent(spec: SignDescent, model: nn.Module, groups: Any) -> torch.optim.Optimizer:
    return SignDescentOptimizer(groups, **arguments(spec))


@pytest.fixture(autouse=True)
def sign_descent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The catalogue with one optimizer more."""
    original = Experiment.__pydantic_fields__["optimizer"]
    extended = copy.copy(original)
    extended.annotation = Union[(*get_args(original.annotation), SignDescent)]  # type: ignore[assignment]
    monkeypatch.setitem(optimizers.BUILDERS, SignDescent, build_sign_descent)
    try:
        Experiment.__pydantic_fields__["optimizer"] = extended
        Experiment.model_rebuild(force=True)
        yield
    finally:
        Experiment.__pydantic_fields__["optimizer"] = original
        Experiment.model_rebuild(force=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "signs.yaml"
    path.write_text(YAML, encoding="utf-8")
    return path


def test_it_is_offered() -> None:
    assert choices("optimizer")[-1] is SignDescent


def test_yaml_reads_and_writes_it(file: Path, tmp_path: Path) -> None:
    experiment = load_experiment(file)
    assert experiment.optimizer == SignDescent(lr=0.002, decay=0.5)
    save_experiment(experiment, tmp_path / "again.yaml")
    assert load_experiment(tmp_path / "again.yaml") == experiment


def test_the_command_line_trains_it_and_takes_its_fields(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", str(file), "--set", "optimizer.decay=0.25", "--workspace", str(tmp_path / "w"), "--json"]
    assert main(words) == 0
    end = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert end["status"] == "finished"
    assert end["best"]["val_accuracy"] > 0.5
    trained = load_experiment(Path(end["run"]) / "experiment.yaml")
    assert trained.optimizer == SignDescent(lr=0.002, decay=0.25)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("decay=2.0", "optimizer.decay must be at most 1, not 2"),
        ("decay=fast", "optimizer.decay must be a number, not 'fast'"),
        ("momentum=0.9", "optimizer.momentum is not a field; known: lr, decay."),
    ],
)
def test_a_mistake_in_it_is_told_by_the_field(
    file: Path, change: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(file), "--set", f"optimizer.{change}"]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.gui
def test_the_window_has_its_editor_and_its_help(qtbot: Any) -> None:
    from PySide6.QtWidgets import QLabel

    from workbench.gui.editors.field_row import FieldRow
    from workbench.gui.panels.experiment_panel import ExperimentPanel
    from workbench.spec.experiment import first_experiment_offline

    panel = ExperimentPanel(first_experiment_offline().model_copy(update={"optimizer": SignDescent(decay=0.5)}))
    qtbot.addWidget(panel)
    assert any("Goes one learning rate against the sign" in label.text() for label in panel.findChildren(QLabel))
    rows = [row for row in panel.findChildren(FieldRow) if row.name == "decay"]
    assert [row.editor.value() for row in rows] == [0.5]
    assert "The length of each step is multiplied by this." in rows[0].label.toolTip()
