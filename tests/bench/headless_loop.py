"""A measured process: a run without a window, as ``workbench train`` does it, its progress bar apart."""

import argparse
from pathlib import Path

from tests.bench.processes import answer, requests
from tests.bench.step_times import StepTimes
from workbench.core.loop import train
from workbench.folders import user_folders
from workbench.runs.events import RunStarted
from workbench.runs.recorder import record
from workbench.runs.store import Workspace
from workbench.spec.yaml_io import load_experiment


def main() -> None:
    """Drive the run by the requested numbers of steps."""
    parser = argparse.ArgumentParser()
    parser.add_argument("experiment", type=Path)
    parser.add_argument("--unrecorded", action="store_true", help="the events alone, without run.json and metrics")
    options = parser.parse_args()
    experiment, folders = load_experiment(options.experiment), user_folders()
    run = Workspace(folders.workspace).new_run(experiment.title)
    events = train(experiment, run.checkpoints, folders)
    told = events if options.unrecorded else record(events, run, experiment)
    for event in told:
        if isinstance(event, RunStarted):
            answer({"ready": True, "threads": event.threads})
            break
    for request in requests():
        times = StepTimes()
        while times.steps < request["steps"]:
            times.take(next(told))
        answer(times.summary())
    told.close()


if __name__ == "__main__":
    main()
