"""The cases of a dataset as its managers see them: what is there, what was measured, what was decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from segmentation.models import (
    Case,
    Dataset,
    Measurement,
    QualityDecision,
    Segmentation,
    SegmentationMask,
    Source,
    Volume,
)
from segmentation.selectors.quality import excluded_cases
from segmentation.selectors.voxels import grid_of


@dataclass(frozen=True)
class SegmentationCell:
    """One case × source: the current segmentation; `volume_ml` None means not measured yet."""

    segmentation: str
    source: str
    declared_empty: bool
    volume_ml: float | None
    replaced: int
    sequences: tuple[str, ...]
    created_at: datetime


@dataclass(frozen=True)
class CaseRow:
    """One line of the table of cases; `cells` by source code."""

    code: str
    name: str
    subject: str
    site: str
    cohort_role: str
    covariates: Mapping[str, Any]
    sequences: tuple[str, ...]
    cells: Mapping[str, SegmentationCell]
    verdict: str
    reason: str
    withdrawn: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class SourceRow:
    """One source with the number of cases that it segmented; `training_subjects` None means unknown."""

    code: str
    name: str
    version: str
    kind: str
    annotator: str
    training_subjects: int | None
    cases: int
    declared_empty: int


@dataclass(frozen=True)
class VolumeFacts:
    """One volume of a case."""

    sequence: str
    shape: tuple[int, ...]
    spacing_mm: tuple[float, ...]
    axes: str
    acquisition_axis: int
    dtype: str
    window: tuple[float, float]
    content_sha256: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class CaseDetail:
    """One case with everything stored of it; `overlaps` are Dice values between its sources."""

    row: CaseRow
    volumes: tuple[VolumeFacts, ...]
    decisions: tuple[QualityDecision, ...]
    volumes_ml: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    overlaps: tuple[Overlap, ...] = ()


@dataclass(frozen=True)
class Overlap:
    """Dice between two sources of a case, with its definition; `value` None where it is undefined."""

    segmentation: str
    reference: str
    region: str
    value: float | None
    status: str


def cases_table(dataset: Dataset) -> list[CaseRow]:
    """Return one row per case, by name; a handful of queries however many cases there are."""
    return [_case_row(case) for case in _with_everything(Case.objects.filter(dataset=dataset))]


def case_detail(case: Case) -> CaseDetail:
    """Return everything stored of one case."""
    (full,) = _with_everything(Case.objects.filter(pk=case.pk))
    heads = list(full.segmentations.all())
    measured = list(Measurement.objects.filter(segmentation__in=heads).select_related("segmentation", "reference"))
    return CaseDetail(
        row=_case_row(full),
        volumes=tuple(volume_facts(volume) for volume in full.volumes.all()),
        decisions=tuple(full.quality_decisions.all()),
        volumes_ml=_volumes_ml(measured),
        overlaps=tuple(
            Overlap(m.segmentation.code, m.reference.code, m.region, m.value, m.status)
            for m in measured
            if m.reference and m.definition == "dsc"
        ),
    )


def sources_of(dataset: Dataset) -> list[SourceRow]:
    """Return the sources of a dataset, annotators first."""
    heads = list(
        Segmentation.objects.filter(case__dataset=dataset, replaced_by__isnull=True).values_list(
            "source_id", "declared_empty"
        )
    )
    labels = dict(dataset.members.values_list("user_id", "label"))
    return [
        SourceRow(
            code=source.code,
            name=source.name,
            version=source.version,
            kind=source.kind,
            annotator=labels.get(source.annotator_id, "") if source.annotator_id else "",
            training_subjects=None if source.training_subjects is None else len(source.training_subjects),
            cases=sum(pk == source.pk for pk, _ in heads),
            declared_empty=sum(pk == source.pk and empty for pk, empty in heads),
        )
        for source in Source.objects.filter(dataset=dataset)
    ]


def availability(dataset: Dataset) -> dict[str, dict[str, str]]:
    """Return {case code: {source code: code of the current segmentation}}, without withdrawn subjects."""
    found: dict[str, dict[str, str]] = {}
    heads = Segmentation.objects.filter(
        case__dataset=dataset, case__subject__withdrawn_at=None, replaced_by__isnull=True
    ).order_by("case__name", "id")
    for case, source, segmentation in heads.values_list("case__code", "source__code", "code"):
        found.setdefault(case, {})[source] = segmentation
    return found


def drawable_cases(dataset: Dataset) -> list[Case]:
    """Return the cases that a study may draw: not withdrawn, and not excluded or queried by the newest decision."""
    cases = list(Case.objects.filter(dataset=dataset, subject__withdrawn_at=None))
    excluded = set(excluded_cases(cases))
    return [case for case in cases if case.name not in excluded]


def volume_facts(volume: Volume) -> VolumeFacts:
    """Return what is known of a stored volume."""
    grid = grid_of(volume)
    low, high = volume.window
    return VolumeFacts(
        sequence=volume.sequence,
        shape=grid.shape,
        spacing_mm=grid.spacing,
        axes=grid.axis_codes,
        acquisition_axis=grid.acquisition_axis,
        dtype=volume.dtype,
        window=(low, high),
        content_sha256=volume.content_sha256,
        notes=tuple(volume.notes),
    )


def _with_everything(cases: Any) -> Iterable[Case]:
    heads = (
        Segmentation.objects.filter(replaced_by__isnull=True)
        .select_related("source", "replaces")
        .prefetch_related(
            Prefetch("masks", SegmentationMask.objects.select_related("volume")),
            Prefetch("measurements", Measurement.objects.filter(reference=None, region="whole", definition="volume")),
        )
    )
    found: Iterable[Case] = (
        cases.select_related("subject")
        .prefetch_related("volumes", "quality_decisions__decided_by", Prefetch("segmentations", heads))
        .order_by("name")
    )
    return found


def _case_row(case: Case) -> CaseRow:
    verdict, reason = _verdict(case)
    cells = {s.source.code: _cell(s) for s in case.segmentations.all()}
    return CaseRow(
        code=case.code,
        name=case.name,
        subject=case.subject.code,
        site=case.site,
        cohort_role=case.cohort_role,
        covariates=case.covariates,
        sequences=tuple(volume.sequence for volume in case.volumes.all()),
        cells=cells,
        verdict=verdict,
        reason=reason,
        withdrawn=case.subject.withdrawn_at is not None,
        warnings=tuple(_warnings(case)),
    )


def _cell(segmentation: Segmentation) -> SegmentationCell:
    measured = list(segmentation.measurements.all())
    return SegmentationCell(
        segmentation=segmentation.code,
        source=segmentation.source.code,
        declared_empty=segmentation.declared_empty,
        volume_ml=measured[0].value if measured else None,
        replaced=1 if segmentation.replaces_id else 0,
        sequences=tuple(sorted(mask.volume.sequence for mask in segmentation.masks.all())),
        created_at=segmentation.created_at,
    )


def _verdict(case: Case) -> tuple[str, str]:
    newest = next(iter(case.quality_decisions.all()), None)
    return (newest.verdict, newest.reason) if newest else ("", "")


def _warnings(case: Case) -> list[str]:
    heads = list(case.segmentations.all())
    found = [] if heads else ["no segmentation"]
    found += [f"{head.source}: declared empty" for head in heads if head.declared_empty]
    found += [f"{v.sequence}: left and right unknown" for v in case.volumes.all() if not grid_of(v).oriented]
    return found


def _volumes_ml(measured: Iterable[Measurement]) -> dict[str, dict[str, float | None]]:
    found: dict[str, dict[str, float | None]] = {}
    for m in measured:
        if m.reference_id is None and m.definition == "volume":
            found.setdefault(m.segmentation.code, {})[m.region] = m.value
    return found
