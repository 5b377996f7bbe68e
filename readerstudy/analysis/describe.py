"""Description before testing: counts, medians with quartiles, shares acceptable and judged AI."""

import numpy as np
import pandas as pd

from readerstudy.analysis.intervals import median_interval, wilson
from readerstudy.analysis.results import Cell, Row, finite

POOLED = "all readers"


def score_rows(scores: pd.DataFrame, *, quartiles: str = "linear", acceptable_from: int = 7) -> list[Row]:
    """Return one row per reader and arm, then one per arm over all readers.

    Parameters
    ----------
    scores : DataFrame
        As from `table.scores`.
    quartiles : str
        numpy's name of the quantile method ("linear" is Hyndman and Fan's type 7, "weibull" type 6).
    acceptable_from : int
        Lowest acceptable score.

    References
    ----------
    Hyndman RJ, Fan Y. Am Stat 1996;50:361-365.
    """
    rows = [
        _score_row(str(reader), str(arm), group, quartiles, acceptable_from)
        for (reader, arm), group in scores.groupby(["reader", "arm"], sort=True)
    ]
    rows += [
        _score_row(POOLED, str(arm), group, quartiles, acceptable_from)
        for arm, group in scores.groupby("arm", sort=True)
    ]
    return rows


def _score_row(reader: str, arm: str, group: pd.DataFrame, quartiles: str, acceptable_from: int) -> Row:
    values = group["value"].to_numpy(dtype=float)
    q1, median, q3 = np.quantile(values, [0.25, 0.5, 0.75], method=quartiles)  # type: ignore[call-overload]
    inside = median_interval(values)
    head: dict[str, Cell] = {
        "reader": reader,
        "arm": arm,
        "arm_kind": str(group["arm_kind"].iloc[0]),
        "ratings": len(values),
        "cases": int(group["case"].nunique()),
        "median": float(median),
        "q1": float(q1),
        "q3": float(q3),
        "median_low": finite(inside.low),
        "median_high": finite(inside.high),
    }
    return head | share("acceptable", int(np.count_nonzero(values >= acceptable_from)), len(values))


def share(name: str, k: int, n: int) -> dict[str, Cell]:
    """Return the cells of a share: count, total, percentage and its Wilson 95% interval, in percent."""
    low, high = wilson(k, n)
    cells: dict[str, Cell] = {f"{name}": k, f"{name}_of": n, f"{name}_percent": 100 * k / n if n else None}
    return cells | {f"{name}_low": finite(100 * low), f"{name}_high": finite(100 * high)}


def call_rows(calls: pd.DataFrame) -> list[Row]:
    """Return the share judged AI per reader and arm, then per arm over all readers."""
    rows = [
        _call_row(str(reader), str(arm), group) for (reader, arm), group in calls.groupby(["reader", "arm"], sort=True)
    ]
    return rows + [_call_row(POOLED, str(arm), group) for arm, group in calls.groupby("arm", sort=True)]


def _call_row(reader: str, arm: str, group: pd.DataFrame) -> Row:
    head: Row = {"reader": reader, "arm": arm, "arm_kind": str(group["arm_kind"].iloc[0])}
    return dict(head) | share("judged_ai", int(group["judged_ai"].sum()), len(group))


def summary_rows(counts: pd.DataFrame, kind: str) -> list[Row]:
    """Return the two averages of shares over arms of one kind: pooled counts and unweighted mean.

    Parameters
    ----------
    counts : DataFrame
        One row per arm with columns ``arm_kind, k, n``.
    kind : {"model", "expert"}

    Notes
    -----
    Published tables mix the two (182/227 pooled beside a mean of three percentages), so both are given by
    name.
    """
    chosen = counts[(counts["arm_kind"] == kind) & (counts["n"] > 0)]
    if chosen.empty:
        return []
    k, n = int(chosen["k"].sum()), int(chosen["n"].sum())
    mean = float((100 * chosen["k"] / chosen["n"]).mean())
    low, high = wilson(k, n)
    pooled: Row = {
        "arms": f"{kind}s",
        "average": "pooled counts",
        "k": k,
        "n": n,
        "percent": 100 * k / n,
        "low": 100 * low,
        "high": 100 * high,
    }
    unweighted: Row = {
        "arms": f"{kind}s",
        "average": f"unweighted mean of {len(chosen)} arms",
        "percent": mean,
    }
    return [pooled, unweighted]
