"""The style sheet over Qt's Fusion style."""

from pathlib import Path

from workbench.gui.theme.palette import Theme, blend

_IMAGES = Path(__file__).resolve().parent / "images"

_SHEET = """
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {border}; padding: 4px 6px; }}

QPushButton, QToolButton {{
    background: {raised}; color: {text}; border: 1px solid {border}; border-radius: 4px; padding: 4px 12px;
}}
QPushButton {{ min-height: 16px; }}
QToolButton {{ padding: 4px 6px; }}
QToolButton[popupMode="1"], QToolButton[popupMode="2"] {{ padding-right: 16px; }}
QToolButton[autoRaise="true"] {{ background: transparent; border-color: transparent; }}
QPushButton:hover, QToolButton:hover {{ background: {hover}; }}
QPushButton:pressed, QToolButton:pressed {{ background: {border}; }}
QPushButton:checked, QToolButton:checked {{ background: {selection}; border-color: {accent}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {disabled}; background: {window}; border-color: {hover}; }}
QToolButton[autoRaise="true"]:disabled {{ background: transparent; border-color: transparent; }}
QPushButton:focus, QToolButton:focus {{ border-color: {accent}; }}
QPushButton[primary="true"], QToolButton[primary="true"] {{
    background: {accent}; color: {accent_text}; border-color: {accent}; font-weight: 600;
}}
QPushButton[primary="true"]:hover, QToolButton[primary="true"]:hover {{
    background: {accent_hover}; border-color: {accent_hover};
}}
QPushButton[primary="true"]:focus, QToolButton[primary="true"]:focus {{ border-color: {text}; }}
QPushButton[primary="true"]:disabled, QToolButton[primary="true"]:disabled {{
    background: {hover}; color: {disabled}; border-color: {hover};
}}

QTabWidget::pane {{ border: none; border-top: 1px solid {border}; }}
QTabBar {{ qproperty-drawBase: 0; }}
QTabBar::tab {{
    background: transparent; color: {muted_text}; border: none; border-bottom: 2px solid transparent;
    padding: 7px 14px 6px 14px; margin-right: 2px;
}}
QTabBar::tab:hover {{ color: {text}; }}
QTabBar::tab:selected {{ color: {text}; border-bottom-color: {accent}; }}
QTabBar::tab:focus {{ color: {accent}; }}

QHeaderView::section {{
    background: {window}; color: {muted_text}; border: none; border-bottom: 1px solid {border}; padding: 4px 5px;
}}
QTableView, QTreeView, QListView {{
    background: {surface}; alternate-background-color: {raised}; border: 1px solid {border}; border-radius: 4px;
    gridline-color: {plot_grid}; selection-background-color: {selection}; selection-color: {text};
}}
QTableView:focus, QTreeView:focus, QListView:focus {{ border-color: {accent}; }}
QTableCornerButton::section {{ background: {window}; border: none; }}

QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit {{
    background: {surface}; color: {text}; border: 1px solid {border}; border-radius: 4px;
    selection-background-color: {accent}; selection-color: {accent_text};
}}
QLineEdit, QAbstractSpinBox, QComboBox {{ min-height: 18px; padding: 2px 6px; }}
QAbstractSpinBox {{ padding: 1px 2px 1px 7px; }}
QAbstractSpinBox QLineEdit, QComboBox QLineEdit {{ border: none; padding: 0; min-height: 0; background: transparent; }}
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus {{
    border-color: {accent};
}}
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {{ color: {disabled}; background: {window}; }}
QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"], QComboBox[invalid="true"] {{ border-color: {danger}; }}
QComboBox::drop-down {{ border: none; width: 20px; }}
QComboBox::down-arrow {{ image: url("{images}/down-{name}.svg"); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{
    background: {surface}; border: 1px solid {border}; border-radius: 0; outline: none;
    selection-background-color: {selection}; selection-color: {text};
}}
QFrame[popup="true"] {{ background: {raised}; border: 1px solid {outline}; border-radius: 0; }}
QFrame[popup="true"] QLineEdit {{
    background: {surface}; border: 1px solid {border}; border-radius: 4px; min-height: 20px; padding: 2px 6px;
}}
QFrame[popup="true"] QLineEdit:focus {{ border-color: {accent}; }}
QFrame[popup="true"] QListView {{ border: none; border-radius: 0; background: transparent; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ background: transparent; border: none; width: 18px; }}
QAbstractSpinBox::up-button {{ subcontrol-position: top right; }}
QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; }}
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover {{ background: {hover}; }}
QAbstractSpinBox::up-arrow {{ image: url("{images}/up-{name}.svg"); width: 10px; height: 10px; }}
QAbstractSpinBox::down-arrow {{ image: url("{images}/down-{name}.svg"); width: 10px; height: 10px; }}

QCheckBox, QRadioButton {{ spacing: 6px; }}
QCheckBox::indicator, QRadioButton::indicator, QTableView::indicator {{
    width: 14px; height: 14px; border: 1px solid {outline}; background: {surface};
}}
QCheckBox::indicator, QTableView::indicator {{ border-radius: 3px; }}
QRadioButton::indicator {{ border-radius: 8px; }}
QCheckBox::indicator:focus, QRadioButton::indicator:focus, QCheckBox::indicator:hover, QRadioButton::indicator:hover {{
    border-color: {accent};
}}
QCheckBox:focus, QRadioButton:focus {{ color: {accent}; }}
QCheckBox::indicator:checked, QTableView::indicator:checked {{
    background: {accent}; border-color: {accent}; image: url("{images}/check-{name}.svg");
}}
QRadioButton::indicator:checked {{
    background: {accent}; border-color: {accent}; image: url("{images}/dot-{name}.svg");
}}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ background: {hover}; border-color: {border}; }}

QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {border}; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {accent}; }}
QSlider::handle:horizontal {{
    width: 12px; height: 12px; margin: -5px 0; border-radius: 7px; background: {surface}; border: 1px solid {outline};
}}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{ border: 1px solid {accent}; }}
QSlider::handle:horizontal:focus {{ background: {accent}; }}

QScrollBar:vertical {{ width: 10px; background: transparent; }}
QScrollBar:horizontal {{ height: 10px; background: transparent; }}
QScrollBar::handle {{ background: {border}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:hover {{ background: {outline}; }}
QScrollBar::handle:vertical {{ min-height: 24px; }}
QScrollBar::handle:horizontal {{ min-width: 24px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}

QMenu {{ background: {surface}; border: 1px solid {border}; padding: 4px; }}
QMenu::item {{ padding: 5px 24px 5px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {selection}; color: {text}; }}
QMenu::item:disabled {{ color: {disabled}; }}
QMenu::separator {{ height: 1px; background: {border}; margin: 4px 8px; }}

QFrame[card="true"] {{ background: {plot_background}; border: 1px solid {border}; border-radius: 6px; }}
QFrame[card="true"]:focus {{ border-color: {accent}; }}

QSplitter::handle {{ background: {window}; }}
QSplitter::handle:hover {{ background: {border}; }}
QStatusBar::item {{ border: none; }}
QLabel[role="muted"] {{ color: {muted_text}; }}
"""


def stylesheet(theme: Theme) -> str:
    """The application's style sheet in the colours of ``theme``.

    A button with the property ``primary`` true is drawn in the accent colour. One view should have one at most.
    A field with the property ``invalid`` true has a border in the danger colour.
    A frame with the property ``popup`` true is a list that opens over the window.
    A frame with the property ``card`` true has the plots' background and a rounded border.
    """
    return _SHEET.format(
        window=theme.window,
        surface=theme.surface,
        raised=theme.raised,
        hover=theme.hover,
        border=theme.border,
        text=theme.text,
        muted_text=theme.muted_text,
        accent=theme.accent,
        accent_text=theme.accent_text,
        accent_hover=blend(theme.accent, theme.text, 0.85).name(),
        selection=theme.selection,
        disabled=blend(theme.text, theme.window, 0.42).name(),
        plot_background=theme.plot_background,
        danger=theme.danger,
        outline=blend(theme.muted_text, theme.surface, 0.75).name(),
        name=theme.name,
        images=_IMAGES.as_posix(),
        plot_grid=theme.plot_grid,
    )
