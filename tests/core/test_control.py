"""What is asked of a running loop, from any thread."""

import threading
from pathlib import Path

import pytest

from workbench.core.control import Control


@pytest.fixture
def control() -> Control:
    return Control()


def test_a_new_control_asks_for_nothing(control: Control) -> None:
    assert (control.pending, control.ending, control.is_paused(), control.take_copies()) == (False, None, False, [])


def test_every_request_is_pending_until_it_is_done(control: Control) -> None:
    control.pause()
    assert control.pending
    control.resume()
    assert not control.pending
    control.save_copy(Path("a.pt"))
    control.save_copy(Path("b.pt"))
    assert control.pending
    assert control.take_copies() == [Path("a.pt"), Path("b.pt")]
    assert not control.pending
    assert control.take_copies() == []
    control.stop()
    assert control.pending


def test_a_copy_that_is_taken_leaves_a_pause_pending(control: Control) -> None:
    control.pause()
    control.save_copy(Path("a.pt"))
    control.take_copies()
    assert control.pending


def test_cancelling_is_above_stopping_whichever_comes_first(control: Control) -> None:
    control.stop()
    assert control.ending == "stop"
    control.cancel()
    assert control.ending == "cancel"
    control.stop()
    assert control.ending == "cancel"


def test_a_run_that_should_end_does_not_hold_still(control: Control) -> None:
    control.pause()
    assert control.is_paused()
    control.stop()
    assert not control.is_paused()
    control.wait()


@pytest.mark.parametrize("request_", ["resume", "stop", "cancel", "save_copy"])
def test_every_request_wakes_a_waiting_run(control: Control, request_: str) -> None:
    control.pause()
    woken = threading.Event()

    def wait() -> None:
        control.wait()
        woken.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not woken.wait(0.05)
    getattr(control, request_)(*([Path("a.pt")] if request_ == "save_copy" else []))
    assert woken.wait(5)
    waiting.join()
