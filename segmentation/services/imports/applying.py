"""The import itself: each case's files into the store first, then its rows and its audit event in one transaction.

Every file is read again and must be the one that the dry run saw. A bad file refuses only itself; what was stored
before stays, so an import may be run again at any time and finds its own work "already stored".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.chain import record
from segmentation.errors import DomainError, FileRefused
from segmentation.formats import canonical_nifti, readback_verifier
from segmentation.models import Case, Dataset, LabelMap, Segmentation, Source, Volume
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
from segmentation.services.imports.planning import Progress
from segmentation.services.imports.reading import (
    ReadVolume,
    file_bytes,
    read_mask_file,
    read_volume_file,
)
from segmentation.services.imports.rows import Import, Paths, StoredMask, StoredVolume, write_rows
from segmentation.services.imports.stored import stored_volume, volume_differs
from segmentation.storage import blob_store


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


def _prepare(plan: ImportPlan, dataset: Dataset, files: Paths, *, by: User, at: datetime) -> Import:
    with transaction.atomic():
        sources = {source.name: _source(dataset, source, by=by, at=at) for source in plan.sources}
        label_map = _label_map(plan, dataset, by=by, at=at)
    return Import(plan, dataset, files, by, at, label_map, sources)


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


def _apply_case(shared: Import, case: PlannedCase) -> list[PlannedFile]:
    rows = [row for row in shared.plan.files if row.accepted and row.case == case.name]
    results: list[PlannedFile] = []
    volumes = list(_collected(rows, "volume", results, lambda row: _store_volume(shared, row)))
    grids = _grids(shared, case, volumes)
    masks = list(_collected(rows, "mask", results, lambda row: _store_mask(shared, row, grids)))
    if not volumes and not masks and case.new:
        return results
    with transaction.atomic():
        results += write_rows(shared, case, volumes, masks)
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


def _unchanged_bytes(shared: Import, row: PlannedFile) -> bytes:
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


def _store_volume(shared: Import, row: PlannedFile) -> StoredVolume:
    data = _unchanged_bytes(shared, row)
    volume = read_volume_file(data, row.name, orientation=shared.plan.options.orientation)
    _refuse_other_volume(shared, row, volume)
    canonical = canonical_nifti(volume.array, volume.grid.affine, oriented=volume.grid.oriented)
    return StoredVolume(row, volume, blob_store().put(canonical, verify=readback_verifier(volume.content_sha256)))


def _refuse_other_volume(shared: Import, row: PlannedFile, volume: ReadVolume) -> None:
    stored = stored_volume(shared.dataset, row.case, row.sequences[0])
    if stored and stored.content_sha256 != volume.content_sha256:
        raise volume_differs(row.name, row.case, row.sequences[0])


def _grids(shared: Import, case: PlannedCase, volumes: Sequence[StoredVolume]) -> dict[str, Any]:
    stored = Volume.objects.filter(case__dataset=shared.dataset, case__name=case.name)
    return {v.sequence: grid_of(v) for v in stored} | {v.row.sequences[0]: v.volume.grid for v in volumes}


def _store_mask(shared: Import, row: PlannedFile, grids: Mapping[str, Any]) -> StoredMask:
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
    return StoredMask(replace(row, sequences=present), mask, address)
