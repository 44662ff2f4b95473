"""The owner's handle on an engine. Imports no torch and no Qt.

The engine is a spawned process at the other end of a pipe that only the two of them hold: a socket pair, or on Windows
a named pipe that admits one client with a random key. There is no address that anybody else could connect to.
"""

import atexit
import contextlib
import multiprocessing
import signal
from multiprocessing.connection import Connection
from typing import cast

from workbench.engine.messages import Quit, Report, Request
from workbench.folders import Folders

GRACE = 5.0
"""Seconds an engine has to end by itself before it is killed."""


class EngineDied(Exception):
    """The engine's process is gone; ``exit_code`` is negative for a signal, None where it is not known."""

    def __init__(self, exit_code: int | None) -> None:
        super().__init__(describe_exit(exit_code))
        self.exit_code = exit_code


class Engine:
    """A child process that computes.

    One thread may ``send`` while another waits in ``receive``.
    """

    def __init__(self, folders: Folders) -> None:
        """Start the process, which takes a second or two to be Ready. Spawned, never forked."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=True)
        self._connection = cast("Connection[Request, Report]", ours)
        # by name, so that neither this module nor the process that starts the engine imports torch
        self._process = context.Process(target=_run_child, args=(theirs, folders), name="workbench-engine")
        self._process.start()
        theirs.close()
        # multiprocessing waits for its children when the program ends, without an end where the owner forgot to close
        atexit.register(self.close)

    @property
    def process_id(self) -> int:
        """The child's process id."""
        assert self._process.pid is not None
        return self._process.pid

    def send(self, request: Request) -> None:
        """Send ``request``. An engine that is gone is noticed by ``receive``, so nothing is raised here."""
        with contextlib.suppress(BrokenPipeError, ConnectionError, OSError):
            self._connection.send(request)

    def receive(self) -> Report:
        """The engine's next report; waits for it.

        Raises:
            EngineDied: the process ended or closed its end.
        """
        try:
            return self._connection.recv()
        except (EOFError, OSError) as error:
            self._process.join(GRACE)
            raise EngineDied(self._process.exitcode) from error

    def kill(self) -> None:
        """End the process at once, whatever it does. Checkpoints on disk stay whole."""
        self._process.kill()

    def close(self, grace: float = GRACE) -> None:
        """Ask the engine to end, wait ``grace`` seconds, then kill it; afterwards its process and pipe are gone.

        No other thread may be in ``receive``.
        """
        atexit.unregister(self.close)
        self.send(Quit())
        self._connection.close()
        self._process.join(grace)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self._process.close()


def describe_exit(code: int | None) -> str:
    """What an exit code means, in words."""
    if code is None:
        return "without an exit code"
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"with signal {signal.Signals(-code).name} (exit code {code})"
    return f"with exit code {code}"


def _run_child(connection: "Connection[Report, Request]", folders: Folders) -> None:
    """The first function of the child process."""
    import importlib

    for name in ("SIGINT", "SIGHUP"):  # a terminal sends them to the whole group; the owner decides
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    importlib.import_module("workbench.engine.child").main(connection, folders)
