"""The dry run: every file is read as strictly as at the import itself, compared with what is stored, and told of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from segmentation.errors import DomainError, FileRefused, GridMismatch
from segmentation.geometry import Grid, same_grid
from segmentation.models import Case, Dataset, LabelMap, Segmentation, Source, Volume
from segmentation.selectors.voxels import grid_of
from segmentation.services.imports import names
from segmentation.services.imports.layout import Entry, IncomingFile, Layout, arrange
from segmentation.services.imports.plan import ImportPlan, Options, PlannedCase, PlannedFile, PlannedSource
from segmentation.services.imports.reading import file_bytes, read_mask_file, read_volume_file
from segmentation.services.imports.tables import CaseRow, SourceRow, Tables, labels_of_values, read_tables

Progress = Callable[[int, int, str], None]


def plan_import(
    files: Sequence[IncomingFile],
    dataset: Dataset,
    *,
    options: Options = Options(),  # noqa: B008  (frozen)
    progress: Progress = lambda done, total, message: None,
) -> ImportPlan:
    """Return what importing `files` into `dataset` would do; nothing is written."""
    layout = arrange(files)
    tables = read_tables(layout.tables)
    planner = _Planner(dataset, tables, options, layout, progress)
    rows = [*planner.rows(), *_set_aside(layout)]
    labels, label_map = _label_map(dataset, tables, options, rows)
    return ImportPlan(
        dataset=dataset.code,
        convention=layout.convention,
        options=options,
        files=tuple(rows),
        cases=tuple(planner.cases(rows)),
        sources=tuple(planner.sources(rows)),
        label_map=label_map,
        labels=labels,
        problems=(*tables.problems, *planner.problems(rows)),
    )


def _set_aside(layout: Layout) -> Iterator[PlannedFile]:
    for refusal in layout.refused:
        yield PlannedFile(refusal.name, "refused", code=refusal.code, sentence=refusal.sentence)
    for name, why in layout.ignored:
        yield PlannedFile(name, "ignored", notes=(why,))


@dataclass
class _Planner:
    """One dry run: the tables, what is stored, and the grids accepted so far."""

    dataset: Dataset
    tables: Tables
    options: Options
    layout: Layout
    progress: Progress
    grids: dict[str, dict[str, Grid]] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    def rows(self) -> list[PlannedFile]:
        """Return one row per file: volumes first, because masks are judged on their grids."""
        entries = sorted(self.layout.entries, key=lambda e: (e.case, e.role != "volume", e.file.name))
        volumes = [e for e in entries if e.role == "volume"]
        masks = [e for e in entries if e.role == "mask"]
        found: dict[str, PlannedFile] = {}
        for done, entry in enumerate((*volumes, *masks)):
            self.progress(done, len(entries), f"reading {entry.file.name}"[:200])
            found[entry.file.name] = self._row(entry)
        return [found[entry.file.name] for entry in entries]

    def _row(self, entry: Entry) -> PlannedFile:
        wrong = _name_problem(entry)
        if wrong:
            sentence = f"{entry.file.name.rsplit('/', 1)[-1][:80]}: {wrong}"
            return _refused(entry, FileRefused("name.code", sentence))
        try:
            row = self._volume_row(entry) if entry.role == "volume" else self._mask_row(entry)
        except DomainError as error:
            return _refused(entry, error)
        return self._with_twins(row)

    # Volumes ---

    def _volume_row(self, entry: Entry) -> PlannedFile:
        content = file_bytes(entry.file.path)
        volume = read_volume_file(content.data, entry.file.name, orientation=self.options.orientation)
        stored = Volume.objects.filter(
            case__dataset_id=self.dataset.pk or 0, case__name=entry.case, sequence=entry.sequence
        ).first()
        if stored and stored.content_sha256 != volume.content_sha256:
            raise volume_differs(entry.file.name, entry.case, entry.sequence)
        self.grids.setdefault(entry.case, {})[entry.sequence] = volume.grid
        return PlannedFile(
            name=entry.file.name,
            action="same" if stored else "new_volume",
            role="volume",
            case=entry.case,
            sequences=(entry.sequence,),
            sha256=content.sha256,
            content_sha256=volume.content_sha256,
            notes=(*entry.notes, *volume.notes),
            **_grid_facts(volume.grid),
        )

    # Masks ---

    def _mask_row(self, entry: Entry) -> PlannedFile:
        content = file_bytes(entry.file.path)
        declared = self._empty_allowed(entry)
        labels = {int(label["value"]) for label in self.tables.labels} or None
        candidates = self._candidates(entry)
        mask, sequence = None, ""
        for sequence, grid in candidates.items():
            try:
                mask = read_mask_file(content.data, entry.file.name, grid=grid, labels=labels, allow_empty=declared)
                break
            except GridMismatch:
                if sequence == list(candidates)[-1]:
                    raise
        if mask is None:
            raise _no_volume(entry)
        sequences = (sequence,) if entry.sequence else _on_the_same_grid(sequence, candidates)
        head = self._stored_segmentation(entry)
        notes = (*entry.notes, *mask.notes, *_grid_notes(sequences), *(() if mask.labels else ("declared empty",)))
        return PlannedFile(
            name=entry.file.name,
            action=_action(head, sequences, mask.content_sha256),
            role="mask",
            case=entry.case,
            sequences=sequences,
            source=entry.source,
            sha256=content.sha256,
            content_sha256=mask.content_sha256,
            labels=mask.labels,
            declared_empty=not mask.labels,
            notes=notes,
            **_grid_facts(mask.grid),
        )

    def _empty_allowed(self, entry: Entry) -> bool:
        source = self.tables.sources.get(entry.source)
        return (
            self.options.empty_masks == "declare"
            or (entry.case, entry.source) in self.tables.empty
            or bool(source and source.empty_masks)
        )

    def _candidates(self, entry: Entry) -> dict[str, Grid]:
        stored = Volume.objects.filter(case__dataset_id=self.dataset.pk or 0, case__name=entry.case)
        grids = {v.sequence: grid_of(v) for v in stored} | self.grids.get(entry.case, {})
        if entry.sequence and entry.sequence not in grids:
            raise _no_volume(entry)
        return {entry.sequence: grids[entry.sequence]} if entry.sequence else dict(sorted(grids.items()))

    def _stored_segmentation(self, entry: Entry) -> Segmentation | None:
        version = self.tables.sources.get(entry.source, SourceRow(entry.source, "")).version
        source = stored_source(self.dataset, entry.source, version)
        return head_segmentation(self.dataset, entry.case, source) if source else None

    def _with_twins(self, row: PlannedFile) -> PlannedFile:
        """Say when the same voxels came twice; a copied file under another name is a common slip."""
        twin = self.seen.setdefault(row.content_sha256, row.name)
        if twin != row.name:
            row = replace(row, notes=(*row.notes, f"the same voxels as {twin}; stored once"))
        if row.action == "new_volume":
            other = Volume.objects.filter(
                case__dataset_id=self.dataset.pk or 0, content_sha256=row.content_sha256
            ).first()
            if other:
                row = replace(row, notes=(*row.notes, f"the same voxels as the stored case {other.case.name}"))
        return row

    # Cases and sources ---

    def cases(self, rows: Sequence[PlannedFile]) -> Iterator[PlannedCase]:
        """Yield one entry per case of which a file is accepted, or whose row in cases.csv changes a known case."""
        stored = {
            case.name: case for case in Case.objects.filter(dataset_id=self.dataset.pk or 0).select_related("subject")
        }
        accepted = {row.case for row in rows if row.accepted}
        for name in sorted(accepted | (set(self.tables.cases) & set(stored))):
            yield self._case(name, stored.get(name), rows)

    def _case(self, name: str, stored: Case | None, rows: Sequence[PlannedFile]) -> PlannedCase:
        told = self.tables.cases.get(name)
        row = told or _row_of(name, stored)
        warnings = [
            names.code_warning(name, "case"),
            names.code_warning(row.subject, "subject") if row.subject != name else "",
            "" if told or not self.tables.cases else f"{name} is not in cases.csv.",
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

    def sources(self, rows: Sequence[PlannedFile]) -> Iterator[PlannedSource]:
        """Yield one entry per source of an accepted mask."""
        for name in sorted({row.source for row in rows if row.accepted and row.role == "mask"}):
            told = self.tables.sources.get(name)
            stored = stored_source(self.dataset, name, told.version if told else "")
            if told is None and stored is not None:
                yield PlannedSource(name, stored.kind, stored.version, new=False)
            else:
                row = told or SourceRow(name, Source.Kind.ANNOTATOR.value)
                yield PlannedSource(
                    name, row.kind, row.version, row.annotator, row.training_subjects, new=stored is None
                )

    def problems(self, rows: Sequence[PlannedFile]) -> Iterator[str]:
        """Yield what concerns the import as a whole."""
        known = set(Case.objects.filter(dataset_id=self.dataset.pk or 0).values_list("name", flat=True))
        for name in self.tables.cases:
            if name not in known and not any(row.case == name for row in rows):
                yield f"cases.csv: there is no file of the case {name}."
        for source in self.sources(rows):
            if source.new and source.name not in self.tables.sources:
                yield (
                    f"The source {source.name} is not in sources.csv; it is taken as an annotator. "
                    "If it is a model, add it there first: the study's blinding question rests on it."
                )


def stored_source(dataset: Dataset, name: str, version: str) -> Source | None:
    """Return the stored source of that name and version; without a version, the only one of that name."""
    found = list(Source.objects.filter(dataset_id=dataset.pk or 0, name=name))
    if version:
        found = [source for source in found if source.version == version]
    return found[0] if len(found) == 1 else None


def head_segmentation(dataset: Dataset, case: str, source: Source) -> Segmentation | None:
    """Return the newest segmentation of a case by a source."""
    return Segmentation.objects.filter(
        case__dataset_id=dataset.pk or 0, case__name=case, source=source, replaced_by__isnull=True
    ).first()


def volume_differs(name: str, case: str, sequence: str) -> DomainError:
    """Return the refusal of other voxels for a sequence that is stored."""
    return FileRefused(
        "volume.differs",
        f"{name.rsplit('/', 1)[-1]}: the sequence {sequence} of {case} is stored already with other voxels, and stored "
        "images never change; give the new one another sequence name.",
    )


def _name_problem(entry: Entry) -> str:
    wrong = names.code_problem(entry.case, "case")
    if entry.role == "volume" or entry.sequence:
        wrong = wrong or names.sequence_problem(entry.sequence)
    if entry.role == "mask":
        wrong = wrong or names.source_problem(entry.source)
    return wrong


def _refused(entry: Entry, error: DomainError) -> PlannedFile:
    return PlannedFile(
        name=entry.file.name,
        action="refused",
        role=entry.role,
        case=entry.case,
        sequences=(entry.sequence,) if entry.sequence else (),
        source=entry.source,
        code=error.code,
        sentence=error.detail,
    )


def _no_volume(entry: Entry) -> DomainError:
    wanted = f"the sequence {entry.sequence}" if entry.sequence else "a volume"
    return FileRefused(
        "layout.no_volume",
        f"{entry.file.name.rsplit('/', 1)[-1]}: the case {entry.case} has no {wanted.removeprefix('a ')} that was "
        "accepted, so the mask cannot be checked; send the image with it.",
    )


def _on_the_same_grid(sequence: str, grids: Mapping[str, Grid]) -> tuple[str, ...]:
    return tuple(other for other, grid in grids.items() if same_grid(grid, grids[sequence]).same)


def _grid_notes(sequences: tuple[str, ...]) -> tuple[str, ...]:
    return (f"lies on the common grid of {', '.join(sequences)}",) if len(sequences) > 1 else ()


def _action(head: Segmentation | None, sequences: tuple[str, ...], content: str) -> Any:
    if head is None:
        return "new_segmentation"
    stored = {mask.volume.sequence: mask.content_sha256 for mask in head.masks.select_related("volume")}
    return "same" if all(stored.get(sequence) == content for sequence in sequences) else "replaces"


def _grid_facts(grid: Grid) -> dict[str, Any]:
    return {"shape": grid.shape, "spacing_mm": tuple(round(step, 4) for step in grid.spacing), "axes": grid.axis_codes}


def _row_of(name: str, stored: Case | None) -> CaseRow:
    if stored is None:
        return CaseRow(name, name)
    return CaseRow(name, stored.subject.code, stored.site, stored.cohort_role, stored.covariates)


def _label_map(
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
