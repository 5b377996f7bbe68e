"""The dry run's word on cases, sources and labels: what the tables say, what is known, and what should be looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from accounts.models import User
from segmentation.models import Case, Dataset, LabelMap, Segmentation, Source
from segmentation.services.imports import names
from segmentation.services.imports.plan import Options, PlannedCase, PlannedFile, PlannedSource
from segmentation.services.imports.stored import stored_source
from segmentation.services.imports.tables import CaseRow, SourceRow, Tables, labels_of_values


def planned_cases(dataset: Dataset, tables: Tables, rows: Sequence[PlannedFile]) -> Iterator[PlannedCase]:
    """Yield one entry per case of which a file is accepted, or whose row in cases.csv changes a known case."""
    stored = {case.name: case for case in Case.objects.filter(dataset_id=dataset.pk or 0).select_related("subject")}
    accepted = {row.case for row in rows if row.accepted}
    for name in sorted(accepted | (set(tables.cases) & set(stored))):
        yield _case(tables, name, stored.get(name), rows)


def _case(tables: Tables, name: str, stored: Case | None, rows: Sequence[PlannedFile]) -> PlannedCase:
    told = tables.cases.get(name)
    row = told or _row_of(name, stored)
    warnings = [
        names.code_warning(name, "case"),
        names.code_warning(row.subject, "subject") if row.subject != name else "",
        "" if told or not tables.cases else f"{name} is not in cases.csv.",
    ]
    if stored and stored.subject.code != row.subject:
        warnings.append(
            f"{name} belongs to the subject {stored.subject.code}, but cases.csv says {row.subject}; "
            "the stored subject stays."
        )
        row = replace(row, subject=stored.subject.code)
    masked = any(r.case == name and r.role == "mask" and r.accepted for r in rows)
    if not masked and not (stored and stored.segmentations.exists()):
        warnings.append(f"{name} has no segmentation.")
    return PlannedCase(
        name=name,
        subject=row.subject,
        site=row.site,
        cohort_role=row.cohort_role,
        covariates=row.covariates,
        new=stored is None,
        warnings=tuple(filter(None, warnings)),
    )


def planned_sources(dataset: Dataset, tables: Tables, rows: Sequence[PlannedFile]) -> Iterator[PlannedSource]:
    """Yield one entry per source of an accepted mask."""
    for name in sorted({row.source for row in rows if row.accepted and row.role == "mask"}):
        told = tables.sources.get(name)
        stored = stored_source(dataset, name, told.version if told else None)
        if told is None and stored is not None:
            training = _described(stored)[1]
            yield PlannedSource(name, stored.kind, stored.version, training_subjects=training, new=False)
        else:
            row = told or SourceRow(name, Source.Kind.ANNOTATOR.value)
            yield PlannedSource(name, row.kind, row.version, row.annotator, row.training_subjects, new=stored is None)


def problems_of(dataset: Dataset, tables: Tables, rows: Sequence[PlannedFile]) -> Iterator[str]:
    """Yield what concerns the import as a whole."""
    known = set(Case.objects.filter(dataset_id=dataset.pk or 0).values_list("name", flat=True))
    for name in tables.cases:
        if name not in known and not any(row.case == name for row in rows):
            yield f"cases.csv: there is no file of the case {name}."
    for source in planned_sources(dataset, tables, rows):
        yield from _source_problems(dataset, tables, source)


def _source_problems(dataset: Dataset, tables: Tables, source: PlannedSource) -> Iterator[str]:
    stored = stored_source(dataset, source.name, source.version)
    if stored and _described(stored) != (source.kind, source.training_subjects):
        yield (
            f"sources.csv: {source.name} is stored already and keeps what is known of it (its kind, its training "
            "subjects); correct that on the page of the source."
        )
    if source.new and source.name not in tables.sources:
        yield (
            f"The source {source.name} is not in sources.csv; it is taken as an annotator. "
            "If it is a model, add it there first: the study's blinding question rests on it."
        )
    if source.new and source.annotator and not User.objects.filter(email__iexact=source.annotator).exists():
        yield (
            f"sources.csv: nobody signs in as {source.annotator}, so the rule “never one's own” cannot know who drew "
            f"{source.name}; invite that person first, or name the annotator on the page of the source later."
        )


def _described(source: Source) -> tuple[str, tuple[str, ...] | None]:
    known = source.training_subjects
    return source.kind, None if known is None else tuple(sorted(known))


def _row_of(name: str, stored: Case | None) -> CaseRow:
    if stored is None:
        return CaseRow(name, name)
    return CaseRow(name, stored.subject.code, stored.site, stored.cohort_role, stored.covariates)


def planned_label_map(
    dataset: Dataset, tables: Tables, options: Options, rows: Sequence[PlannedFile]
) -> tuple[tuple[dict[str, Any], ...], str]:
    """Return labels and name of the map that the masks will carry: as told, as before, or made from the values."""
    if tables.labels:
        return tables.labels, _map_name(dataset, options)
    values = {int(value) for row in rows for value in row.labels}
    used = Segmentation.objects.filter(case__dataset_id=dataset.pk or 0).order_by("-id").first()
    if used and values <= used.label_map.values:
        return tuple(used.label_map.labels), used.label_map.name
    named = LabelMap.objects.filter(name=options.label_map).order_by("-version").first() if options.label_map else None
    if named and values <= named.values:
        return tuple(named.labels), named.name
    return labels_of_values(values or {1}), _map_name(dataset, options)


def _map_name(dataset: Dataset, options: Options) -> str:
    return (options.label_map or dataset.name)[:80]
