"""The numbers of a flow diagram: how many cases there are, were looked at, and why some may not be drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from segmentation.models import QualityDecision

Verdict = QualityDecision.Verdict


class Judged(Protocol):
    """What is counted: the newest verdict about a case, empty when there is none."""

    @property
    def verdict(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def withdrawn(self) -> bool: ...


@dataclass(frozen=True)
class Reason:
    """Cases that were left out, or wait, for one reason."""

    words: str
    cases: int


@dataclass(frozen=True)
class Flow:
    """Counts of cases; withdrawn ones stand apart, and an undecided case may still be drawn."""

    cases: int
    withdrawn: int
    included: int
    undecided: int
    excluded: tuple[Reason, ...]
    queried: tuple[Reason, ...]

    @property
    def assessed(self) -> int:
        """Cases with a decision."""
        return self.cases - self.withdrawn - self.undecided

    @property
    def excluded_cases(self) -> int:
        """Cases that no study may draw."""
        return sum(reason.cases for reason in self.excluded)

    @property
    def queried_cases(self) -> int:
        """Cases that wait for the site's answer."""
        return sum(reason.cases for reason in self.queried)

    @property
    def drawable(self) -> int:
        """Cases that a study may draw now."""
        return self.included + self.undecided


def flow_of(rows: Iterable[Judged]) -> Flow:
    """Return the counts of some cases; reasons by frequency, then by their words."""
    rows = list(rows)
    present = [row for row in rows if not row.withdrawn]
    verdicts = Counter(row.verdict for row in present)
    return Flow(
        cases=len(rows),
        withdrawn=len(rows) - len(present),
        included=verdicts[Verdict.INCLUDE],
        undecided=verdicts[""],
        excluded=_reasons(row.reason for row in present if row.verdict == Verdict.EXCLUDE),
        queried=_reasons(row.reason for row in present if row.verdict == Verdict.QUERY),
    )


def _reasons(words: Iterable[str]) -> tuple[Reason, ...]:
    counted = Counter(words)
    return tuple(Reason(reason, counted[reason]) for reason in sorted(counted, key=lambda r: (-counted[r], r)))
