"""A small experiment file that the tests of reading change."""

import pytest

EXPERIMENT = """\
version: 1
title: Small
dataset: {name: Digits, validation: 0.25}
model: {name: MLP, hidden: [8, 4]}
loss: {name: CrossEntropyLoss}
optimizer: {name: SGD, lr: 0.1, momentum: 0.9}
training:
  epochs: 2
  batch_size: 32
"""


@pytest.fixture
def text() -> str:
    return EXPERIMENT
