"""The real window on a real X display, used with a real pointer and keyboard."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Scenario

pytestmark = [pytest.mark.timeout(400)]


def test_a_newcomer_trains_saves_loads_compares_and_comes_back(play: Scenario, tmp_path: Path) -> None:
    home = tmp_path / "home"
    run_id, step = play("first_model", home).split()[-2:]
    play("come_back", home, run_id, step)
