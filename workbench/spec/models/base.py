"""What all models declare: the datasets they take, and why one does not fit."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field

from workbench.spec.component import Component
from workbench.spec.tasks import DatasetInfo

Kind = Literal["image", "table", "tokens"]
Width = Annotated[int, Field(ge=1, le=65_536)]
Channels = Annotated[int, Field(ge=1, le=4096)]

KIND_NAMES: Final[dict[Kind, str]] = {"image": "images", "table": "tables", "tokens": "token sequences"}
ALTERNATIVES: Final[dict[Kind, str]] = {"image": "LeNet5 or MLP", "table": "MLP", "tokens": "EmbeddingBag"}
"""What to choose for a kind of dataset instead of a model that does not take it."""


class ModelComponent(Component):
    """A network from a batch of samples to a batch of outputs: logits, or the numbers of a regression."""

    kinds: ClassVar[tuple[Kind, ...]]
    """The kinds of datasets it takes."""

    @property
    def has_sparse_gradients(self) -> bool:
        """Whether all of its gradients are sparse tensors, which SparseAdam needs and most optimizers refuse."""
        return False

    @property
    def has_hidden_matrices(self) -> bool:
        """Whether it has weights of two dimensions beside embeddings and those of the output layer, as Muon needs."""
        return False

    def misfit(self, info: DatasetInfo) -> str | None:
        """Why the network cannot take this dataset's samples, and what would do; None where it can."""
        if info.kind not in self.kinds:
            taken = " and ".join(KIND_NAMES[kind] for kind in self.kinds)
            return f"takes {taken}, and the dataset is of {KIND_NAMES[info.kind]}: choose {ALTERNATIVES[info.kind]}."
        return self.shape_misfit(info)

    def shape_misfit(self, info: DatasetInfo) -> str | None:
        """Why samples of a kind it takes do not fit, and what would do."""
        return None

    def smallest_batch(self, info: DatasetInfo) -> int:
        """The fewest samples a training step can take: 2 where batch normalisation would see one number a channel."""
        return 1


class ImageModel(ModelComponent):
    """A network for images, from some size up."""

    kinds: ClassVar[tuple[Kind, ...]] = ("image",)

    def smallest_image(self) -> int:
        """The fewest pixels that either side of an image can have."""
        return 1

    def too_small_for(self) -> str:
        """What smaller images are too small for."""
        return "this network"

    def remedy(self) -> str:
        """What to do about a smaller image."""
        return "Choose MLP."

    def shape_misfit(self, info: DatasetInfo) -> str | None:
        _, height, width = info.shape
        smallest = self.smallest_image()
        if min(height, width) >= smallest:
            return None
        return (
            f"input {height}×{width} is too small for {self.too_small_for()}; the smallest is {smallest}×{smallest}. "
            f"{self.remedy()}"
        )
