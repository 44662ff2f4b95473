"""The experiment as it is being edited, and the undoable step from one draft to the next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PySide6.QtGui import QUndoCommand

from workbench.spec.experiment import Experiment

_MERGEABLE = 1


@dataclass(frozen=True)
class Draft:
    """What the panel shows: the last valid experiment, and by dotted path the texts that are no values."""

    experiment: Experiment
    unfit: Mapping[str, str] = field(default_factory=dict)

    def unfit_within(self, section: str) -> dict[str, str]:
        """The unfit texts of one section by field; of the experiment's own fields for an empty ``section``."""
        found = {}
        for path, text in self.unfit.items():
            owner, _, name = path.rpartition(".")
            if owner == section:
                found[name] = text
        return found

    def with_section(self, section: str, experiment: Experiment, unfit: Mapping[str, str]) -> "Draft":
        """A draft of ``experiment`` whose unfit texts in ``section`` are ``unfit``, by field."""
        others = {path: text for path, text in self.unfit.items() if path.rpartition(".")[0] != section}
        prefix = f"{section}." if section else ""
        return Draft(experiment, others | {f"{prefix}{name}": text for name, text in unfit.items()})


class EditExperiment(QUndoCommand):
    """The step ``before`` to ``after``, made at the field ``path``; further steps at the same field join it.

    One that does not ``join`` stays a step of its own after others at its field.
    """

    def __init__(
        self,
        path: str,
        title: str,
        before: Draft,
        after: Draft,
        show: Callable[[Draft], None],
        reveal: Callable[[str], None],
        *,
        joins: bool = True,
    ) -> None:
        super().__init__(title)
        self.path = path
        self.before = before
        self.after = after
        self.joins = joins
        self._show = show
        self._reveal = reveal
        self._made = False

    def id(self) -> int:
        """Qt asks steps of the same id whether they join."""
        return _MERGEABLE

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Join a later step at the same field; steps that come to nothing vanish."""
        if not isinstance(other, EditExperiment) or other.path != self.path or not other.joins:
            return False
        self.after = other.after
        self.setObsolete(self.after == self.before)
        return True

    def redo(self) -> None:
        """Show the draft after the step. Qt calls this for a new step too, where the user is at the field already."""
        self._show(self.after)
        if self._made:
            self._reveal(self.path)
        self._made = True

    def undo(self) -> None:
        """Show the draft before the step, and where that was."""
        self._show(self.before)
        self._reveal(self.path)
