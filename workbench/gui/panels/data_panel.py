"""The Data tab: the dataset's images with their classes, how many there are of each, and its numbers."""

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.engine.messages import DatasetPreview
from workbench.gui.editors.help_text import spec_text
from workbench.gui.panels.class_counts import ClassCounts
from workbench.gui.panels.image_grid import ImageGrid
from workbench.gui.panels.sample_details import DatasetFacts, SampleDetails
from workbench.gui.panels.waiting_page import WaitingPage
from workbench.gui.theme.icons import icon
from workbench.gui.theme.palette import LIGHT, Theme
from workbench.gui.theme.typography import TypeSize, font

_PATIENCE = 250
"""Milliseconds that old samples stay while new ones are loaded: most loads are faster, and nothing flickers."""
_SIDE_WIDTH = 330


class DataPanel(QWidget):
    """Shows a preview of a dataset, or how far it is, or why there is none. GUI thread only."""

    cancelRequested = Signal()
    downloadRequested = Signal()
    retryRequested = Signal()
    moreRequested = Signal(int)
    """Other samples of the same dataset are wanted: those of this seed."""

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
        self._filter.setAccessibleName(self.tr("Class to show"))
        self._filter.setToolTip(self.tr("Show the images of one class only"))
        self._filter.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._more = QPushButton(self.tr("Other samples"))
        self._more.setAccessibleName(self.tr("Show other samples"))
        self._more.setToolTip(self.tr("Draw other images from the training part"))
        self._grid = ImageGrid()
        self._details = SampleDetails()
        self._counts = ClassCounts()
        self._facts = DatasetFacts()
        self._pages = QStackedWidget()
        self._samples = self._samples_page()
        self._pages.addWidget(self._waiting)
        self._pages.addWidget(self._samples)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self._pages)
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
        self.setAccessibleName(self.tr("Data"))
        self.set_theme(LIGHT)

    @property
    def preview(self) -> DatasetPreview | None:
        """What was shown last; None before the first preview."""
        return self._preview

    @Slot(str)
    def show_loading(self, title: str) -> None:
        """Say that the dataset called ``title`` is being loaded, at once or when it takes a while."""
        self._waiting.show_loading(title)
        self._more.setEnabled(False)
        if self._pages.currentWidget() is self._samples:
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
        if before is None or type(before.dataset) is not type(preview.dataset):
            self._seed = 0
        if before is None or before.classes != preview.classes:
            self._filter.blockSignals(True)
            self._filter.clear()
            self._filter.addItem(self.tr("All classes"))
            self._filter.addItems(preview.classes)
            self._filter.blockSignals(False)
        self._title.setText(spec_text(preview.dataset.label))
        self._counts.show_counts(preview.classes, preview.train_counts.tolist(), preview.validation_counts.tolist())
        self._facts.show_preview(preview)
        self._show_samples()
        self._more.setEnabled(True)
        self._pages.setCurrentWidget(self._samples)

    @Slot(str, bool)
    def show_error(self, sentence: str, can_download: bool) -> None:
        """Say why there is no preview, with a button to download the dataset or to try again.

        An empty ``sentence`` means that the user cancelled.
        """
        self._waiting.show_error(sentence, can_download)
        self._show_waiting()

    @Slot(object)
    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self._more.setIcon(icon("shuffle", theme))
        for part in (self._waiting, self._grid, self._details, self._counts):
            part.set_theme(theme)

    @Slot()
    def _show_waiting(self) -> None:
        self._patience.stop()
        self._pages.setCurrentWidget(self._waiting)

    @Slot()
    def _show_samples(self) -> None:
        """Fill the grid with the samples of the chosen class."""
        preview = self._preview
        if preview is None:
            return
        label = self._filter.currentIndex() - 1
        name = self._filter.currentText()
        samples = len(preview.labels)
        text = self.tr("None of these {count} samples is in the class {name}. Press Other samples to draw again.")
        self._grid.empty_text = text.format(count=f"{samples:,}", name=name)
        self._grid.show_preview(preview, None if label < 0 else label)
        shown = self._grid.images.rowCount()
        total = int(preview.train_counts.sum())
        text = self.tr("{count} of {total} training samples")
        self._shown.setText(text.format(count=f"{shown:,}", total=f"{total:,}"))

    @Slot(int)
    def _show_details(self, sample: int) -> None:
        if self._preview is not None:
            self._details.show_sample(self._preview, sample)

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
        counts = QScrollArea()
        counts.setWidget(self._counts)
        counts.setWidgetResizable(True)
        counts.setFrameShape(QFrame.Shape.NoFrame)
        counts.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        counts.setAccessibleName(self.tr("Samples of each class"))
        side = QWidget()
        side.setFixedWidth(_SIDE_WIDTH)
        side.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        beside = QVBoxLayout(side)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(12)
        beside.addWidget(self._details)
        beside.addWidget(counts, 1)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(self._grid, 1)
        body.addWidget(side)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._facts)
        column.addLayout(body, 1)
        return page
