"""The datasets an experiment can name, with what is known of them before any file is read."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from workbench.spec.component import Component, Conflict, parameter

Fraction = Annotated[float, Field(gt=0, lt=1)]
PositiveFloat = Annotated[float, Field(gt=0)]


class ImageClasses(Component):
    """Images of one shape, each of one class."""

    shape: ClassVar[tuple[int, int, int]]
    """Channels, height and width of a sample."""
    classes: ClassVar[tuple[str, ...]]
    train_samples: ClassVar[int]
    """Samples outside the dataset's own test part."""
    test_samples: ClassVar[int] = 0

    mean: tuple[float, ...] = parameter(
        (0.0,),
        "Mean",
        "Subtracted from each channel after pixels are scaled to 0–1; one number a channel.",
        advanced=True,
    )
    std: tuple[PositiveFloat, ...] = parameter(
        (1.0,),
        "Standard deviation",
        "Each channel is divided by this after the mean is subtracted; one number a channel.",
        advanced=True,
    )
    validation: float | Literal["test"]
    split_seed: int = parameter(
        0,
        "Split seed",
        "Chooses which samples are held out when validation is a fraction; the same for all runs that are compared.",
        ge=0,
        lt=2**32,
        advanced=True,
    )

    def split_sizes(self) -> tuple[int, int]:
        """Samples for training and for validation."""
        if isinstance(self.validation, str):
            return self.train_samples, self.test_samples
        held_out = round(self.train_samples * self.validation)
        return self.train_samples - held_out, held_out

    def conflicts(self) -> list[Conflict]:
        channels = self.shape[0]
        conflicts = [
            Conflict(field=field, reason=f"has {given} numbers, not one for each of the {channels} channels.")
            for field in ("mean", "std")
            if (given := len(getattr(self, field))) != channels
        ]
        train, held_out = self.split_sizes()
        if min(train, held_out) < len(self.classes):
            conflicts.append(
                Conflict(
                    field="validation",
                    reason=f"leaves {train} samples to train and {held_out} to validate: each needs one of each class.",
                )
            )
        return conflicts


class FashionMNIST(ImageClasses):
    """Zalando's 70,000 grey images of clothes (Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747)."""

    label: ClassVar[str] = "Fashion-MNIST"
    about: ClassVar[str] = "70,000 grey 28×28 images of ten kinds of clothes; where PyTorch's tutorials begin."
    documentation: ClassVar[str] = "https://github.com/zalandoresearch/fashion-mnist"
    shape: ClassVar[tuple[int, int, int]] = (1, 28, 28)
    classes: ClassVar[tuple[str, ...]] = (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    )  # fmt: skip
    train_samples: ClassVar[int] = 60_000
    test_samples: ClassVar[int] = 10_000

    name: Literal["FashionMNIST"] = "FashionMNIST"
    validation: Fraction | Literal["test"] = parameter(
        "test",
        "Validation",
        "The dataset's own 10,000 test images, or a fraction of the training images, the same share of every class.",
    )


class Digits(ImageClasses):
    """Handwritten digits shipped with scikit-learn (Alpaydin and Kaynak 1998, UCI)."""

    label: ClassVar[str] = "Digits"
    about: ClassVar[str] = "1,797 grey 8×8 images of handwritten digits; comes with the program and trains in seconds."
    documentation: ClassVar[str] = "https://archive.ics.uci.edu/dataset/80"
    shape: ClassVar[tuple[int, int, int]] = (1, 8, 8)
    classes: ClassVar[tuple[str, ...]] = tuple("0123456789")
    train_samples: ClassVar[int] = 1_797

    name: Literal["Digits"] = "Digits"
    validation: Fraction = parameter(
        0.2, "Validation", "The fraction of the images held out for validation, the same share of every class."
    )


Dataset = Annotated[FashionMNIST | Digits, Field(discriminator="name")]
