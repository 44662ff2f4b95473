"""The look that the centre's tables share: a row a record, chosen whole, no grid."""

from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

_LEAST_ROW = 16


class RecordTable(QTableView):
    """Rows that are read and not typed into; whoever makes one gives it model and name. GUI thread only."""

    def __init__(self, padding: int, parent: QWidget | None = None) -> None:
        """``padding`` is above and below a row's text together, in pixels."""
        super().__init__(parent)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setMinimumSectionSize(_LEAST_ROW)
        rows.setDefaultSectionSize(self.fontMetrics().height() + padding)
        columns.setHighlightSections(False)
        columns.setSectionsClickable(False)
