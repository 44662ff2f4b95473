"""What is written is read back as the same value, for every experiment there can be."""

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.spec import dataset_fields, optimizer_fields, own_data_fields, table_fields
from workbench.errors import FileError
from workbench.spec import losses, models, optimizers
from workbench.spec.experiment import SECTIONS, Experiment, choices
from workbench.spec.parameter_groups import ParameterGroup
from workbench.spec.training import Training
from workbench.spec.yaml_io import (
    dump_experiment,
    dump_fields,
    experiment_from,
    load_experiment,
    parse_document,
    plain,
    save_experiment,
)

flags = st.booleans()
perhaps = st.none() | flags
rates = st.floats(0, allow_nan=False, allow_infinity=False)
numbers = st.floats(allow_nan=False, allow_infinity=False)
seeds = st.integers(0, 2**32 - 1)
fractions = st.floats(0, 1, exclude_min=True, exclude_max=True)
positive = st.floats(0, exclude_min=True, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


def lists(elements: st.SearchStrategy[Any], **size: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(elements, **size).map(tuple)


weights = lists(st.floats(1e-6, 1e6), max_size=4)

VALUES: dict[type, dict[str, st.SearchStrategy[Any]]] = {
    **dataset_fields.VALUES,
    **table_fields.VALUES,
    **own_data_fields.VALUES,
    **optimizer_fields.VALUES,
    models.LeNet5: {},
    models.Linear: {},
    models.CNN: {
        "channels": lists(st.integers(1, 4096), min_size=1, max_size=5),
        "batch_norm": flags,
        "dropout": st.floats(0, 1, exclude_max=True),
    },
    models.CNN2c2d: {},
    models.CNN3c3d: {},
    models.ResNet: {"depth": st.sampled_from([8, 14, 20, 26, 32, 44, 56, 110]), "width": st.integers(1, 1024)},
    models.Torchvision: {"architecture": st.sampled_from(get_args(models.Architecture)), "weights": texts},
    models.EmbeddingBag: {
        "dim": st.integers(1, 65_536),
        "mode": st.sampled_from(["mean", "sum"]),
        "sparse": flags,
    },
    models.MLP: {
        "hidden": lists(st.integers(1, 65_536), max_size=5),
        "activation": st.sampled_from(get_args(models.Activation)),
        "dropout": st.floats(0, 1, exclude_max=True),
    },
    losses.CrossEntropyLoss: {"label_smoothing": st.floats(0, 1), "weight": weights},
    losses.NLLLoss: {"weight": weights},
    losses.MultiMarginLoss: {
        "p": st.sampled_from([1, 2]),
        "margin": st.floats(0, 1e6, exclude_min=True),
        "weight": weights,
    },
    losses.BCEWithLogitsLoss: {"weight": weights, "pos_weight": weights},
    losses.MultiLabelSoftMarginLoss: {"weight": weights},
    losses.MSELoss: {},
    losses.L1Loss: {},
    losses.HuberLoss: {"delta": st.floats(0, 1e6, exclude_min=True)},
    losses.SmoothL1Loss: {"beta": st.floats(0, 1e6)},
    Training: {
        "epochs": st.integers(1, 1_000_000),
        "batch_size": st.just("all") | st.integers(1, 1_000_000),
        "shuffle": flags,
        "seed": seeds,
        "best_by": st.sampled_from(["val_loss", "val_accuracy"]),
        "checkpoint_minutes": st.floats(0, 1440, exclude_min=True),
        "keep_every": st.integers(0, 10**6),
        "accumulate": st.integers(1, 100_000),
        "clip_norm": rates,
        "clip_value": rates,
        "l1_penalty": rates,
        "l2_penalty": rates,
        "gradient_noise": rates,
        "noise_decay": rates,
        "ema_decay": st.floats(0, 1, exclude_max=True),
        "groups": lists(
            st.builds(
                ParameterGroup,
                pattern=texts.filter(bool),
                lr=st.none() | rates,
                weight_decay=st.none() | rates,
            ),
            max_size=3,
        ),
    },
}


def section(name: str) -> st.SearchStrategy[Any]:
    return st.one_of([st.builds(kind, **VALUES[kind]) for kind in choices(name)])


experiments = st.builds(
    Experiment,
    title=texts.filter(bool),
    source=texts,
    expected=texts,
    **{name: section(name) for name in SECTIONS},
)


def test_these_experiments_vary_every_field() -> None:
    for name in SECTIONS:
        for kind in choices(name):
            varied = {field for field, info in kind.model_fields.items() if get_origin(info.annotation) is not Literal}
            assert varied <= set(VALUES[kind]) | {"name"}


@settings(deadline=None)
@given(experiments)
def test_an_experiment_is_read_back_as_it_was_written(experiment: Experiment) -> None:
    text = dump_experiment(experiment)
    assert experiment_from(parse_document(text, "round trip"), trainable=False) == experiment
    assert dump_experiment(experiment_from(parse_document(text, "round trip"), trainable=False)) == text


@settings(deadline=None)
@given(experiments)
def test_other_readers_of_yaml_understand_the_sections_too(experiment: Experiment) -> None:
    read = yaml.safe_load(dump_experiment(experiment))
    assert read["title"] == experiment.title
    assert read["model"]["name"] == experiment.model.name
    assert read["training"].get("epochs", 5) == experiment.training.epochs


@pytest.mark.parametrize(
    "title", ["true", "null", "~", "1e-3", "010", "0x1F", "1:30", "a: b", "- a", "=", "<<", " a ", "\x85"]
)
def test_a_title_that_looks_like_something_else_stays_a_title(title: str, text: str) -> None:
    experiment = experiment_from(parse_document(text, "x")).model_copy(update={"title": title})
    assert experiment_from(parse_document(dump_experiment(experiment), "x")).title == title


def test_a_file_has_a_line_a_section_and_leaves_out_defaults(text: str) -> None:
    assert dump_experiment(experiment_from(parse_document(text, "x"))).splitlines() == [
        "version: 1",
        "title: Small",
        "dataset: {name: Digits, validation: 0.25}",
        "model: {name: MLP, hidden: [8, 4]}",
        "loss: {name: CrossEntropyLoss}",
        "optimizer: {name: SGD, lr: 0.1, momentum: 0.9}",
        "scheduler: {name: Constant}",
        "training: {epochs: 2, batch_size: 32}",
    ]


def test_a_component_alone_is_written_a_line_a_field() -> None:
    assert dump_fields(optimizers.SGD(lr=0.1, nesterov=True)) == "name: SGD\nlr: 0.1\nnesterov: true\n"
    assert plain(Training(seed=3)) == {"seed": 3}


def test_a_saved_file_is_loaded_as_it_was(text: str, tmp_path: Path) -> None:
    experiment = experiment_from(parse_document(text, "x"))
    save_experiment(experiment, tmp_path / "saved.yaml")
    assert load_experiment(tmp_path / "saved.yaml") == experiment


def test_a_place_that_cannot_be_written_is_named(text: str, tmp_path: Path) -> None:
    experiment = experiment_from(parse_document(text, "x"))
    with pytest.raises(FileError, match=r"Cannot write .*missing.*saved\.yaml"):
        save_experiment(experiment, tmp_path / "missing" / "saved.yaml")
    assert list(tmp_path.iterdir()) == []
