"""What a design would mean, told beside the protocol while it is written: reads, hours, balance, double rating."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from readerstudy.models import Study
from readerstudy.services import allocations
from readerstudy.services.allocations import Problem
from segmentation.models import QualityDecision, Segmentation

PACE_MINUTES = 2.0


@dataclass(frozen=True)
class ReaderLoad:
    """What one reader would be asked to do; deviations are greatest minus least count."""

    label: str
    own: str
    reads: int
    candidates: int
    arms: tuple[tuple[str, int], ...]
    deviations: Mapping[str, int]

    def hours(self, minutes: float) -> float:
        """Return hours of reading at so many minutes a case."""
        return self.reads * minutes / 60


@dataclass(frozen=True)
class Consequences:
    """The dry run in the numbers that matter."""

    readers: tuple[ReaderLoad, ...]
    rated: tuple[Mapping[str, Any], ...]
    short: int
    unshown: int
    problems: tuple[Problem, ...]
    reads: int
    candidates: int
    worst: Mapping[str, int]


def consequences(study: Study) -> Consequences:
    """Return the dry run of a study, drawn again only when the design or the stored masks have changed."""
    newest = Segmentation.objects.filter(case__dataset__in=study.datasets.all()).order_by("-id").first()
    verdicts = QualityDecision.objects.filter(case__dataset__in=study.datasets.all()).count()
    return _drawn(study.pk, study.protocol_revision, newest.pk if newest else 0, verdicts)


@lru_cache(maxsize=32)
def _drawn(study: int, _revision: int, _newest: int, _verdicts: int) -> Consequences:
    run = allocations.dry_run(Study.objects.get(pk=study))
    readers = tuple(_load(row) for row in run.balance["readers"])
    names = dict.fromkeys(name for reader in readers for name in reader.deviations)
    return Consequences(
        readers=readers,
        rated=tuple(run.balance["rated"]),
        short=len(run.balance["short"]),
        unshown=len(run.balance["unshown"]),
        problems=tuple(run.problems),
        reads=sum(reader.reads for reader in readers),
        candidates=sum(reader.candidates for reader in readers),
        worst={name: max(reader.deviations[name] for reader in readers) for name in names},
    )


def _load(row: Mapping[str, Any]) -> ReaderLoad:
    tables = {table["table"]: table for table in row["tables"]}
    return ReaderLoad(
        label=row["reader"],
        own=row["own"] or "",
        reads=row["presentations"],
        candidates=row["candidates"],
        arms=tuple((cell["cell"][0], cell["count"]) for cell in tables["arm"]["rows"]),
        deviations={name: table["difference"] for name, table in tables.items()},
    )


def pace_of(text: str) -> float:
    """Return minutes per case as typed; the usual pace where that is no sensible number."""
    try:
        minutes = float(text.replace(",", "."))
    except ValueError:
        return PACE_MINUTES
    return minutes if 0.1 <= minutes <= 120 else PACE_MINUTES
