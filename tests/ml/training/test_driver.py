"""A run survives cancelling and killing: finished trainings stay, interrupted ones go on."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the packages of .venv-ml (make test-ml)")

from ml.training.driver import drive
from ml.training.events import EventLog
from ml.training.stages import Cell, Tree
from ml.training.state import Run, RunSettings, Step

ROOT = Path(__file__).resolve().parents[3]
ZERO, ONE = Cell("scratch", 0), Cell("scratch", 1)


@pytest.fixture()
def run(small_run, tmp_path):
    """A prepared run of scratch on two folds, three epochs each, nothing trained yet."""
    run = Run(tmp_path / "run")
    training = {"epochs": 3, "iterations": 2, "validation_iterations": 1, "save_every": 1}
    settings = RunSettings("Dataset888_Child", tree=Tree(("scratch",), 2), training=training, attempts=2)
    run.create(settings)
    for name in ("raw", "preprocessed"):
        shutil.copytree(small_run.folder / name, run.folder / name)
    run.keep("prepare", Step("done", attempts=1))
    return run


def events(run, cell, kind):
    return [each for each in EventLog(run.cell_folder(cell) / "events.jsonl").read() if each["event"] == kind]


def start(run):
    arguments = [sys.executable, "-m", "ml.training.stepwise", str(run.folder)]
    return subprocess.Popen(arguments, env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"})


def wait_for(condition, seconds=240.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("waited in vain")


def test_a_killed_driver_goes_on_where_it_was_and_trains_nothing_twice(run):
    driver = start(run)
    wait_for(lambda: run.done(ZERO) and events(run, ONE, "epoch"))
    report = run.cell_folder(ZERO) / "report.json"
    before = report.stat().st_mtime_ns
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    assert run.steps()["scratch/1"].state in ("running", "done")

    assert start(run).wait(300) == 0

    assert report.stat().st_mtime_ns == before
    assert {name: step.state for name, step in run.steps().items()} == dict.fromkeys(run.steps(), "done")
    assert [each["epoch"] for each in events(run, ZERO, "epoch")] == [0, 1, 2]
    epochs = [each["epoch"] for each in events(run, ONE, "epoch")]
    assert sorted(set(epochs)) == [0, 1, 2]
    assert len(epochs) <= 4  # at most the epoch that was running is trained again


def test_a_cancelled_run_stops_within_a_step_and_can_be_resumed(run):
    steps = drive(run, stop=lambda: bool(events(run, ZERO, "epoch")))

    assert steps["scratch/0"].state == "cancelled"
    assert steps["scratch/1"].state == "waiting"

    assert drive(run)["scratch/0"].state == "done"
    assert events(run, ZERO, "resumed")


def test_a_file_named_cancel_stops_the_run_from_outside(run):
    driver = start(run)
    wait_for(lambda: events(run, ZERO, "started"))

    (run.folder / "cancel").touch()

    assert driver.wait(120) == 1
    assert run.steps()["scratch/0"].state == "cancelled"


def test_a_step_that_cannot_work_fails_after_its_attempts_with_its_reason(run):
    shutil.rmtree(run.folder / "preprocessed" / "Dataset888_Child" / "nnUNetPlans_3d_fullres")

    steps = drive(run)

    assert steps["scratch/0"].state == "failed"
    assert steps["scratch/0"].attempts == 2
    assert steps["scratch/0"].error
    assert json.loads((run.folder / "state.json").read_text())["scratch/0"]["state"] == "failed"
