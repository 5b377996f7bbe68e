"""How the reading goes, reader by reader and case by case. Knows no arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified
from django.utils import timezone

from readerstudy.models import Note, Presentation, Read, Study
from readerstudy.pages.requests import PersonRequest, show, study_page
from readerstudy.selectors.progress import Cell, ReaderProgress, StudyProgress, study_progress

STATES = {"done": "done", "flagged": "flagged", "open": "open", "none": "not planned"}
BAR, GAP, HEIGHT = 7, 2, 28


@dataclass(frozen=True)
class HeatCell:
    """One cell with its state and what the tooltip says."""

    state: str
    says: str


@dataclass(frozen=True)
class Bar:
    """One day of a sparkline, in pixels from the top left."""

    x: int
    y: int
    height: int
    says: str


@study_page()
def progress(request: PersonRequest, study: Study) -> HttpResponse:
    """Show the progress of the reading."""
    return show(request, study, "progress", {"page": "study-progress"} | _context(study))


@study_page()
def live(request: PersonRequest, study: Study) -> HttpResponse:
    """Return the page's live part; nothing when nothing has changed since the browser asked last."""
    tag = _tag(study)
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified()
    response = show(request, study, "progress_live", _context(study))
    response["ETag"] = tag
    return response


def _tag(study: Study) -> str:
    reads = Read.objects.filter(presentation__reader__study=study).count()
    notes = Note.objects.filter(presentation__reader__study=study).count()
    return f'"{study.state}-{reads}-{notes}-{timezone.now():%Y%m%d}"'


def _context(study: Study) -> dict[str, Any]:
    told = study_progress(study, timezone.now())
    reading = study.state in (Study.State.SEALED, Study.State.READING)
    return {
        "progress": told,
        "rows": [(one, heat(one, told.cases), sparkline(one), minutes(one.median_active_ms)) for one in told.readers],
        "sealed": Presentation.objects.filter(reader__study=study).exists(),
        "reading": reading,
        "width": max((len(reader.reads_by_day) for reader in told.readers), default=0) * (BAR + GAP),
        "height": HEIGHT,
        "bar": BAR,
        "missing": missing_in_words(study, told),
        "last": max((reader.last_at for reader in told.readers if reader.last_at), default=None),
    }


def heat(reader: ReaderProgress, cases: Sequence[str]) -> list[HeatCell]:
    """Return one cell per case, in the order of the columns."""
    return [_cell(reader.label, case, reader.cells.get(case)) for case in cases]


def _cell(label: str, case: str, cell: Cell | None) -> HeatCell:
    state = cell.state if cell else "none"
    says = f"{label}, {case}: {STATES[state]}"
    if cell and cell.submitted_at:
        says += f", {timezone.localtime(cell.submitted_at):%-d %b %H:%M}"
    if cell and cell.active_ms:
        says += f", {minutes(cell.active_ms)} min"
    if cell and cell.reason:
        says += f", not assessable ({cell.reason.replace('_', ' ')})"
    return HeatCell(state, says)


def minutes(milliseconds: int | None) -> str:
    """Return minutes with one decimal; a dash where there is no time."""
    return "–" if milliseconds is None else f"{milliseconds / 60_000:.1f}"


def sparkline(reader: ReaderProgress) -> list[Bar]:
    """Return the reads of the last fourteen days as bars."""
    most = max([count for _, count in reader.reads_by_day] or [0])
    bars = []
    for place, (day, count) in enumerate(reader.reads_by_day):
        height = round((HEIGHT - 2) * count / most) if most and count else 1
        bars.append(Bar(place * (BAR + GAP), HEIGHT - height, height, f"{day}: {count}"))
    return bars


def missing_in_words(study: Study, told: StudyProgress) -> list[tuple[str, int]]:
    """Return why cases could not be assessed, in the instrument's words, with counts."""
    reasons = {r["code"]: r["label"] for r in study.protocol["instrument"].get("not_assessable_reasons", [])}
    return [(reasons.get(code, code), count) for code, count in told.missing]
