"""What is written is read back as the same value, for every experiment there can be."""

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import FileError
from workbench.spec import datasets, losses, models, optimizers, schedulers
from workbench.spec.experiment import SECTIONS, Experiment, choices
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


VALUES: dict[type, dict[str, st.SearchStrategy[Any]]] = {
    datasets.FashionMNIST: {
        "mean": lists(numbers, max_size=3),
        "std": lists(positive, max_size=3),
        "validation": st.just("test") | fractions,
        "split_seed": seeds,
    },
    datasets.Digits: {
        "mean": lists(numbers, max_size=3),
        "std": lists(positive, max_size=3),
        "validation": fractions,
        "split_seed": seeds,
    },
    models.LeNet5: {},
    models.MLP: {
        "hidden": lists(st.integers(1, 65_536), max_size=5),
        "activation": st.sampled_from(get_args(models.Activation)),
        "dropout": st.floats(0, 1, exclude_max=True),
    },
    losses.CrossEntropyLoss: {"label_smoothing": st.floats(0, 1)},
    optimizers.SGD: {
        "lr": rates,
        "momentum": rates,
        "dampening": numbers,
        "weight_decay": rates,
        "nesterov": flags,
        "maximize": flags,
        "foreach": perhaps,
        "fused": perhaps,
    },
    optimizers.Adam: {
        "lr": rates,
        "betas": st.tuples(st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True)),
        "eps": rates,
        "weight_decay": rates,
        "amsgrad": flags,
        "decoupled_weight_decay": flags,
        "maximize": flags,
        "foreach": perhaps,
        "fused": perhaps,
    },
    schedulers.Constant: {},
    schedulers.StepLR: {"step_size": st.integers(1, 10**9), "gamma": positive},
    Training: {
        "epochs": st.integers(1, 1_000_000),
        "batch_size": st.integers(1, 1_000_000),
        "shuffle": flags,
        "seed": seeds,
        "best_by": st.sampled_from(["val_loss", "val_accuracy"]),
        "checkpoint_minutes": st.floats(0, 1440, exclude_min=True),
        "keep_every": st.integers(0, 10**6),
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
