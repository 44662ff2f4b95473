"""Which device and how many threads a run gets."""

import os
import re

import pytest
import torch

from workbench.core import device
from workbench.core.device import DeviceInfo, cores, devices, resolve, thread_count
from workbench.errors import DeviceError

CPU = DeviceInfo("cpu", "A processor")
CUDA = [DeviceInfo("cuda:0", "A card", 8 << 30), DeviceInfo("cuda:1", "Another", 16 << 30)]
MPS = DeviceInfo("mps", "Apple GPU")


@pytest.fixture
def here(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "devices", lambda: request.param)


RESOLVED = [
    ([CPU], {"auto": "cpu", "cpu": "cpu"}),
    ([CPU, *CUDA], {"auto": "cuda:0", "cpu": "cpu", "cuda": "cuda:0", "cuda:0": "cuda:0", "cuda:1": "cuda:1"}),
    ([CPU, MPS], {"auto": "mps", "cpu": "cpu", "mps": "mps"}),
]


@pytest.mark.parametrize(
    ("here", "asked", "got"),
    [(there, asked, got) for there, names in RESOLVED for asked, got in names.items()],
    indirect=["here"],
)
@pytest.mark.usefixtures("here")
def test_a_name_gives_its_device(asked: str, got: str) -> None:
    assert str(resolve(asked)) == got


MISSING = [
    ([CPU], "cuda", f"no GPU that torch {torch.__version__} can use is here. Choose auto, cpu."),
    ([CPU], "mps", f"no GPU that torch {torch.__version__} can use is here. Choose auto, cpu."),
    ([CPU, *CUDA], "cuda:2", "this computer has cuda:0, cuda:1. Choose auto, cpu, cuda:0, cuda:1."),
    ([CPU, MPS], "cuda:0", "this computer has mps. Choose auto, cpu, mps."),
]


@pytest.mark.parametrize(("here", "asked", "sentence"), MISSING, indirect=["here"])
@pytest.mark.usefixtures("here")
def test_a_device_that_is_missing_is_told_with_those_that_are_there(asked: str, sentence: str) -> None:
    with pytest.raises(DeviceError, match=re.escape(f"Device {asked} is not available: {sentence}")):
        resolve(asked)


@pytest.mark.parametrize("name", ["gpu", "", "CPU", "cuda:", "cuda:-1", "cuda:x", "cuda:0 ", "mps:0"])
def test_a_name_that_no_device_has_is_refused(name: str) -> None:
    with pytest.raises(DeviceError, match=f"Device {name} is not known: choose auto, cpu, cuda, cuda:N or mps"):
        resolve(name)


def test_the_cpu_is_always_there_and_comes_first() -> None:
    found = devices()
    assert found[0].name == "cpu"
    assert found[0].label
    assert len({info.name for info in found}) == len(found)
    assert str(resolve("cpu")) == "cpu"


def test_cards_are_listed_with_name_and_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    class Properties:
        name = "A card"
        total_memory = 8 << 30

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda index: Properties)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert devices()[1:] == [DeviceInfo("cuda:0", "A card", 8 << 30), DeviceInfo("cuda:1", "A card", 8 << 30)]


@pytest.mark.parametrize(
    ("work", "available", "threads"),
    [
        (0, 4, 1),
        (device.WORK_PER_THREAD - 1, 4, 1),
        (2 * device.WORK_PER_THREAD - 1, 4, 1),
        (2 * device.WORK_PER_THREAD, 4, 2),
        (3 * device.WORK_PER_THREAD, 3, 2),
        (3 * device.WORK_PER_THREAD, 2, 1),
        (10**15, 4, 3),
        (10**15, 64, device.MOST_THREADS),
        (10**15, 1, 1),
    ],
)
def test_threads_follow_the_work_of_a_step_and_the_cores(work: int, available: int, threads: int) -> None:
    assert thread_count(work, available) == threads


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux lends a process some of its cores")
def test_cores_are_those_this_process_may_use() -> None:
    before = os.sched_getaffinity(0)
    assert cores() == len(before)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert cores() == 1
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU")
def test_a_card_that_is_there_is_taken() -> None:
    assert resolve("auto").type == "cuda"
