"""The frame of a plot: heading, readout, axes, legend and the text shown while it is empty."""

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout

from workbench.gui.live_text import LiveText, Part
from workbench.gui.plots.axis import Axis
from workbench.gui.plots.legend import Legend
from workbench.gui.plots.view import PlotView
from workbench.gui.theme.icons import icon
from workbench.gui.theme.palette import Theme
from workbench.gui.theme.typography import TypeSize, font

_LEGEND_MARGIN = 8
_RIGHT_MARGIN = 22
"""Room for the half of the last tick's label that stands out of the axis."""


class PlotFrame(QFrame):
    """An empty plot in the theme's colours. GUI thread only."""

    def __init__(
        self, title: str, theme: Theme, *, x_label: str, empty_text: str, percent: bool, whole_x: bool, legend: bool
    ) -> None:
        """Texts are translated already. The arguments are those of ``LivePlot``."""
        super().__init__()
        self.theme = theme
        self.setProperty("card", True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._title = QLabel()
        self._readout = LiveText(Qt.AlignmentFlag.AlignRight)
        self.fit_button = QToolButton()
        self.fit_button.setAutoRaise(True)
        self.fit_button.setIconSize(QSize(14, 14))
        self.fit_button.setToolTip(self.tr("Show all (double click, or Home)"))
        retain = self.fit_button.sizePolicy()
        retain.setRetainSizeWhenHidden(True)
        self.fit_button.setSizePolicy(retain)
        self.fit_button.hide()

        self._range: tuple[tuple[float, float], tuple[float, float]] | None = None
        self.box = PlotView()
        self.left_axis = Axis("left", percent=percent)
        self.bottom_axis = Axis("bottom", whole=whole_x)
        if x_label:
            self.bottom_axis.setLabel(x_label)
        self.graphics = pg.GraphicsView(background=None)
        self.graphics.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._cursor.hide()
        self._empty = QLabel(empty_text, self.graphics)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.legend = Legend(self.graphics, theme) if legend else None
        self._empty_state = False
        self._arrange()
        self.set_empty(True)
        self.set_title(title)
        self.set_theme(theme)

    def set_title(self, title: str) -> None:
        """Change the heading and the accessible names made from it."""
        self._title.setText(title)
        self.setAccessibleName(title)
        self.graphics.setAccessibleName(title)
        self.fit_button.setAccessibleName(self.tr("Show all of: {title}").format(title=title))

    def set_empty_text(self, text: str) -> None:
        """Change what an empty plot says."""
        self._empty.setText(text)

    @property
    def title(self) -> str:
        """The heading."""
        return self._title.text()

    @property
    def readout(self) -> str:
        """The values in the header."""
        return self._readout.text

    @property
    def x_range(self) -> tuple[float, float]:
        """What of x is in sight since the last ``refresh``."""
        low, high = self.box.viewRange()[0]
        return low, high

    @property
    def y_range(self) -> tuple[float, float]:
        """What of y is in sight since the last ``refresh``; decimal logarithms on a logarithmic axis."""
        low, high = self.box.viewRange()[1]
        return low, high

    def set_range(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Show this part of x and y. Costs a layout of the axes where it is another part than before."""
        if (x, y) != self._range:
            self._range = (x, y)
            self.box.setRange(xRange=x, yRange=y, padding=0)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the colours of ``theme``."""
        self.theme = theme
        self.graphics.setBackground(theme.plot_background)
        self._style_axes()
        metrics = self.fontMetrics()
        self.left_axis.setWidth(metrics.horizontalAdvance("0.00000"))
        self.bottom_axis.setHeight(metrics.height() * (2 if self.bottom_axis.label.isVisible() else 1) + 6)
        pen = QPen(theme.muted_text)
        pen.setCosmetic(True)
        self._cursor.setPen(pen)
        self._title.setFont(font(TypeSize.BODY, bold=True))
        self._readout.setFont(font(TypeSize.SMALL))
        self._empty.setStyleSheet(f"color: {theme.muted_text}")
        self.fit_button.setIcon(icon("fit", theme))
        if self.legend:
            self.legend.set_theme(theme)

    def set_empty(self, empty: bool) -> None:
        """Show the text for an empty plot instead of numbers on the axes, or the other way round."""
        if empty == self._empty_state:
            return
        self._empty_state = empty
        self._empty.setVisible(empty)
        self._style_axes()

    def set_cursor(self, x: float | None) -> None:
        """Draw a vertical line at ``x``, none for None or in an empty plot."""
        self._cursor.setVisible(x is not None and not self._empty_state)
        if x is not None:
            self._cursor.setValue(x)

    def set_readout(self, parts: Sequence[Part]) -> None:
        """Show texts at the right of the header, each behind a dot in its colour; those without room are left out."""
        self._readout.show_parts(parts)

    def legend_corner(self) -> QPoint:
        """Where the legend's top right corner belongs, in the coordinates of its parent."""
        return QPoint(self.graphics.width() - _RIGHT_MARGIN - _LEGEND_MARGIN, _LEGEND_MARGIN)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        low, high = self.x_range
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.box.zoom_asked.emit(0.8, (low + high) / 2)
            case Qt.Key.Key_Minus:
                self.box.zoom_asked.emit(1.25, (low + high) / 2)
            case Qt.Key.Key_Left:
                self.box.pan_asked.emit((low - high) / 10)
            case Qt.Key.Key_Right:
                self.box.pan_asked.emit((high - low) / 10)
            case Qt.Key.Key_Home:
                self.box.fit_asked.emit()
            case _:
                super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._column.activate()
        self._empty.setGeometry(self.graphics.rect())

    def _style_axes(self) -> None:
        small = font(TypeSize.SMALL)
        for axis in (self.left_axis, self.bottom_axis):
            axis.setPen(QPen(Qt.PenStyle.NoPen))
            axis.setTickPen(QPen(self.theme.plot_background if self._empty_state else self.theme.plot_grid))
            axis.setTextPen(self.theme.muted_text)
            axis.setTickFont(small)
            axis.label.setFont(small)
            axis.setStyle(showValues=not self._empty_state)

    def _arrange(self) -> None:
        grid = pg.GraphicsLayout(border=None)
        grid.setContentsMargins(0, 8, _RIGHT_MARGIN, 0)
        grid.setSpacing(0)
        grid.addItem(self.left_axis, row=0, col=0)
        grid.addItem(self.box, row=0, col=1)
        grid.addItem(self.bottom_axis, row=1, col=1)
        self.left_axis.linkToView(self.box)
        self.bottom_axis.linkToView(self.box)
        self.box.addItem(self._cursor, ignoreBounds=True)
        self._cursor.setZValue(40)
        self.graphics.setCentralWidget(grid)
        header = QHBoxLayout()
        header.setContentsMargins(8, 0, 8, 0)
        header.setSpacing(8)
        header.addWidget(self._title)
        header.addWidget(self.fit_button)
        header.addWidget(self._readout, 1)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(2)
        column.addLayout(header)
        column.addWidget(self.graphics, 1)
