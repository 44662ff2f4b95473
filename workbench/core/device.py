"""Which device a run trains on, and with how many threads."""

import os
import platform
import re
from dataclasses import dataclass

import torch

from workbench.errors import DeviceError

WORK_PER_THREAD = 8_000_000
"""Multiply-adds of a training step that keep one thread busy; below it a second thread costs more than it brings.
Calibrated by ``tests/bench``."""
MOST_THREADS = 8
"""More threads than this bring nothing for networks of the sizes trained here."""


@dataclass(frozen=True)
class DeviceInfo:
    """A device a run can be given."""

    name: str
    """As settings and ``--device`` take it: ``cpu``, ``cuda:0``, ``mps``."""
    label: str
    """As a person knows it: the processor's or card's name."""
    memory: int = 0
    """Bytes of memory of its own; 0 for a device that shares the system's."""


def devices() -> list[DeviceInfo]:
    """Every device of this computer, the CPU first."""
    found = [DeviceInfo("cpu", platform.processor() or platform.machine() or "CPU")]
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(index)
            found.append(DeviceInfo(f"cuda:{index}", properties.name, properties.total_memory))
    if torch.backends.mps.is_available():
        found.append(DeviceInfo("mps", "Apple GPU"))
    return found


def resolve(name: str) -> torch.device:
    """The device that ``name`` asks for: ``auto`` takes the first GPU, or the CPU where there is none.

    Raises:
        DeviceError: there is no such device here, or no device is called that.
    """
    available = devices()
    gpus = [device.name for device in available if device.name != "cpu"]
    if name == "auto":
        return torch.device(gpus[0] if gpus else "cpu")
    if not re.fullmatch(r"cpu|mps|cuda(:\d+)?", name):
        raise DeviceError(f"Device {name} is not known: choose auto, cpu, cuda, cuda:N or mps.")
    wanted = "cuda:0" if name == "cuda" else name
    if wanted not in [device.name for device in available]:
        there = (
            f"this computer has {', '.join(gpus)}" if gpus else f"no GPU that torch {torch.__version__} can use is here"
        )
        raise DeviceError(f"Device {name} is not available: {there}. Choose {', '.join(['auto', 'cpu', *gpus])}.")
    return torch.device(wanted)


def cores() -> int:
    """Processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def thread_count(work: int, available: int) -> int:
    """Torch threads for training steps of ``work`` multiply-adds on ``available`` cores.

    One core is left to the window and the rest of the system: threads that wait for each other at every operation are
    slowed down most by whatever else runs (on 2 cores, with the window plotting, two threads are slower than one).
    A fixed rule and not a measurement: another count would change the last bits of every result.
    """
    return max(1, min(available - 1, MOST_THREADS, work // WORK_PER_THREAD))
