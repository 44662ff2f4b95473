"""Reading experiments: every fault is told in one sentence with its place, whatever the text."""

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.errors import FileError
from workbench.spec.experiment import Experiment, ExperimentError
from workbench.spec.yaml_io import (
    LONGEST_FILE,
    Document,
    experiment_from,
    load_experiment,
    parse_document,
    with_settings,
)


def read(text: str) -> Experiment:
    return experiment_from(parse_document(text, "mine.yaml"))


def fault_of(text: str) -> str:
    with pytest.raises(ExperimentError) as caught:
        read(text)
    return str(caught.value)


FAULTS = [
    ("lr: 0.1", "lrr: 0.1", "line 6, column 24: optimizer.lrr is not a field; did you mean lr?"),
    ("epochs: 2", "epoch: 2", "line 8, column 3: training.epoch is not a field; did you mean epochs?"),
    ("title:", "titel:", "line 2, column 1: titel is not a field; did you mean title?"),
    ("lr: 0.1", "lr: fast", "line 6, column 24: optimizer.lr must be a number, not 'fast'."),
    ("lr: 0.1", "lr: '0.1'", "line 6, column 24: optimizer.lr must be a number, not '0.1'."),
    ("lr: 0.1", "lr: true", "line 6, column 24: optimizer.lr must be a number, not True."),
    ("lr: 0.1", "lr: -0.5", "line 6, column 24: optimizer.lr must be at least 0, not -0.5."),
    ("lr: 0.1", "lr: .inf", "line 6, column 24: optimizer.lr must be a finite number, not inf."),
    ("lr: 0.1", "lr: 1e999", "line 6, column 24: optimizer.lr must be a finite number, not inf."),
    ("epochs: 2", "epochs: 2.5", "line 8, column 3: training.epochs must be a whole number, not 2.5."),
    ("epochs: 2", "epochs: 0x10", "line 8, column 3: training.epochs must be a whole number, not '0x10'."),
    ("epochs: 2", "epochs: 1_0", "line 8, column 3: training.epochs must be a whole number, not '1_0'."),
    ("epochs: 2", "epochs: 1:30", "line 8, column 3: training.epochs must be a whole number, not '1:30'."),
    ("epochs: 2", f"epochs: {'9' * 5000}", "line 8, column 3: training.epochs must be a whole number, not inf."),
    ("epochs: 2", "epochs: 2_000_000_000", "line 8, column 3: training.epochs must be a whole number"),
    ("epochs: 2", "epochs: 2000000", "line 8, column 3: training.epochs must be at most 1,000,000, not 2000000."),
    ("epochs: 2", "shuffle: yes", "line 8, column 3: training.shuffle must be true or false, not 'yes'."),
    ("0.25", "1.5", "line 3, column 25: dataset.validation must be less than 1, not 1.5."),
    ("0.25", "test", "line 3, column 25: dataset.validation must be a number, not 'test'."),
    ("[8, 4]", "[8, 0]", "line 4, column 32: model.hidden[1] must be at least 1, not 0."),
    ("[8, 4]", "8", "line 4, column 20: model.hidden must be a list such as [1, 2], not 8."),
    ("name: MLP", "name: MPL", "line 4, column 9: model.name is not known: MPL; did you mean MLP?"),
    ("name: Digits", "name: FasionMNIST", "dataset.name is not known: FasionMNIST; did you mean FashionMNIST?"),
    ("name: MLP, ", "", "line 4, column 1: model needs a name."),
    ("{name: MLP, hidden: [8, 4]}", "MLP", "line 4, column 1: model must be a mapping such as {name: …}, not 'MLP'."),
    ("loss: {name: CrossEntropyLoss}\n", "", "mine.yaml: loss is missing."),
    ("title: Small", "title: ''", "line 2, column 1: title must not be empty."),
    ("title: Small", "title: 7", "line 2, column 1: title must be text, not 7."),
    ("title: Small", f"title: {'x' * 200}", "line 2, column 1: title must have at most 120 characters."),
    ("title: Small", 'title: "\\ud800"', "line 2, column 1: title must be text"),
    ("version: 1", "version: 2", "line 1, column 1: version is 2, but this program reads up to 1"),
    ("version: 1", "version: 0", "line 1, column 1: version must be 1, not 0."),
    ("title: Small", "title: [", "line 4, column 1: expected ',' or ']', but got "),
    ("title: Small", "\ttitle: Small", "line 2, column 1: found character '\\t' that cannot start any token"),
    ("title: Small", "version: 1", "line 2, column 1: version is given twice; mend the YAML there."),
    ("lr: 0.1", "lr: 0.1, lr: 0.2", "line 6, column 33: lr is given twice; mend the YAML there."),
    ("title: Small", "title: &name Small", "line 2, column 8: anchors and aliases are not understood here"),
    ("title: Small", "title: *name", "line 2, column 8: anchors and aliases are not understood here"),
    ("epochs: 2", "<<: {epochs: 2}", "line 8, column 3: training.<< is not a field"),
    ("epochs: 2", "epochs: !!int two", "line 8, column 11: the tag tag:yaml.org,2002:int is not understood here"),
    ("title: Small", "title: !!python/object/apply:os.getcwd []", "line 2, column 8: the tag tag:yaml.org,2002:pyth"),
    ("title: Small", "1: Small", "line 2, column 1: a field's name must be text; mend the YAML there."),
    ("title: Small", "title: Small\n---\n", "mend the YAML there."),
    ("title: Small", "title: \x00", "mine.yaml is not YAML text: "),
    ("title: Small", f"title: {'[' * 25}{']' * 25}", "line 2, column 28: nested too deeply; mend the YAML there."),
    ("title: Small", f"title: {'[' * 100_000}", "mine.yaml is nested too deeply: choose another file."),
    ("lr: 0.1", "nesterov: true, dampening: 0.5", "line 6, column 24: optimizer.nesterov needs momentum above 0"),
    ("name: MLP, hidden: [8, 4]", "name: LeNet5", "line 4, column 9: model.name input 8×8 is too small"),
    ("batch_size: 32", "batch_size: 5000", "line 9, column 3: training.batch_size is larger than the 1,348 training"),
    ("0.25", "0.25, mean: [0.1, 0.2]", "line 3, column 43: dataset.mean has 2 numbers"),
]


