"""``python -m workbench`` and the ``workbench`` command."""

import multiprocessing
import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    multiprocessing.freeze_support()
    from workbench.cli.commands import main as run_command

    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
