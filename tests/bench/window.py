"""A measured process: the real window, playing one scene. Light, because every engine imports the main module again."""

import argparse
import os
import sys

CLOCK_VARIABLE = "WORKBENCH_BENCH_ENGINE_CLOCK"
"""Names the file in which an engine leaves the time at which the clock of its run started."""


def main() -> int:
    """Play the scene that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scene")
    parser.add_argument("numbers", nargs="*", type=float, help="what the scene takes")
    options = parser.parse_args()
    from tests.bench import scenes

    scenes.SCENES[options.scene](*options.numbers)
    return 0


if __name__ == "__mp_main__" and CLOCK_VARIABLE in os.environ:
    from tests.bench.engine_clock import install

    install(os.environ[CLOCK_VARIABLE])

if __name__ == "__main__":
    sys.exit(main())
