"""The conventional recipe's tests, row by row: within each reader, contrasts of arms, one family at a time.

Paper 000's recipe. Every row says which test ran in which variant, on how many ratings, in which family.
"""

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from readerstudy.analysis.contingency import fisher, independence_test, odds_ratio
from readerstudy.analysis.describe import POOLED, share
from readerstudy.analysis.group_tests import count_table, hodges_lehmann, kruskal_wallis, mann_whitney
from readerstudy.analysis.multiplicity import METHODS, adjust, family_size
from readerstudy.analysis.results import Cell, Row, TestResult, finite
from readerstudy.analysis.settings import ConventionalSettings
from readerstudy.analysis.turing import (
    Detection,
    OriginCounts,
    could_conclude,
    detection,
    mean_detection,
    score_adjusted_odds_ratio,
    verdict,
)

Compare = Callable[[pd.DataFrame, str, str], dict[str, Cell]]


def omnibus_rows(scores: pd.DataFrame, settings: ConventionalSettings) -> list[Row]:
    """Return one Kruskal-Wallis row per reader (and one pooled, if set), adjusted over the readers."""
    rows: list[dict[str, Cell]] = []
    for reader, group in _by_reader(scores, settings.pooled):
        result = kruskal_wallis(count_table(group["value"].to_numpy(), group["arm"].to_numpy()))
        family = "score-omnibus" + ("/pooled" if reader == POOLED else "")
        head: dict[str, Cell] = {"reader": reader, "arms": int(group["arm"].nunique()), "family": family}
        rows.append(head | result.row())
    return adjusted(rows, settings)


def score_contrast_rows(scores: pd.DataFrame, settings: ConventionalSettings) -> list[Row]:
    """Return Mann-Whitney rows of the scores for every contrast of every reader."""

    def compare(group: pd.DataFrame, first: str, second: str) -> dict[str, Cell]:
        counts = count_table(group["value"].to_numpy(), group["arm"].to_numpy(), (first, second))
        result = mann_whitney(counts, settings.rank_test)
        sizes = counts.counts.sum(axis=0)
        biserial = None if result.effect is None else 2 * result.effect - 1
        return {
            "n_first": int(sizes[0]),
            "n_second": int(sizes[1]),
            "shift": finite(hodges_lehmann(counts)),
            "rank_biserial": biserial,
        } | result.row()

    return _contrasts(scores, settings, "score", compare)


def acceptable_contrast_rows(scores: pd.DataFrame, settings: ConventionalSettings) -> list[Row]:
    """Return chi-squared (or exact) rows on the share acceptable for every contrast of every reader."""
    marked = scores.assign(yes=scores["value"] >= settings.acceptable_from)
    return _contrasts(marked, settings, "acceptable", _share_test(settings))


def origin_contrast_rows(calls: pd.DataFrame, settings: ConventionalSettings) -> list[Row]:
    """Return chi-squared (or exact) rows on the share judged AI for every contrast of every reader."""
    return _contrasts(calls.assign(yes=calls["judged_ai"]), settings, "origin", _share_test(settings))


def _share_test(settings: ConventionalSettings) -> Compare:
    def compare(group: pd.DataFrame, first: str, second: str) -> dict[str, Cell]:
        yes = [int(group.loc[group["arm"] == arm, "yes"].sum()) for arm in (first, second)]
        n = [int((group["arm"] == arm).sum()) for arm in (first, second)]
        table = [[yes[0], n[0] - yes[0]], [yes[1], n[1] - yes[1]]]
        result = independence_test(
            table,
            yates=settings.yates,
            small_expected=settings.small_expected,
            seed=settings.seed,
            replicates=settings.replicates,
        )
        cells: dict[str, Cell] = {"k_first": yes[0], "n_first": n[0], "k_second": yes[1], "n_second": n[1]}
        if min(n) == 0 or sum(yes) in (0, sum(n)):
            return cells | result.row()
        ratio, low, high = odds_ratio(table)
        return cells | {"odds_ratio": ratio, "odds_low": low, "odds_high": high} | result.row()

    return compare


def _contrasts(rows: pd.DataFrame, settings: ConventionalSettings, endpoint: str, compare: Compare) -> list[Row]:
    found: list[dict[str, Cell]] = []
    for reader, group in _by_reader(rows, settings.pooled):
        for first, second in contrast_pairs(group, settings):
            head: dict[str, Cell] = {"reader": reader, "first": first, "second": second}
            head["family"] = _family(endpoint, reader, settings)
            head["shared_cases"] = _shared_cases(group, first, second)
            found.append(head | compare(group, first, second))
    return adjusted(found, settings)


def _family(endpoint: str, reader: str, settings: ConventionalSettings) -> str:
    if reader == POOLED:
        return f"{endpoint}/pooled"
    return f"{endpoint}/{reader}" if settings.family == "within-reader" else endpoint


def contrast_pairs(group: pd.DataFrame, settings: ConventionalSettings) -> list[tuple[str, str]]:
    """Return the pairs of arms to compare among those present, the model first; sorted, without repeats."""
    kinds = dict(zip(group["arm"], group["arm_kind"], strict=True))
    arms = sorted(kinds, key=lambda arm: (arm != settings.index_arm, kinds[arm] != "model", arm))
    pairs = list(combinations(arms, 2))
    if settings.contrasts == "all-pairs":
        return pairs
    if settings.index_arm:
        return [pair for pair in pairs if pair[0] == settings.index_arm]
    return [pair for pair in pairs if kinds[pair[0]] == "model"]


