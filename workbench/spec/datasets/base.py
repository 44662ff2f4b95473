"""Datasets of images and tables whose samples are counted before any file is read."""

from typing import ClassVar, Literal

from workbench.spec.component import Conflict, parameter
from workbench.spec.datasets.augmentation import AugmentedImages
from workbench.spec.datasets.component import DatasetComponent, PositiveFloat
from workbench.spec.tasks import DatasetInfo, Task


class KnownDataset(DatasetComponent):
    """A dataset whose samples are counted before any file is read."""

    def part_sizes(self) -> tuple[int, int]:
        """Samples outside the dataset's own test part, and in it (0 where it has none)."""
        raise NotImplementedError

    def info(self) -> DatasetInfo:
        raise NotImplementedError

    def split_sizes(self) -> tuple[int, int]:
        """Samples for training and for validation."""
        whole, test = self.part_sizes()
        if isinstance(self.validation, str):
            return whole, test
        held_out = round(whole * self.validation)
        return whole - held_out, held_out

    def conflicts(self) -> list[Conflict]:
        conflicts = super().conflicts()
        train, held_out = self.split_sizes()
        info = self.info()
        needed, name = (len(info.targets), "one of each class") if info.is_classification else (1, "one at least")
        if min(train, held_out) < needed:
            conflicts.append(
                Conflict(
                    field="validation",
                    reason=f"leaves {train} samples to train and {held_out} to validate: each needs {name}.",
                )
            )
        return conflicts


class Images(KnownDataset, AugmentedImages):
    """Images of one shape."""

    shape: ClassVar[tuple[int, int, int]]
    """Channels, height and width of a sample."""

    mean: tuple[float, ...] | Literal["measured"] = parameter(
        (0.0,),
        "Mean",
        "Subtracted from each channel after pixels are scaled to 0–1; one number a channel, one for all, or measured "
        "on the training part.",
        advanced=True,
    )
    std: tuple[PositiveFloat, ...] | Literal["measured"] = parameter(
        (1.0,),
        "Standard deviation",
        "Each channel is divided by this after the mean is subtracted; one number a channel, one for all, or measured "
        "on the training part.",
        advanced=True,
    )

    def conflicts(self) -> list[Conflict]:
        channels = self.shape[0]
        return [
            Conflict(
                field=field,
                reason=f"has {len(given)} numbers, not one for all or one for each of the {channels} channels.",
            )
            for field in ("mean", "std")
            if not isinstance(given := getattr(self, field), str) and len(given) not in (1, channels)
        ] + super().conflicts()


class ClassifiedImages(Images):
    """Images of one shape, each of one class."""

    def class_names(self) -> tuple[str, ...]:
        """What the targets 0, 1, … stand for."""
        raise NotImplementedError

    def info(self) -> DatasetInfo:
        train, validation = self.split_sizes()
        return DatasetInfo(
            task="multiclass",
            kind="image",
            shape=self.shape,
            targets=self.class_names(),
            train_samples=train,
            validation_samples=validation,
        )


class ImageClasses(ClassifiedImages):
    """Images of one shape, each of one of classes that no field changes."""

    classes: ClassVar[tuple[str, ...]]
    train_samples: ClassVar[int]
    """Samples outside the dataset's own test part."""
    test_samples: ClassVar[int] = 0

    def part_sizes(self) -> tuple[int, int]:
        return self.train_samples, self.test_samples

    def class_names(self) -> tuple[str, ...]:
        return self.classes


class KnownTable(KnownDataset):
    """Rows of numbers, each with a class or with numbers to predict."""

    standardize: bool = parameter(
        True,
        "Standardize",
        "Each feature less its mean and divided by its standard deviation, both measured on the training part alone.",
    )

    def task(self) -> Task:
        """What a model is trained for."""
        raise NotImplementedError

    def feature_names(self) -> tuple[str, ...]:
        """What the columns of the inputs are."""
        raise NotImplementedError

    def target_names(self) -> tuple[str, ...]:
        """The classes, or the names of the numbers to predict."""
        raise NotImplementedError

    def info(self) -> DatasetInfo:
        train, validation = self.split_sizes()
        return DatasetInfo(
            task=self.task(),
            kind="table",
            shape=(len(self.feature_names()),),
            targets=self.target_names(),
            train_samples=train,
            validation_samples=validation,
        )
