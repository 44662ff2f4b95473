"""The small sums events do themselves."""

from collections.abc import Callable

import pytest

from workbench.runs.events import BatchBlock, EpochEnd


def test_a_block_knows_its_last_step(block: Callable[..., BatchBlock]) -> None:
    assert block(5, 1.0).last_step == 5
    assert block(5, 1.0, 2.0, 3.0).last_step == 7


def test_an_epoch_gives_its_figures_by_name(epoch_end: Callable[..., EpochEnd]) -> None:
    end = epoch_end(1, 3, val_loss=0.5, accuracy=0.75)
    assert [end.value(name) for name in ("train_loss", "val_loss", "val_accuracy")] == [0.25, 0.5, 0.75]
    with pytest.raises(KeyError):
        end.value("val_f1")
