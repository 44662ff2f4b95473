"""The datasets an experiment can name, with what is known of them before any file is read."""

from typing import Annotated

from pydantic import Field

from workbench.spec.datasets.arrays import Arrays, IDXFiles
from workbench.spec.datasets.base import (
    ClassifiedImages,
    ImageClasses,
    Images,
    KnownDataset,
    KnownTable,
)
from workbench.spec.datasets.component import DatasetComponent, Fraction
from workbench.spec.datasets.generated import Circles, Moons, Spirals, Tokens, TwoClassSum
from workbench.spec.datasets.image_folder import ImageFolder
from workbench.spec.datasets.image_table import ImageTable
from workbench.spec.datasets.images import (
    CIFAR10,
    CIFAR100,
    EMNIST,
    KMNIST,
    MNIST,
    QMNIST,
    STL10,
    SVHN,
    USPS,
    DigitProperties,
    Digits,
    FashionMNIST,
)
from workbench.spec.datasets.own_files import OwnDataset
from workbench.spec.datasets.table import Table
from workbench.spec.datasets.tables import BreastCancer, Diabetes, EmbeddedTable, Iris, Linnerud, Wine

__all__ = [
    "CIFAR10",
    "CIFAR100",
    "EMNIST",
    "KMNIST",
    "MNIST",
    "QMNIST",
    "STL10",
    "SVHN",
    "USPS",
    "Arrays",
    "BreastCancer",
    "Circles",
    "ClassifiedImages",
    "Dataset",
    "DatasetComponent",
    "Diabetes",
    "DigitProperties",
    "Digits",
    "EmbeddedTable",
    "FashionMNIST",
    "Fraction",
    "IDXFiles",
    "ImageClasses",
    "ImageFolder",
    "ImageTable",
    "Images",
    "Iris",
    "KnownDataset",
    "KnownTable",
    "Linnerud",
    "Moons",
    "OwnDataset",
    "Spirals",
    "Table",
    "Tokens",
    "TwoClassSum",
    "Wine",
]

Dataset = Annotated[
    FashionMNIST
    | Digits
    | MNIST
    | KMNIST
    | EMNIST
    | QMNIST
    | USPS
    | CIFAR10
    | CIFAR100
    | SVHN
    | STL10
    | DigitProperties
    | Iris
    | Wine
    | BreastCancer
    | Diabetes
    | Linnerud
    | TwoClassSum
    | Moons
    | Circles
    | Spirals
    | Tokens
    | Table
    | ImageFolder
    | ImageTable
    | Arrays
    | IDXFiles,
    Field(discriminator="name"),
]
