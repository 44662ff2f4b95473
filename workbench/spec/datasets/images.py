"""Image sets that are published on the web and that scikit-learn ships; names and classes are torchvision's."""

import string
from typing import ClassVar, Final, Literal

from workbench.spec.component import parameter
from workbench.spec.datasets.base import ClassifiedImages, ImageClasses, Images
from workbench.spec.datasets.component import Fraction
from workbench.spec.tasks import DatasetInfo

Shape = tuple[int, int, int]

_TEST = "The dataset's own {} test images, or a fraction of the training images, the same share of every class."
_DIGITS: Final = tuple(string.digits)
_DIGITS_IN_WORDS: Final = (
    "0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six", "7 - seven", "8 - eight",
    "9 - nine",
)  # fmt: skip


class MNIST(ImageClasses):
    """LeCun, Bottou, Bengio and Haffner 1998: 70,000 handwritten digits."""

    label: ClassVar[str] = "MNIST"
    about: ClassVar[str] = (
        "70,000 grey 28×28 images of handwritten digits; easy: an MLP reaches 98 %, a small convolutional net 99 %."
    )
    documentation: ClassVar[str] = "https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.MNIST.html"
    download_megabytes: ClassVar[int] = 12
    shape: ClassVar[Shape] = (1, 28, 28)
    classes: ClassVar[tuple[str, ...]] = _DIGITS_IN_WORDS
    train_samples: ClassVar[int] = 60_000
    test_samples: ClassVar[int] = 10_000

    name: Literal["MNIST"] = "MNIST"
    validation: Fraction | Literal["test"] = parameter("test", "Validation", _TEST.format("10,000"))


class FashionMNIST(ImageClasses):
    """Zalando's 70,000 grey images of clothes (Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747)."""

    label: ClassVar[str] = "Fashion-MNIST"
    about: ClassVar[str] = "70,000 grey 28×28 images of ten kinds of clothes; where PyTorch's tutorials begin."
    documentation: ClassVar[str] = "https://github.com/zalandoresearch/fashion-mnist"
    download_megabytes: ClassVar[int] = 30
    shape: ClassVar[Shape] = (1, 28, 28)
    classes: ClassVar[tuple[str, ...]] = (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    )  # fmt: skip
    train_samples: ClassVar[int] = 60_000
    test_samples: ClassVar[int] = 10_000

    name: Literal["FashionMNIST"] = "FashionMNIST"
    validation: Fraction | Literal["test"] = parameter("test", "Validation", _TEST.format("10,000"))


class KMNIST(ImageClasses):
    """Clanuwat et al. 2018 (arXiv:1812.01718): 70,000 cursive Japanese characters."""

    label: ClassVar[str] = "Kuzushiji-MNIST"
    about: ClassVar[str] = (
        "70,000 grey 28×28 images of ten cursive Japanese characters; harder than MNIST, good nets reach 95 to 98 %."
    )
    documentation: ClassVar[str] = "https://github.com/rois-codh/kmnist"
    download_megabytes: ClassVar[int] = 21
    shape: ClassVar[Shape] = (1, 28, 28)
    classes: ClassVar[tuple[str, ...]] = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
    train_samples: ClassVar[int] = 60_000
    test_samples: ClassVar[int] = 10_000

    name: Literal["KMNIST"] = "KMNIST"
    validation: Fraction | Literal["test"] = parameter("test", "Validation", _TEST.format("10,000"))


class QMNIST(ImageClasses):
    """Yadav and Bottou 2019 (arXiv:1905.10498): MNIST made again from its source, with all 60,000 test digits."""

    label: ClassVar[str] = "QMNIST"
    about: ClassVar[str] = (
        "120,000 grey 28×28 images of handwritten digits; MNIST with six times as many test images, and as easy."
    )
    documentation: ClassVar[str] = "https://github.com/facebookresearch/qmnist"
    download_megabytes: ClassVar[int] = 20
    shape: ClassVar[Shape] = (1, 28, 28)
    classes: ClassVar[tuple[str, ...]] = _DIGITS_IN_WORDS
    train_samples: ClassVar[int] = 60_000
    test_samples: ClassVar[int] = 60_000

    name: Literal["QMNIST"] = "QMNIST"
    validation: Fraction | Literal["test"] = parameter("test", "Validation", _TEST.format("60,000"))


EMNISTSplit = Literal["byclass", "bymerge", "balanced", "letters", "digits", "mnist"]

