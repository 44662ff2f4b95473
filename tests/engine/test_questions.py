"""The questions an engine answers, and how it refuses those it cannot."""

import http.server
import math
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from workbench.core import checkpoint
from workbench.core.loop import train
from workbench.engine.client import Engine
from workbench.engine.messages import (
    Answer,
    Ask,
    CancelQuestion,
    CheckpointSummary,
    DatasetPreview,
    DescribeCheckpoint,
    DescribeModel,
    Device,
    ListDevices,
    LossTrial,
    PreviewDataset,
    Question,
    QuestionFailed,
    QuestionProgress,
    Ready,
    Report,
    TryLoss,
)
from workbench.folders import Folders
from workbench.spec.datasets import Digits, FashionMNIST
from workbench.spec.experiment import Experiment
from workbench.spec.layer_table import ModelDescription
from workbench.spec.losses import MSELoss
from workbench.spec.models import LeNet5


@pytest.fixture(scope="module")
def shared(decoded_digits: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Ready]]:
    """One engine for all questions of this module: none of them changes it."""
    home = tmp_path_factory.mktemp("home")
    engine = Engine(Folders(home, home / "data", decoded_digits, home, ()))
    ready = engine.receive()
    assert isinstance(ready, Ready)
    yield engine, ready
    engine.close()


@pytest.fixture
def ask(shared: tuple[Engine, Ready]) -> Callable[[Question], Answer | QuestionFailed]:
    """Puts a question to the shared engine and returns its answer or refusal."""
    engine, _ = shared

    def ask(question: Question) -> Answer | QuestionFailed:
        engine.send(Ask(7, question))
        report = after_progress(engine)
        assert isinstance(report, Answer | QuestionFailed)
        assert report.ticket == 7
        return report

    return ask


def after_progress(engine: Engine) -> Report:
    """The next report that is no progress."""
    while isinstance(report := engine.receive(), QuestionProgress):
        continue
    return report


def value_of(report: Answer | QuestionFailed) -> object:
    assert isinstance(report, Answer), report
    return report.value


def test_a_ready_engine_tells_its_process_and_torch(shared: tuple[Engine, Ready]) -> None:
    import torch

    engine, ready = shared
    assert ready == Ready(engine.process_id, str(torch.__version__))


def test_a_preview_holds_the_samples_and_statistics_of_the_dataset(
    ask: Callable[[Question], Answer | QuestionFailed],
) -> None:
    preview = value_of(ask(PreviewDataset(Digits(validation=0.2), samples=50)))
    assert isinstance(preview, DatasetPreview)
    assert preview.images.shape == (50, 8, 8, 1)
    assert preview.images.dtype == np.uint8
    assert preview.labels.shape == preview.indices.shape == (50,)
    assert preview.classes == tuple("0123456789")
    digits = load_digits()
    counts = preview.train_counts + preview.validation_counts
    np.testing.assert_array_equal(counts, np.bincount(digits.target))
    assert preview.validation_counts.sum() == 359
    # the statistics are those of the training part, which is four fifths of all
    assert preview.mean == pytest.approx((digits.images.mean() / 16,), rel=0.01)
    assert preview.std == pytest.approx((digits.images.std() / 16,), rel=0.01)


def test_a_previewed_image_belongs_to_its_label(ask: Callable[[Question], Answer | QuestionFailed]) -> None:
    preview = value_of(ask(PreviewDataset(Digits(), samples=2000)))
    assert isinstance(preview, DatasetPreview)
    assert sorted(preview.indices.tolist()) == list(range(1438)), "no more samples than there are, each once"
    digits = load_digits()
    label_of = {
        np.rint(image * (255 / 16)).astype(np.uint8).tobytes(): label
        for image, label in zip(digits.images, digits.target, strict=True)
    }
    assert [label_of[image.tobytes()] for image in preview.images] == preview.labels.tolist()


def test_the_seed_of_a_preview_chooses_its_samples(ask: Callable[[Question], Answer | QuestionFailed]) -> None:
    def indices(seed: int) -> list[int]:
        preview = value_of(ask(PreviewDataset(Digits(), samples=20, seed=seed)))
        assert isinstance(preview, DatasetPreview)
        return preview.indices.tolist()

    assert indices(1) == indices(1)
    assert indices(1) != indices(2)


def test_the_first_device_is_the_cpu(ask: Callable[[Question], Answer | QuestionFailed]) -> None:
    devices = value_of(ask(ListDevices()))
    assert isinstance(devices, tuple)
    assert all(isinstance(device, Device) for device in devices)
    assert devices[0].name == "cpu"
    assert devices[0].label


def test_a_checkpoint_is_described_without_its_tensors(
    ask: Callable[[Question], Answer | QuestionFailed], small: Experiment, folders: Folders, tmp_path: Path
) -> None:
    list(train(small, tmp_path / "checkpoints", folders, device_name="cpu"))
    path = tmp_path / "checkpoints" / "last.pt"
    summary = value_of(ask(DescribeCheckpoint(path)))
    best = checkpoint.load(path).best
    assert summary == CheckpointSummary(path, small, epochs_done=2, step=90, best=best)
    assert best["val_accuracy"] > 0.5


def test_a_model_is_described_layer_by_layer(
    ask: Callable[[Question], Answer | QuestionFailed], small: Experiment
) -> None:
    description = value_of(ask(DescribeModel(small, Digits().info(), 32)))
    assert isinstance(description, ModelDescription)
    assert [(row.kind, row.output_shape, row.parameters) for row in description.rows] == [
        ("Flatten", (64,), 0),
        ("Linear", (16,), 64 * 16 + 16),
        ("ReLU", (16,), 0),
        ("Dropout", (16,), 0),
        ("Linear", (10,), 16 * 10 + 10),
    ]
    assert (description.batch_size, description.problem) == (32, "")
    assert description.totals.multiply_adds == 64 * 16 + 16 * 10


