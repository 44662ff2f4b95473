"""How a long piece of work tells its progress and hears that it should stop."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""``progress(stage, done, total)``: reports ``done`` of ``total`` (0 where unknown; any unit) in a stage that
is named for the user ("Downloading train-images-idx3-ubyte.gz"). Raises Cancelled when the work should end."""


class Cancelled(Exception):
    """The user asked for the work to end. Everything written so far is whole or can be gone on with."""


def silent(stage: str, done: int, total: int) -> None:
    """A Progress that tells nobody and never cancels."""
