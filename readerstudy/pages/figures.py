"""What the charts draw: the report's own numbers and, behind them, the single scores they summarise."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from readerstudy.analysis.describe import POOLED
from readerstudy.analysis.results import Report

_BOX = ("reader", "arm", "arm_kind", "ratings", "median", "q1", "q3")
_ACCEPTABLE = ("acceptable", "acceptable_of", "acceptable_percent", "acceptable_low", "acceptable_high")
_CALLS = ("judged_ai", "judged_ai_of", "judged_ai_percent", "judged_ai_low", "judged_ai_high")


def chart_data(report: Report, scores: pd.DataFrame) -> dict[str, Any]:
    """Return plain lists for the charts; arms in one order everywhere, experts before models."""
    described = report.table("description").rows
    by_reader = [row for row in described if row["reader"] != POOLED]
    return {
        "arms": _arms(described),
        "pooled": POOLED,
        "acceptable_from": report.settings["acceptable_from"],
        "boxes": [{name: row[name] for name in _BOX} for row in by_reader],
        "points": _points(scores),
        "distribution": _distribution(scores),
        "acceptable": [_share(row, "acceptable", _ACCEPTABLE) for row in described],
        "calls": [_share(row, "judged_ai", _CALLS) for row in report.table("calls").rows],
    }


def _arms(rows: Iterable[Any]) -> list[dict[str, str]]:
    kinds = {str(row["arm"]): str(row["arm_kind"]) for row in rows}
    return [{"arm": arm, "kind": kinds[arm]} for arm in sorted(kinds, key=lambda arm: (kinds[arm] != "expert", arm))]


def _points(scores: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {"reader": row.reader, "arm": row.arm, "case": row.case, "score": int(row.value)}
        for row in scores[["reader", "arm", "case", "value"]].itertuples()
    ]


def _distribution(scores: pd.DataFrame) -> list[dict[str, Any]]:
    counts = scores.groupby(["arm", "value"]).size()
    return [{"arm": arm, "score": int(value), "n": int(n)} for (arm, value), n in counts.items()]


def _share(row: Any, name: str, keys: tuple[str, ...]) -> dict[str, Any]:
    cells = {key.removeprefix(f"{name}_"): row[key] for key in keys[1:]}
    return {"reader": row["reader"], "arm": row["arm"], "kind": row["arm_kind"], "count": row[name], **cells}
