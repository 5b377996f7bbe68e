"""The import itself: each case's files into the store first, then its rows and its audit event in one transaction.

Every file is read again and must be the one that the dry run saw. A bad file refuses only itself; what was stored
before stays, so an import may be run again at any time and finds its own work "already stored".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.chain import record
from segmentation.errors import DomainError, FileRefused
from segmentation.formats import canonical_nifti, readback_verifier
from segmentation.models import Case, Dataset, LabelMap, Segmentation, SegmentationMask, Source, Subject, Volume
from segmentation.selectors.voxels import grid_of
from segmentation.services.imports import names
from segmentation.services.imports.layout import IncomingFile
from segmentation.services.imports.plan import (
    ImportPlan,
    ImportResult,
    PlannedCase,
    PlannedFile,
    PlannedSource,
)
from segmentation.services.imports.planning import Progress, head_segmentation, volume_differs
from segmentation.services.imports.reading import (
    ReadMask,
    ReadVolume,
    file_bytes,
    read_mask_file,
    read_volume_file,
)
from segmentation.storage import blob_store

Paths = Mapping[str, IncomingFile]


@dataclass(frozen=True)
class _StoredVolume:
    row: PlannedFile
    volume: ReadVolume
    blob_sha256: str


@dataclass(frozen=True)
class _StoredMask:
    row: PlannedFile
    mask: ReadMask
    blob_sha256: str


@dataclass(frozen=True)
class _Import:
    """What all cases of one import share."""

    plan: ImportPlan
    dataset: Dataset
    files: Paths
    by: User
    at: datetime
    label_map: LabelMap
    sources: Mapping[str, Source]


def apply_import(
    plan: ImportPlan,
    files: Sequence[IncomingFile],
    dataset: Dataset,
    *,
    by: User,
    at: datetime,
    progress: Progress = lambda done, total, message: None,
) -> ImportResult:
    """Store what the dry run accepted; return what became of every file.

    Raises
    ------
    FileRefused
        ``import.other_dataset``: the dry run was made for another dataset.
    """
    if plan.dataset != dataset.code:
        raise FileRefused("import.other_dataset", "This dry run was made for another dataset; run it again here.")
    by_name = {"/".join(names.parts_of(file.name) or (file.name,)): file for file in files}
    shared = _prepare(plan, dataset, by_name, by=by, at=at)
    results: list[PlannedFile] = []
    before = _counts(dataset)
    for done, case in enumerate(plan.cases):
        progress(done, len(plan.cases), f"storing case {case.name}")
        results += _apply_case(shared, case)
    progress(len(plan.cases), len(plan.cases), "done")
    results += [row for row in plan.files if not row.accepted]
    after = _counts(dataset)
    return ImportResult(_in_order(plan, results), *(after[i] - before[i] for i in range(3)))


def _counts(dataset: Dataset) -> tuple[int, int, int]:
    return (
        Case.objects.filter(dataset=dataset).count(),
        Volume.objects.filter(case__dataset=dataset).count(),
        Segmentation.objects.filter(case__dataset=dataset).count(),
    )


def _in_order(plan: ImportPlan, results: list[PlannedFile]) -> tuple[PlannedFile, ...]:
    found = {row.name: row for row in results}
    return tuple(found[row.name] for row in plan.files)


def _prepare(plan: ImportPlan, dataset: Dataset, files: Paths, *, by: User, at: datetime) -> _Import:
    with transaction.atomic():
        sources = {source.name: _source(dataset, source, by=by, at=at) for source in plan.sources}
        label_map = _label_map(plan, dataset, by=by, at=at)
    return _Import(plan, dataset, files, by, at, label_map, sources)


def _source(dataset: Dataset, planned: PlannedSource, *, by: User, at: datetime) -> Source:
    annotator = User.objects.filter(email__iexact=planned.annotator).first() if planned.annotator else None
    training = None if planned.training_subjects is None else sorted(planned.training_subjects)
    source, created = Source.objects.get_or_create(
        dataset=dataset,
        name=planned.name,
        version=planned.version,
        defaults={"kind": planned.kind, "annotator": annotator, "training_subjects": training},
    )
    if created:
        details = {"kind": source.kind, "name": source.name, "source": source.code, "version": source.version}
        record(f"dataset/{dataset.code}", "source.added", actor=by, details=details, at=at)
    return source


def _label_map(plan: ImportPlan, dataset: Dataset, *, by: User, at: datetime) -> LabelMap:
    newest = LabelMap.objects.filter(name=plan.label_map).order_by("-version").first()
    if newest and list(newest.labels) == list(plan.labels):
        return newest
    version = newest.version + 1 if newest else 1
    label_map = LabelMap.objects.create(name=plan.label_map, version=version, labels=list(plan.labels))
    details = {"labels": list(plan.labels), "name": label_map.name, "version": version}
    record(f"dataset/{dataset.code}", "label_map.added", actor=by, details=details, at=at)
    return label_map


# One case ---


def _apply_case(shared: _Import, case: PlannedCase) -> list[PlannedFile]:
    rows = [row for row in shared.plan.files if row.accepted and row.case == case.name]
    results: list[PlannedFile] = []
    volumes = list(_collected(rows, "volume", results, lambda row: _store_volume(shared, row)))
    grids = _grids(shared, case, volumes)
    masks = list(_collected(rows, "mask", results, lambda row: _store_mask(shared, row, grids)))
    if not volumes and not masks and case.new:
        return results
    with transaction.atomic():
        results += _write_rows(shared, case, volumes, masks)
    return results


def _collected(
    rows: Sequence[PlannedFile], role: str, results: list[PlannedFile], store: Callable[[PlannedFile], Any]
) -> Iterator[Any]:
    for row in (row for row in rows if row.role == role):
        try:
            yield store(row)
        except DomainError as error:
            if error.status == 507:
                raise
            results.append(replace(row, action="refused", code=error.code, sentence=error.detail))


def _unchanged_bytes(shared: _Import, row: PlannedFile) -> bytes:
    file = shared.files.get(row.name)
    short = row.name.rsplit("/", 1)[-1]
    if file is None or not file.path.is_file():
        raise FileRefused("import.gone", f"{short}: the file is no longer there; send it again.")
    content = file_bytes(file.path)
    if content.sha256 != row.sha256:
        raise FileRefused(
            "import.changed",
            f"{short}: the file has changed since the dry run (SHA-256 {row.sha256[:12]}… then, {content.sha256[:12]}… "
            "now); run the dry run again.",
        )
    return content.data


def _store_volume(shared: _Import, row: PlannedFile) -> _StoredVolume:
    data = _unchanged_bytes(shared, row)
    volume = read_volume_file(data, row.name, orientation=shared.plan.options.orientation)
    _refuse_other_volume(shared, row, volume)
    canonical = canonical_nifti(volume.array, volume.grid.affine, oriented=volume.grid.oriented)
    return _StoredVolume(row, volume, blob_store().put(canonical, verify=readback_verifier(volume.content_sha256)))


def _refuse_other_volume(shared: _Import, row: PlannedFile, volume: ReadVolume) -> None:
    stored = Volume.objects.filter(case__dataset=shared.dataset, case__name=row.case, sequence=row.sequences[0]).first()
    if stored and stored.content_sha256 != volume.content_sha256:
        raise volume_differs(row.name, row.case, row.sequences[0])


def _grids(shared: _Import, case: PlannedCase, volumes: Sequence[_StoredVolume]) -> dict[str, Any]:
    stored = Volume.objects.filter(case__dataset=shared.dataset, case__name=case.name)
    return {v.sequence: grid_of(v) for v in stored} | {v.row.sequences[0]: v.volume.grid for v in volumes}


def _store_mask(shared: _Import, row: PlannedFile, grids: Mapping[str, Any]) -> _StoredMask:
    present = tuple(sequence for sequence in row.sequences if sequence in grids)
    if not present:
        sentence = f"{row.name.rsplit('/', 1)[-1]}: its volume {row.sequences[0]} was not taken, so it was not either."
        raise FileRefused("layout.no_volume", sentence)
    mask = read_mask_file(
        _unchanged_bytes(shared, row),
        row.name,
        grid=grids[present[0]],
        labels=shared.label_map.values,
        allow_empty=row.declared_empty,
    )
    canonical = canonical_nifti(mask.array, mask.grid.affine, oriented=mask.grid.oriented)
    address = blob_store().put(canonical, verify=readback_verifier(mask.content_sha256))
    return _StoredMask(replace(row, sequences=present), mask, address)


# Rows: no file is touched from here on ---


def _write_rows(
    shared: _Import, planned: PlannedCase, volumes: Sequence[_StoredVolume], masks: Sequence[_StoredMask]
) -> list[PlannedFile]:
    case = _case(shared, planned)
    outcomes = [_write_volume(shared, case, item) for item in volumes]
    sequences = {volume.sequence: volume for volume in case.volumes.all()}
    for source in sorted({item.row.source for item in masks}):
        outcomes += _write_segmentation(
            shared, case, shared.sources[source], [m for m in masks if m.row.source == source], sequences
        )
    return outcomes


def _case(shared: _Import, planned: PlannedCase) -> Case:
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


def _write_volume(shared: _Import, case: Case, item: _StoredVolume) -> PlannedFile:
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
    shared: _Import, case: Case, source: Source, items: Sequence[_StoredMask], volumes: Mapping[str, Volume]
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


def _mask_row(segmentation: Segmentation, volume: Volume, item: _StoredMask) -> SegmentationMask:
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
    shared: _Import,
    segmentation: Segmentation,
    masks: Sequence[SegmentationMask],
    items: Sequence[_StoredMask],
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
