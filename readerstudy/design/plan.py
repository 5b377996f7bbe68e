"""What an allocation is drawn from, and what it is: small frozen records and their plain form.

A plan holds codes only (readers R1, arms, case codes), no names and no paths, so that it can be published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MODEL, EXPERT = "model", "expert"
SHOW_FEWER, REPLACE = "show_fewer", "replace"
PRACTICE, MAIN, REPEAT, CATCH = "practice", "main", "repeat", "catch"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class PlanRefused(ValueError):
    """A plan from which no allocation can be drawn; the message says why and what to change."""


@dataclass(frozen=True)
class PlannedReader:
    """A reader by label, the arm that this reader drew (or None), and further arms never to be shown."""

    label: str
    own: str | None = None
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlannedArm:
    """A source in its role: its code and whether a model or an expert made it."""

    code: str
    kind: str


@dataclass(frozen=True)
class PlannedCase:
    """A case by code, with its strata from coarse to fine, for example ("site 1", "small")."""

    code: str
    strata: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AllocationPlan:
    """Everything but the seed that determines an allocation.

    `available` holds (case, arm) for every validated mask. `practice` is how many of `practice_cases` each
    reader practises on; `repeats` how many main cases come again, at least `repeat_gap` places later where the
    list is long enough. `short_cases` says whether a case with fewer candidates than slots is shown with fewer
    or replaced from `reserve_cases`. `session_size` 0 means one session.
    """

    readers: tuple[PlannedReader, ...]
    arms: tuple[PlannedArm, ...]
    cases: tuple[PlannedCase, ...]
    available: frozenset[tuple[str, str]]
    slots: int = 3
    practice_cases: tuple[PlannedCase, ...] = ()
    practice: int = 0
    repeats: int = 0
    repeat_gap: int = 20
    catch_cases: tuple[PlannedCase, ...] = ()
    reserve_cases: tuple[PlannedCase, ...] = ()
    short_cases: str = SHOW_FEWER
    session_size: int = 0

    def candidates(self, reader: PlannedReader, case: str) -> tuple[str, ...]:
        """Return the arms that this reader may be shown for a case, in the order of the plan."""
        barred = {reader.own, *reader.excluded}
        return tuple(arm.code for arm in self.arms if arm.code not in barred and (case, arm.code) in self.available)

    def sources_of(self, reader: PlannedReader) -> tuple[str, ...]:
        """Return all arms that this reader may be shown at all."""
        barred = {reader.own, *reader.excluded}
        return tuple(arm.code for arm in self.arms if arm.code not in barred)


@dataclass(frozen=True)
class AllocatedCandidate:
    """One segmentation in a slot: slot from 0, its letter, colour and line style (indices), and the arm."""

    slot: int
    letter: str
    colour: int
    line_style: int
    arm: str


@dataclass(frozen=True)
class AllocatedPresentation:
    """One case as one reader meets it; positions count from 1 over practice and main reading alike.

    `repeat_of` is the position of the first showing; `short` flags fewer candidates than slots.
    """

    reader: str
    position: int
    kind: str
    case: str
    session: int
    candidates: tuple[AllocatedCandidate, ...]
    repeat_of: int | None = None
    short: bool = False


@dataclass(frozen=True)
class Allocation:
    """The list of who sees what, in which order, slot and colour; `unshown` are (reader, case) without mask."""

    algorithm: str
    presentations: tuple[AllocatedPresentation, ...]
    unshown: tuple[tuple[str, str], ...] = ()

    def of(self, reader: str) -> tuple[AllocatedPresentation, ...]:
        """Return one reader's presentations in order."""
        return tuple(item for item in self.presentations if item.reader == reader)