@pytest.mark.parametrize(("old", "new", "sentence"), FAULTS, ids=[sentence for _, _, sentence in FAULTS])
def test_a_fault_is_told_with_file_line_and_column(text: str, old: str, new: str, sentence: str) -> None:
    assert old in text
    fault = fault_of(text.replace(old, new))
    assert fault.startswith("mine.yaml")
    assert sentence in fault
    assert "\n" not in fault
    assert len(fault) < 300


def test_a_fault_names_its_place_only_once(text: str) -> None:
    fault = fault_of(text.replace("lr: 0.1", "lr: -1"))
    assert fault == "mine.yaml: line 6, column 24: optimizer.lr must be at least 0, not -1."


def test_all_faults_of_a_file_are_told_at_once(text: str) -> None:
    fault = fault_of(text.replace("lr: 0.1", "lr: x").replace("epochs: 2", "epochs: 0").replace("name: MLP", "name: M"))
    assert re.findall(r"line (\d+)", fault) == ["4", "6", "8"]


@pytest.mark.parametrize("empty", ["", "# nothing\n", "[1, 2]", "just words", "null"])
def test_a_file_without_fields_is_no_experiment(empty: str) -> None:
    assert fault_of(empty).startswith("mine.yaml holds no fields: ")


@pytest.mark.parametrize(
    ("number", "value"), [("1e-3", 0.001), ("1E+2", 100.0), ("5", 5.0), (".5", 0.5), ("1.", 1.0), ("010", 10.0)]
)
def test_numbers_are_those_of_yaml_1_2(text: str, number: str, value: float) -> None:
    assert read(text.replace("lr: 0.1", f"lr: {number}")).optimizer.lr == value


def test_a_file_may_begin_with_a_byte_order_mark_and_have_windows_line_ends(text: str, tmp_path: Path) -> None:
    file = tmp_path / "notepad.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load_experiment(file) == read(text)


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "photo.yaml"
    file.write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(FileError, match=f"{file} is not a UTF-8 text file"):
        load_experiment(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"Cannot read .*absent\.yaml: no such file or directory"):
        load_experiment(tmp_path / "absent.yaml")


def test_a_huge_file_is_refused_before_it_is_understood(tmp_path: Path) -> None:
    file = tmp_path / "huge.yaml"
    file.write_text("# " + "x" * LONGEST_FILE)
    with pytest.raises(FileError, match="too large for an experiment file"):
        load_experiment(file)


