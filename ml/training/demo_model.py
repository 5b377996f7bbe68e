"""Training the small model that the demo and the tests run: ``python -m ml.training.demo_model OUT --cases FOLDER``.

Two folds of a small network at 3 mm, minutes on two cores, on generated cases that are nobody's. It is meant to show
a real nnU-Net from training to prediction: it finds large lesions and misses small ones.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ml.catalogue import Label, ModelCard
from ml.errors import ModelError
from ml.nnunet.dataset import DatasetDescription, TrainingCase, export_dataset
from ml.nnunet.environment import Folders
from ml.nnunet.release import ReleaseNotes, release_model
from ml.training.driver import Tell, drive
from ml.training.folder import cases_from_folder
from ml.training.generated import generated_cases
from ml.training.stages import Tree
from ml.training.state import Run, RunSettings
from ml.training.stepwise import table

DESCRIPTION = DatasetDescription("Dataset700_Demo", ("T2",), (Label(1, "whole tumour"),))
PLANNING: dict[str, Any] = {
    "small": {"patch": [32, 32, 32], "features": [12, 24, 48, 96], "batch": 2},
    "spacing_mm": [3.0, 3.0, 3.0],
}
TRAINING: dict[str, Any] = {"epochs": 30, "iterations": 40, "validation_iterations": 4, "save_every": 2}
CARD = ModelCard(
    summary="Small demonstration model: whole tumour on T2, trained for minutes on generated heads.",
    training_data="Generated T2-like heads with generated lesions; no patient.",
    limits=(
        "For demonstration and tests only; it has seen no real image. On generated heads of another seed Dice was 0.88 "
        "for a lesion of 38 mL, 0.60 for 61 mL in thick slices, and below 0.2 for lesions under 10 mL."
    ),
)


def train_demo_model(
    folder: Path,
    cases: Iterable[TrainingCase],
    *,
    source: str = "",
    threads: int = 2,
    training: dict[str, Any] | None = None,
    planning: dict[str, Any] | None = None,
    tell: Tell = print,
) -> str:
    """Train and release the demo model; return the digest of the release.

    The release lies in `folder`, its run beside it in ``<folder>.run``, where an interrupted training goes on.

    Raises
    ------
    ModelError
        What went wrong, with a code.
    """
    run = Run(folder.with_name(f"{folder.name}.run"))
    if not (run.folder / "run.json").exists():
        export_dataset(Folders(run.folder).create().raw, DESCRIPTION, cases)
        settings = RunSettings(
            DESCRIPTION.name,
            tree=Tree(("scratch",), 2),
            planning=planning or PLANNING,
            training=training or TRAINING,
            threads=threads,
        )
        run.create(settings)
    drive(run, retry=True, tell=tell)
    tell(table(run))
    notes = ReleaseNotes(
        "Demo whole tumour", "1.0", "Apache-2.0", (source,) if source else (), axis_codes="RAS", card=CARD
    )
    return release_model(run, "scratch", DESCRIPTION, notes, folder)


def main(arguments: list[str] | None = None) -> int:
    """Train the demo model from the command line."""
    parser = argparse.ArgumentParser(prog="python -m ml.training.demo_model", description=__doc__)
    parser.add_argument("out", type=Path, help="folder of the release")
    parser.add_argument("--cases", type=Path, help="folder of cases as the importer takes it; generated blobs without")
    parser.add_argument("--source", default="expert-2", help="whose masks to learn")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    cases: Iterable[TrainingCase] = generated_cases("child", count=12, size=48)
    if options.cases:
        cases = cases_from_folder(options.cases, sequences=("T2",), source=options.source, merged=True, prefix="TRAIN-")
    try:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        digest = train_demo_model(
            options.out, cases, source=options.source if options.cases else "", threads=options.threads
        )
    except ModelError as error:
        print(f"{error.code}: {error}", file=sys.stderr)
        return 1
    print(f"The demo model lies in {options.out} (SHA-256 {digest}).")
    return 0


if __name__ == "__main__":
    sys.exit(main())
