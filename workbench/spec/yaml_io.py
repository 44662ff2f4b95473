"""Declarations as YAML: read with the line and column of every fault, written whole or not at all.

A dialect small enough to have no surprises: decimal numbers as in YAML 1.2 (``1e-3`` is one, ``010`` is ten), unique
text keys, neither tags nor anchors.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from workbench import files
from workbench.errors import FileError
from workbench.spec.component import Conflict, Spec
from workbench.spec.experiment import FORMAT_VERSION, SECTIONS, Experiment, ExperimentError
from workbench.spec.paths import path_fields, with_absolute_paths
from workbench.spec.problems import dotted, sentences

Keys = tuple[str | int, ...]
S = TypeVar("S", bound=Spec)

LONGEST_FILE = 1_000_000
"""Characters; nothing a person writes comes near."""
DEEPEST = 20
SETTING = "--set"


@dataclass(frozen=True)
class Document:
    """A YAML mapping as plain values (lists as tuples), with the place of everything in it."""

    name: str
    """The file's name, or what else the text comes from."""
    data: Mapping[str, Any]
    places: Mapping[str, str] = field(default_factory=dict)
    """Where each field stands, by dotted path: ``line 6, column 13``, or the setting it was given by."""
    folder: Path | None = None
    """Where relative paths in it start; None for a text that is in no file."""

    def faults(self, conflicts: Iterable[Conflict]) -> ExperimentError:
        """One error that tells every conflict with its place in the file."""
        text = "; ".join(self._sentence(conflict) for conflict in conflicts)
        return ExperimentError(f"{self.name}: {text}" + ("" if text.endswith("?") else "."))

    def _sentence(self, conflict: Conflict) -> str:
        what = f"{conflict.field} {conflict.reason}".strip().rstrip(".")
        place = self.place_of(conflict.field)
        return f"{place}: {what}" if place else what

    def place_of(self, path: str) -> str:
        """Where the field at the dotted ``path`` stands, or what holds it; empty where neither is in the text."""
        while path and path not in self.places:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.places.get(path, "")


def load_experiment(path: Path, *, trainable: bool = True) -> Experiment:
    """The experiment in the file ``path``.

    Args:
        trainable: also refuse fields that are valid each but do not go together.

    Raises:
        FileError: the file cannot be read.
        ExperimentError: it is not an experiment; the message has line and column of every fault.
    """
    return experiment_from(read_document(path), trainable=trainable)


def experiment_from(document: Document, *, trainable: bool = True) -> Experiment:
    """The experiment in ``document``, its paths made whole. Raises ExperimentError with the place of every fault."""
    version = document.data.get("version", FORMAT_VERSION)
    if isinstance(version, int) and version > FORMAT_VERSION:
        reason = (
            f"is {version}, but this program reads up to {FORMAT_VERSION}: "
            "the file comes from a newer Workbench; update the program"
        )
        raise document.faults([Conflict(field="version", reason=reason)])
    experiment = _with_whole_paths(build(Experiment, document), document)
    if trainable and (conflicts := experiment.conflicts()):
        raise document.faults(conflicts)
    return experiment


def _with_whole_paths(experiment: Experiment, document: Document) -> Experiment:
    """Relative paths start at the folder of the file, those of settings at the current one."""
    if document.folder is None:
        return experiment
    sections = {}
    for name in SECTIONS:
        section = getattr(experiment, name)
        given = [field for field in path_fields(type(section)) if document.place_of(f"{name}.{field}") == SETTING]
        sections[name] = with_absolute_paths(section, document.folder, dict.fromkeys(given, Path.cwd()))
    return experiment.model_copy(update=sections)


def save_experiment(experiment: Experiment, path: Path) -> None:
    """Write ``experiment`` to ``path``, whole or not at all. Raises FileError."""
    files.write_text(path, dump_experiment(experiment))


def dump_experiment(experiment: Experiment) -> str:
    """The experiment as YAML: a line a section, fields that have their default left out."""
    lines: list[str] = []
    for name in Experiment.model_fields:
        value = getattr(experiment, name)
        if name in SECTIONS:
            lines.append(_dump({name: plain(value)}, flow=True))
        elif name in ("version", "title") or value:
            lines.append(_dump({name: value}, flow=False))
    return "".join(lines)


def dump_fields(spec: Spec) -> str:
    """``spec`` as YAML, a line a field, fields that have their default left out."""
    return _dump(plain(spec), flow=False)


def build(kind: type[S], document: Document) -> S:
    """``document`` as a ``kind``. Raises ExperimentError with the place of every fault."""
    try:
        return kind.model_validate(document.data)
    except ValidationError as error:
        raise document.faults(sentences(error, document.data, kind)) from error


def plain(spec: Spec) -> dict[str, Any]:
    """``spec`` as builtins, with ``name`` first and fields that have their default left out."""
    values = spec.model_dump(mode="json", exclude_defaults=True)
    name = getattr(spec, "name", None)
    return values if name is None else {"name": name, **values}