def test_an_experiment_that_cannot_be_trained_can_be_opened(text: str, tmp_path: Path) -> None:
    file = tmp_path / "untrainable.yaml"
    file.write_text(text.replace("batch_size: 32", "batch_size: 5000"))
    assert load_experiment(file, trainable=False).training.batch_size == 5000
    with pytest.raises(ExperimentError, match=r"training\.batch_size"):
        load_experiment(file)


@settings(deadline=None)
@given(st.text() | st.text(alphabet="{}[]:,-&*!|>'\"%@`#? \n\t0123456789.eaxob_~=<"))
@example("? [a]\n: 1")
@example("!foo\na: 1")
@example("a: 0x_")
@example("%YAML 9.9\n---\na: 1")
def test_any_text_is_an_experiment_or_one_sentence(text: str) -> None:
    try:
        read(text)
    except ExperimentError as error:
        assert str(error).startswith("mine.yaml")  # noqa: PT017  both endings are right


def changed(text: str, *settings: str) -> Experiment:
    return experiment_from(with_settings(parse_document(text, "mine.yaml"), settings))


def test_a_setting_lies_over_the_file(text: str) -> None:
    assert changed(text, "optimizer.lr=1e-3", "training.epochs=7").optimizer.lr == 1e-3
    assert changed(text, "optimizer.lr=1e-3", "training.epochs=7").training.epochs == 7


def test_the_last_of_two_settings_counts(text: str) -> None:
    assert changed(text, "training.seed=1", "training.seed=2").training.seed == 2


def test_a_setting_can_replace_a_whole_section(text: str) -> None:
    optimizer = changed(text, "optimizer={name: Adam, betas: [0.8, 0.9]}").optimizer
    assert (optimizer.name, optimizer.betas) == ("Adam", (0.8, 0.9))


def test_a_setting_can_add_a_section_the_file_leaves_out(text: str) -> None:
    assert changed(text, "scheduler.name=StepLR", "scheduler.gamma=0.5").scheduler.gamma == 0.5


def test_a_setting_changes_nothing_but_its_result(text: str) -> None:
    document = parse_document(text, "mine.yaml")
    with_settings(document, ["optimizer.lr=5", "training.epochs=9", "model={name: LeNet5}"])
    assert document == parse_document(text, "mine.yaml")


SETTING_FAULTS = [
    ("optimizer.lr=-1", "mine.yaml: --set: optimizer.lr must be at least 0, not -1."),
    ("optimizer={name: SGD, lr: -1}", "mine.yaml: --set: optimizer.lr must be at least 0, not -1."),
    ("model.hidden=[4, 0]", "mine.yaml: --set: model.hidden[1] must be at least 1, not 0."),
    ("model.hidden=[0]", "mine.yaml: --set: model.hidden[0] must be at least 1, not 0."),
    ("training.epoch=3", "mine.yaml: --set: training.epoch is not a field; did you mean epochs?"),
    ("optimizer.lr=", "mine.yaml: --set: optimizer.lr must be a number."),
    ("optimizer.lr", "--set optimizer.lr: write it as FIELD=VALUE, such as optimizer.lr=0.1."),
    ("=3", "--set =3: write it as FIELD=VALUE, such as optimizer.lr=0.1."),
    ("optimizer..lr=3", "--set optimizer..lr=3: write it as FIELD=VALUE, such as optimizer.lr=0.1."),
    ("optimizer.lr.x=3", "--set optimizer.lr.x: lr holds a value, not fields."),
    ("optimizer=[", "--set optimizer: line 1, column 2: "),
]


@pytest.mark.parametrize(("setting", "sentence"), SETTING_FAULTS, ids=[setting for setting, _ in SETTING_FAULTS])
def test_a_fault_of_a_setting_is_told_as_such(text: str, setting: str, sentence: str) -> None:
    with pytest.raises(ExperimentError, match=re.escape(sentence)):
        changed(text, setting)


def test_what_is_left_of_the_file_keeps_its_place_beside_a_setting(text: str) -> None:
    with pytest.raises(ExperimentError, match=r"line 6, column 33: optimizer\.momentum is not a field"):
        changed(text, "optimizer.name=Adam")


def test_plain_values_without_places_give_faults_without_places() -> None:
    with pytest.raises(ExperimentError, match=r"^dropped: dataset is missing; model is missing"):
        experiment_from(Document("dropped", {"title": "x"}))
