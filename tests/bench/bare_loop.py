"""A measured process: the training loop everybody writes, on tensors in memory. Knows nothing of workbench."""

import argparse
import gzip
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from tests.bench.processes import answer, requests


def mlp(inputs: int, hidden: list[int]) -> nn.Module:
    """Linear layers with ReLU between them."""
    layers: list[nn.Module] = [nn.Flatten()]
    for width in hidden:
        layers += [nn.Linear(inputs, width), nn.ReLU()]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, 10))


def lenet5() -> nn.Module:
    """The network of PyTorch's tutorial "Training with PyTorch"."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(16 * 4 * 4, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def fashion_mnist(folder: Path) -> tuple[torch.Tensor, torch.Tensor]:
    """All training images, normalised float32 ``(60000, 1, 28, 28)``, and labels."""
    with gzip.open(folder / "train-images-idx3-ubyte.gz") as file:
        images = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)
    with gzip.open(folder / "train-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    return (torch.from_numpy(images / np.float32(255)) - 0.5) / 0.5, torch.from_numpy(labels.astype(np.int64))


def noise(side: int, samples: int = 4096) -> tuple[torch.Tensor, torch.Tensor]:
    """Random samples, where only the time of a step matters."""
    return torch.randn(samples, 1, side, side), torch.randint(0, 10, (samples,))


class BareLoop:
    """Epochs one after the other; ``run`` does the next steps of them."""

    def __init__(
        self, model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int, momentum: float
    ) -> None:
        self._steps = self._train(model, images, labels, batch_size, momentum)

    def run(self, steps: int) -> float:
        """Do ``steps`` steps; returns the seconds of all but the first tenth of them."""
        for _ in range(steps // 10):
            next(self._steps)
        start = time.perf_counter()
        for _ in range(steps - steps // 10):
            next(self._steps)
        return time.perf_counter() - start

    @staticmethod
    def _train(model: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int, momentum: float):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=momentum)
        criterion = nn.CrossEntropyLoss()
        losses = []
        model.train()
        while True:
            order = torch.randperm(len(labels))
            for first in range(0, len(labels), batch_size):
                chosen = order[first : first + batch_size]
                inputs, targets = images[chosen], labels[chosen]
                optimizer.zero_grad()
                loss = criterion(model(inputs), targets)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
                yield


def main() -> None:
    """Measure the loop on Fashion-MNIST."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model", choices=["mlp", "lenet5"])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--batch-size", type=int, required=True)
    parser.add_argument("--momentum", type=float, required=True)
    parser.add_argument("--threads", type=int, required=True, help="0 for as many as torch takes by itself")
    options = parser.parse_args()
    torch.manual_seed(0)
    if options.threads:
        torch.set_num_threads(options.threads)
    model = lenet5() if options.model == "lenet5" else mlp(28 * 28, [512, 512])
    loop = BareLoop(model, *fashion_mnist(options.data), options.batch_size, options.momentum)
    loop.run(20)
    answer({"ready": True, "threads": torch.get_num_threads()})
    for request in requests():
        steps = request["steps"]
        answer({"steps_per_second": (steps - steps // 10) / loop.run(steps)})


if __name__ == "__main__":
    main()
