"""From a study's rows to what is drawn and sealed: the allocation plan, the protocol document, the case material.

Allocation draws only from stored masks; strata are the site and the tertile of the lesion's volume.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from readerstudy.design.plan import AllocationPlan, PlannedCase
from readerstudy.design.planning import plan_for, volume_thirds
from readerstudy.design.protocol import Protocol, ProtocolArm, ProtocolReader, protocol_from
from readerstudy.models import Arm, Study, StudyMember
from segmentation.models import Case, Segmentation, SegmentationMask, Source, Volume


@dataclass(frozen=True)
class Material:
    """What a study draws on: its cases with volumes, and the newest mask of each arm on the rated sequence."""

    cases: tuple[Case, ...]
    practice: tuple[Case, ...]
    arms: tuple[Arm, ...]
    readers: tuple[StudyMember, ...]
    volumes: dict[int, tuple[Volume, ...]]
    masks: dict[tuple[int, int], SegmentationMask]

    def everything(self) -> tuple[Case, ...]:
        """Study and practice cases."""
        return self.cases + self.practice


def material_of(study: Study) -> Material:
    """Return cases, arms, readers and the masks that are stored now."""
    rows = list(study.study_cases.select_related("case__subject").order_by("case__name"))
    arms = tuple(study.arms.select_related("source").order_by("code"))
    cases = [row.case for row in rows]
    return Material(
        cases=tuple(row.case for row in rows if not row.is_practice),
        practice=tuple(row.case for row in rows if row.is_practice),
        arms=arms,
        readers=tuple(
            study.members.filter(role=StudyMember.Role.READER).select_related("user", "own_arm").order_by("label")
        ),
        volumes=_volumes(cases, study.protocol["display"]["sequences"]),
        masks=_masks(cases, arms, study.protocol["display"]["sequences"]),
    )


def allocation_plan(study: Study, material: Material) -> AllocationPlan:
    """Return the plan that an allocation is drawn from."""
    strata = _strata(material)
    names = {case.pk: case.name for case in material.everything()}
    codes = {arm.pk: arm.code for arm in material.arms}
    return plan_for(
        protocol_document(study, material),
        cases=[PlannedCase(case.name, strata[case.name]) for case in material.cases],
        practice_cases=[PlannedCase(case.name, strata[case.name]) for case in material.practice],
        available=[(names[case], codes[arm]) for case, arm in material.masks],
    )


def arm_kind(arm: Arm) -> str:
    """Return "model" or "expert"."""
    return "model" if arm.source.kind == Source.Kind.MODEL else "expert"


def lesion_ml(material: Material, case: Case) -> float:
    """Return the median lesion volume over the stored masks of a case, in mL; 0 without any."""
    volumes = [
        sum(mask.voxels_by_label.values()) * _voxel_ml(mask.volume)
        for (case_pk, _), mask in material.masks.items()
        if case_pk == case.pk
    ]
    return median(volumes) if volumes else 0.0


def _voxel_ml(volume: Volume) -> float:
    return float(abs(np.linalg.det(np.asarray(volume.affine, dtype=float)[:3, :3]))) / 1000


def _strata(material: Material) -> dict[str, tuple[str, ...]]:
    cases = material.everything()
    thirds = volume_thirds({case.name: round(lesion_ml(material, case) * 1000) for case in cases})
    return {case.name: (case.site or "site not stated", thirds[case.name]) for case in cases}


def _volumes(cases: Sequence[Case], sequences: Sequence[str]) -> dict[int, tuple[Volume, ...]]:
    found: dict[int, list[Volume]] = {case.pk: [] for case in cases}
    for volume in Volume.objects.filter(case__in=cases):
        if not sequences or volume.sequence in sequences:
            found[volume.case_id].append(volume)
    place = {name: index for index, name in enumerate(sequences)}
    return {
        key: tuple(sorted(volumes, key=lambda v: (place.get(v.sequence, len(place)), v.sequence)))
        for key, volumes in found.items()
    }


def _masks(
    cases: Sequence[Case], arms: Sequence[Arm], sequences: Sequence[str]
) -> dict[tuple[int, int], SegmentationMask]:
    arm_of = {arm.source_id: arm.pk for arm in arms}
    newest = Segmentation.objects.filter(case__in=cases, source__in=arm_of, replaced_by=None)
    rows = (
        SegmentationMask.objects.filter(segmentation__in=newest)
        .select_related("segmentation", "volume")
        .order_by("segmentation_id")
    )
    rated = sequences[0] if sequences else None
    return {
        (mask.segmentation.case_id, arm_of[mask.segmentation.source_id]): mask
        for mask in rows
        if rated is None or mask.volume.sequence == rated
    }


def protocol_document(study: Study, material: Material) -> Protocol:
    """Return the protocol with arms and readers as the study's rows state them."""
    subjects = {case.subject.code for case in material.everything()}
    return replace(
        protocol_from(study.protocol),
        title=study.title,
        arms=tuple(_protocol_arm(arm, subjects) for arm in material.arms),
        readers=tuple(_protocol_reader(reader) for reader in material.readers),
    )


def training_overlap(source: Source, subjects: set[str]) -> str:
    """Return "clean", "overlap" or "unknown": what is known of a model's training on the study's subjects."""
    if source.kind != Source.Kind.MODEL:
        return "clean"
    if source.training_subjects is None:
        return "unknown"
    return "overlap" if subjects & set(source.training_subjects) else "clean"


def _protocol_arm(arm: Arm, subjects: set[str]) -> ProtocolArm:
    return ProtocolArm(
        code=arm.code,
        name=str(arm.source),
        kind=arm_kind(arm),
        provenance=arm.source.version,
        training=training_overlap(arm.source, subjects),
    )


def _protocol_reader(reader: StudyMember) -> ProtocolReader:
    return ProtocolReader(
        label=reader.label,
        own_arm=reader.own_arm.code if reader.own_arm else None,
        qualification=reader.qualification,
        conflicts=reader.conflicts,
    )
