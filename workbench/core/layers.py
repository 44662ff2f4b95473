"""The layer table: what a network is made of and what it costs, from a forward pass without numbers."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.nn.modules.batchnorm import _BatchNorm
from torch.utils.flop_counter import FlopCounterMode

from workbench.core.build import outline_model
from workbench.spec.experiment import Experiment
from workbench.spec.layer_table import LayerRow, ModelDescription, ModelTotals
from workbench.spec.tasks import DatasetInfo


def describe_model(experiment: Experiment, info: DatasetInfo, batch_size: int) -> ModelDescription:
    """The experiment's model on a dataset, without allocating its weights or a batch. Draws no random numbers.

    A model that does not fit is described as far as it can be, with the problem at the layer where it arises.
    """
    misfit = experiment.model.misfit(info) or ""
    if info.kind not in experiment.model.kinds:
        return ModelDescription((), ModelTotals(0, 0, 0, 0, 0), batch_size, misfit)
    try:
        model = outline_model(experiment, info)
    except (RuntimeError, ValueError, AssertionError):
        if not misfit:
            raise
        return ModelDescription((), ModelTotals(0, 0, 0, 0, 0), batch_size, misfit)
    description = describe(model, info, batch_size)
    return ModelDescription(description.rows, description.totals, batch_size, misfit or description.problem)


def describe(model: nn.Module, info: DatasetInfo, batch_size: int) -> ModelDescription:
    """The layers of ``model`` in a training step on ``batch_size`` samples; on the meta device nothing is computed.

    Every module without modules in it has a row, and every other one that has parameters, multiply-adds or memory of
    its own. Multiply-adds are half of what torch's FlopCounterMode counts: convolutions and matrix products.
    """
    device = next((parameter.device for parameter in model.parameters()), torch.device("meta"))
    dtype = torch.int64 if info.kind == "tokens" else torch.float32
    batch = torch.zeros(batch_size, *info.shape, dtype=dtype, device=device)
    recorder = _Recorder(model, batch)
    problem = recorder.run(batch)
    rows = tuple(recorder.rows(batch_size))
    parameters = list(model.parameters())
    totals = ModelTotals(
        parameters=sum(parameter.numel() for parameter in parameters),
        trainable_parameters=sum(parameter.numel() for parameter in parameters if parameter.requires_grad),
        parameter_bytes=sum(parameter.numel() * parameter.element_size() for parameter in parameters),
        activation_bytes=sum(row.activation_bytes for row in rows),
        multiply_adds=sum(row.multiply_adds for row in rows),
    )
    return ModelDescription(rows, totals, batch_size, problem)


@dataclass
class _Record:
    """What one module did in the forward pass, without the modules in it."""

    given: tuple[int, ...] = ()
    output_shape: tuple[int, ...] | None = None
    flops: int = 0
    kept_bytes: int = 0
    problem: str = ""


class _Recorder:
    """Follows a forward pass through the modules of a network."""

    def __init__(self, model: nn.Module, batch: torch.Tensor) -> None:
        self._model = model
        self._records = {module: _Record() for module in model.modules()}
        self._stack: list[nn.Module] = []
        self._counter = FlopCounterMode(display=False)
        self._counted = 0
        not_kept = [batch, *model.parameters(), *model.buffers()]
        self._seen = set(map(_storage, not_kept))
        self._kept: list[torch.Tensor] = []
        """Alive until the end, so that no storage is mistaken for one that is gone."""

    def run(self, batch: torch.Tensor) -> str:
        """Take ``batch`` through the network; the problem at the layer where that fails, else empty."""
        was_training = self._model.training
        self._model.train()
        try:
            with (
                self._followed(),
                self._counter,
                torch.enable_grad(),
                torch.autograd.graph.saved_tensors_hooks(self._keep, lambda tensor: tensor),
            ):
                self._model(batch)
        except Exception as error:  # a layer can raise anything
            failed = self._stack[-1] if self._stack else self._model
            record = self._records[failed]
            record.problem = _sentence(failed, record.given, error)
            return f"{self._name(failed)}: {record.problem}"
        finally:
            self._model.train(was_training)
        return ""

    def rows(self, batch_size: int) -> Iterator[LayerRow]:
        counted: set[nn.Parameter] = set()
        for name, module in self._model.named_modules():
            record = self._records[module]
            own = set(module.parameters(recurse=False)) - counted
            counted |= own
            is_leaf = next(module.children(), None) is None
            if is_leaf or own or record.flops or record.kept_bytes or record.problem:
                yield LayerRow(
                    name=name or type(module).__name__,
                    kind=type(module).__name__,
                    output_shape=record.output_shape,
                    parameters=sum(parameter.numel() for parameter in own),
                    multiply_adds=record.flops // 2 // batch_size,
                    activation_bytes=record.kept_bytes,
                    problem=record.problem,
                )

    def _name(self, module: nn.Module) -> str:
        return next(name for name, found in self._model.named_modules() if found is module) or type(module).__name__

    @contextmanager
    def _followed(self) -> Iterator[None]:
        handles = []
        for module in self._records:
            handles += [module.register_forward_pre_hook(self._enter), module.register_forward_hook(self._leave)]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _enter(self, module: nn.Module, inputs: tuple[Any, ...]) -> None:
        self._count()
        self._stack.append(module)
        self._records[module].given = _shape(inputs) or ()

    def _leave(self, module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        self._count()
        self._stack.pop()
        shape = _shape(output if isinstance(output, tuple | list) else (output,))
        self._records[module].output_shape = None if shape is None else shape[1:]

    def _count(self) -> None:
        """Give the multiply-adds since the last change of module to the module they were done in."""
        total = self._counter.get_total_flops()
        if self._stack:
            self._records[self._stack[-1]].flops += total - self._counted
        self._counted = total

    def _keep(self, tensor: torch.Tensor) -> torch.Tensor:
        """Called by autograd with every tensor that it keeps for the backward pass."""
        if tensor.layout is torch.strided and (storage := _storage(tensor)) not in self._seen:
            self._seen.add(storage)
            self._kept.append(tensor)
            if self._stack:
                self._records[self._stack[-1]].kept_bytes += tensor.untyped_storage().nbytes()
        return tensor


def _storage(tensor: torch.Tensor) -> StorageWeakRef:
    """The memory that ``tensor`` shares with its views; on the meta device it has no address to tell it by."""
    return StorageWeakRef(tensor.untyped_storage())  # type: ignore[no-untyped-call]


def _shape(values: Iterable[Any]) -> tuple[int, ...] | None:
    """The shape of the first tensor of ``values``."""
    return next((tuple(value.shape) for value in values if isinstance(value, torch.Tensor)), None)


def _sentence(layer: nn.Module, given: tuple[int, ...], error: Exception) -> str:
    """Why ``layer`` cannot take an input of the shape ``given``."""
    match layer:
        case nn.Conv2d() if len(given) == 4:
            if given[1] != layer.in_channels:
                return f"takes {layer.in_channels} channels and is given {given[1]}."
            return f"the input {given[2]}×{given[3]} is smaller than the {_sides(layer.kernel_size)} kernel."
        case nn.MaxPool2d() | nn.AvgPool2d() if len(given) == 4:
            return f"the input {given[2]}×{given[3]} is too small to pool over {_sides(layer.kernel_size)}."
        case nn.Linear() if given:
            return f"takes {layer.in_features:,} numbers a sample and is given {given[-1]:,}."
        case _BatchNorm() if given:
            if given[0] == 1:
                return "needs more than one number a channel: take at least 2 samples in a batch."
            return f"takes {layer.num_features} channels and is given {given[1]}."
    return f"cannot take an input of {'×'.join(map(str, given[1:]))}: {str(error).partition(chr(10))[0]}"


def _sides(kernel: int | tuple[int, ...]) -> str:
    height, width = (kernel, kernel) if isinstance(kernel, int) else kernel
    return f"{height}×{width}"
