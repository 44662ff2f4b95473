"""The optimizers an experiment can name; names, fields and defaults are those of ``torch.optim``."""

from typing import Annotated

from pydantic import Field

from workbench.spec.optimizers.adam import Adam, Adamax, AdamW, NAdam, RAdam, SparseAdam
from workbench.spec.optimizers.adaptive import Adadelta, Adafactor, Adagrad, RMSprop
from workbench.spec.optimizers.base import OptimizerComponent
from workbench.spec.optimizers.curvature import LBFGS, Muon
from workbench.spec.optimizers.descent import ASGD, SGD, Rprop

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Muon",
    "NAdam",
    "Optimizer",
    "OptimizerComponent",
    "RAdam",
    "RMSprop",
    "Rprop",
    "SparseAdam",
]

Optimizer = Annotated[
    SGD
    | Adam
    | AdamW
    | RMSprop
    | Adagrad
    | Adadelta
    | Adamax
    | NAdam
    | RAdam
    | ASGD
    | Rprop
    | LBFGS
    | Muon
    | Adafactor
    | SparseAdam,
    Field(discriminator="name"),
]
"""In the order they are offered: those a learner meets first come first."""