_ALIKE: Final = frozenset("cijklmopsuvwxyz")
"""Letters whose small form looks like the capital one."""
_DIGITS_AND_LETTERS: Final = tuple(sorted(string.digits + string.ascii_letters))
_WITHOUT_ALIKE: Final = tuple(character for character in _DIGITS_AND_LETTERS if character not in _ALIKE)
_EMNIST_CLASSES: Final[dict[EMNISTSplit, tuple[str, ...]]] = {
    "byclass": _DIGITS_AND_LETTERS,
    "bymerge": _WITHOUT_ALIKE,
    "balanced": _WITHOUT_ALIKE,
    "letters": tuple(string.ascii_lowercase),
    "digits": _DIGITS,
    "mnist": _DIGITS,
}
_EMNIST_SIZES: Final[dict[EMNISTSplit, tuple[int, int]]] = {
    "byclass": (697_932, 116_323),
    "bymerge": (697_932, 116_323),
    "balanced": (112_800, 18_800),
    "letters": (124_800, 20_800),
    "digits": (240_000, 40_000),
    "mnist": (60_000, 10_000),
}


class EMNIST(ClassifiedImages):
    """Cohen, Afshar, Tapson and van Schaik 2017 (arXiv:1702.05373): handwritten digits and letters."""

    label: ClassVar[str] = "EMNIST"
    about: ClassVar[str] = (
        "Grey 28×28 images of handwritten digits and letters, up to 814,255; harder than MNIST: 85 to 90 % on Balanced."
    )
    documentation: ClassVar[str] = "https://www.nist.gov/itl/products-and-services/emnist-dataset"
    download_megabytes: ClassVar[int] = 562
    shape: ClassVar[Shape] = (1, 28, 28)

    name: Literal["EMNIST"] = "EMNIST"
    split: EMNISTSplit = parameter(
        "balanced",
        "Split",
        "Which characters: byclass has all 62 classes, bymerge joins small letters with the capitals they look like, "
        "balanced has as many of each, letters joins all small with all capital ones.",
    )
    validation: Fraction | Literal["test"] = parameter(
        "test",
        "Validation",
        "The split's own test images, or a fraction of the training images, the same share of every class.",
    )

    def part_sizes(self) -> tuple[int, int]:
        return _EMNIST_SIZES[self.split]

    def class_names(self) -> tuple[str, ...]:
        return _EMNIST_CLASSES[self.split]


class USPS(ImageClasses):
    """Hull 1994: 9,298 handwritten digits from envelopes."""

    label: ClassVar[str] = "USPS"
    about: ClassVar[str] = (
        "9,298 grey 16×16 images of digits from envelopes; small and quick, its test part is harder: about 95 %."
    )
    documentation: ClassVar[str] = "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass.html#usps"
    download_megabytes: ClassVar[int] = 8
    shape: ClassVar[Shape] = (1, 16, 16)
    classes: ClassVar[tuple[str, ...]] = _DIGITS
    train_samples: ClassVar[int] = 7_291
    test_samples: ClassVar[int] = 2_007

    name: Literal["USPS"] = "USPS"
    validation: Fraction | Literal["test"] = parameter("test", "Validation", _TEST.format("2,007"))


class CIFAR10(ImageClasses):
    """Krizhevsky 2009: 60,000 small photographs of ten kinds of things."""

    label: ClassVar[str] = "CIFAR-10"
    about: ClassVar[str] = (
        "60,000 colour 32×32 photographs of ten things; a plain convolutional net reaches 80 %, a ResNet 93 % and up."
    )
    documentation: ClassVar[str] = "https://www.cs.toronto.edu/~kriz/cifar.html"
    download_megabytes: ClassVar[int] = 170
    shape: ClassVar[Shape] = (3, 32, 32)
    classes: ClassVar[tuple[str, ...]] = (
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    )  # fmt: skip
    train_samples: ClassVar[int] = 50_000
    test_samples: ClassVar[int] = 10_000

    name: Literal["CIFAR10"] = "CIFAR10"
    validation: Fraction | Literal["test"] = parameter("test", "Validation", _TEST.format("10,000"))


