"""The Model tab: the model's layers on the chosen dataset, the learning rate over the run, the loss before training."""

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from workbench.engine.messages import LossTrial, ScheduleCurve
from workbench.gui.editors.captions import Caption
from workbench.gui.panels.fact_strip import Fact, FactStrip
from workbench.gui.panels.layer_table import LayerTable, memory_text
from workbench.gui.plots.curve import CurveKind
from workbench.gui.plots.live_plot import LivePlot
from workbench.gui.theme.palette import LIGHT, Theme
from workbench.gui.theme.typography import TypeSize, font
from workbench.spec.layer_table import ModelDescription

_DECADES = 100.0
"""How far the highest learning rate is above the low ones where a linear axis would hide these."""
_LOW_SHARE = 0.2
"""Part of the run that has the low ones: less of it, such as the end of a cosine, is no reason for another axis."""
_RUN = "schedule"


class ModelPanel(QWidget):
    """Shows what an engine works out of an experiment before it is trained. GUI thread only."""

    shown = Signal()
    """The tab came in front."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._description: ModelDescription | None = None
        self._title = QLabel()
        self._title.setFont(font(TypeSize.TITLE, bold=True))
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._totals = FactStrip(self.tr("The whole model"), 5)
        self._problem = Caption(QPalette.ColorRole.BrightText)
        self._problem.setFont(font(TypeSize.BODY))
        self._problem.setTextFormat(Qt.TextFormat.PlainText)
        self._problem.setAccessibleName(self.tr("Why the model does not fit"))
        self._problem.hide()
        self._table = LayerTable()
        self.schedule = LivePlot(
            self.tr("Learning rate at each step"),
            [CurveKind("rate", self.tr("learning rate"))],
            x_label=self.tr("Step"),
            empty_text="",
            from_zero=True,
        )
        self.schedule.set_run(_RUN, self.tr("Schedule"), 0)
        self._trial = QLabel()
        self._trial.setWordWrap(True)
        self._trial.setTextFormat(Qt.TextFormat.PlainText)
        self._trial.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._trial.setAccessibleName(self.tr("The loss before training"))
        self._arrange()
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(0)
        self._redraw.timeout.connect(self.schedule.refresh)
        self.schedule.changed.connect(self._redraw.start)
        self.setAccessibleName(self.tr("Model"))
        self.set_theme(LIGHT)
        self.show_waiting(self.tr("The model's layers appear here."))

    @property
    def trial_text(self) -> str:
        """What is said of the loss."""
        return self._trial.text()

    @property
    def problem_text(self) -> str:
        """Why the model does not fit; empty where it does."""
        return self._problem.text()

    @Slot(str)
    def show_title(self, title: str) -> None:
        """Call the model ``title``."""
        self._title.setText(title)

    @Slot(str)
    def show_waiting(self, sentence: str) -> None:
        """Show nothing but ``sentence``, which says what is waited for."""
        self.show_no_model(sentence)
        self.show_no_schedule(self.tr("How far each step will go"))
        self.show_no_trial(self.tr("What the loss says of outputs that know nothing"))

    @Slot(object)
    def show_model(self, description: ModelDescription) -> None:
        """Show the layers of a model, and where it does not fit the dataset."""
        if description == self._description:
            return
        self._description = description
        self._show_problem(description.problem)
        self._table.show_layers(description.rows, self.tr("This model cannot be made for this dataset."))
        totals, batch = description.totals, f"{description.batch_size:,}"
        if not description.rows:
            self._show_totals([])
            return
        facts = [(self.tr("Parameters"), f"{totals.parameters:,}", self.tr("Numbers the model consists of"))]
        if totals.trainable_parameters != totals.parameters:
            tip = self.tr("Those that training changes")
            facts.append((self.tr("Trainable"), f"{totals.trainable_parameters:,}", tip))
        kept = self.tr("What a training step keeps for the backward pass of a batch of {count}").format(count=batch)
        facts += [
            (
                self.tr("Multiply-adds a sample"),
                f"{totals.multiply_adds:,}",
                self.tr("Multiplications with an addition, in a forward pass"),
            ),
            (self.tr("Memory of the weights"), memory_text(totals.parameter_bytes), ""),
            (self.tr("Memory of a batch of {count}").format(count=batch), memory_text(totals.activation_bytes), kept),
        ]
        self._show_totals(facts)

    @Slot(str)
    def show_no_model(self, sentence: str) -> None:
        """Say why there are no layers."""
        self._description = None
        self._show_problem("")
        self._show_totals([])
        self._table.show_layers((), sentence)

    @Slot(object)
    def show_schedule(self, curve: ScheduleCurve) -> None:
        """Draw the learning rate over the run, on a logarithmic axis where it spans decades."""
        low, high = np.quantile(curve.rates, _LOW_SHARE), curve.rates.max()
        self.schedule.set_log(bool(curve.rates.min() > 0 and high >= _DECADES * low))
        self.schedule.replace(_RUN, "rate", curve.steps, curve.rates)

    @Slot(str)
    def show_no_schedule(self, sentence: str) -> None:
        """Say why there is no curve of the learning rate."""
        self.schedule.set_empty_text(sentence)
        self.schedule.replace(_RUN, "rate", (), ())

    @Slot(object)
    def show_trial(self, trial: LossTrial) -> None:
        """Say what the loss is of outputs that know nothing."""
        self._trial.setText(trial.sentence)
        self._trial.setForegroundRole(QPalette.ColorRole.WindowText)

    @Slot(str)
    def show_no_trial(self, sentence: str) -> None:
        """Say why nothing is said of the loss."""
        self._trial.setText(sentence)
        self._trial.setForegroundRole(QPalette.ColorRole.PlaceholderText)

    @Slot(object)
    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self._table.layers.set_theme(theme)
        self.schedule.set_theme(theme)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._redraw.start()  # what was drawn while the tab was behind another
        self.shown.emit()

    def _show_totals(self, facts: list[Fact]) -> None:
        self._totals.show_facts(facts)
        self._totals.setVisible(bool(facts))

    def _show_problem(self, sentence: str) -> None:
        self._problem.setText(sentence[:1].upper() + sentence[1:])
        self._problem.setVisible(bool(sentence))

    def _arrange(self) -> None:
        card = QFrame()
        card.setProperty("card", True)
        heading = QLabel(self.tr("The loss before training"))
        heading.setFont(font(TypeSize.BODY, bold=True))
        inside = QVBoxLayout(card)
        inside.setContentsMargins(12, 8, 12, 8)
        inside.setSpacing(4)
        inside.addWidget(heading)
        inside.addWidget(self._trial, 1)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self.schedule, 1)
        right.addWidget(card)
        self.schedule.setMinimumSize(240, 120)
        self._table.setMinimumSize(360, 120)
        body = QHBoxLayout()
        body.setSpacing(8)
        body.addWidget(self._table, 7)
        body.addLayout(right, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._totals)
        column.addWidget(self._problem)
        column.addLayout(body, 1)
