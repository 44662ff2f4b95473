"""What training makes small: a loss of ``torch.nn`` between a model's outputs and targets as ``Part`` holds them."""

import torch
from torch import nn

from workbench.spec.losses import LossComponent
from workbench.spec.tasks import DatasetInfo


class Objective(nn.Module):
    """The loss's namesake of ``torch.nn``, averaged over the batch.

    Outputs ``(N, outputs)`` are logits, or the numbers of a regression; targets as in ``Part``, or of mixed images
    float32 ``(N, classes)``, the share of each class. The value has no dimension. ``NLLLoss`` is given the outputs'
    log-softmax. A binary loss of one logit takes class 1 as its positive.
    """

    def __init__(self, spec: LossComponent, info: DatasetInfo, loss: nn.Module) -> None:
        super().__init__()
        self.loss = loss
        self._has_one_logit = info.task == "binary" and spec.outputs(info) == 1
        self._takes_log_softmax = isinstance(loss, nn.NLLLoss)

    def forward(self, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        if self._has_one_logit:
            positive = targets[:, 1] if targets.dim() == 2 else targets
            outputs, targets = outputs.squeeze(1), positive.to(outputs.dtype)
        elif self._takes_log_softmax:
            outputs = outputs.log_softmax(dim=1)
        value: torch.Tensor = self.loss(outputs, targets)
        return value

    def share(self, targets: torch.Tensor) -> torch.Tensor:
        """How much a batch with these targets counts in a mean over several batches, such that the mean is the value
        one batch of all their samples would give: int64 or float32, without a dimension.

        It is the number of samples. Where classes have weights, ``CrossEntropyLoss`` and ``NLLLoss`` divide by the sum
        of the samples' weights instead, unless targets are mixed
        (https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html).
        """
        divides_by_weights = isinstance(self.loss, nn.CrossEntropyLoss | nn.NLLLoss) and not targets.is_floating_point()
        weight = self.loss.weight if divides_by_weights else None
        return weight[targets].sum() if isinstance(weight, torch.Tensor) else torch.tensor(len(targets))
