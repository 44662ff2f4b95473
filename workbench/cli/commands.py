"""The command line. Loads neither torch nor Qt before a command needs them."""

import os
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from workbench import __version__, files
from workbench.cli.json_lines import json_line
from workbench.errors import FileError, WorkbenchError
from workbench.folders import Folders, resources, user_folders
from workbench.runs.figures import METRIC_NAMES, metric_text, metrics_in
from workbench.runs.store import RunRecord, Workspace
from workbench.settings import Settings, load_settings
from workbench.spec.yaml_io import Document, experiment_from, load_experiment, read_document, with_settings

BAD_INPUT = 2
OWN_FAULT = 1
INTERRUPTED = 130

app = typer.Typer(
    help="Train PyTorch models by clicking, or from here.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)

SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="FIELD=VALUE", help="Change a field; VALUE is YAML. May be given again."),
]
DeviceOption = Annotated[str | None, typer.Option(help="auto, cpu, cuda, cuda:N or mps; else as in the settings.")]
WorkspaceOption = Annotated[Path | None, typer.Option(help="The folder of runs; else as in the settings.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]


def main(arguments: Sequence[str]) -> int:
    """Run the command that ``arguments`` name; returns the exit code.

    0 done; 2 bad input, told in one line on stderr; 130 interrupted, checkpoint saved; 1 a fault of ours.
    """
    try:
        # without the main function of typer, which ends the program itself when the reader of its output has left
        command = typer.main.get_command(app)
        with command.make_context("workbench", list(arguments)) as context:
            result = command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except WorkbenchError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left; so do we, quietly
        return 0
    except Exception as error:
        if hasattr(error, "format_message"):  # the usage errors of typer, which keeps their classes to itself
            return _refuse(f"{error.format_message()} See 'workbench --help'.")
        return _confess()
    return result if isinstance(result, int) else 0


def _refuse(sentence: str) -> int:
    print(f"workbench: {' '.join(sentence.split())}", file=sys.stderr)
    return BAD_INPUT


def _confess() -> int:
    """Keep a report of the exception being handled and say where it lies."""
    folder = user_folders().cache / "reports"
    path = folder / f"report-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.txt"
    try:
        files.make_folder(folder)
        files.write_text(path, f"workbench {__version__}, Python {sys.version}\n\n{traceback.format_exc()}")
    except FileError:
        traceback.print_exc()
        return OWN_FAULT
    print(f"workbench: a fault of ours: {sys.exc_info()[1]!r}. The report lies in {path}.", file=sys.stderr)
    return OWN_FAULT


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> int:
    """Opens the window when no command is given."""
    if version:
        print(f"workbench {__version__}")
    elif context.invoked_subcommand is None:
        return gui()
    return 0


@app.command()
def gui(
    experiment: Annotated[Path | None, typer.Argument(help="An experiment file to open, or a checkpoint.")] = None,
) -> int:
    """Open the window."""
    from workbench.gui.application import run

    return run(user_folders(), experiment)


@app.command()
def train(
    experiment: Annotated[str, typer.Argument(help="A YAML file, or the name of a bundled sample.")],
    changes: SetOption = None,
    device: DeviceOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> int:
    """Train an experiment."""
    folders, settings = _environment()
    document = with_settings(_experiment_document(experiment), changes or [])
    spec = experiment_from(document)
    run = _workspace(workspace, settings, folders).new_run(spec.title)
    from workbench.cli import training

    return training.train(spec, run, folders, device or settings.device, settings.threads, as_json=as_json)


@app.command()
def resume(
    run: Annotated[str, typer.Argument(help="A run's folder, its name, or the end of its name.")],
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Train up to this epoch, also beyond a finished run.")
    ] = None,
    device: DeviceOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> int:
    """Go on with a run from its last checkpoint."""
    folders, settings = _environment()
    found = _workspace(workspace, settings, folders).find(run)
    from workbench.cli import training

    return training.resume(found, folders, device or settings.device, settings.threads, epochs, as_json=as_json)


@app.command()
def runs(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> int:
    """List the runs of the workspace, the newest first."""
    folders, settings = _environment()
    place = _workspace(workspace, settings, folders)
    rows: list[tuple[Path, RunRecord]] = []
    for run in place.runs():
        try:
            rows.append((run.folder, run.read()))
        except FileError as error:
            print(f"workbench: {error}", file=sys.stderr)
    if as_json:
        for folder, record in rows:
            print(json_line({"run": str(folder), **record.model_dump(mode="json")}))
    elif not rows:
        print(f"No runs in {place.root} yet. 'workbench train digits-mlp' makes one.")
    else:
        _print_runs(rows)
    return 0


def _print_runs(rows: list[tuple[Path, RunRecord]]) -> None:
    from rich.console import Console
    from rich.table import Table

    metrics = metrics_in(name for _, record in rows for name in record.best)
    headings = (METRIC_NAMES[name][:1].upper() + METRIC_NAMES[name][1:] for name in metrics)
    table = Table("Run", "Title", "Status", "Epoch", *headings, "Loss", box=None, pad_edge=False)
    for folder, record in rows:
        best = record.best
        table.add_row(
            folder.name,
            record.title,
            record.status,
            f"{int(record.last.get('epoch', record.epoch))}/{record.epochs}",
            *(metric_text(name, best[name]) if name in best else "" for name in metrics),
            f"{best['val_loss']:.4f}" if "val_loss" in best else "",
        )
    width = None if sys.stdout.isatty() else 200
    Console(width=width, highlight=False).print(table)


@app.command()
def samples(as_json: JsonOption = False) -> int:
    """List the bundled experiments."""
    paths = _sample_files()
    width = max(len(path.stem) for path in paths) + 2
    for path in paths:
        experiment = load_experiment(path)
        if as_json:
            print(json_line({"name": path.stem, "title": experiment.title, "expected": experiment.expected}))
        else:
            print(f"{path.stem:{width}}{experiment.title}")
    return 0


@app.command()
def check(as_json: JsonOption = False) -> int:
    """Print what a bug report needs: versions, devices, folders."""
    from workbench.cli import check as facts_of

    folders, settings = _environment()
    facts = facts_of.facts(folders, settings)
    if as_json:
        print(json_line(facts))
    else:
        for name, value in facts.items():
            print(f"{name:22}{value}")
    return 0


def _environment() -> tuple[Folders, Settings]:
    folders = user_folders()
    return folders, load_settings(folders)


def _workspace(given: Path | None, settings: Settings, folders: Folders) -> Workspace:
    return Workspace((given or settings.workspace_folder(folders)).absolute())


def _sample_files() -> list[Path]:
    return sorted((resources() / "experiments").glob("*.yaml"))


def _experiment_document(name: str) -> Document:
    """The file called ``name``, or the bundled sample of that name."""
    path = Path(name)
    if not os.path.exists(name):  # unlike Path.exists, False for a name that no file can have
        bundled = {sample.stem: sample for sample in _sample_files()}
        if name in bundled:
            return read_document(bundled[name])
        if not path.suffix:
            raise FileError(f"There is no file or sample {name}: the samples are {', '.join(bundled)}.")
    return read_document(path)