def test_a_model_that_does_not_fit_is_described_with_the_layer_that_fails(
    ask: Callable[[Question], Answer | QuestionFailed], small: Experiment
) -> None:
    question = DescribeModel(small.model_copy(update={"model": LeNet5()}), Digits().info(), 32)
    description = value_of(ask(question))
    assert isinstance(description, ModelDescription)
    assert description.problem.startswith("input 8×8 is too small for two 5×5 convolutions; the smallest is 16×16.")
    assert [row.name for row in description.rows if row.problem] == ["convolutions.3"]


def test_a_loss_is_tried_on_random_outputs(
    ask: Callable[[Question], Answer | QuestionFailed], small: Experiment
) -> None:
    info = small.dataset.info()
    assert info is not None
    tried = value_of(ask(TryLoss(small, info)))
    assert isinstance(tried, LossTrial)
    assert tried.chance == pytest.approx(math.log(10), rel=1e-6)
    assert tried.value == pytest.approx(math.log(10) + 0.5, abs=0.2)
    assert f"{tried.value:.4f}" in tried.sentence


def test_a_loss_that_does_not_fit_is_not_tried_but_refused_in_a_sentence(
    ask: Callable[[Question], Answer | QuestionFailed], small: Experiment
) -> None:
    refusal = ask(TryLoss(small.model_copy(update={"loss": MSELoss()}), Digits().info()))
    assert isinstance(refusal, QuestionFailed)
    assert refusal.sentence.startswith("loss.name is for predicting numbers")


def test_a_missing_dataset_is_refused_with_the_offer_to_download(
    ask: Callable[[Question], Answer | QuestionFailed],
) -> None:
    refusal = ask(PreviewDataset(FashionMNIST()))
    sentence = "Fashion-MNIST is not on this computer. It is a download of 30 MB."
    assert refusal == QuestionFailed(7, sentence, can_download=True)


def test_a_missing_checkpoint_is_refused_with_its_path(
    ask: Callable[[Question], Answer | QuestionFailed], tmp_path: Path
) -> None:
    path = tmp_path / "gone.pt"
    assert ask(DescribeCheckpoint(path)) == QuestionFailed(
        7, f"There is no checkpoint {path}: choose another file.", can_download=False
    )


def test_a_fault_of_ours_is_told_and_the_engine_goes_on(
    ask: Callable[[Question], Answer | QuestionFailed], capfd: pytest.CaptureFixture[str]
) -> None:
    refusal = ask(DescribeCheckpoint("not a path"))  # type: ignore[arg-type]
    assert isinstance(refusal, QuestionFailed)
    assert refusal.sentence.startswith("The engine failed: AttributeError: ")
    assert isinstance(ask(ListDevices()), Answer)


def test_a_cancelled_question_ends_without_a_sentence(shared: tuple[Engine, Ready]) -> None:
    engine, _ = shared
    for ticket in range(100, 130):
        engine.send(Ask(ticket, PreviewDataset(Digits())))
    engine.send(CancelQuestion(129))
    reports = [after_progress(engine) for _ in range(30)]
    assert [report.ticket for report in reports if isinstance(report, Answer)] == list(range(100, 129))
    assert reports[-1] == QuestionFailed(129, "")


@pytest.mark.skipif(os.name == "nt", reason="such signals are POSIX")
@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP"])
def test_an_engine_leaves_the_signals_of_a_terminal_to_its_owner(
    shared: tuple[Engine, Ready], ask: Callable[[Question], Answer | QuestionFailed], name: str
) -> None:
    engine, _ = shared
    os.kill(engine.process_id, getattr(signal, name))
    assert isinstance(ask(ListDevices()), Answer)


class SlowMirror(http.server.BaseHTTPRequestHandler):
    """A proxy that sends a file piece by piece for ever, whatever it is asked for."""

    ending = threading.Event()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000000000")
        self.end_headers()
        with_pieces = (b"x" * 1000 for _ in iter(lambda: self.ending.wait(0.01), True))
        try:
            for piece in with_pieces:
                self.wfile.write(piece)
        except OSError:
            return

    def do_CONNECT(self) -> None:
        self.send_error(502)

    def log_message(self, *values: object) -> None:
        """Keep quiet."""


@pytest.fixture
def slow_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every download of a new engine goes through a proxy that never comes to an end."""
    SlowMirror.ending.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SlowMirror)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("no_proxy", "")
    yield
    SlowMirror.ending.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.slow
def test_a_download_tells_its_progress_and_can_be_cancelled(slow_network: None, folders: Folders) -> None:
    engine = Engine(folders)
    try:
        assert isinstance(engine.receive(), Ready)
        engine.send(Ask(1, PreviewDataset(FashionMNIST(), may_download=True)))
        while True:
            report = engine.receive()
            assert isinstance(report, QuestionProgress), report
            if report.done > 0:
                break
        assert report.stage == "Downloading train-images-idx3-ubyte.gz"
        assert report.total == 1_000_000_000
        engine.send(CancelQuestion(1))
        assert after_progress(engine) == QuestionFailed(1, "")
        engine.send(Ask(2, ListDevices()))
        assert isinstance(engine.receive(), Answer)
    finally:
        engine.close()
