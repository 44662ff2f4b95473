"""The Model tab of the whole window: filled by the warm engine, in step with the experiment, out of a run's way."""

from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from tests.gui.conftest import MakeWindow
from workbench.engine.messages import DescribeModel, DrawSchedule, Question, TryLoss
from workbench.gui.jobs import Job
from workbench.gui.main_window import MainWindow
from workbench.gui.panels.layer_table import LayerTable
from workbench.gui.training import State
from workbench.spec.experiment import Experiment, first_experiment, first_experiment_offline
from workbench.spec.models import MLP, LeNet5
from workbench.spec.optimizers import Adam

LONG = 60_000


def table_of(window: MainWindow) -> LayerTable:
    (found,) = window.model_panel.findChildren(LayerTable)
    return found


def layers(window: MainWindow) -> list[str]:
    model = table_of(window).layers
    return [f"{model.index(row, 1).data()} {model.index(row, 3).data()}" for row in range(model.rowCount())]


def show_model(qtbot: QtBot, window: MainWindow) -> None:
    window.tabs.setCurrentWidget(window.model_panel)
    qtbot.waitUntil(lambda: len(layers(window)) > 0 and "give" in window.model_panel.trial_text, timeout=LONG)


def with_model(experiment: Experiment, model: MLP | LeNet5) -> Experiment:
    return experiment.model_copy(update={"model": model})


def test_the_tabs_stand_in_the_order_of_the_work(window: MainWindow) -> None:
    assert [window.tabs.tabText(place) for place in range(3)] == ["Data", "Model", "Train"]
    assert window.tabs.currentWidget() is window.data_panel
    assert isinstance(window.tabs.widget(2).findChild(QTableView), QTableView)


def test_the_model_tab_is_filled_by_the_engine_and_follows_every_edit(qtbot: QtBot, window: MainWindow) -> None:
    show_model(qtbot, window)
    assert [row for row in layers(window) if row.startswith("Linear")] == ["Linear 4,160", "Linear 2,080", "Linear 330"]
    assert "2.3026 (ln 10)" in window.model_panel.trial_text
    assert window.model_panel.schedule.point_count("schedule", "rate") == 20 * 45
    window.experiment_panel.set_experiment(with_model(first_experiment_offline(), MLP(hidden=(7,))))
    qtbot.waitUntil(lambda: "Linear 455" in layers(window), timeout=LONG)
    window.experiment_panel.set_experiment(with_model(first_experiment_offline(), LeNet5()))
    qtbot.waitUntil(lambda: "too small" in window.model_panel.problem_text, timeout=LONG)


def test_nothing_is_asked_while_another_tab_is_in_front(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.data_panel.preview is not None, timeout=LONG)
    asked: list[Question] = []
    ask = window.engines.ask

    def noted(question: Question) -> Job:
        asked.append(question)
        return ask(question)

    window.engines.ask = noted  # type: ignore[method-assign]
    edited = first_experiment_offline().model_copy(update={"optimizer": Adam()})
    window.experiment_panel.set_experiment(edited)
    qtbot.wait(400)
    assert asked == []
    show_model(qtbot, window)
    assert {type(question) for question in asked} == {DescribeModel, DrawSchedule, TryLoss}
    window.experiment_panel.set_experiment(edited.model_copy(update={"title": "Another title"}))
    qtbot.wait(400)
    assert len(asked) == 3, "a title changes nothing of it"


def test_without_the_dataset_the_declaration_is_enough_for_the_layers(qtbot: QtBot, make_window: MakeWindow) -> None:
    window = make_window(first_experiment().model_copy(update={"title": "Mine"}), has_system_data=False)
    show_model(qtbot, window)
    assert "Conv2d 156" in layers(window)


def test_a_run_does_not_wait_for_the_tab_and_the_tab_is_filled_afterwards(
    qtbot: QtBot, make_window: MakeWindow
) -> None:
    window = make_window(first_experiment_offline())
    qtbot.waitUntil(lambda: window.engines.is_warm and window.data_panel.preview is not None, timeout=LONG)
    window.tabs.setCurrentWidget(window.model_panel)
    window.actions_.train.trigger()
    qtbot.waitUntil(lambda: window.training.state is State.RUNNING, timeout=LONG)
    window.tabs.setCurrentWidget(window.model_panel)
    show_model(qtbot, window)
    qtbot.waitUntil(lambda: window.training.state is State.IDLE, timeout=LONG)


def test_what_reading_a_dataset_told_is_checked_before_a_run(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.data_panel.preview is not None, timeout=LONG)
    panel, dataset = window.experiment_panel, window.experiment_panel.experiment.dataset
    info = dataset.info()
    assert info is not None
    assert panel.problems() == []
    panel.set_dataset_info(dataset, info.model_copy(update={"train_samples": 20}))
    assert panel.problems() == ["Training, batch size: is larger than the 20 training samples: choose 20 or less."]
    other = dataset.model_copy(update={"split_seed": 5})
    panel.set_experiment(panel.experiment.model_copy(update={"dataset": other}))
    assert panel.problems() == [], "what is known of one dataset says nothing of another"
    panel.set_experiment(panel.experiment.model_copy(update={"dataset": dataset}))
    assert len(panel.problems()) == 1
