"""A measured process: the quickstart tutorial's epoch, with ``DataLoader`` and ``ToTensor``.

https://docs.pytorch.org/tutorials/beginner/basics/quickstart_tutorial.html
"""

import argparse
import time
from pathlib import Path

import torch  # before workbench, which asks for other threading than torch's default
from torch import nn
from torch.utils.data import DataLoader

from tests.bench.processes import answer, requests
from workbench.core.data.mirrors import torchvision_datasets

BATCH_SIZE = 64
TOLD_EVERY = 100


class NeuralNetwork(nn.Module):
    """The tutorial's network."""

    def __init__(self) -> None:
        super().__init__()
        self.flatten = nn.Flatten()
        self.linear_relu_stack = nn.Sequential(
            nn.Linear(28 * 28, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10)
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.linear_relu_stack(self.flatten(images))


def train(dataloader: DataLoader, model: nn.Module, loss_fn: nn.Module, optimizer: torch.optim.Optimizer) -> float:
    """The tutorial's training function, its print apart; the last loss that it would have printed."""
    model.train()
    told = 0.0
    for batch, (images, labels) in enumerate(dataloader):
        loss = loss_fn(model(images), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if batch % TOLD_EVERY == 0:
            told = loss.item()
    return told


def test(dataloader: DataLoader, model: nn.Module, loss_fn: nn.Module) -> tuple[float, float]:
    """The tutorial's test function: mean loss and accuracy."""
    model.eval()
    test_loss, correct = 0.0, 0.0
    with torch.no_grad():
        for images, labels in dataloader:
            logits = model(images)
            test_loss += loss_fn(logits, labels).item()
            correct += (logits.argmax(1) == labels).type(torch.float).sum().item()
    return test_loss / len(dataloader), correct / len(dataloader.dataset)


def main() -> None:
    """Measure one epoch at each request."""
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path, help="the folder that holds FashionMNIST/raw, unpacked")
    root = parser.parse_args().root
    datasets = torchvision_datasets()
    from torchvision.transforms import ToTensor

    training_data = datasets.FashionMNIST(root=root, train=True, transform=ToTensor())
    test_data = datasets.FashionMNIST(root=root, train=False, transform=ToTensor())
    train_dataloader = DataLoader(training_data, batch_size=BATCH_SIZE)
    test_dataloader = DataLoader(test_data, batch_size=BATCH_SIZE)
    torch.manual_seed(0)
    model = NeuralNetwork()
    loss_fn = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    test(test_dataloader, model, loss_fn)
    answer({"ready": True, "threads": torch.get_num_threads()})
    for _ in requests():
        start = time.perf_counter()
        train(train_dataloader, model, loss_fn, optimizer)
        trained = time.perf_counter()
        loss, accuracy = test(test_dataloader, model, loss_fn)
        answer(
            {
                "train_seconds": trained - start,
                "epoch_seconds": time.perf_counter() - start,
                "steps_per_second": len(train_dataloader) / (trained - start),
                "val_loss": loss,
                "val_accuracy": accuracy,
            }
        )


if __name__ == "__main__":
    main()
