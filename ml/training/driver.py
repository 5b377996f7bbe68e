"""Walking a run to its end: prepare once, then every model and fold after its parent, each in its own process.

The driver may be killed at any moment and started again: finished trainings stay, an interrupted one goes on from its
last checkpoint. A file named `cancel` in the run folder, or `stop`, ends the running step and the walk.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from ml.nnunet.dataset import subjects_of
from ml.nnunet.environment import Folders, nnunet_environment
from ml.nnunet.splits import grouped_folds
from ml.predictor import Stop, never
from ml.training.cell import PrepareTask, TrainTask, task_json
from ml.training.events import EventLog
from ml.training.stages import Cell
from ml.training.state import PREPARE, Run, RunSettings, Step, write_json
from ml.training.supervise import Outcome, supervise

ROOT = Path(__file__).resolve().parents[2]
Tell = Callable[[str], None]


def drive(run: Run, *, stop: Stop = never, retry: bool = False, tell: Tell = lambda line: None) -> dict[str, Step]:
    """Do every step that is not done, and return the state of all steps.

    Parameters
    ----------
    stop : callable
        Asked several times a second; yes ends the running step and the walk.
    retry : bool
        Try failed steps again.
    tell : callable
        Gets one line per step for a person.
    """
    settings = run.settings()
    with run.locked():
        (run.folder / "cancel").unlink(missing_ok=True)
        run.recover(retry=retry)
        asked = _asked_to_stop(run, stop)
        if _do(run, PREPARE, partial(_prepare, run, settings, asked), tell):
            for cell in settings.tree.cells():
                parent = settings.tree.parent(cell)
                if asked():
                    break
                if parent is None or run.done(parent):
                    _do(run, cell.name, partial(_train, run, settings, cell, asked), tell)
        return run.steps()


def _asked_to_stop(run: Run, stop: Stop) -> Stop:
    return lambda: stop() or (run.folder / "cancel").exists()


def _do(run: Run, name: str, work: Callable[[], Outcome], tell: Tell) -> bool:
    """Do one step, again after a failure while attempts are left; return whether it is done."""
    step = run.steps()[name]
    most = run.settings().attempts
    while step.state == "waiting" and step.attempts < most:
        step = replace(step, state="running", attempts=step.attempts + 1)
        run.keep(name, step)
        outcome = work()
        step = _after(step, outcome, _last_error(run, name), most)
        run.keep(name, step)
        tell(f"{name}: {step.state} after {outcome.seconds:.0f} s{f' ({step.error})' if step.error else ''}")
    return run.steps()[name].state == "done"


def _after(step: Step, outcome: Outcome, error: str, most: int) -> Step:
    seconds = round(step.seconds + outcome.seconds, 1)
    if outcome.ended == "done":
        return replace(step, state="done", seconds=seconds, error="")
    if outcome.ended == "stopped":
        return replace(step, state="cancelled", seconds=seconds)
    reason = error or f"the process ended with status {outcome.status}"
    return replace(step, state="failed" if step.attempts >= most else "waiting", seconds=seconds, error=reason)


def _last_error(run: Run, name: str) -> str:
    folder = run.folder / "prepare" if name == PREPARE else run.folder / "cells" / name
    events = list(EventLog(folder / "events.jsonl").read())
    return str(events[-1]["detail"])[:300] if events and events[-1]["event"] == "failed" else ""


def _prepare(run: Run, settings: RunSettings, stop: Stop) -> Outcome:
    folder = run.folder / "prepare"
    folder.mkdir(exist_ok=True)
    folders = Folders(run.folder).create()
    task = PrepareTask(str(run.folder), str(folder), settings.target, settings.source, settings.planning)
    (folder / "task.json").write_text(task_json(task), "utf-8")
    # The planner hands this number to torch as a count of threads, which may not be 0.
    environment = nnunet_environment(folders, augmentation_processes=1)
    outcome = _run(folder, environment, stop)
    if outcome.ended == "done":
        for dataset in filter(None, (settings.target, settings.source)):
            write_splits(folders, dataset, settings)
    return outcome


def write_splits(folders: Folders, dataset: str, settings: RunSettings) -> None:
    """Write the folds, grouped by subject, where nnU-Net looks for them."""
    seed, folds = settings.tree.choices.split_seed, settings.tree.folds
    splits = grouped_folds(subjects_of(folders.raw / dataset), folds=folds, seed=seed)
    write_json(folders.preprocessed / dataset / "splits_final.json", splits)


def _train(run: Run, settings: RunSettings, cell: Cell, stop: Stop) -> Outcome:
    folder = run.cell_folder(cell)
    folder.mkdir(parents=True, exist_ok=True)
    parent = settings.tree.parent(cell)
    task = TrainTask(
        base=str(run.folder),
        folder=str(folder),
        model=cell.model,
        fold=cell.fold,
        dataset=settings.source if cell.model == "adult" else settings.target,
        plans=settings.plans,
        configuration=settings.configuration,
        settings=settings.training,
        checkpoint=settings.tree.choices.checkpoint,
        parent=str(run.cell_folder(parent) / "weights.safetensors") if parent else "",
        heads=settings.tree.heads(cell),
        device=settings.device,
        threads=settings.threads,
        seed=cell.fold,
    )
    (folder / "task.json").write_text(task_json(task), "utf-8")
    environment = nnunet_environment(
        Folders(run.folder),
        augmentation_processes=settings.augmentation_processes,
        compiled=settings.device != "cpu",
    )
    return _run(folder, environment, stop)


def _run(folder: Path, environment: dict[str, str], stop: Stop) -> Outcome:
    """Run the task in a folder; the package is found where this file lies, whatever the working directory."""
    EventLog(folder / "events.jsonl").add("attempt", at=time.time())
    arguments = [sys.executable, "-m", "ml.training.cell", str(folder / "task.json")]
    whole = {**environment, "PYTHONPATH": str(ROOT)}
    return supervise(arguments, environment=whole, output=folder / "output.log", stop=stop)
