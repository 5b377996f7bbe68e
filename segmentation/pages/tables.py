"""The table of cases as a page shows it: one line per case, one cell per source in the order of the columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from segmentation.selectors.cases import CaseRow, SegmentationCell, SourceRow

QUALITY = {
    "include": ("done", "included"),
    "exclude": ("problem", "excluded"),
    "query": ("attention", "queried"),
    "": ("idle", "undecided"),
}


@dataclass(frozen=True)
class Column:
    """One source as the heading of a column."""

    code: str
    name: str
    version: str
    kind: str


@dataclass(frozen=True)
class Cell:
    """What one source made of one case; `segmentation` None means that it has none."""

    column: Column
    segmentation: SegmentationCell | None

    @property
    def shown(self) -> str:
        """The volume in mL with one decimal, or what stands in its place."""
        if self.segmentation is None:
            return "–"
        if self.segmentation.declared_empty:
            return "empty"
        volume = self.segmentation.volume_ml
        return "…" if volume is None else millilitres(volume)

    @property
    def plain(self) -> str:
        """The volume for a CSV: empty where there is none, 0 where no lesion was drawn."""
        volume = self.segmentation.volume_ml if self.segmentation else None
        return "" if volume is None else f"{volume:.4f}"


@dataclass(frozen=True)
class Line:
    """One case."""

    row: CaseRow
    cells: tuple[Cell, ...]

    @property
    def quality(self) -> tuple[str, str]:
        """Kind and words of the quality badge."""
        return ("idle", "withdrawn") if self.row.withdrawn else QUALITY[self.row.verdict]

    @property
    def role(self) -> str:
        """The cohort role in words."""
        return self.row.cohort_role.replace("_", " ")

    @property
    def missing(self) -> int:
        """Sources without a segmentation of this case."""
        return sum(cell.segmentation is None for cell in self.cells)


def millilitres(volume: float) -> str:
    """Return a volume in mL with one decimal; a small one keeps two figures instead of becoming 0.0."""
    return f"{volume:.1f}" if volume >= 0.1 or volume == 0 else f"{volume:.2g}"


def source_columns(sources: Sequence[SourceRow]) -> tuple[Column, ...]:
    """Return the headings, annotators first."""
    return tuple(Column(s.code, s.name, s.version, s.kind) for s in sources)


def case_lines(rows: Sequence[CaseRow], sources: Sequence[SourceRow]) -> list[Line]:
    """Return one line per case."""
    columns = source_columns(sources)
    return [Line(row, tuple(Cell(column, row.cells.get(column.code)) for column in columns)) for row in rows]
