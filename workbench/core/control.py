"""What the user asks of a running loop. Written by any thread, read by the loop after every batch."""

import threading
from pathlib import Path
from typing import Literal

Ending = Literal["stop", "cancel"]


class Control:
    """Requests to one run.

    The loop reads ``pending``, one attribute, after every batch and looks closer only when it is set.
    """

    def __init__(self) -> None:
        self.pending = False
        self._changed = threading.Condition()
        self._ending: Ending | None = None
        self._paused = False
        self._copies: list[Path] = []

    def stop(self) -> None:
        """End after the current batch and keep everything."""
        self._ask(ending="stop")

    def cancel(self) -> None:
        """End after the current batch and keep nothing of this session."""
        self._ask(ending="cancel")

    def pause(self) -> None:
        """Hold still after the current batch."""
        self._ask(paused=True)

    def resume(self) -> None:
        """Go on after a pause."""
        self._ask(paused=False)

    def save_copy(self, path: Path) -> None:
        """Write a checkpoint of the current state to ``path``."""
        with self._changed:
            self._copies.append(path)
            self._note()

    @property
    def ending(self) -> Ending | None:
        """How the run was asked to end; None where it should go on."""
        return self._ending

    def is_paused(self) -> bool:
        """Whether the run should hold still."""
        return self._paused and self._ending is None

    def take_copies(self) -> list[Path]:
        """The checkpoints asked for since the last call."""
        with self._changed:
            copies, self._copies = self._copies, []
            self._note()
        return copies

    def wait(self) -> None:
        """Return when there is something to do other than to hold still. For the loop's thread."""
        with self._changed:
            self._changed.wait_for(lambda: not self.is_paused() or bool(self._copies))

    def _ask(self, *, ending: Ending | None = None, paused: bool | None = None) -> None:
        with self._changed:
            if ending is not None and self._ending != "cancel":
                self._ending = ending
            if paused is not None:
                self._paused = paused
            self._note()

    def _note(self) -> None:
        self.pending = self._ending is not None or self._paused or bool(self._copies)
        self._changed.notify_all()