def checked(plan: AllocationPlan) -> AllocationPlan:
    """Return the plan if an allocation can be drawn from it.

    Raises
    ------
    PlanRefused
        If codes repeat or hold "|" or control characters, a reader's own arm is unknown, slots are not
        between 1 and 26, or counts are negative or exceed the cases.
    """
    cases = [*plan.cases, *plan.practice_cases, *plan.catch_cases, *plan.reserve_cases]
    _unique("reader", [reader.label for reader in plan.readers])
    _unique("arm", [arm.code for arm in plan.arms])
    _unique("case", [case.code for case in cases])
    known = {arm.code for arm in plan.arms}
    for reader in plan.readers:
        unknown = sorted({reader.own or "", *reader.excluded} - known - {""})
        if unknown:
            raise PlanRefused(f"reader {reader.label} is tied to arm {unknown[0]}, which the plan does not have")
    if not 1 <= plan.slots <= len(LETTERS):
        raise PlanRefused(f"{plan.slots} slots per case; 1 to {len(LETTERS)} are possible")
    if plan.short_cases not in (SHOW_FEWER, REPLACE):
        raise PlanRefused(f"“{plan.short_cases}” is no rule for short cases: {SHOW_FEWER} or {REPLACE}")
    _within("practice cases", plan.practice, len(plan.practice_cases))
    _within("repeats", plan.repeats, len(plan.cases))
    if plan.repeat_gap < 1 or plan.session_size < 0:
        raise PlanRefused("the gap before a repeat is at least 1, and a session has no negative size")
    return plan


def plan_to_dict(plan: AllocationPlan) -> dict[str, Any]:
    """Return the plain form of a plan; availability as one sorted list of arms per case."""
    everything = [*plan.cases, *plan.practice_cases, *plan.catch_cases, *plan.reserve_cases]
    return {
        "readers": [
            {"label": reader.label, "own": reader.own, "excluded": sorted(reader.excluded)} for reader in plan.readers
        ],
        "arms": [{"code": arm.code, "kind": arm.kind} for arm in plan.arms],
        "cases": [_case_to_dict(case) for case in plan.cases],
        "practice_cases": [_case_to_dict(case) for case in plan.practice_cases],
        "catch_cases": [_case_to_dict(case) for case in plan.catch_cases],
        "reserve_cases": [_case_to_dict(case) for case in plan.reserve_cases],
        "available": {
            case.code: [arm.code for arm in plan.arms if (case.code, arm.code) in plan.available] for case in everything
        },
        "slots": plan.slots,
        "practice": plan.practice,
        "repeats": plan.repeats,
        "repeat_gap": plan.repeat_gap,
        "short_cases": plan.short_cases,
        "session_size": plan.session_size,
    }


def plan_from(data: Mapping[str, Any]) -> AllocationPlan:
    """Return the plan that a plain form, as written by `plan_to_dict`, describes."""
    return checked(
        AllocationPlan(
            readers=tuple(PlannedReader(r["label"], r["own"], tuple(r["excluded"])) for r in data["readers"]),
            arms=tuple(PlannedArm(arm["code"], arm["kind"]) for arm in data["arms"]),
            cases=_cases_from(data["cases"]),
            practice_cases=_cases_from(data["practice_cases"]),
            catch_cases=_cases_from(data["catch_cases"]),
            reserve_cases=_cases_from(data["reserve_cases"]),
            available=frozenset((case, arm) for case, arms in data["available"].items() for arm in arms),
            slots=data["slots"],
            practice=data["practice"],
            repeats=data["repeats"],
            repeat_gap=data["repeat_gap"],
            short_cases=data["short_cases"],
            session_size=data["session_size"],
        )
    )


def rows(allocation: Allocation) -> list[dict[str, Any]]:
    """Return the allocation as plain rows, one per presentation, ready for sealing."""
    return [
        {
            "reader": shown.reader,
            "position": shown.position,
            "kind": shown.kind,
            "case": shown.case,
            "session": shown.session,
            "repeat_of": shown.repeat_of,
            "short": shown.short,
            "candidates": [
                {
                    "slot": candidate.slot,
                    "letter": candidate.letter,
                    "colour": candidate.colour,
                    "line_style": candidate.line_style,
                    "arm": candidate.arm,
                }
                for candidate in shown.candidates
            ],
        }
        for shown in allocation.presentations
    ]


def _case_to_dict(case: PlannedCase) -> dict[str, Any]:
    return {"code": case.code, "strata": list(case.strata)}


def _cases_from(data: Iterable[Mapping[str, Any]]) -> tuple[PlannedCase, ...]:
    return tuple(PlannedCase(case["code"], tuple(case["strata"])) for case in data)


def _unique(thing: str, codes: list[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if not code or "|" in code or any(ord(letter) < 32 for letter in code):
            raise PlanRefused(f"the {thing} code “{code}” must be a plain text without “|”")
        if code in seen:
            raise PlanRefused(f"the {thing} code “{code}” is used twice")
        seen.add(code)


def _within(thing: str, wanted: int, present: int) -> None:
    if not 0 <= wanted <= present:
        raise PlanRefused(f"{wanted} {thing} are asked for, {present} are there to draw from")