def _shared_cases(group: pd.DataFrame, first: str, second: str) -> int:
    seen = [
        set(zip(rows["reader"], rows["case"], strict=True))
        for rows in (group[group["arm"] == first], group[group["arm"] == second])
    ]
    return len(seen[0] & seen[1])


def _by_reader(rows: pd.DataFrame, pooled: bool) -> Iterator[tuple[str, pd.DataFrame]]:
    for reader, group in rows.groupby("reader", sort=True):
        yield str(reader), group
    if pooled and len(rows):
        yield POOLED, rows


def adjusted(rows: list[dict[str, Cell]], settings: ConventionalSettings) -> list[Row]:
    """Return the rows with adjusted P, family size and the method's name; rows without P stay without."""
    for family in dict.fromkeys(row["family"] for row in rows):
        members = [row for row in rows if row["family"] == family]
        raw = np.array([np.nan if row["p"] is None else row["p"] for row in members], dtype=np.float64)
        for row, value in zip(members, adjust(raw, settings.adjustment), strict=True):
            row["p_adjusted"] = finite(value)
            row["family_size"] = family_size(raw)
            row["adjustment"] = METHODS[settings.adjustment]
    return list(rows)


def turing_rows(calls: pd.DataFrame, scores: pd.DataFrame, settings: ConventionalSettings) -> list[Row]:
    """Return one signal-detection row per reader and, for two or more readers, their unweighted mean.

    The P values are Fisher's, in the family ``turing``. The odds ratio within equal scores uses the
    candidates that the same reader also scored.
    """
    merged = calls.merge(
        scores[["presentation", "reader", "slot", "value"]], how="left", on=["presentation", "reader", "slot"]
    )
    rows, found, sizes = [], [], []
    for reader, group in merged.groupby("reader", sort=True):
        counts = _origin_counts(group)
        rows.append(_turing_row(str(reader), group, counts, settings))
        one = detection(counts)
        if one is not None:
            found.append(one)
            sizes.append((counts.models, counts.experts))
    rows = [dict(row) for row in adjusted(rows, settings)]
    if len(found) > 1:
        rows.append(_mean_row(found, sizes, settings))
    return list(rows)


def _origin_counts(group: pd.DataFrame) -> OriginCounts:
    model, expert = (group[group["arm_kind"] == kind]["judged_ai"] for kind in ("model", "expert"))
    return OriginCounts(int(model.sum()), len(model), int(expert.sum()), len(expert))


def _turing_row(
    reader: str, group: pd.DataFrame, counts: OriginCounts, settings: ConventionalSettings
) -> dict[str, Cell]:
    table = counts.table()
    empty = not table.sum(axis=0).all() or not table.sum(axis=1).all()
    test = (
        TestResult("Fisher exact", "not run", int(table.sum()), note="a row or a column has no counts")
        if empty
        else fisher(table)
    )
    scored = group[group["value"].notna()]
    strata = {int(value): _origin_counts(rows) for value, rows in scored.groupby("value")}
    ratio, low, high = score_adjusted_odds_ratio(strata)
    sensitivity = share("sensitivity", counts.hits, counts.models)
    specificity = share("specificity", counts.experts - counts.false_alarms, counts.experts)
    head: dict[str, Cell] = {
        "reader": reader,
        "family": "turing",
        "hits": counts.hits,
        "models": counts.models,
        "false_alarms": counts.false_alarms,
        "experts": counts.experts,
    }
    adjusted_ratio: dict[str, Cell] = {
        "adjusted_or": finite(ratio),
        "adjusted_or_low": finite(low),
        "adjusted_or_high": finite(high),
    }
    possible = could_conclude(counts.models, counts.experts, margin=settings.origin_margin)
    return (
        head
        | sensitivity
        | specificity
        | adjusted_ratio
        | _detection_cells(detection(counts), settings, possible)
        | test.row()
    )


def _detection_cells(found: Detection | None, settings: ConventionalSettings, could: bool) -> dict[str, Cell]:
    said = verdict(found, margin=settings.origin_margin)
    if found is None:
        return {"verdict": said, "could_conclude": could}
    d95, d90, c95 = found.d_prime_interval(), found.d_prime_interval(0.90), found.criterion_interval()
    return {
        "d_prime": found.d_prime,
        "d_low": d95[0],
        "d_high": d95[1],
        "d_low_90": d90[0],
        "d_high_90": d90[1],
        "criterion": found.criterion,
        "criterion_low": c95[0],
        "criterion_high": c95[1],
        "could_conclude": could,
        "verdict": said,
    }


def _mean_row(found: list[Detection], sizes: list[tuple[int, int]], settings: ConventionalSettings) -> dict[str, Cell]:
    models, experts = (min(size[i] for size in sizes) for i in (0, 1))
    could = could_conclude(models, experts, readers=len(found), margin=settings.origin_margin)
    head: dict[str, Cell] = {
        "reader": f"mean of {len(found)} readers",
        "n": sum(map(sum, sizes)),
        "test": "mean d'",
        "variant": "readers fixed, answers taken as independent",
    }
    return head | _detection_cells(mean_detection(found), settings, could)
