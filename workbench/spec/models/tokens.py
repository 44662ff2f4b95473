"""Models of token sequences."""

from typing import ClassVar, Literal

from workbench.spec.component import parameter
from workbench.spec.models.base import Kind, ModelComponent


class EmbeddingBag(ModelComponent):
    """A bag of embeddings: the mean or sum of the tokens' embeddings, then one linear layer.

    The classifier of fastText (Joulin, Grave, Bojanowski and Mikolov 2016, arXiv:1607.01759) without n-grams. The
    order of the tokens does not count; token 0 is padding. With ``sparse`` the gradients of all weights are sparse
    tensors, those of the linear layer too, so that SparseAdam takes them; the network computes the same either way.
    """

    label: ClassVar[str] = "Bag of embeddings"
    about: ClassVar[str] = "Averages a learnt vector for each token, then one linear layer; for texts and token lists."
    documentation: ClassVar[str] = "https://docs.pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html"
    kinds: ClassVar[tuple[Kind, ...]] = ("tokens",)

    name: Literal["EmbeddingBag"] = "EmbeddingBag"
    dim: int = parameter(64, "Dimension", "Numbers in a token's embedding. Usual: 16 to 300.", ge=1, le=65_536)
    mode: Literal["mean", "sum"] = parameter(
        "mean", "Mode", "How the embeddings of a sequence become one; the mean does not depend on its length."
    )
    sparse: bool = parameter(
        False,
        "Sparse gradients",
        "Gradients hold only the tokens of the batch: faster with a large vocabulary. For SparseAdam, SGD and Adagrad.",
    )

    @property
    def has_sparse_gradients(self) -> bool:
        return self.sparse
