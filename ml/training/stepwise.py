"""Stepwise transfer learning from the command line: ``python -m ml.training.stepwise RUN``.

With ``--generated`` it makes its own small cases and network, runs all five models on two folds on a CPU in minutes,
and prints which tensors each stage changed and how many parameters its optimizer held. Started again on the same
folder, it goes on where it stopped.
"""

import argparse
import signal
import sys
from pathlib import Path
from typing import Any

from ml.catalogue import Label
from ml.errors import ModelError
from ml.nnunet.dataset import DatasetDescription, export_dataset
from ml.nnunet.environment import Folders
from ml.training.driver import drive
from ml.training.generated import generated_cases
from ml.training.stages import MODELS, Choices, Tree
from ml.training.state import Run, RunSettings

CHILD = DatasetDescription("Dataset888_Child", ("T2",), (Label(1, "tumour"),))
ADULT = DatasetDescription("Dataset901_Adult", ("T2",), (Label(1, "tumour"),))
SMALL: dict[str, Any] = {"patch": [32, 32, 32], "features": [8, 16, 32, 64], "batch": 2}


def generated_run(folder: Path, *, folds: int, epochs: int, iterations: int, models: tuple[str, ...]) -> Run:
    """Make a run on generated cases with a small network; an existing run is returned as it is."""
    run = Run(folder)
    if (folder / "run.json").exists():
        return run
    raw = Folders(folder).create().raw
    export_dataset(raw, CHILD, generated_cases("child", count=8, cases_per_subject=2))
    export_dataset(raw, ADULT, generated_cases("adult", count=8))
    training = {"epochs": epochs, "iterations": iterations, "validation_iterations": 2, "save_every": 1}
    run.create(RunSettings(CHILD.name, ADULT.name, Tree(models, folds), planning={"small": SMALL}, training=training))
    return run


def table(run: Run) -> str:
    """Return one line per finished cell: epochs, tensors changed in encoder and decoder, parameters trained."""
    lines = [f"{'model':<17} fold  epochs  best  encoder  decoder  trained of parameters"]
    for cell in filter(run.done, run.settings().tree.cells()):
        found = run.report(cell)
        lines.append(
            f"{cell.model:<17} {cell.fold:>4}  {found['epochs']:>6}  {found['best_epoch']:>4}  "
            f"{found['encoder_changed']:>4}/{found['encoder_tensors']:<2}  "
            f"{found['decoder_changed']:>4}/{found['decoder_tensors']:<2}  "
            f"{found['parameters_trained']:>9,} of {found['parameters']:,}"
        )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run or resume; return 0 when everything is done, 1 otherwise."""
    options = _options(arguments)
    stopping: list[int] = []
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda number, frame: stopping.append(number))
    try:
        run = _run(options)
        steps = drive(run, stop=lambda: bool(stopping), retry=options.retry, tell=lambda line: print(line, flush=True))
    except ModelError as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return 1
    print(table(run))
    return 0 if all(step.state == "done" for step in steps.values()) else 1


def _run(options: argparse.Namespace) -> Run:
    models = tuple(options.models.split(","))
    if options.generated:
        return generated_run(
            options.run, folds=options.folds, epochs=options.epochs, iterations=options.iterations, models=models
        )
    run = Run(options.run)
    if options.target:
        training = {"epochs": options.epochs, "iterations": options.iterations, "patience": options.patience}
        choices = Choices(
            adult_fold=options.adult_fold if options.adult_fold == "same" else int(options.adult_fold),
            heads=options.heads,
        )
        run.create(
            RunSettings(
                options.target,
                options.source,
                Tree(models, options.folds, choices),
                training=training,
                device=options.device,
                threads=0,
                augmentation_processes=options.augmentation,
            )
        )
    return run


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ml.training.stepwise", description=__doc__)
    generated = "--generated" in (sys.argv if arguments is None else arguments)
    parser.add_argument("run", type=Path, help="folder of the run, with exported datasets below raw/")
    parser.add_argument("--generated", action="store_true", help="small generated cases and a small network")
    parser.add_argument("--target", default="", help="dataset of children, such as Dataset888_Child")
    parser.add_argument("--source", default="", help="dataset of adults")
    parser.add_argument("--models", default=",".join(MODELS))
    parser.add_argument("--folds", type=int, default=2 if generated else 5)
    parser.add_argument("--epochs", type=int, default=2 if generated else 1000)
    parser.add_argument("--patience", type=int, default=50)
    parser.add_argument("--iterations", type=int, default=4 if generated else 250)
    parser.add_argument("--adult-fold", default="same", help="fold of the adult model to start from")
    parser.add_argument("--heads", choices=("new", "kept"), default="new", help="segmentation heads after transfer")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--augmentation", type=int, default=0, help="processes for augmentation")
    parser.add_argument("--retry", action="store_true", help="try failed steps again")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
