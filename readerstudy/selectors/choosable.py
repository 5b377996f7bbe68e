"""The cases that a study could draw, as its designers choose them."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

import numpy as np

from readerstudy.models import Arm, Study, StudyCase
from segmentation.models import Case, Dataset, SegmentationMask
from segmentation.selectors.cases import CaseRow, cases_table
from segmentation.selectors.quality import excluded_cases


@dataclass(frozen=True)
class ChoosableCase:
    """One line of the table: the case, its place in the study, and why it cannot be chosen, if so."""

    row: CaseRow
    dataset: str
    place: str
    barred: str
    role: str
    arms: tuple[tuple[str, bool], ...]
    lesion_ml: float | None


def choosable_cases(study: Study) -> list[ChoosableCase]:
    """Return every case of the study's datasets with its place: "study", "practice" or ""."""
    places = {row.case.code: "practice" if row.is_practice else "study" for row in _chosen(study)}
    arms = list(study.arms.select_related("source").order_by("code"))
    found = []
    for dataset in study.datasets.order_by("name"):
        barred = set(excluded_cases(Case.objects.filter(dataset=dataset)))
        volumes = _volumes_ml(dataset)
        for row in cases_table(dataset):
            place, lesion = places.get(row.code, ""), volumes.get(row.code, [])
            found.append(_choosable(row, dataset.name, place, row.name in barred, arms, lesion))
    return found


def _volumes_ml(dataset: Dataset) -> dict[str, list[float]]:
    """Return the volumes of each case's current masks on their first sequence, by case code, in mL."""
    masks = SegmentationMask.objects.filter(segmentation__case__dataset=dataset, segmentation__replaced_by=None)
    found: dict[str, dict[int, float]] = {}
    for mask in masks.select_related("volume", "segmentation__case").order_by("segmentation_id", "volume__sequence"):
        spacing = np.asarray(mask.volume.affine, dtype=float)[:3, :3]
        ml = sum(mask.voxels_by_label.values()) * abs(float(np.linalg.det(spacing))) / 1000
        found.setdefault(mask.segmentation.case.code, {}).setdefault(mask.segmentation_id, ml)
    return {code: list(by_segmentation.values()) for code, by_segmentation in found.items()}


def _chosen(study: Study) -> list[StudyCase]:
    return list(study.study_cases.select_related("case"))


def _choosable(
    row: CaseRow, dataset: str, place: str, barred: bool, arms: list[Arm], volumes: list[float]
) -> ChoosableCase:
    sources = {arm.source.code: arm.code for arm in arms}
    return ChoosableCase(
        row=row,
        dataset=dataset,
        place=place,
        barred=_reason(row, barred),
        role=str(Case.CohortRole(row.cohort_role).label) if row.cohort_role else "",
        arms=tuple((code, source in row.cells) for source, code in sources.items()),
        lesion_ml=median(volumes) if volumes else None,
    )


def _reason(row: CaseRow, barred: bool) -> str:
    if row.withdrawn:
        return "subject withdrawn"
    if not barred:
        return ""
    said = "waits for the site" if row.verdict == "query" else "excluded"
    return f"{said}: {row.reason}" if row.reason else said
