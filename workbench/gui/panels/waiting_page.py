"""What the Data tab shows while it has no samples: what it waits for, or why there are none."""

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from workbench.gui.progress_line import ProgressLine
from workbench.gui.theme.icons import icon
from workbench.gui.theme.palette import LIGHT, Theme
from workbench.gui.theme.typography import TypeSize, font

_WIDTH = 440


class WaitingPage(QWidget):
    """A progress bar with Cancel, or a sentence with the button that helps. GUI thread only."""

    cancelRequested = Signal()
    downloadRequested = Signal()
    retryRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._icon_name = "data"
        self._icon = QLabel()
        self._icon.setFixedSize(32, 32)
        self._title = QLabel(self.tr("No samples yet"))
        self._title.setFont(font(TypeSize.TITLE, bold=True))
        self._sentence = QLabel(self.tr("The samples of the dataset appear here."))
        for label in (self._title, self._sentence):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
        self._bar = ProgressLine(self.tr("Progress of loading"))
        self._bar.setFixedWidth(_WIDTH * 3 // 4)
        self._cancel = QPushButton(self.tr("Cancel"))
        self._cancel.setAccessibleName(self.tr("Cancel loading"))
        self._download = QPushButton(self.tr("Get it"))
        self._download.setAccessibleName(self.tr("Download the dataset"))
        self._download.setProperty("primary", True)
        self._retry = QPushButton(self.tr("Try again"))
        self._retry.setAccessibleName(self.tr("Load the dataset again"))
        self._cancel.clicked.connect(self._ask_to_cancel)
        self._download.clicked.connect(self.downloadRequested)
        self._retry.clicked.connect(self.retryRequested)
        self._arrange()
        self._offer()

    @property
    def text(self) -> str:
        """Title and sentence."""
        return f"{self._title.text()}\n{self._sentence.text()}"

    @property
    def share_done(self) -> float | None:
        """What the progress bar shows, 0 to 1; None while it only says that something goes on."""
        return self._bar.share

    def show_loading(self, title: str, megabytes: int) -> None:
        """Say that the dataset called ``title`` is being loaded, of ``megabytes`` where it has to be downloaded."""
        self._download.setText(self.tr("Get it ({size} MB)").format(size=f"{megabytes:,}"))
        self._download.setAccessibleName(
            self.tr("Download the dataset, {size} megabytes").format(size=f"{megabytes:,}")
        )
        self._say("data", self.tr("Loading {title}").format(title=title), "")
        self._bar.show_share(None)
        self._cancel.setEnabled(True)
        self._cancel.setText(self.tr("Cancel"))
        self._offer(self._bar, self._cancel)

    def show_progress(self, stage: str, done: int, total: int) -> None:
        """Show how far ``stage`` is; ``total`` is 0 where it is unknown."""
        name = QCoreApplication.translate("Stages", stage)
        if total > 0:
            share = min(done / total, 1.0)
            self._bar.show_share(share)
            self._sentence.setText(f"{name} {share * 100:.0f} %")
        else:
            self._bar.show_share(None)
            self._sentence.setText(f"{name} \u2026")

    def show_error(self, sentence: str, can_download: bool) -> None:
        """Say why there are no samples; an empty ``sentence`` means that the user cancelled."""
        if not sentence:
            self._say("info", self.tr("Cancelled"), self.tr("The dataset was not loaded."))
        elif can_download:
            self._say("download", self.tr("Not on this computer yet"), sentence)
        else:
            self._say("error", self.tr("The dataset cannot be shown"), sentence)
        self._offer(self._download if can_download else self._retry)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self._theme = theme
        self._bar.set_theme(theme)
        self._draw_icon()

    @Slot()
    def _ask_to_cancel(self) -> None:
        self._cancel.setEnabled(False)
        self._cancel.setText(self.tr("Cancelling \u2026"))
        self.cancelRequested.emit()

    def _say(self, icon_name: str, title: str, sentence: str) -> None:
        self._icon_name = icon_name
        self._draw_icon()
        self._title.setText(title)
        self._sentence.setText(sentence)

    def _draw_icon(self) -> None:
        color = self._theme.danger if self._icon_name == "error" else self._theme.muted_text
        self._icon.setPixmap(icon(self._icon_name, self._theme, color=color).pixmap(QSize(32, 32)))

    def _offer(self, *shown: QWidget) -> None:
        """Show only these of the bar and the buttons."""
        for widget in (self._bar, self._cancel, self._download, self._retry):
            widget.setVisible(widget in shown)

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self._cancel, self._download, self._retry):
            buttons.addWidget(button)
        buttons.addStretch(1)
        # A label that wraps gets the height it needs only where no alignment shrinks it.
        middle = QWidget()
        middle.setFixedWidth(_WIDTH)
        inner = QVBoxLayout(middle)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(10)
        inner.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        inner.addWidget(self._title)
        inner.addWidget(self._sentence)
        inner.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignHCenter)
        inner.addLayout(buttons)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(middle)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.addStretch(2)
        column.addLayout(row)
        column.addStretch(3)
