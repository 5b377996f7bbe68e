"""Write the demo as the folder that the importer reads.

::

    FOLDER/cases.csv                                  one row per case: codes and covariates
    FOLDER/sources.csv                                one row per source: who or what made it
    FOLDER/<case>/<sequence>.nii.gz                   volumes, here T2.nii.gz
    FOLDER/<case>/segmentations/<source>.nii.gz       masks on the same grid, uint8

`sources.csv` has the columns source, kind (annotator or model), annotator, version, training_subjects;
`cases.csv` has subject, case and then the covariates. The true labels are not part of it: they are no
source of the study.
"""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from hub.demo.cases import CasePlan, DemoCase, make_case, plan_cases
from hub.demo.drawing_styles import EXPERTS, NETWORKS, Outlines, availability, draw_all
from hub.demo.quality import whole_lesion_dice

SOURCE_FIELDS = ("source", "kind", "annotator", "version", "training_subjects")
# None of these is a subject of the demo, so the protocol can say that the models saw none of them.
TRAINED_ON = "TRAIN-001;TRAIN-002;TRAIN-003"
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class WrittenCase:
    """What was written for one case: its plan, lesion volume, and the true Dice of each mask by source."""

    plan: CasePlan
    lesion_ml: float
    dice: dict[str, float]


def write_demo(
    folder: Path,
    *,
    seed: int,
    count: int = 20,
    size: tuple[int, int, int] | None = None,
    progress: Progress | None = None,
) -> tuple[WrittenCase, ...]:
    """Write the demo folder; the same arguments write the same bytes.

    Parameters
    ----------
    folder : Path
        Made where missing; files of the same name are replaced.
    seed : int
    count : int
        Cases, at most 20.
    size : (right-left, front-back, foot-head), optional
        Small grids for tests; the scanners' own when absent.
    progress : callable, optional
        Called after each case with cases done, cases in all, and the case's code.

    Returns
    -------
    tuple of WrittenCase
        The true Dice of every mask written, for `readers.answer_readings`.

    Raises
    ------
    DemoTemplateMissing
        If the template is not installed.
    """
    plans = plan_cases(seed=seed, count=count, size=size)
    available = availability(seed=seed, count=count)
    folder.mkdir(parents=True, exist_ok=True)
    _write_rows(folder / "cases.csv", [case_row(plan) for plan in plans])
    _write_rows(folder / "sources.csv", source_rows())
    written = []
    for done, plan in enumerate(plans, start=1):
        sources = tuple(source for source, cases in available.items() if plan.index in cases)
        written.append(_write_case(folder / plan.case, make_case(plan), sources))
        if progress:
            progress(done, len(plans), plan.case)
    return tuple(written)


def dice_table(written: Iterable[WrittenCase]) -> dict[tuple[str, str], float]:
    """Return the true Dice by (case, source)."""
    return {(case.plan.case, source): value for case in written for source, value in case.dice.items()}


def case_row(plan: CasePlan) -> dict[str, str | float]:
    """Return one row of cases.csv."""
    return {"subject": plan.subject, "case": plan.case, **plan.covariates.row()}


def source_rows() -> list[dict[str, str | float]]:
    """Return the rows of sources.csv."""
    people: list[dict[str, str | float]] = [
        dict(zip(SOURCE_FIELDS, (s, "annotator", f"{s}@demo.invalid", "", ""), strict=True)) for s in EXPERTS
    ]
    models: list[dict[str, str | float]] = [
        dict(zip(SOURCE_FIELDS, (s, "model", "", "1.0", TRAINED_ON), strict=True)) for s in NETWORKS
    ]
    return people + models


def _write_case(folder: Path, case: DemoCase, sources: tuple[str, ...]) -> WrittenCase:
    (folder / "segmentations").mkdir(parents=True, exist_ok=True)
    _write_volume(folder / "T2.nii.gz", case.image, case.affine)
    dice = {}
    for source, labels in draw_all(case, Outlines(case), sources).items():
        _write_volume(folder / "segmentations" / f"{source}.nii.gz", labels, case.affine)
        dice[source] = whole_lesion_dice(labels, case.truth)
    volume = float(np.count_nonzero(case.truth) * np.prod(case.spacing) / 1000)
    return WrittenCase(case.plan, volume, dice)


def _write_volume(path: Path, voxels: NDArray[np.generic], affine: NDArray[np.float64]) -> None:
    nifti: Any = nib.Nifti1Image  # nibabel's own annotations are incomplete
    image = nifti(voxels, affine)
    image.header.set_xyzt_units("mm")
    image.set_sform(affine, 1)
    image.set_qform(affine, 1)
    nib.save(image, path)


def _write_rows(path: Path, rows: list[dict[str, str | float]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
