"""Progress of the reading: reader × case, pace, forecast, missing reasons. Knows no arm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from readerstudy.models import Note, Presentation, Read, Study, StudyMember

PACE_DAYS = 14
WITHDRAWN = "subject_withdrawn"


@dataclass(frozen=True)
class Cell:
    """One reader's state on one case: done, flagged, open or withdrawn; a case that is not planned has no cell."""

    state: str
    position: int | None = None
    submitted_at: datetime | None = None
    active_ms: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class ReaderProgress:
    """One reader's row."""

    label: str
    done: int
    planned: int
    practice_done: int
    practice_planned: int
    not_assessable: int
    median_active_ms: int | None
    last_at: datetime | None
    reads_per_week: float | None
    forecast: datetime | None
    reads_by_day: list[tuple[str, int]] = field(default_factory=list)
    cells: dict[str, Cell] = field(default_factory=dict)


@dataclass(frozen=True)
class StudyProgress:
    """The whole matrix."""

    cases: list[str]
    readers: list[ReaderProgress]
    done: int
    planned: int
    forecast: datetime | None
    missing: list[tuple[str, int]]
    notes: list[Note]


@dataclass(frozen=True)
class _Place:
    label: str
    case: str
    kind: str
    position: int
    submitted_at: datetime | None
    active_ms: int | None
    not_assessable: str
    noted: bool
    withdrawn: bool


def study_progress(study: Study, at: datetime) -> StudyProgress:
    """Return who has read what by `at`, at which pace, and when the reading will end if it goes on like that."""
    places = _places(study)
    labels = study.members.filter(role=StudyMember.Role.READER).values_list("label", flat=True)
    readers = [_reader_progress(label, [p for p in places if p.label == label], at) for label in labels]
    forecasts = [reader.forecast for reader in readers if reader.done < reader.planned]
    return StudyProgress(
        cases=sorted({place.case for place in places if place.kind != Presentation.Kind.PRACTICE}),
        readers=readers,
        done=sum(reader.done for reader in readers),
        planned=sum(reader.planned for reader in readers),
        forecast=None if None in forecasts else max((f for f in forecasts if f), default=None),
        missing=_missing(places),
        notes=list(
            Note.objects.filter(presentation__reader__study=study)
            .select_related("presentation__reader", "presentation__case")
            .order_by("-at")
        ),
    )


def _missing(places: Sequence[_Place]) -> list[tuple[str, int]]:
    reasons = Counter(place.not_assessable for place in places if place.not_assessable)
    reasons[WITHDRAWN] += sum(1 for place in places if place.withdrawn and not place.submitted_at)
    return sorted((+reasons).items())


def _places(study: Study) -> list[_Place]:
    noted = set(Note.objects.filter(presentation__reader__study=study).values_list("presentation_id", flat=True))
    reads = {
        read.presentation_id: read
        for read in Read.objects.filter(presentation__reader__study=study).order_by("revision")
    }
    rows = Presentation.objects.filter(reader__study=study).values_list(
        "id", "reader__label", "case__name", "kind", "position", "case__subject__withdrawn_at"
    )
    return [_place(row, reads.get(row[0]), row[0] in noted) for row in rows]


def _place(row: tuple[int, str, str, str, int, datetime | None], read: Read | None, noted: bool) -> _Place:
    _, label, case, kind, position, withdrawn_at = row
    return _Place(
        label=label,
        case=case,
        kind=kind,
        position=position,
        submitted_at=read.submitted_at if read else None,
        active_ms=read.active_ms if read else None,
        not_assessable=read.not_assessable if read else "",
        noted=noted,
        withdrawn=withdrawn_at is not None,
    )


def _reader_progress(label: str, places: Sequence[_Place], at: datetime) -> ReaderProgress:
    main = [place for place in places if place.kind != Presentation.Kind.PRACTICE]
    practice = [place for place in places if place.kind == Presentation.Kind.PRACTICE]
    done = [place for place in main if place.submitted_at]
    pace = _reads_per_week([p.submitted_at for p in done if p.submitted_at], at)
    times = [place.active_ms for place in done if place.active_ms]
    return ReaderProgress(
        label=label,
        done=len(done),
        planned=len(main),
        practice_done=sum(1 for place in practice if place.submitted_at),
        practice_planned=len(practice),
        not_assessable=sum(1 for place in done if place.not_assessable),
        median_active_ms=round(median(times)) if times else None,
        last_at=max((p.submitted_at for p in done if p.submitted_at), default=None),
        reads_per_week=pace,
        forecast=_forecast(_left(main), pace, at),
        reads_by_day=_by_day(done, at),
        cells={place.case: _cell(place) for place in main if place.kind == Presentation.Kind.MAIN},
    )


def _left(main: Sequence[_Place]) -> int:
    return sum(1 for place in main if not place.submitted_at and not place.withdrawn)


def _cell(place: _Place) -> Cell:
    if place.submitted_at is None and place.withdrawn:
        return Cell("withdrawn", place.position, reason=WITHDRAWN)
    if place.submitted_at is None:
        return Cell("flagged" if place.noted else "open", place.position)
    flagged = bool(place.not_assessable) or place.noted
    return Cell(
        "flagged" if flagged else "done", place.position, place.submitted_at, place.active_ms, place.not_assessable
    )


def _reads_per_week(times: Sequence[datetime], at: datetime) -> float | None:
    """Return the pace of the last two weeks, or since the first read when that is more recent."""
    recent = [time for time in times if at - time <= timedelta(days=PACE_DAYS)]
    if not recent:
        return None
    span = max(at - min(recent), timedelta(days=1))
    return len(recent) / (span / timedelta(days=7))


def _forecast(left: int, pace: float | None, at: datetime) -> datetime | None:
    if left == 0 or not pace:
        return None
    return at + timedelta(weeks=left / pace)


def _by_day(done: Sequence[_Place], at: datetime) -> list[tuple[str, int]]:
    counts = Counter(p.submitted_at.date() for p in done if p.submitted_at)
    days = [(at - timedelta(days=back)).date() for back in range(PACE_DAYS - 1, -1, -1)]
    return [(day.isoformat(), counts[day]) for day in days]
