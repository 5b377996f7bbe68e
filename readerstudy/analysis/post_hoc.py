"""After Kruskal-Wallis: pairwise comparisons that use the ranks of all groups (Dunn, Conover) or of pairs (DSCF)."""

from itertools import combinations

import numpy as np
from scipy import stats

from readerstudy.analysis.errors import SettingError
from readerstudy.analysis.group_tests import Counts, FloatArray, kruskal_wallis, midranks, tie_sum, u_statistic
from readerstudy.analysis.results import TestResult

METHODS = ("dunn", "conover", "dscf")


def post_hoc(table: Counts, method: str = "dunn") -> dict[tuple[str, str], TestResult]:
    """Return one test per pair of groups with ratings, first against second, in the order of the groups.

    Parameters
    ----------
    table : Counts
    method : {"dunn", "conover", "dscf"}
        Dunn (normal) and Conover (t) on joint ranks, unadjusted; Dwass-Steel-Critchlow-Fligner on ranks of
        each pair, whose P values are already adjusted for all pairs by the studentised range.

    Returns
    -------
    dict
        Empty when fewer than two groups have ratings or all ratings are equal.

    References
    ----------
    Dunn OJ. Technometrics 1964;6:241-252. Conover WJ, Iman RL. LA-7677-MS, Los Alamos, 1979. Critchlow DE,
    Fligner MA. Commun Stat Theory Methods 1991;20:127-139.
    """
    if method not in METHODS:
        raise SettingError("setting.post_hoc", f"post hoc test {method!r} is not one of {', '.join(METHODS)}")
    present = [name for name, n in zip(table.groups, table.counts.sum(axis=0), strict=True) if n > 0]
    omnibus = kruskal_wallis(table)
    if len(present) < 2 or omnibus.statistic is None:
        return {}
    pairs = list(combinations(present, 2))
    if method == "dscf":
        return {pair: _dscf(table.pair(*pair), len(present)) for pair in pairs}
    return {pair: _joint(table, pair, method, omnibus.statistic, len(present)) for pair in pairs}


def _joint(table: Counts, pair: tuple[str, str], method: str, h: float, groups: int) -> TestResult:
    totals = table.counts.sum(axis=1)
    n = int(totals.sum())
    columns = [table.groups.index(name) for name in pair]
    sizes = table.counts.sum(axis=0)[columns]
    mean_ranks: FloatArray = (midranks(totals) @ table.counts[:, columns]) / sizes
    difference = float(mean_ranks[0] - mean_ranks[1])
    spread = (n * (n + 1) / 12 - tie_sum(totals) / (12 * (n - 1))) * float(np.sum(1 / sizes))
    if method == "dunn":
        z = difference / float(np.sqrt(spread))
        return TestResult(
            "Dunn",
            "joint ranks, tie-corrected",
            n,
            z,
            None,
            float(2 * stats.norm.sf(abs(z))),
            "difference of mean ranks",
            difference,
        )
    df = n - groups
    rest = (n - 1 - h) / df
    if rest <= 0:
        return TestResult("Conover", "joint ranks", n, note="the groups are separated completely")
    t = difference / float(np.sqrt(spread * rest))
    return TestResult(
        "Conover",
        "joint ranks, tie-corrected",
        n,
        t,
        df,
        float(2 * stats.t.sf(abs(t), df)),
        "difference of mean ranks",
        difference,
    )


def _dscf(pair: Counts, groups: int) -> TestResult:
    totals, (n1, n2) = pair.counts.sum(axis=1), pair.counts.sum(axis=0).tolist()
    n = n1 + n2
    name, variant = "Dwass-Steel-Critchlow-Fligner", f"studentised range over {groups} groups"
    if np.count_nonzero(totals) < 2:
        return TestResult(name, variant, n, note="all ratings are equal")
    variance = n1 * n2 / 24 * (n + 1 - tie_sum(totals) / (n * (n - 1)))
    w = (u_statistic(pair.counts) - n1 * n2 / 2) / float(np.sqrt(variance))
    return TestResult(
        name,
        variant,
        n,
        w,
        None,
        float(stats.studentized_range.sf(abs(w), groups, np.inf)),
        "probabilistic index",
        u_statistic(pair.counts) / (n1 * n2),
    )
