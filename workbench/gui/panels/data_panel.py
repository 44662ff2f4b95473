"""The Data tab: the dataset's samples with their targets, how these are spread, and the dataset's numbers."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from workbench.engine.messages import DatasetPreview
from workbench.gui.editors.help_text import spec_text
from workbench.gui.panels.column_roles import ColumnRoles
from workbench.gui.panels.data_side import DataSide
from workbench.gui.panels.dataset_facts import DatasetFacts
from workbench.gui.panels.image_grid import ImageGrid
from workbench.gui.panels.left_out import LeftOut
from workbench.gui.panels.sample_table import SampleTable
from workbench.gui.panels.waiting_page import WaitingPage
from workbench.gui.theme.icons import icon
from workbench.gui.theme.palette import LIGHT, Theme
from workbench.gui.theme.typography import TypeSize, font
from workbench.spec.datasets.table import ColumnFacts, ColumnRole

_PATIENCE = 250
"""Milliseconds that old samples stay while new ones are loaded: most loads are faster, and nothing flickers."""


class DataPanel(QWidget):
    """Shows a preview of a dataset, or how far it is, or why there is none. GUI thread only."""

    cancelRequested = Signal()
    downloadRequested = Signal()
    retryRequested = Signal()
    moreRequested = Signal(int)
    """Other samples of the same dataset are wanted: those of this seed."""
    roleChosen = Signal(str, str)
    """A column of the user's own table, and what it is to be used for."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview: DatasetPreview | None = None
        self._seed = 0
        self._waiting = WaitingPage()
        self._title = QLabel()
        self._title.setFont(font(TypeSize.TITLE, bold=True))
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._shown = QLabel()
        self._shown.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        self._filter = QComboBox()
        self._filter.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._more = QPushButton(self.tr("Other samples"))
        self._more.setAccessibleName(self.tr("Show other samples"))
        self._more.setToolTip(self.tr("Draw other samples from the training part"))
        self._grid = ImageGrid()
        self._table = SampleTable()
        self._samples = QStackedWidget()
        self._samples.addWidget(self._grid)
        self._samples.addWidget(self._table)
        self._side = DataSide()
        self._facts = DatasetFacts()
        self._left_out = LeftOut()
        self._pages = QStackedWidget()
        self._page = self._samples_page()
        self._pages.addWidget(self._waiting)
        self._pages.addWidget(self._page)
        self._roles = ColumnRoles()
        self._views = QTabBar()
        self._views.setAccessibleName(self.tr("Views of the table"))
        self._views.setExpanding(False)
        self._views.addTab(self.tr("Samples"))
        self._views.addTab(self.tr("Columns"))
        self._views.hide()
        self._view = QStackedWidget()
        self._view.addWidget(self._pages)
        self._view.addWidget(self._roles)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self._views)
        column.addWidget(self._view)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE)
        self._patience.timeout.connect(self._show_waiting)
        self._waiting.cancelRequested.connect(self.cancelRequested)
        self._waiting.downloadRequested.connect(self.downloadRequested)
        self._waiting.retryRequested.connect(self.retryRequested)
        self._filter.currentIndexChanged.connect(self._show_samples)
        self._more.clicked.connect(self._ask_for_more)
        self._grid.picked.connect(self._show_details)
        self._views.currentChanged.connect(self._view.setCurrentIndex)
        self._roles.chosen.connect(self.roleChosen)
        self.setAccessibleName(self.tr("Data"))
        self.set_theme(LIGHT)

    @property
    def preview(self) -> DatasetPreview | None:
        """What was shown last; None before the first preview."""
        return self._preview

    @Slot(str, int)
    def show_loading(self, title: str, megabytes: int) -> None:
        """Say that the dataset called ``title`` is being loaded, at once or when it takes a while.

        ``megabytes`` is how much there would be to download.
        """
        self._waiting.show_loading(title, megabytes)
        self._more.setEnabled(False)
        if self._pages.currentWidget() is self._page:
            self._patience.start()

    @Slot(str, int, int)
    def show_progress(self, stage: str, done: int, total: int) -> None:
        """Show how far ``stage`` of the loading is; ``total`` is 0 where it is unknown."""
        self._waiting.show_progress(stage, done, total)

    @Slot(object)
    def show_preview(self, preview: DatasetPreview) -> None:
        """Show ``preview``; for the classes shown before, the chosen class stays chosen."""
        before = self._preview
        self._patience.stop()
        self._preview = preview
        self._roles.show_problem("")
        if before is None or type(before.dataset) is not type(preview.dataset):
            self._seed = 0
        if before is None or (before.info.task, before.classes) != (preview.info.task, preview.classes):
            self._offer_classes(preview)
        self._title.setText(spec_text(preview.dataset.label))
        self._side.show_preview(preview)
        self._facts.show_preview(preview)
        self._left_out.show_skipped(preview.skipped)
        self._samples.setCurrentWidget(self._grid if preview.info.kind == "image" else self._table)
        self._show_samples()
        self._more.setEnabled(True)
        self._pages.setCurrentWidget(self._page)

    @Slot(str, bool)
    def show_error(self, sentence: str, can_download: bool) -> None:
        """Say why there is no preview, with a button to download the dataset or to try again.

        An empty ``sentence`` means that the user cancelled.
        """
        self._waiting.show_error(sentence, can_download)
        self._roles.show_problem(sentence)
        self._show_waiting()

    def show_columns(self, facts: Sequence[ColumnFacts], given: Sequence[ColumnRole]) -> None:
        """Offer the columns of the user's own table, with the roles guessed and those ``given`` instead.

        Without ``facts`` there is nothing to choose, and only samples are shown.
        """
        self._roles.show_columns(facts, given)
        self._views.setVisible(bool(facts))
        if not facts:
            self._views.setCurrentIndex(0)

    @Slot(object)
    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self._more.setIcon(icon("shuffle", theme))
        for part in (self._waiting, self._grid, self._side, self._left_out, self._roles):
            part.set_theme(theme)

    @Slot()
    def _show_waiting(self) -> None:
        self._patience.stop()
        self._pages.setCurrentWidget(self._waiting)

    def _offer_classes(self, preview: DatasetPreview) -> None:
        """Fill the filter with the classes or labels; numbers to predict are nothing to choose from."""
        labels = preview.info.task == "multilabel"
        self._filter.setVisible(preview.info.task != "regression")
        self._filter.setAccessibleName(self.tr("Label to show") if labels else self.tr("Class to show"))
        self._filter.setToolTip(
            self.tr("Show the samples with one label only") if labels else self.tr("Show the samples of one class only")
        )
        self._filter.blockSignals(True)
        self._filter.clear()
        self._filter.addItem(self.tr("All labels") if labels else self.tr("All classes"))
        self._filter.addItems(preview.classes if preview.info.task != "regression" else ())
        self._filter.blockSignals(False)

    @Slot()
    def _show_samples(self) -> None:
        """Show the samples of the chosen class."""
        preview = self._preview
        if preview is None:
            return
        chosen = self._filter.currentIndex() - 1
        label = None if chosen < 0 else chosen
        if preview.info.task == "multilabel":
            text = self.tr("None of these {count} samples has the label {name}. Press Other samples to draw again.")
        else:
            text = self.tr("None of these {count} samples is in the class {name}. Press Other samples to draw again.")
        empty = text.format(count=f"{len(preview.indices):,}", name=self._filter.currentText())
        if preview.info.kind == "image":
            self._grid.empty_text = empty
            self._grid.show_preview(preview, label)
            shown = self._grid.images.rowCount()
        else:
            self._table.empty_text = empty
            self._table.show_preview(preview, label)
            shown = self._table.samples.rowCount()
        text = self.tr("{count} of {total} training samples")
        self._shown.setText(text.format(count=f"{shown:,}", total=f"{preview.info.train_samples:,}"))

    @Slot(int)
    def _show_details(self, sample: int) -> None:
        if self._preview is not None:
            self._side.show_sample(self._preview, sample)

    @Slot()
    def _ask_for_more(self) -> None:
        self._seed += 1
        self.moreRequested.emit(self._seed)

    def _samples_page(self) -> QWidget:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._shown)
        head.addStretch(1)
        head.addWidget(self._filter)
        head.addWidget(self._more)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(self._samples, 1)
        body.addWidget(self._side)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._facts)
        column.addWidget(self._left_out)
        column.addLayout(body, 1)
        return page
