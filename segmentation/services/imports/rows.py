"""The rows of an import, one case in one transaction; no file is touched here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from accounts.models import User
from audit.chain import record
from segmentation.models import Case, Dataset, LabelMap, Segmentation, SegmentationMask, Source, Subject, Volume
from segmentation.services.imports.layout import IncomingFile
from segmentation.services.imports.plan import ImportPlan, PlannedCase, PlannedFile
from segmentation.services.imports.reading import ReadMask, ReadVolume
from segmentation.services.imports.stored import head_segmentation

Paths = Mapping[str, IncomingFile]


@dataclass(frozen=True)
class StoredVolume:
    row: PlannedFile
    volume: ReadVolume
    blob_sha256: str


@dataclass(frozen=True)
class StoredMask:
    row: PlannedFile
    mask: ReadMask
    blob_sha256: str


@dataclass(frozen=True)
class Import:
    """What all cases of one import share."""

    plan: ImportPlan
    dataset: Dataset
    files: Paths
    by: User
    at: datetime
    label_map: LabelMap
    sources: Mapping[str, Source]


def write_rows(
    shared: Import, planned: PlannedCase, volumes: Sequence[StoredVolume], masks: Sequence[StoredMask]
) -> list[PlannedFile]:
    """Write the rows of one case, whose files are stored, with their events; the caller holds the transaction."""
    case = _case(shared, planned)
    outcomes = [_write_volume(shared, case, item) for item in volumes]
    sequences = {volume.sequence: volume for volume in case.volumes.all()}
    for source in sorted({item.row.source for item in masks}):
        outcomes += _write_segmentation(
            shared, case, shared.sources[source], [m for m in masks if m.row.source == source], sequences
        )
    return outcomes


def _case(shared: Import, planned: PlannedCase) -> Case:
    subject, _ = Subject.objects.get_or_create(dataset=shared.dataset, code=planned.subject)
    told: dict[str, Any] = {
        "site": planned.site,
        "cohort_role": planned.cohort_role,
        "covariates": dict(planned.covariates),
    }
    case, created = Case.objects.get_or_create(
        dataset=shared.dataset, name=planned.name, defaults={"subject": subject, **told}
    )
    told["covariates"] = {**case.covariates, **told["covariates"]}
    changed = sorted(name for name, value in told.items() if value and value != getattr(case, name))
    for name in changed:
        setattr(case, name, told[name])
    if changed:
        case.save(update_fields=changed)
    if created or changed:
        action = "case.added" if created else "case.described"
        details = {"case": case.code, "changed": changed, "name": case.name, "subject": subject.code}
        record(f"dataset/{shared.dataset.code}", action, actor=shared.by, details=details, at=shared.at)
    return case


def _write_volume(shared: Import, case: Case, item: StoredVolume) -> PlannedFile:
    sequence = item.row.sequences[0]
    stored = case.volumes.filter(sequence=sequence).first()
    if stored:
        return replace(item.row, action="same")
    volume = item.volume
    Volume.objects.create(
        case=case,
        sequence=sequence,
        blob_sha256=item.blob_sha256,
        content_sha256=volume.content_sha256,
        shape=list(volume.grid.shape),
        affine=volume.grid.affine.tolist(),
        dtype=volume.array.dtype.name,
        window=list(volume.window),
        notes=list(volume.notes),
    )
    details = {
        "blob_sha256": item.blob_sha256,
        "case": case.code,
        "content_sha256": volume.content_sha256,
        "file_sha256": item.row.sha256,
        "sequence": sequence,
    }
    record(f"dataset/{shared.dataset.code}", "volume.stored", actor=shared.by, details=details, at=shared.at)
    return replace(item.row, action="stored")


def _write_segmentation(
    shared: Import, case: Case, source: Source, items: Sequence[StoredMask], volumes: Mapping[str, Volume]
) -> list[PlannedFile]:
    head = head_segmentation(shared.dataset, case.name, source)
    # A mask that names its sequence wins over one that fits several.
    placed = {s: item for item in sorted(items, key=lambda i: -len(i.row.sequences)) for s in item.row.sequences}
    kept = {mask.volume.sequence: mask for mask in head.masks.select_related("volume")} if head else {}
    if kept and all(s in kept and kept[s].content_sha256 == i.mask.content_sha256 for s, i in placed.items()):
        return [replace(item.row, action="same") for item in items]
    segmentation = Segmentation.objects.create(
        case=case,
        source=source,
        label_map=shared.label_map,
        replaces=head,
        declared_empty=all(not item.mask.labels for item in items),
        provenance={"files": [{"name": item.row.name, "sha256": item.row.sha256} for item in items]},
        created_by=shared.by,
    )
    masks = [_mask_row(segmentation, volumes[s], item) for s, item in placed.items()]
    masks += [_kept_row(segmentation, mask) for s, mask in kept.items() if s not in placed]
    _record_segmentation(shared, segmentation, masks, items)
    return [replace(item.row, action="stored") for item in items]


def _mask_row(segmentation: Segmentation, volume: Volume, item: StoredMask) -> SegmentationMask:
    return SegmentationMask.objects.create(
        segmentation=segmentation,
        volume=volume,
        blob_sha256=item.blob_sha256,
        content_sha256=item.mask.content_sha256,
        voxels_by_label=item.mask.labels,
        notes=[note for note in item.row.notes if note],
    )


def _kept_row(segmentation: Segmentation, mask: SegmentationMask) -> SegmentationMask:
    return SegmentationMask.objects.create(
        segmentation=segmentation,
        volume=mask.volume,
        blob_sha256=mask.blob_sha256,
        content_sha256=mask.content_sha256,
        voxels_by_label=mask.voxels_by_label,
        notes=[*mask.notes, "kept from the segmentation that this one replaces"],
    )


def _record_segmentation(
    shared: Import,
    segmentation: Segmentation,
    masks: Sequence[SegmentationMask],
    items: Sequence[StoredMask],
) -> None:
    details = {
        "case": segmentation.case.code,
        "declared_empty": segmentation.declared_empty,
        "file_sha256": [item.row.sha256 for item in items],
        "masks": [
            {"blob_sha256": m.blob_sha256, "content_sha256": m.content_sha256, "sequence": m.volume.sequence}
            for m in masks
        ],
        "replaces": segmentation.replaces.code if segmentation.replaces else "",
        "segmentation": segmentation.code,
        "source": segmentation.source.code,
    }
    record(f"dataset/{shared.dataset.code}", "segmentation.stored", actor=shared.by, details=details, at=shared.at)
