"""The settings: applied at once, kept at once."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from workbench.engine.messages import Device
from workbench.gui.theme.typography import TypeSize, font
from workbench.settings import Settings


class SettingsDialog(QDialog):
    """Shows the settings and tells every change. Does not block the window behind it."""

    changed = Signal(Settings)

    def __init__(
        self, settings: Settings, usual_workspace: Path, devices: Sequence[Device], parent: QWidget | None = None
    ) -> None:
        """``devices`` is empty as long as they are not known; ``show_devices`` follows then."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self.setMinimumWidth(520)
        self._settings = settings
        self.device = QComboBox()
        self._device_note = _note()
        self.threads = QSpinBox()
        self.threads.setRange(0, 1024)
        self.threads.setSpecialValueText(self.tr("Automatic"))
        self.threads.setKeyboardTracking(False)
        if (line := self.threads.findChild(QLineEdit)) is not None:
            line.setTextMargins(4, 0, 0, 0)  # the style sheet's padding does not reach it
        self.theme = QComboBox()
        for value, text in (
            ("system", self.tr("As the system")),
            ("light", self.tr("Light")),
            ("dark", self.tr("Dark")),
        ):
            self.theme.addItem(text, value)
        self.workspace = QLineEdit()
        self.workspace.setPlaceholderText(str(usual_workspace))
        self._browse = QPushButton(self.tr("Choose…"))
        self._browse.setAccessibleName(self.tr("Choose the workspace folder"))
        self._browse.clicked.connect(self._choose_workspace)
        self._arrange()
        self.show_devices(devices)
        self._show(settings)
        self.device.activated.connect(self._tell)
        self.theme.activated.connect(self._tell)
        self.threads.valueChanged.connect(self._tell)
        self.workspace.editingFinished.connect(self._tell)

    @Slot(object)
    def show_devices(self, devices: Sequence[Device]) -> None:
        """Offer these devices; the CPU and the automatic choice are always there, and so is what is set."""
        gpus = [device for device in devices if device.name != "cpu"]
        self.device.clear()
        self.device.addItem(self.tr("Automatic (a GPU where there is one)"), "auto")
        self.device.addItem(self.tr("CPU"), "cpu")
        for gpu in gpus:
            memory = f", {gpu.memory / 2**30:.0f} GB" if gpu.memory else ""
            self.device.addItem(f"{gpu.label}{memory} ({gpu.name})", gpu.name)
        if self.device.findData(self._settings.device) < 0:
            self.device.addItem(self.tr("{0} (not found)").format(self._settings.device), self._settings.device)
        self.device.setCurrentIndex(self.device.findData(self._settings.device))
        if not devices:
            self._device_note.setText(self.tr("Looking for GPUs…"))
        elif gpus:
            self._device_note.setText(self.tr("Takes effect with the next run."))
        else:
            self._device_note.setText(
                self.tr("No GPU that PyTorch can use was found. Small networks train well on the CPU.")
            )

    def _show(self, settings: Settings) -> None:
        self.threads.setValue(settings.threads)
        self.theme.setCurrentIndex(self.theme.findData(settings.theme))
        self.workspace.setText(settings.workspace)

    @Slot()
    def _tell(self) -> None:
        settings = Settings(
            device=self.device.currentData(),
            threads=self.threads.value(),
            theme=self.theme.currentData(),
            workspace=self.workspace.text().strip(),
        )
        if settings != self._settings:
            self._settings = settings
            self.changed.emit(settings)

    @Slot()
    def _choose_workspace(self) -> None:
        dialog = QFileDialog(self, self.tr("Workspace"), self.workspace.text() or self.workspace.placeholderText())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._take_workspace)
        dialog.open()

    @Slot(str)
    def _take_workspace(self, folder: str) -> None:
        self.workspace.setText(folder)
        self._tell()

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(12)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        threads_note = self.tr(
            "Another number changes the last digits of a run's results; a resumed run keeps its own."
        )
        workspace_note = self.tr("The folder that runs and their checkpoints are kept in.")
        for name, label, field, note in (
            ("device", self.tr("&Device"), self.device, self._device_note),
            ("threads", self.tr("T&hreads"), self.threads, _note(threads_note)),
            ("workspace", self.tr("&Workspace"), self.workspace, _note(workspace_note)),
            ("theme", self.tr("Th&eme"), self.theme, None),
        ):
            caption = QLabel(label)
            caption.setBuddy(field)
            field.setAccessibleName(label.replace("&", ""))
            field.setToolTip(Settings.model_fields[name].description or "")
            line = QHBoxLayout()
            line.setSpacing(8)
            line.addWidget(field, 1)
            if field is self.workspace:
                line.addWidget(self._browse)
            cell = QVBoxLayout()
            cell.setSpacing(4)
            cell.addLayout(line)
            if note is not None:
                cell.addWidget(note)
            form.addRow(caption, cell)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close = buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setText(self.tr("Close"))
        close.setIcon(QIcon())
        close.setAccessibleName(self.tr("Close the settings"))
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addLayout(form)
        column.addStretch(1)
        column.addWidget(buttons)


def _note(text: str = "") -> QLabel:
    """A small explanation under a field."""
    label = QLabel(text)
    label.setFont(font(TypeSize.SMALL))
    label.setWordWrap(True)
    label.setProperty("role", "muted")
    return label
