"""Who descends from whom in stepwise transfer learning, and what a run remembers."""

import json

import pytest

from ml.errors import TrainingFailed
from ml.training.events import EventLog
from ml.training.stages import Cell, Choices, Tree
from ml.training.state import Run, RunSettings, Step


def test_five_models_on_five_folds_are_25_trainings_each_after_its_parent():
    tree = Tree()
    cells = tree.cells()

    assert len(cells) == 25
    for place, cell in enumerate(cells):
        parent = tree.parent(cell)
        assert parent is None or cells.index(parent) < place


@pytest.mark.parametrize("model", ["transfer-encoder", "transfer-decoder"])
def test_stage_three_descends_from_the_same_fold_with_its_heads(model):
    tree = Tree(choices=Choices(adult_fold=0, heads="new"))

    assert tree.parent(Cell(model, 3)) == Cell("transfer", 3)
    assert tree.heads(Cell(model, 3)) == "kept"


def test_stage_two_descends_from_the_chosen_adult_fold():
    assert Tree().parent(Cell("transfer", 3)) == Cell("adult", 3)
    assert Tree(choices=Choices(adult_fold=0)).parent(Cell("transfer", 3)) == Cell("adult", 0)


def test_ancestors_of_a_wanted_model_are_trained_too():
    models = {cell.model for cell in Tree(models=("transfer-encoder",), folds=2).cells()}

    assert models == {"adult", "transfer", "transfer-encoder"}


@pytest.fixture()
def run(tmp_path):
    run = Run(tmp_path / "run")
    run.create(RunSettings("Dataset888_Child", tree=Tree(("scratch",), 2, Choices(split_seed="s"))))
    return run


def finish(run, cell):
    folder = run.cell_folder(cell)
    folder.mkdir(parents=True)
    for name in ("report.json", "weights.safetensors"):
        (folder / name).write_text("{}")


def test_settings_are_read_back_and_other_settings_are_refused(run):
    assert run.settings().tree.choices.split_seed == "s"
    with pytest.raises(TrainingFailed) as refusal:
        run.create(RunSettings("Dataset889_Other"))
    assert refusal.value.code == "run.settings"


def test_a_finished_training_is_done_even_if_the_state_file_is_lost(run):
    finish(run, Cell("scratch", 0))
    (run.folder / "state.json").unlink(missing_ok=True)

    assert run.steps()["scratch/0"].state == "done"


def test_a_training_whose_weights_are_gone_is_not_done(run):
    finish(run, Cell("scratch", 0))
    run.keep("scratch/0", Step("done"))
    (run.cell_folder(Cell("scratch", 0)) / "weights.safetensors").unlink()

    assert run.steps()["scratch/0"].state == "waiting"


def test_after_a_kill_running_steps_wait_again_and_failed_ones_only_on_wish(run):
    run.keep("prepare", Step("done"))
    run.keep("scratch/0", Step("running", attempts=1))
    run.keep("scratch/1", Step("failed", attempts=3, error="x"))

    run.recover(retry=False)
    assert [step.state for step in run.steps().values()] == ["done", "waiting", "failed"]

    run.recover(retry=True)
    assert run.steps()["scratch/1"] == Step("waiting", attempts=0)


def test_two_drivers_do_not_work_on_one_run(run):
    with run.locked(), pytest.raises(TrainingFailed) as refusal, Run(run.folder).locked():
        pass

    assert refusal.value.code == "run.busy"


def test_a_line_cut_by_a_kill_is_skipped(tmp_path):
    log = EventLog(tmp_path / "events.jsonl")
    log.add("epoch", at=1.0, epoch=0)
    with log.path.open("a") as stream:
        stream.write('{"at": 2, "event": "ep')

    assert [event["epoch"] for event in log.read()] == [0]
    assert json.loads(log.path.read_text().splitlines()[0])["event"] == "epoch"
