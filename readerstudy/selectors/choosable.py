"""The cases that a study could draw, as its designers choose them."""

from __future__ import annotations

from dataclasses import dataclass

from readerstudy.models import Arm, Study, StudyCase
from segmentation.models import Case
from segmentation.selectors.cases import CaseRow, cases_table
from segmentation.selectors.quality import excluded_cases


@dataclass(frozen=True)
class ChoosableCase:
    """One line of the table: the case, its place in the study, and why it cannot be chosen, if so."""

    row: CaseRow
    dataset: str
    place: str
    barred: str
    arms: tuple[tuple[str, bool], ...]
    lesion_ml: float | None


def choosable_cases(study: Study) -> list[ChoosableCase]:
    """Return every case of the study's datasets with its place: "study", "practice" or ""."""
    places = {row.case.code: "practice" if row.is_practice else "study" for row in _chosen(study)}
    arms = list(study.arms.select_related("source").order_by("code"))
    found = []
    for dataset in study.datasets.order_by("name"):
        barred = set(excluded_cases(Case.objects.filter(dataset=dataset)))
        for row in cases_table(dataset):
            found.append(_choosable(row, dataset.name, places.get(row.code, ""), row.name in barred, arms))
    return found


def _chosen(study: Study) -> list[StudyCase]:
    return list(study.study_cases.select_related("case"))


def _choosable(row: CaseRow, dataset: str, place: str, barred: bool, arms: list[Arm]) -> ChoosableCase:
    sources = {arm.source.code: arm.code for arm in arms}
    volumes = sorted(cell.volume_ml for cell in row.cells.values() if cell.volume_ml is not None)
    return ChoosableCase(
        row=row,
        dataset=dataset,
        place=place,
        barred=_reason(row, barred),
        arms=tuple((code, source in row.cells) for source, code in sources.items()),
        lesion_ml=_median(volumes),
    )


def _reason(row: CaseRow, barred: bool) -> str:
    if row.withdrawn:
        return "subject withdrawn"
    if not barred:
        return ""
    said = "waits for the site" if row.verdict == "query" else "excluded"
    return f"{said}: {row.reason}" if row.reason else said


def _median(values: list[float]) -> float | None:
    middle = len(values) // 2
    if not values:
        return None
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2
