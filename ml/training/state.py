"""What a run is and how far it is, as two JSON files in its folder; replaced whole, never half-written.

`run.json` is written once. `state.json` follows the steps. Whether a training is done is decided by its report, which
is the last file that it writes: a lost or stale state file never loses a finished training.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ml.errors import TrainingFailed
from ml.training.stages import Cell, Choices, Tree

StepState = Literal["waiting", "running", "done", "failed", "cancelled"]
PREPARE = "prepare"


@dataclass(frozen=True)
class RunSettings:
    """Everything that a run needs to know.

    Parameters
    ----------
    target, source : str
        Names of the exported datasets of children and adults; the source may be empty for scratch alone.
    planning, training : dict
        Fields of `PlanningSettings` and `TrainingSettings` that differ from the defaults.
    attempts : int
        How often a step is tried before it counts as failed.
    """

    target: str
    source: str = ""
    tree: Tree = field(default_factory=Tree)
    planning: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    device: str = "cpu"
    threads: int = 1
    augmentation_processes: int = 0
    attempts: int = 3

    @property
    def plans(self) -> str:
        """Name of the plans that both datasets share."""
        return str(self.planning.get("plans", "nnUNetPlans"))

    @property
    def configuration(self) -> str:
        """nnU-Net's configuration."""
        return str(self.planning.get("configuration", "3d_fullres"))


@dataclass(frozen=True)
class Step:
    """One step of the state machine."""

    state: StepState = "waiting"
    attempts: int = 0
    seconds: float = 0.0
    error: str = ""


@dataclass(frozen=True)
class Run:
    """A run folder."""

    folder: Path

    def create(self, settings: RunSettings) -> RunSettings:
        """Store the settings of a new run.

        Raises
        ------
        TrainingFailed
            ``run.settings`` when the folder holds a run with other settings.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "run.json"
        if path.exists() and self.settings() != settings:
            raise TrainingFailed(
                "run.settings",
                f"{self.folder.name} holds a run with other settings; go on with those, or choose an empty folder.",
            )
        write_json(path, asdict(settings))
        return settings

    def settings(self) -> RunSettings:
        """Return the stored settings (``run.absent`` when there are none)."""
        path = self.folder / "run.json"
        if not path.is_file():
            raise TrainingFailed("run.absent", f"{self.folder.name} holds no training run.")
        fields = json.loads(path.read_text("utf-8"))
        tree = fields.pop("tree")
        choices = Choices(**tree.pop("choices"))
        return RunSettings(tree=Tree(tuple(tree["models"]), int(tree["folds"]), choices), **fields)

    def cell_folder(self, cell: Cell) -> Path:
        """Return the folder of a cell: its task, events, weights and report."""
        return self.folder / "cells" / cell.model / str(cell.fold)

    def done(self, cell: Cell) -> bool:
        """Return whether a cell's report and weights are there."""
        folder = self.cell_folder(cell)
        return (folder / "report.json").is_file() and (folder / "weights.safetensors").is_file()

    def report(self, cell: Cell) -> dict[str, Any]:
        """Return what a finished cell reports."""
        report: dict[str, Any] = json.loads((self.cell_folder(cell) / "report.json").read_text("utf-8"))
        return report

    def steps(self) -> dict[str, Step]:
        """Return the state of every step by name, in order; finished cells are done whatever the file says."""
        path = self.folder / "state.json"
        stored = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        steps = {PREPARE: Step(**stored.get(PREPARE, {}))}
        for cell in self.settings().tree.cells():
            step = Step(**stored.get(cell.name, {}))
            steps[cell.name] = replace(step, state="done", error="") if self.done(cell) else _undone(step)
        return steps

    def keep(self, name: str, step: Step) -> None:
        """Store the new state of one step."""
        steps = {**self.steps(), name: step}
        write_json(self.folder / "state.json", {each: asdict(state) for each, state in steps.items()})

    def recover(self, *, retry: bool) -> None:
        """Make steps of a killed or cancelled run wait again; failed ones only on wish, with fresh attempts."""
        steps = {}
        for name, step in self.steps().items():
            again = step.state in ("running", "cancelled") or (retry and step.state == "failed")
            attempts = 0 if step.state == "failed" else step.attempts
            steps[name] = replace(step, state="waiting", attempts=attempts, error="") if again else step
        write_json(self.folder / "state.json", {each: asdict(state) for each, state in steps.items()})

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the run, so that no second driver works on it (``run.busy``)."""
        with (self.folder / "lock").open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise TrainingFailed("run.busy", f"Another process already trains in {self.folder.name}.") from error
            yield


def _undone(step: Step) -> Step:
    return replace(step, state="waiting") if step.state == "done" else step


def write_json(path: Path, content: Any) -> None:
    """Replace a JSON file whole: write beside it, push to the disk, rename."""
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as stream:
        stream.write(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
