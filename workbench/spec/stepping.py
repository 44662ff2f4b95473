"""What the options of a training step ask of the optimizer and the model."""

from collections.abc import Sequence

from workbench.spec.component import Conflict
from workbench.spec.models import ModelComponent
from workbench.spec.optimizers import OptimizerComponent
from workbench.spec.training import Training

_ON_DENSE_GRADIENTS = ("clip_norm", "clip_value", "l1_penalty", "l2_penalty", "gradient_noise")
"""Fields whose value other than 0 changes every number of a gradient."""


def stepping_conflicts(training: Training, optimizer: OptimizerComponent, model: ModelComponent) -> list[Conflict]:
    """Every reason why the options of ``training`` do not go together, or not with the optimizer or the model."""
    found: dict[str, str] = {}
    if training.clip_norm and training.clip_value:
        found["clip_value"] = "does not go with clip_norm: set one of the two to 0."
    if model.has_sparse_gradients:
        for field in _ON_DENSE_GRADIENTS:
            if getattr(training, field):
                found[field] = f"needs dense gradients, and those of {model.label} are sparse: set it to 0."
    if getattr(optimizer, "maximize", False):
        for field in ("l1_penalty", "l2_penalty"):
            if getattr(training, field):
                found[field] = "would make the weights grow where the optimizer maximizes: set it to 0."
    if optimizer.name == "LBFGS":
        found |= _with_lbfgs(training)
    elif misfit := _groups_misfit(training, optimizer, model):
        found["groups"] = misfit
    return [Conflict(field=f"training.{field}", reason=reason) for field, reason in found.items()]


def _groups_misfit(training: Training, optimizer: OptimizerComponent, model: ModelComponent) -> str:
    """Why the weight decay of parameter groups does not go with the others; empty where it does."""
    given = {number: group.weight_decay for number, group in enumerate(training.groups, start=1)}
    decaying = [number for number, decay in given.items() if decay is not None]
    if decaying and "weight_decay" not in type(optimizer).model_fields:
        return f"sets a weight decay ({_numbers(decaying)}), which {optimizer.label} does not have: leave it out."
    decaying = [number for number, decay in given.items() if decay]
    if decaying and model.has_sparse_gradients:
        reason = f"sets a weight decay ({_numbers(decaying)}), which does not go with the sparse gradients of"
        return f"{reason} {model.label}: set it to 0."
    return ""


def _numbers(numbers: Sequence[int]) -> str:
    return f"number {', '.join(map(str, numbers))}"


def _with_lbfgs(training: Training) -> dict[str, str]:
    """L-BFGS evaluates the objective several times a step and compares the results; it knows one group alone."""
    found = {}
    if training.accumulate > 1:
        found["accumulate"] = (
            "does not go with LBFGS, which evaluates a batch several times a step: set it to 1 and take larger batches."
        )
    if training.gradient_noise:
        found["gradient_noise"] = (
            "does not go with LBFGS, which learns the curvature from differences between gradients: set it to 0."
        )
    if training.groups:
        found["groups"] = "does not go with LBFGS, which steps all parameters alike: remove the groups."
    return found
