"""The bag of embeddings, with dense and with sparse gradients."""

import pytest
import torch
from torch import nn

from workbench.core import models
from workbench.core.models.embedding_bag import SparseLinear
from workbench.spec import models as specs


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("mode", ["mean", "sum"])
def test_padding_and_order_count_for_nothing_in_a_bag_of_embeddings(mode: str, sparse: bool) -> None:
    model = models.EmbeddingBag(9, 2, 4, mode, sparse=sparse)
    tokens = torch.tensor([[3, 5, 5, 0, 0], [5, 0, 3, 0, 5], [3, 5, 5, 8, 0], [0, 0, 0, 0, 0]])
    outputs = model(tokens)
    torch.testing.assert_close(outputs[0], outputs[1])
    assert not torch.allclose(outputs[0], outputs[2])
    vectors = model.bag.weight[tokens[0, :3]]
    bag = vectors.mean(0) if mode == "mean" else vectors.sum(0)
    linear = model.classifier
    weight, bias = (linear.rows[:, :-1], linear.rows[:, -1]) if sparse else (linear.weight, linear.bias)
    torch.testing.assert_close(outputs[0], weight @ bag + bias)
    torch.testing.assert_close(outputs[3], bias, msg="a sample of nothing but padding")


def test_a_sparse_bag_of_embeddings_starts_and_trains_as_the_dense_one() -> None:
    def trained(sparse: bool) -> list[torch.Tensor]:
        torch.manual_seed(0)
        model = models.EmbeddingBag(20, 3, 4, sparse=sparse).double()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
        for step in range(10):
            generator = torch.Generator().manual_seed(step)
            tokens, labels = torch.randint(20, (8, 5), generator=generator), torch.arange(8) % 3
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(tokens), labels).backward()
            assert all(parameter.grad is not None for parameter in model.parameters())
            assert {parameter.grad.is_sparse for parameter in model.parameters()} == {sparse}  # type: ignore[union-attr]
            optimizer.step()
        linear = model.classifier
        if isinstance(linear, SparseLinear):
            return [model.bag.weight, linear.rows[:, :-1], linear.rows[:, -1]]
        assert isinstance(linear, nn.Linear)
        return [model.bag.weight, linear.weight, linear.bias]

    for dense, sparse in zip(trained(False), trained(True), strict=True):
        torch.testing.assert_close(dense, sparse, rtol=1e-12, atol=1e-12)


def test_sparse_adam_trains_every_weight_of_a_sparse_bag() -> None:
    assert specs.EmbeddingBag(sparse=True).has_sparse_gradients
    assert not specs.EmbeddingBag().has_sparse_gradients
    torch.manual_seed(0)
    model = models.EmbeddingBag(9, 2, 8, sparse=True)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    optimizer = torch.optim.SparseAdam(list(model.parameters()), lr=0.1)
    tokens = torch.tensor([[1, 2, 0, 0], [3, 4, 5, 6], [7, 8, 1, 0]])
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(tokens), torch.tensor([0, 1, 0]))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.05 < losses[0]
    after = [parameter.detach() for parameter in model.parameters()]
    assert torch.equal(before[0][0], after[0][0]), "padding learns nothing"
    assert (before[0][1:] != after[0][1:]).any(dim=1).all()
    assert (before[1] != after[1]).all()
