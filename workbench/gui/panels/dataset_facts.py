"""The numbers of a dataset, for the strip over its samples."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from workbench.engine.messages import DatasetPreview
from workbench.gui.panels.fact_strip import Fact, FactStrip
from workbench.spec.tasks import DatasetInfo

_MOST = 6
_NAMED = 2
"""Up to so many numbers to predict are named."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("DatasetFacts", text)


class DatasetFacts(FactStrip):
    """Samples, what each is made of, and what is to be learnt."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_tr("Facts of the dataset"), _MOST, parent)

    def show_preview(self, preview: DatasetPreview) -> None:
        """Show the numbers of ``preview``."""
        info = preview.info
        samples = [
            (_tr("Training samples"), f"{info.train_samples:,}", ""),
            (_tr("Validation samples"), f"{info.validation_samples:,}", ""),
        ]
        self.show_facts([*samples, *_input_facts(info), _target_fact(info), *_pixel_facts(preview)])


def _input_facts(info: DatasetInfo) -> list[Fact]:
    """What one sample is made of."""
    if info.kind == "image":
        shape = " × ".join(f"{side:,}" for side in info.shape)
        return [(_tr("Shape"), shape, _tr("Channels × height × width of a sample"))]
    if info.kind == "tokens":
        length = _tr("Tokens of a sample, padding included")
        vocabulary = _tr("How many different tokens there are")
        return [
            (_tr("Length"), f"{info.shape[0]:,}", length),
            (_tr("Vocabulary"), f"{info.vocabulary:,}", vocabulary),
        ]
    facts = [(_tr("Features"), f"{info.shape[0]:,}", _tr("Columns the model is given"))]
    if info.categories:
        facts.append((_tr("Categories"), f"{len(info.categories):,}", _tr("Features that are codes of categories")))
    return facts


def _target_fact(info: DatasetInfo) -> Fact:
    count = len(info.targets)
    if info.task == "regression":
        names = ", ".join(info.targets)
        tip = _tr("The numbers the model learns to predict: {names}").format(names=names)
        return _tr("To predict"), names if count <= _NAMED else f"{count:,}", tip
    return _tr("Labels") if info.task == "multilabel" else _tr("Classes"), f"{count:,}", ""


def _pixel_facts(preview: DatasetPreview) -> list[Fact]:
    if preview.info.kind != "image":
        return []
    tip = _tr("Of each channel over the training part, pixels scaled to 0–1")
    mean, std = (", ".join(f"{value:.4f}" for value in values) for values in (preview.mean, preview.std))
    return [(_tr("Mean"), mean, tip), (_tr("Standard deviation"), std, tip)]
