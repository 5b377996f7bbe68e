"""One case: its images with the masks of its sources, what was measured, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from segmentation.errors import NotFound
from segmentation.models import Case, Dataset
from segmentation.pages.requests import PersonRequest, for_managers, show
from segmentation.pages.tables import QUALITY, millilitres
from segmentation.selectors.access import case_for
from segmentation.selectors.cases import CaseDetail, VolumeFacts, case_detail
from segmentation.selectors.history import StoredSegmentation, history_of, neighbours, volumes_by_label

COMMON_REASONS = (
    "motion artefact",
    "sequence missing or incomplete",
    "no visible lesion",
    "wrong examination or body part",
    "after surgery, outside the study",
    "identifying content visible",
)
COLOURS = ((230, 159, 0), (86, 180, 233), (204, 121, 167), (240, 228, 66), (0, 158, 115), (213, 94, 0))


@dataclass(frozen=True)
class DiceRow:
    """One source against all others; a cell is a number, "undefined", or nothing."""

    name: str
    cells: tuple[str, ...]


@require_safe
@for_managers
def one(request: PersonRequest, dataset: Dataset, case: str) -> HttpResponse:
    """Show a case of this dataset."""
    found = case_of(request, dataset, case)
    detail, history = case_detail(found), history_of(found)
    before, after = neighbours(found)
    withdrawn = found.subject.withdrawn_at is not None
    context = {
        "here": "cases",
        "case": found,
        "detail": detail,
        "withdrawn": withdrawn,
        "quality": QUALITY[detail.row.verdict],
        "role": found.get_cohort_role_display(),
        "covariates": sorted(found.covariates.items()),
        "segmentations": [_told(s, detail) for s in history],
        "dice_names": _dice_names(detail, history),
        "dice": _dice(detail, history),
        "before": before,
        "after": after,
        "reasons": COMMON_REASONS,
        "viewer": None if withdrawn or not detail.volumes else viewer_data(found, detail.volumes, history),
    }
    return show(request, "case.html", dataset, context)


def case_of(request: PersonRequest, dataset: Dataset, code: str) -> Case:
    """Return a case of this very dataset."""
    found = case_for(request.user, code)
    if found.dataset_id != dataset.pk:
        raise NotFound
    return found


def viewer_data(
    case: Case, volumes: Sequence[VolumeFacts], history: Sequence[StoredSegmentation]
) -> dict[str, list[dict[str, Any]]]:
    """Return what the viewer loads: addresses of images and of the current masks, with names and colours."""
    places = {pk: place for place, pk in enumerate(case.dataset.sources.values_list("pk", flat=True))}
    return {
        "volumes": [
            {
                "sequence": volume.sequence,
                "url": reverse("api-volume", args=[case.code, volume.sequence]),
                "window": list(volume.window),
            }
            for volume in volumes
        ],
        "masks": [
            {
                "name": str(s.source),
                "kind": s.source.kind,
                "empty": s.declared_empty,
                # By source, so that a source keeps its colour from case to case.
                "colour": COLOURS[places[s.source.pk] % len(COLOURS)],
                "urls": {m.sequence: reverse("api-mask-of-sequence", args=[s.code, m.sequence]) for m in s.masks},
            }
            for s in history
            if s.current
        ],
    }


def _told(segmentation: StoredSegmentation, detail: CaseDetail) -> dict[str, Any]:
    measured = dict(detail.volumes_ml.get(segmentation.code, {}))
    whole = measured.get("whole")
    return {
        "stored": segmentation,
        "volume": "" if whole is None else millilitres(whole),
        "by_label": [
            (name, "–" if value is None else millilitres(value))
            for name, value in volumes_by_label(measured, segmentation.labels)
        ],
    }


def _dice_names(detail: CaseDetail, history: Sequence[StoredSegmentation]) -> list[str]:
    return [str(s.source) for s in history if s.current] if detail.overlaps else []


def _dice(detail: CaseDetail, history: Sequence[StoredSegmentation]) -> list[DiceRow]:
    values = _whole_overlaps(detail)
    current = [s for s in history if s.current] if detail.overlaps else []
    return [
        DiceRow(str(a.source), tuple("" if a is b else values.get(frozenset((a.code, b.code)), "–") for b in current))
        for a in current
    ]


def _whole_overlaps(detail: CaseDetail) -> Mapping[frozenset[str], str]:
    return {
        frozenset((o.segmentation, o.reference)): "undefined" if o.value is None else f"{o.value:.3f}"
        for o in detail.overlaps
        if o.region == "whole"
    }
