"""A study rebuilt from the counts that a paper prints: only what those counts determine.

Shares, chi-squared under every convention, d' with independence assumed, odds ratios by reader and whether
they agree. No rating is invented: what the counts do not determine (medians, mixed models) is absent.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
import pandas as pd

from readerstudy.analysis.columns import COUNT, NUMBER, PERCENT, TEXT, P, columns
from readerstudy.analysis.contingency import odds_ratio, pearson
from readerstudy.analysis.describe import share
from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.heterogeneity import breslow_day, common_odds_ratio, leave_one_out
from readerstudy.analysis.multiplicity import METHODS, adjust
from readerstudy.analysis.report import package_versions
from readerstudy.analysis.results import Cell, Report, Row, finite, result_table
from readerstudy.analysis.turing import OriginCounts, detection, verdict

INDEPENDENT = "The counts do not show which answers belong to one case, so answers are taken as independent."
CONVENTIONS = tuple(product((False, True), ("none", "bh", "by", "holm", "bonferroni")))
NEEDED = ("reader", "arm", "arm_kind", "acceptable", "of", "judged_ai", "judged_of")
_ENDS = (("low", "95% from", NUMBER), ("high", "95% to", NUMBER))
SHARES = columns(
    ("reader", "Reader", TEXT),
    ("arm", "Arm", TEXT),
    ("acceptable", "Acceptable", COUNT),
    ("acceptable_of", "of", COUNT),
    ("acceptable_percent", "Acceptable", PERCENT),
    ("acceptable_low", "95% from", PERCENT),
    ("acceptable_high", "95% to", PERCENT),
)
TESTS = columns(
    ("reader", "Reader", TEXT),
    ("first", "Arm", TEXT),
    ("second", "Against", TEXT),
    ("n", "n", COUNT),
    ("variant", "Variant", TEXT),
    ("adjustment", "Adjustment", TEXT),
    ("family_size", "Tests in family", COUNT),
    ("statistic", "Chi-squared", NUMBER),
    ("p", "P", P),
)
RATIOS = columns(("scope", "Readers", TEXT), ("odds_ratio", "Odds ratio", NUMBER), *_ENDS)
AGREE = columns(("test", "Test", TEXT), ("statistic", "Chi-squared", NUMBER), ("df", "df", COUNT), ("p", "P", P))
TURING = columns(
    ("reader", "Reader", TEXT),
    ("hits", "Models judged AI", COUNT),
    ("models", "of", COUNT),
    ("false_alarms", "Experts judged AI", COUNT),
    ("experts", "of", COUNT),
    ("d_prime", "d'", NUMBER),
    *_ENDS,
    ("criterion", "Criterion c", NUMBER),
    ("verdict", "Verdict", TEXT),
)


def counts_report(counts: pd.DataFrame, index_arm: str) -> Report:
    """Return what printed counts determine about one model.

    Parameters
    ----------
    counts : DataFrame
        One row per reader and arm: ``reader, arm, arm_kind, acceptable, of, judged_ai, judged_of``; empty
        cells where nothing is printed.
    index_arm : str
        The model that is compared with every other arm.

    Returns
    -------
    Report
        Tables ``shares, tests, ratios, heterogeneity, turing``; ``tests`` holds every contrast of the
        index arm within a reader under each of the ten conventions (with and without Yates, five
        adjustments within reader).
    """
    absent = [name for name in NEEDED if name not in counts.columns]
    if absent:
        raise AnalysisError("counts.columns", f"the counts lack {', '.join(absent)}")
    printed = counts[counts["of"].notna() & counts["acceptable"].notna()].sort_values(["reader", "arm"])
    strata = _strata(printed, index_arm)
    tables = (
        result_table("shares", "Share acceptable", SHARES, _share_rows(printed), ("Intervals by Wilson.",)),
        result_table(
            "tests",
            f"{index_arm} against the others, under every convention",
            TESTS,
            _test_rows(printed, index_arm),
            (INDEPENDENT,),
        ),
        result_table("ratios", f"{index_arm} against the experts", RATIOS, _ratio_rows(strata), (INDEPENDENT,)),
        result_table("heterogeneity", "Do the readers agree?", AGREE, _agree_rows(strata)),
        result_table("turing", "Can readers tell model from expert?", TURING, _turing_rows(counts), (INDEPENDENT,)),
    )
    return Report("printed counts", {"index_arm": index_arm}, tables, (INDEPENDENT,), package_versions())


def _share_rows(printed: pd.DataFrame) -> list[Row]:
    rows: list[Row] = []
    for row in printed.itertuples():
        head: dict[str, Cell] = {"reader": str(row.reader), "arm": str(row.arm)}
        rows.append(head | share("acceptable", int(row.acceptable), int(row.of)))
    return rows


def _table(first: Sequence[int], second: Sequence[int]) -> list[list[int]]:
    return [[first[0], first[1] - first[0]], [second[0], second[1] - second[0]]]


def _test_rows(printed: pd.DataFrame, index_arm: str) -> list[Row]:
    rows: list[Row] = []
    for reader, group in printed.groupby("reader", sort=True):
        cells = {str(r.arm): (int(r.acceptable), int(r.of)) for r in group.itertuples()}
        others = [arm for arm in cells if arm != index_arm]
        if index_arm not in cells or not others:
            continue
        for yates, method in CONVENTIONS:
            results = [pearson(_table(cells[index_arm], cells[arm]), yates=yates) for arm in others]
            p = adjust([np.nan if r.p is None else r.p for r in results], method)
            rows += [
                {
                    "reader": str(reader),
                    "first": index_arm,
                    "second": arm,
                    "n": r.n,
                    "variant": r.variant,
                    "adjustment": METHODS[method],
                    "family_size": len(others),
                    "statistic": r.statistic,
                    "p": finite(value),
                }
                for arm, r, value in zip(others, results, p, strict=True)
            ]
    return rows


def _strata(printed: pd.DataFrame, index_arm: str) -> dict[str, list[list[int]]]:
    strata = {}
    for reader, group in printed.groupby("reader", sort=True):
        model, expert = group[group["arm"] == index_arm], group[group["arm_kind"] == "expert"]
        if len(model) and len(expert):
            sums = [(int(side["acceptable"].sum()), int(side["of"].sum())) for side in (model, expert)]
            strata[str(reader)] = _table(*sums)
    return strata


def _ratio_rows(strata: dict[str, list[list[int]]]) -> list[Row]:
    rows: list[Row] = []
    for reader, table in strata.items():
        ratio, low, high = odds_ratio(table)
        rows.append({"scope": reader, "odds_ratio": ratio, "low": low, "high": high})
    if len(strata) < 2:
        return rows
    pooled = {f"{len(strata)} readers, Mantel-Haenszel": common_odds_ratio(strata)}
    pooled |= {f"without {name}": found for name, found in leave_one_out(strata).items()}
    return rows + [
        {"scope": scope, "odds_ratio": finite(c.ratio), "low": finite(c.low), "high": finite(c.high)}
        for scope, c in pooled.items()
    ]


def _agree_rows(strata: dict[str, list[list[int]]]) -> list[Row]:
    return [breslow_day(strata).row()] if len(strata) > 1 else []


def _turing_rows(counts: pd.DataFrame) -> list[Row]:
    rows: list[Row] = []
    asked = counts[counts["judged_ai"].notna() & counts["judged_of"].notna()]
    for reader, group in asked.groupby("reader", sort=True):
        sums = [
            (int(side["judged_ai"].sum()), int(side["judged_of"].sum()))
            for side in (group[group["arm_kind"] == kind] for kind in ("model", "expert"))
        ]
        found = detection(OriginCounts(*sums[0], *sums[1]))
        row: dict[str, Cell] = {
            "reader": str(reader),
            "hits": sums[0][0],
            "models": sums[0][1],
            "false_alarms": sums[1][0],
            "experts": sums[1][1],
            "verdict": verdict(found),
        }
        if found is not None:
            low, high = found.d_prime_interval()
            row |= {"d_prime": found.d_prime, "low": low, "high": high, "criterion": found.criterion}
        rows.append(row)
    return rows
