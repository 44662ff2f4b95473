"""Previews of real datasets, as an engine gives them."""

from collections.abc import Callable

import pytest

from workbench.core.progress import silent
from workbench.engine.messages import DatasetPreview, PreviewDataset
from workbench.engine.preview import preview
from workbench.folders import user_folders
from workbench.spec.datasets import DatasetComponent

Preview = Callable[[DatasetComponent], DatasetPreview]


@pytest.fixture
def look_at(folders_of_its_own: None) -> Preview:
    """The preview of a dataset that comes with the program."""

    def look(dataset: DatasetComponent) -> DatasetPreview:
        return preview(PreviewDataset(dataset), user_folders(), silent)

    return look
