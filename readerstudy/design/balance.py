"""The balance report: how even an allocation is, as plain rows for the protocol page and its PDF.

Practice, repeats and catch items are left out, as they are of the analysis.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations, product
from typing import Any

from .plan import MAIN, AllocatedPresentation, Allocation, AllocationPlan, PlannedReader

Row = dict[str, Any]


def balance(plan: AllocationPlan, allocation: Allocation) -> dict[str, Any]:
    """Return the balance report of an allocation.

    Returns
    -------
    dict
        `readers`: per reader the number of presentations and, for arm, pair, set, arm × slot, arm × colour,
        slot × colour and arm × slot × colour, rows of counts with the least, the greatest and their difference.
        `rated`: for each arm, in how many cases its mask is rated by 0, 1, 2 … readers, and by how many it could
        be. `cases`: one row per case and arm with both numbers. `short` and `unshown`: flagged (reader, case).
    """
    main = [shown for shown in allocation.presentations if shown.kind == MAIN]
    ratings = _ratings_by_mask(plan, main)
    return {
        "algorithm": allocation.algorithm,
        "readers": [_reader(plan, reader, _of(reader, main)) for reader in plan.readers],
        "rated": _rated(plan, ratings),
        "cases": ratings,
        "short": [{"reader": shown.reader, "case": shown.case} for shown in main if shown.short],
        "unshown": [{"reader": reader, "case": case} for reader, case in allocation.unshown],
    }


def _of(reader: PlannedReader, main: Iterable[AllocatedPresentation]) -> list[AllocatedPresentation]:
    return [shown for shown in main if shown.reader == reader.label]


def _reader(plan: AllocationPlan, reader: PlannedReader, shown: Sequence[AllocatedPresentation]) -> Row:
    arms = plan.sources_of(reader)
    slots = range(plan.slots)
    tables: list[tuple[str, Callable[[AllocatedPresentation], Iterable[tuple[Any, ...]]], Iterable[Any]]] = [
        ("arm", lambda item: ((c.arm,) for c in item.candidates), ((arm,) for arm in arms)),
        ("pair", lambda item: combinations(_sorted_arms(item, arms), 2), combinations(arms, 2)),
        (
            "set",
            lambda item: [_sorted_arms(item, arms)],
            combinations(arms, min(plan.slots, len(arms))),
        ),
        ("arm × slot", lambda item: ((c.arm, c.slot) for c in item.candidates), product(arms, slots)),
        ("arm × colour", lambda item: ((c.arm, c.colour) for c in item.candidates), product(arms, slots)),
        ("slot × colour", lambda item: ((c.slot, c.colour) for c in item.candidates), product(slots, slots)),
        (
            "arm × slot × colour",
            lambda item: ((c.arm, c.slot, c.colour) for c in item.candidates),
            product(arms, slots, slots),
        ),
    ]
    return {
        "reader": reader.label,
        "own": reader.own,
        "presentations": len(shown),
        "candidates": sum(len(item.candidates) for item in shown),
        "tables": [
            _table(name, Counter(cell for item in shown for cell in cells(item)), list(possible))
            for name, cells, possible in tables
        ],
    }


def _sorted_arms(shown: AllocatedPresentation, arms: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted((candidate.arm for candidate in shown.candidates), key=arms.index))


def _table(name: str, count: Mapping[tuple[Any, ...], int], possible: Sequence[tuple[Any, ...]]) -> Row:
    cells = list(dict.fromkeys([*possible, *count]))
    values = [count[cell] for cell in possible] or [0]
    return {
        "table": name,
        "least": min(values),
        "most": max(values),
        "difference": max(values) - min(values),
        "rows": [{"cell": [*cell], "count": count[cell]} for cell in cells],
    }


def _ratings_by_mask(plan: AllocationPlan, main: Sequence[AllocatedPresentation]) -> list[Row]:
    rated = Counter((shown.case, candidate.arm) for shown in main for candidate in shown.candidates)
    able: Counter[tuple[str, str]] = Counter()
    for reader in plan.readers:
        for case in _cases(plan, _of(reader, main)):
            able.update((case, arm) for arm in plan.candidates(reader, case))
    return [
        {"case": case, "arm": arm.code, "rated": rated[case, arm.code], "possible": able[case, arm.code]}
        for case in _cases(plan, main)
        for arm in plan.arms
        if (case, arm.code) in plan.available
    ]


def _cases(plan: AllocationPlan, main: Iterable[AllocatedPresentation]) -> list[str]:
    shown = {item.case for item in main}
    return [case.code for case in [*plan.cases, *plan.reserve_cases] if case.code in shown]


def _rated(plan: AllocationPlan, ratings: Sequence[Row]) -> list[Row]:
    report = []
    for arm in plan.arms:
        of_arm = [row for row in ratings if row["arm"] == arm.code]
        times = Counter(row["rated"] for row in of_arm)
        report.append(
            {
                "arm": arm.code,
                "kind": arm.kind,
                "masks": len(of_arm),
                "rated_times": {str(number): times[number] for number in sorted(times)},
                "unrated": times[0],
                "double_rated": sum(count for number, count in times.items() if number >= 2),
                "lost_to_more_than_one": sum(row["possible"] - row["rated"] > 1 for row in of_arm),
            }
        )
    return report
