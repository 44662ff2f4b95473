"""What the rule for torch's thread count rests on: steps a second of the bare loop with one thread and with two."""

from contextlib import ExitStack
from pathlib import Path
from statistics import median
from tempfile import gettempdir

from tests.bench.arithmetic import paired_ratio
from tests.bench.processes import Worker, answer, environment, requests

SECONDS = 0.4
"""About how long a stretch takes."""
PAYS = 1.03
"""A second thread pays from this speed-up on."""
CASES = (
    *(("lenet5", (), 28, batch) for batch in (1, 4, 16, 64, 256)),
    *(("mlp", (64, 32), 8, batch) for batch in (16, 64, 256)),
    *(("mlp", (512, 512), 28, batch) for batch in (16, 64, 256)),
)
"""Model, hidden widths, side of the image and batch size."""
POLICIES = {"ours": {"GOMP_SPINCOUNT": "2000"}, "torch's": {}, "asleep": {"OMP_WAIT_POLICY": "PASSIVE"}}
"""What torch's threads do while they wait: look for work 2,000 times, 300,000 times, or sleep at once."""


def measure(rounds: int) -> str:
    """A table with a line for each case, and what it says about ``core.device.WORK_PER_THREAD``."""
    rows, pays = [], []
    with ExitStack() as stack:
        workers = {}
        for policy, changes in POLICIES.items():
            env = environment(Path(gettempdir()), changes)
            workers[policy] = worker = Worker(policy, "tests.bench.calibrate", [], env)
            stack.callback(worker.close)
            worker.read()
        for index, (model, hidden, _, batch) in enumerate(CASES):
            rates = _rates(workers, index, rounds)
            work = workers["ours"].ask(case=index, work=True)["work"]
            speed_ups = {policy: paired_ratio(rates[policy, 2], rates[policy, 1]) for policy in POLICIES}
            pays.append((work, speed_ups["ours"] >= PAYS))
            title = f"{model} {'-'.join(map(str, hidden))}".strip()
            cells = [
                f"{median(rates[policy, 1]):9,.0f} {median(rates[policy, 2]):9,.0f} {speed_ups[policy]:6.2f}"
                for policy in POLICIES
            ]
            rows.append((work, f"{title:12} {batch:5} {work:15,} " + " ".join(cells)))
    columns = " ".join(f"{policy + ' 1':>9} {'2 threads':>9} {'ratio':>6}" for policy in POLICIES)
    header = f"{'model':12} {'batch':>5} {'multiply-adds':>15} {columns}"
    return "\n".join([header, "-" * len(header), *(row for _, row in sorted(rows)), _advice(pays)])


def _rates(workers: dict[str, Worker], case: int, rounds: int) -> dict[tuple[str, int], list[float]]:
    """Steps a second by policy and threads, stretches of all in turn."""
    rates: dict[tuple[str, int], list[float]] = {}
    for number in range(rounds):
        for policy, worker in workers.items():
            for threads in (1, 2) if number % 2 else (2, 1):
                rate = worker.ask(case=case, threads=threads)["steps_per_second"]
                rates.setdefault((policy, threads), []).append(rate)
    return rates


def _advice(pays: list[tuple[int, bool]]) -> str:
    """Where the border lies. The rule gives a second thread from two times WORK_PER_THREAD on."""
    too_small = [work for work, is_worth in pays if not is_worth]
    enough = [work for work, is_worth in pays if is_worth and work > max(too_small, default=0)]
    low, high = max(too_small, default=0), min(enough, default=0)
    if not enough:
        return f"A second thread does not pay in any case up to {low:,} multiply-adds a step."
    return (
        f"With our policy a second thread pays from {high:,} multiply-adds a step on, and not at {low:,}: "
        f"WORK_PER_THREAD between {low // 2:,} and {high // 2:,}."
    )


def main() -> None:
    """Do the stretches that are asked for."""
    import torch

    from tests.bench.bare_loop import BareLoop, lenet5, mlp, noise

    answer({"ready": True})
    lengths: dict[int, int] = {}
    for request in requests():
        case = request["case"]
        model_name, hidden, side, batch = CASES[case]
        if "work" in request:
            answer({"work": _work(model_name, hidden, side, batch)})
            continue
        torch.manual_seed(0)
        torch.set_num_threads(request["threads"])
        model = lenet5() if model_name == "lenet5" else mlp(side * side, list(hidden))
        loop = BareLoop(model, *noise(side), batch, 0.9)
        if case not in lengths:
            loop.run(20)
            lengths[case] = max(30, round(SECONDS * 20 / loop.run(20)))
        steps = lengths[case]
        answer({"steps_per_second": (steps - steps // 10) / loop.run(steps)})


def _work(model_name: str, hidden: tuple[int, ...], side: int, batch: int) -> int:
    """What the rule counts for the step of a case."""
    from tests.bench.measuring import experiments
    from workbench.core.build import build_model, step_work
    from workbench.spec.models import MLP, LeNet5

    experiment = experiments()["digits" if side == 8 else "mlp"]
    experiment = experiment.model_copy(
        update={
            "model": LeNet5() if model_name == "lenet5" else MLP(hidden=hidden),
            "training": experiment.training.model_copy(update={"batch_size": batch}),
        }
    )
    return step_work(build_model(experiment), experiment)


if __name__ == "__main__":
    main()
