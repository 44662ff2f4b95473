"""What normalisation is measured by."""

import numpy as np
import pytest
import torch

from workbench.core.data import statistics
from workbench.core.data.statistics import channel_statistics, feature_statistics


@pytest.mark.parametrize("at_once", [1, 7, 1_000])
def test_channels_are_measured_exactly_however_many_images_at_once(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics, "SAMPLES_AT_ONCE", at_once)
    images = np.random.default_rng(0).integers(0, 256, (50, 3, 5, 4), dtype=np.uint8)
    images[:, 1] //= 8
    images[:, 2] = 51
    mean, std = channel_statistics(torch.from_numpy(images))
    scaled = images / 255
    np.testing.assert_allclose(mean, scaled.mean(axis=(0, 2, 3)), rtol=1e-12)
    np.testing.assert_allclose(std, scaled.std(axis=(0, 2, 3)), rtol=1e-12, atol=1e-12)
    assert std[2] == 0


def test_a_feature_that_does_not_vary_is_divided_by_one() -> None:
    table = np.array([[0.1, 1, 5], [0.1, 2, 5], [0.1, 6, 5]], np.float32)
    mean, std = feature_statistics(table)
    assert std == (1.0, pytest.approx(np.std([1, 2, 6])), 1.0)
    assert mean == (float(np.float32(0.1)), 3.0, 5.0)
    assert ((table - mean) / std)[:, 0].tolist() == [0, 0, 0]


def test_large_values_lose_no_digits() -> None:
    table = (np.arange(1_000)[:, None] + 1_000_000).astype(np.float32)
    mean, std = feature_statistics(table)
    assert mean == (1_000_499.5,)
    assert std == pytest.approx((np.arange(1_000).std(),), rel=1e-12)
