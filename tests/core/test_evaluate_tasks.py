"""The validation figures of every task are scikit-learn's, and the loss is that of one batch of all samples."""

from typing import Any

import numpy as np
import pytest
import torch
from sklearn import metrics
from torch import nn

from workbench.core.build import build_objective
from workbench.core.data.batches import Batches
from workbench.core.data.parts import Part
from workbench.core.evaluate import Evaluation, evaluate
from workbench.spec.losses import BCEWithLogitsLoss, CrossEntropyLoss, Loss, MSELoss, NLLLoss
from workbench.spec.tasks import METRICS, DatasetInfo, Task

SAMPLES = 2_345


class Given(nn.Module):
    """Gives its input back, so that a test says what the outputs are."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs


def evaluated(spec: Loss, task: Task, outputs: torch.Tensor, targets: torch.Tensor, batch: int = 1_000) -> Evaluation:
    names = 2 if task == "binary" else outputs.shape[1]
    info = DatasetInfo(
        task=task,
        kind="table",
        shape=(outputs.shape[1],),
        targets=tuple(map(str, range(names))),
        train_samples=10,
        validation_samples=len(outputs),
    )
    batches = Batches(Part(outputs, targets), batch, None, torch.device("cpu"))
    result = evaluate(Given(), build_objective(spec, info), batches, task, lambda: False)
    assert result is not None
    assert tuple(result.metrics) == METRICS[task]
    return result


@pytest.fixture
def generator() -> torch.Generator:
    return torch.Generator().manual_seed(1)


@pytest.mark.parametrize("kind", [CrossEntropyLoss, NLLLoss])
@pytest.mark.parametrize("batch", [2_345, 1_000, 7])
def test_a_class_weighted_loss_is_that_of_one_batch_of_all_samples(
    kind: Any, batch: int, generator: torch.Generator
) -> None:
    # in file order, the last batch has classes and weights of its own: a mean by samples would be wrong
    classes = torch.arange(SAMPLES) * 4 // SAMPLES
    logits = (
        torch.randn(SAMPLES, 4, generator=generator) + 2 * nn.functional.one_hot(classes, 4) * (classes == 3)[:, None]
    )
    weight = (0.1, 1.0, 2.0, 30.0)
    result = evaluated(kind(weight=weight), "multiclass", logits, classes, batch)
    wide = logits.double().numpy()
    terms = np.log(np.exp(wide).sum(axis=1)) - wide[np.arange(SAMPLES), classes]
    weights = np.array(weight)[classes]
    assert result.loss == pytest.approx((weights * terms).sum() / weights.sum(), rel=1e-6)
    assert result.loss != pytest.approx(terms.mean(), rel=0.01)


def test_the_accuracy_of_one_logit_is_scikit_learns(generator: torch.Generator) -> None:
    logits, classes = torch.randn(SAMPLES, 1, generator=generator), torch.randint(2, (SAMPLES,), generator=generator)
    result = evaluated(BCEWithLogitsLoss(), "binary", logits, classes)
    assert result.metrics["val_accuracy"] == metrics.accuracy_score(classes, logits[:, 0] > 0)
    assert result.loss == pytest.approx(metrics.log_loss(classes, torch.sigmoid(logits.double())[:, 0]), rel=1e-6)


def test_one_logit_and_two_agree(generator: torch.Generator) -> None:
    logits, classes = torch.randn(SAMPLES, 1, generator=generator), torch.randint(2, (SAMPLES,), generator=generator)
    one = evaluated(BCEWithLogitsLoss(), "binary", logits, classes)
    two = evaluated(CrossEntropyLoss(), "binary", torch.cat([torch.zeros_like(logits), logits], 1), classes)
    assert one.loss == pytest.approx(two.loss, rel=1e-6)
    assert one.metrics == two.metrics


def test_labels_are_counted_one_by_one_and_all_together(generator: torch.Generator) -> None:
    logits = torch.randn(SAMPLES, 3, generator=generator)
    labels = ((logits + torch.randn(SAMPLES, 3, generator=generator)) > 0).float()
    result = evaluated(BCEWithLogitsLoss(), "multilabel", logits, labels)
    assert result.metrics == {
        "val_accuracy": pytest.approx(1 - metrics.hamming_loss(labels, logits > 0), abs=1e-12),
        "val_exact_match": metrics.accuracy_score(labels, logits > 0),
    }


@pytest.mark.parametrize("offset", [0.0, 5_000.0])
@pytest.mark.parametrize("outputs", [1, 3])
def test_the_figures_of_a_regression_are_scikit_learns(outputs: int, offset: float, generator: torch.Generator) -> None:
    wanted = torch.randn(SAMPLES, outputs, generator=generator) * torch.tensor([1.0, 5.0, 0.2])[:outputs] + offset
    given = wanted + 0.3 * torch.randn(SAMPLES, outputs, generator=generator)
    result = evaluated(MSELoss(), "regression", given, wanted)
    wide = wanted.double(), given.double()
    assert result.loss == pytest.approx(metrics.mean_squared_error(*wide), rel=1e-5)
    assert result.metrics == {
        "val_mae": pytest.approx(metrics.mean_absolute_error(*wide), rel=1e-9),
        "val_rmse": pytest.approx(metrics.mean_squared_error(*wide) ** 0.5, rel=1e-9),
        "val_r2": pytest.approx(metrics.r2_score(*wide), rel=1e-9),
    }


def test_r2_of_the_mean_is_0_and_of_targets_that_do_not_vary_too(generator: torch.Generator) -> None:
    wanted = torch.stack([torch.randn(SAMPLES, generator=generator), torch.full((SAMPLES,), 0.1)], dim=1)
    given = wanted.mean(dim=0).expand(SAMPLES, 2).contiguous()
    assert evaluated(MSELoss(), "regression", given, wanted).metrics["val_r2"] == pytest.approx(0, abs=1e-6)
