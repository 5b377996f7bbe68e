"""The dry run: every file is read as strictly as at the import itself, compared with what is stored, and told of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from segmentation.errors import DomainError, FileRefused, GridMismatch
from segmentation.geometry import Grid, same_grid
from segmentation.models import Dataset, Segmentation, Source, Volume
from segmentation.selectors.voxels import grid_of
from segmentation.services.imports import names
from segmentation.services.imports.describing import planned_cases, planned_label_map, planned_sources, problems_of
from segmentation.services.imports.layout import Entry, IncomingFile, Layout, arrange
from segmentation.services.imports.plan import ImportPlan, Options, PlannedFile
from segmentation.services.imports.reading import ReadMask, file_bytes, read_mask_file, read_volume_file
from segmentation.services.imports.stored import (
    head_segmentation,
    is_withdrawn,
    stored_source,
    stored_volume,
    volume_differs,
)
from segmentation.services.imports.tables import Tables, read_tables

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
    labels, label_map = planned_label_map(dataset, tables, options, rows)
    return ImportPlan(
        dataset=dataset.code,
        convention=layout.convention,
        options=options,
        files=tuple(rows),
        cases=tuple(planned_cases(dataset, tables, rows)),
        sources=tuple(planned_sources(dataset, tables, rows)),
        label_map=label_map,
        labels=labels,
        problems=(*tables.problems, *problems_of(dataset, tables, rows)),
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
        if is_withdrawn(self.dataset, entry.case, self._subject(entry)):
            return _refused(entry, _withdrawn(entry))
        try:
            row = self._volume_row(entry) if entry.role == "volume" else self._mask_row(entry)
        except DomainError as error:
            return _refused(entry, error)
        return self._with_twins(row)

    def _subject(self, entry: Entry) -> str:
        told = self.tables.cases.get(entry.case)
        return told.subject if told else entry.case

    # Volumes ---

    def _volume_row(self, entry: Entry) -> PlannedFile:
        content = file_bytes(entry.file.path)
        volume = read_volume_file(content.data, entry.file.name, orientation=self.options.orientation)
        stored = stored_volume(self.dataset, entry.case, entry.sequence)
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
        candidates = self._candidates(entry)
        mask, sequence = self._read_where_it_fits(entry, content.data, candidates)
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

    def _read_where_it_fits(self, entry: Entry, data: bytes, candidates: Mapping[str, Grid]) -> tuple[ReadMask, str]:
        """Return the mask and the first sequence on whose grid it lies; the last mismatch when it lies on none."""
        labels = {int(label["value"]) for label in self.tables.labels} or None
        mismatch: DomainError = _no_volume(entry)
        for sequence, grid in candidates.items():
            try:
                allow = self._empty_allowed(entry)
                return read_mask_file(data, entry.file.name, grid=grid, labels=labels, allow_empty=allow), sequence
            except GridMismatch as error:
                mismatch = error
        raise mismatch

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
        told = self.tables.sources.get(entry.source)
        if told is None and Source.objects.filter(dataset_id=self.dataset.pk or 0, name=entry.source).count() > 1:
            raise _which_version(entry)
        source = stored_source(self.dataset, entry.source, told.version if told else None)
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
    wanted = f"sequence {entry.sequence}" if entry.sequence else "volume"
    return FileRefused(
        "layout.no_volume",
        f"{entry.file.name.rsplit('/', 1)[-1]}: the case {entry.case} has no {wanted} that was "
        "accepted, so the mask cannot be checked; send the image with it.",
    )


def _withdrawn(entry: Entry) -> DomainError:
    return FileRefused(
        "subject.withdrawn",
        f"{entry.file.name.rsplit('/', 1)[-1]}: the subject of {entry.case} was withdrawn; nothing of theirs is taken.",
    )


def _which_version(entry: Entry) -> DomainError:
    return FileRefused(
        "source.version",
        f"{entry.file.name.rsplit('/', 1)[-1]}: several versions of {entry.source} are stored; say in sources.csv "
        "which one made it.",
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
