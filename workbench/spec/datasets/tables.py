"""The tables that scikit-learn ships; they need no network."""

from typing import ClassVar, Literal

from workbench.spec.component import parameter
from workbench.spec.datasets.base import KnownTable
from workbench.spec.datasets.component import Fraction
from workbench.spec.tasks import Task

_VALIDATION = "The fraction of the rows held out for validation"


class EmbeddedTable(KnownTable):
    """A table that comes with scikit-learn."""

    kind_of_task: ClassVar[Task]
    features: ClassVar[tuple[str, ...]]
    targets: ClassVar[tuple[str, ...]]
    samples: ClassVar[int]

    def task(self) -> Task:
        return self.kind_of_task

    def feature_names(self) -> tuple[str, ...]:
        return self.features

    def target_names(self) -> tuple[str, ...]:
        return self.targets

    def part_sizes(self) -> tuple[int, int]:
        return self.samples, 0


class Iris(EmbeddedTable):
    """Fisher 1936: four lengths of 150 flowers of three species."""

    label: ClassVar[str] = "Iris"
    about: ClassVar[str] = (
        "150 flowers of three species, four lengths each; easy, a small model is right 95 % of the time."
    )
    documentation: ClassVar[str] = "https://scikit-learn.org/stable/datasets/toy_dataset.html#iris-plants-dataset"
    kind_of_task: ClassVar[Task] = "multiclass"
    features: ClassVar[tuple[str, ...]] = (
        "sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)",
    )  # fmt: skip
    targets: ClassVar[tuple[str, ...]] = ("setosa", "versicolor", "virginica")
    samples: ClassVar[int] = 150

    name: Literal["Iris"] = "Iris"
    validation: Fraction = parameter(0.2, "Validation", f"{_VALIDATION}, the same share of every class.")


class Wine(EmbeddedTable):
    """Forina et al. 1988: thirteen chemical measures of 178 wines of three growers."""

    label: ClassVar[str] = "Wine"
    about: ClassVar[str] = (
        "178 wines of three growers, 13 measures of very different size; easy, once they are standardized."
    )
    documentation: ClassVar[str] = "https://scikit-learn.org/stable/datasets/toy_dataset.html#wine-recognition-dataset"
    kind_of_task: ClassVar[Task] = "multiclass"
    features: ClassVar[tuple[str, ...]] = (
        "alcohol", "malic acid", "ash", "alcalinity of ash", "magnesium", "total phenols", "flavanoids",
        "nonflavanoid phenols", "proanthocyanins", "color intensity", "hue", "OD280/OD315 of diluted wines", "proline",
    )  # fmt: skip
    targets: ClassVar[tuple[str, ...]] = ("grower 1", "grower 2", "grower 3")
    samples: ClassVar[int] = 178

    name: Literal["Wine"] = "Wine"
    validation: Fraction = parameter(0.2, "Validation", f"{_VALIDATION}, the same share of every class.")


class BreastCancer(EmbeddedTable):
    """Wolberg, Street and Mangasarian 1995: thirty measures of cell nuclei of 569 tumours."""

    label: ClassVar[str] = "Breast cancer"
    about: ClassVar[str] = (
        "569 tumours, malignant or benign, 30 measures of their cells; one of two classes, a linear model reaches 97 %."
    )
    documentation: ClassVar[str] = (
        "https://scikit-learn.org/stable/datasets/toy_dataset.html#breast-cancer-wisconsin-diagnostic-dataset"
    )
    kind_of_task: ClassVar[Task] = "binary"
    features: ClassVar[tuple[str, ...]] = tuple(
        f"{statistic} {measure}" if statistic != "error" else f"{measure} error"
        for statistic in ("mean", "error", "worst")
        for measure in (
            "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points",
            "symmetry", "fractal dimension",
        )
    )  # fmt: skip
    targets: ClassVar[tuple[str, ...]] = ("malignant", "benign")
    samples: ClassVar[int] = 569

    name: Literal["BreastCancer"] = "BreastCancer"
    validation: Fraction = parameter(0.2, "Validation", f"{_VALIDATION}, the same share of every class.")


class Diabetes(EmbeddedTable):
    """Efron, Hastie, Johnstone and Tibshirani 2004: the course of diabetes in 442 patients after ten measures."""

    label: ClassVar[str] = "Diabetes"
    about: ClassVar[str] = (
        "442 patients, ten measures, and how far diabetes went in a year, 25 to 346; a hard regression: R² near 0.5."
    )
    documentation: ClassVar[str] = "https://scikit-learn.org/stable/datasets/toy_dataset.html#diabetes-dataset"
    kind_of_task: ClassVar[Task] = "regression"
    features: ClassVar[tuple[str, ...]] = (
        "age", "sex", "body mass index", "blood pressure", "total cholesterol", "LDL", "HDL", "total cholesterol / HDL",
        "log of triglycerides", "blood sugar",
    )  # fmt: skip
    targets: ClassVar[tuple[str, ...]] = ("progression",)
    samples: ClassVar[int] = 442

    name: Literal["Diabetes"] = "Diabetes"
    validation: Fraction = parameter(0.2, "Validation", f"{_VALIDATION}.")


class Linnerud(EmbeddedTable):
    """Tenenhaus 1998: three exercises and three measures of twenty men, collected by A. C. Linnerud."""

    label: ClassVar[str] = "Linnerud"
    about: ClassVar[str] = (
        "20 men: from three exercises to weight, waist and pulse; a regression with three outputs, too few to do well."
    )
    documentation: ClassVar[str] = "https://scikit-learn.org/stable/datasets/toy_dataset.html#linnerrud-dataset"
    kind_of_task: ClassVar[Task] = "regression"
    features: ClassVar[tuple[str, ...]] = ("chin-ups", "sit-ups", "jumps")
    targets: ClassVar[tuple[str, ...]] = ("weight", "waist", "pulse")
    samples: ClassVar[int] = 20

    name: Literal["Linnerud"] = "Linnerud"
    validation: Fraction = parameter(0.2, "Validation", f"{_VALIDATION}.")