def with_settings(document: Document, settings: Iterable[str]) -> Document:
    """``document`` with ``PATH=VALUE`` settings laid over it; VALUE is YAML.

    Raises:
        ExperimentError: a setting has no ``=``, its value is not YAML, or its path leads through something
            that is not a mapping.
    """
    data = _thawed(document.data)
    places = dict(document.places)
    for setting in settings:
        path, equals, text = setting.partition("=")
        keys = path.strip().split(".")
        if not equals or not all(keys):
            raise ExperimentError(f"--set {setting}: write it as FIELD=VALUE, such as optimizer.lr=0.1.")
        value, _ = _read(text, f"--set {path.strip()}")
        target = data
        for key in keys[:-1]:
            target = target.setdefault(key, {})
            if not isinstance(target, dict):
                raise ExperimentError(f"--set {path.strip()}: {key} holds a value, not fields.")
        target[keys[-1]] = _thawed(value)
        places = {place: where for place, where in places.items() if not _is_within(place, path.strip())}
        places[path.strip()] = SETTING
    return Document(document.name, data, places, document.folder)


def read_document(path: Path) -> Document:
    """The YAML mapping in the file ``path``. Raises FileError or ExperimentError."""
    text = files.read_text(path)
    if len(text) > LONGEST_FILE:
        raise FileError(f"{path} is too large for an experiment file: choose another file.")
    return replace(parse_document(text, str(path)), folder=path.absolute().parent)


def parse_document(text: str, name: str) -> Document:
    """The YAML mapping in ``text``; ``name`` is used in errors.

    Raises:
        ExperimentError: not YAML, or not a mapping.
    """
    data, places = _read(text, name)
    if not isinstance(data, Mapping):
        raise ExperimentError(f"{name} holds no fields: such a file has lines like 'title: My model'.")
    return Document(name, data, places)


class _Loader(yaml.SafeLoader):
    """SafeLoader with YAML 1.2's idea of booleans and numbers, and without aliases and tags."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in resolvers if tag == "tag:yaml.org,2002:null"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        tag = getattr(event, "tag", None)
        if tag is not None or getattr(event, "anchor", None) is not None:
            what = f"the tag {tag} is" if tag else "anchors and aliases are"
            raise yaml.MarkedYAMLError(problem=f"{what} not understood here", problem_mark=event.start_mark)
        return super().compose_node(parent, index)


def _construct_int(loader: yaml.SafeLoader, node: ScalarNode) -> int:
    return int(node.value)


_Loader.add_constructor("tag:yaml.org,2002:int", _construct_int)
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false|True|False)$"), list("tfTF"))
# A longer number is read as a float: Python refuses to read integers of thousands of digits.
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]{1,40}$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$|^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$"),
    list("-+0123456789."),
)


def _read(text: str, name: str) -> tuple[Any, dict[str, str]]:
    """The value of a YAML text and the place of everything in it. Raises ExperimentError."""
    places: dict[str, str] = {}
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            value = None if node is None else _value(loader, node, (), places)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise ExperimentError(f"{name}: {place}{error.problem or error.context}; mend the YAML there.") from error
    except yaml.YAMLError as error:
        raise ExperimentError(f"{name} is not YAML text: {' '.join(str(error).split())}.") from error
    except RecursionError as error:
        raise ExperimentError(f"{name} is nested too deeply: choose another file.") from error
    return value, places


def _value(loader: yaml.SafeLoader, node: Node, keys: Keys, places: dict[str, str]) -> Any:
    """The plain value of ``node``; notes where it and all within it stand."""
    if keys:
        places.setdefault(dotted(keys), _place(node))
    if len(keys) > DEEPEST:
        raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=node.start_mark)
    if isinstance(node, ScalarNode):
        return loader.construct_object(node)
    if isinstance(node, SequenceNode):
        return tuple(_value(loader, item, (*keys, index), places) for index, item in enumerate(node.value))
    assert isinstance(node, MappingNode)
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node) if isinstance(key_node, ScalarNode) else None
        if not isinstance(key, str):
            raise yaml.MarkedYAMLError(problem="a field's name must be text", problem_mark=key_node.start_mark)
        if key in mapping:
            raise yaml.MarkedYAMLError(problem=f"{key} is given twice", problem_mark=key_node.start_mark)
        places[dotted((*keys, key))] = _place(key_node)
        mapping[key] = _value(loader, value_node, (*keys, key), places)
    return mapping


def _is_within(path: str, outer: str) -> bool:
    """Whether the dotted ``path`` is ``outer`` or leads to something in it."""
    return path == outer or path.startswith((f"{outer}.", f"{outer}["))


def _place(node: Node) -> str:
    return f"line {node.start_mark.line + 1}, column {node.start_mark.column + 1}"


class _Dumper(yaml.SafeDumper):
    """SafeDumper that writes floats so that they are read back as the same floats, shortly."""


def _represent_float(dumper: yaml.SafeDumper, value: float) -> ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", repr(value))


def _represent_str(dumper: yaml.SafeDumper, value: str) -> ScalarNode:
    # PyYAML writes line ends of its own only inside double quotes so that they are read back
    style = '"' if any(end in value for end in "\x85\u2028\u2029") else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)


_Dumper.yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers
_Dumper.add_representer(float, _represent_float)
_Dumper.add_representer(str, _represent_str)


def _dump(data: Mapping[str, Any], *, flow: bool) -> str:
    """``data``, a single field, as a block line; its value in flow style where ``flow``."""
    if not flow:
        return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    ((name, value),) = data.items()
    text = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000, default_flow_style=True)
    return f"{name}: {text}"


def _thawed(value: Any) -> Any:
    """``value`` with dicts of its own, so that it can be changed."""
    return {key: _thawed(item) for key, item in value.items()} if isinstance(value, Mapping) else value