class CIFAR100(ImageClasses):
    """Krizhevsky 2009: 60,000 small photographs of a hundred kinds of things."""

    label: ClassVar[str] = "CIFAR-100"
    about: ClassVar[str] = (
        "60,000 colour 32×32 photographs of a hundred things, 500 of each to train on; hard: a ResNet reaches 75 %."
    )
    documentation: ClassVar[str] = "https://www.cs.toronto.edu/~kriz/cifar.html"
    download_megabytes: ClassVar[int] = 169
    shape: ClassVar[Shape] = (3, 32, 32)
    classes: ClassVar[tuple[str, ...]] = (
        "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle", "bowl", "boy",
        "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle", "chair", "chimpanzee", "clock",
        "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur", "dolphin", "elephant", "flatfish",
        "forest", "fox", "girl", "hamster", "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion",
        "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange",
        "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy", "porcupine",
        "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal", "shark", "shrew", "skunk",
        "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar", "sunflower", "sweet_pepper", "table",
        "tank", "telephone", "television", "tiger", "tractor", "train", "trout", "tulip", "turtle", "wardrobe",
        "whale", "willow_tree", "wolf", "woman", "worm",
    )  # fmt: skip
    train_samples: ClassVar[int] = 50_000
    test_samples: ClassVar[int] = 10_000

    name: Literal["CIFAR100"] = "CIFAR100"
    validation: Fraction | Literal["test"] = parameter("test", "Validation", _TEST.format("10,000"))


class SVHN(ImageClasses):
    """Netzer et al. 2011: 99,289 digits cut from photographs of house numbers."""

    label: ClassVar[str] = "SVHN"
    about: ClassVar[str] = (
        "99,289 colour 32×32 images of digits on houses, some classes rarer; between MNIST and CIFAR-10: 90 to 96 %."
    )
    documentation: ClassVar[str] = "http://ufldl.stanford.edu/housenumbers/"
    download_megabytes: ClassVar[int] = 246
    shape: ClassVar[Shape] = (3, 32, 32)
    classes: ClassVar[tuple[str, ...]] = _DIGITS
    train_samples: ClassVar[int] = 73_257
    test_samples: ClassVar[int] = 26_032

    name: Literal["SVHN"] = "SVHN"
    validation: Fraction | Literal["test"] = parameter("test", "Validation", _TEST.format("26,032"))


class STL10(ImageClasses):
    """Coates, Lee and Ng 2011: 13,000 labelled photographs of ten kinds of things."""

    label: ClassVar[str] = "STL-10"
    about: ClassVar[str] = (
        "13,000 colour 96×96 photographs of ten things, 500 of each to train on; few and large, so hard: 65 to 80 %."
    )
    documentation: ClassVar[str] = "https://cs.stanford.edu/~acoates/stl10/"
    download_megabytes: ClassVar[int] = 2_640
    shape: ClassVar[Shape] = (3, 96, 96)
    classes: ClassVar[tuple[str, ...]] = (
        "airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck",
    )  # fmt: skip
    train_samples: ClassVar[int] = 5_000
    test_samples: ClassVar[int] = 8_000

    name: Literal["STL10"] = "STL10"
    validation: Fraction | Literal["test"] = parameter("test", "Validation", _TEST.format("8,000"))


class Digits(ImageClasses):
    """Handwritten digits shipped with scikit-learn (Alpaydin and Kaynak 1998, UCI)."""

    label: ClassVar[str] = "Digits"
    about: ClassVar[str] = "1,797 grey 8×8 images of handwritten digits; comes with the program and trains in seconds."
    documentation: ClassVar[str] = "https://archive.ics.uci.edu/dataset/80"
    shape: ClassVar[Shape] = (1, 8, 8)
    classes: ClassVar[tuple[str, ...]] = _DIGITS
    train_samples: ClassVar[int] = 1_797

    name: Literal["Digits"] = "Digits"
    validation: Fraction = parameter(
        0.2, "Validation", "The fraction of the images held out for validation, the same share of every class."
    )


class DigitProperties(Images):
    """The images of ``Digits``, each with what is true of its digit."""

    label: ClassVar[str] = "Digit properties"
    about: ClassVar[str] = (
        "The 1,797 images of Digits, labelled even, prime, over 4, with a loop as it applies: several labels at once."
    )
    documentation: ClassVar[str] = "https://archive.ics.uci.edu/dataset/80"
    shape: ClassVar[Shape] = (1, 8, 8)
    properties: ClassVar[dict[str, tuple[int, ...]]] = {
        "even": (0, 2, 4, 6, 8),
        "prime": (2, 3, 5, 7),
        "over 4": (5, 6, 7, 8, 9),
        "has a loop": (0, 6, 8, 9),
    }
    """The labels, each with the digits that have it."""

    name: Literal["DigitProperties"] = "DigitProperties"
    validation: Fraction = parameter(
        0.2, "Validation", "The fraction of the images held out for validation, the same share of every set of labels."
    )

    def part_sizes(self) -> tuple[int, int]:
        return Digits.train_samples, 0

    def info(self) -> DatasetInfo:
        train, validation = self.split_sizes()
        return DatasetInfo(
            task="multilabel",
            kind="image",
            shape=self.shape,
            targets=tuple(self.properties),
            train_samples=train,
            validation_samples=validation,
        )
