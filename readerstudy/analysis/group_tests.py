"""Rank tests between independent groups, from count tables.

Ratings are bounded whole numbers, so every rank statistic is a function of the table of counts, levels by
groups. Counting first makes a million ratings as cheap as a hundred, and ties are handled where they arise.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from readerstudy.analysis.errors import SettingError
from readerstudy.analysis.results import TestResult

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
VARIANTS = ("asymptotic", "continuity", "exact")


@dataclass(frozen=True)
class Counts:
    """``counts[i, j]`` ratings of the value ``levels[i]`` in ``groups[j]``; levels ascend."""

    levels: FloatArray
    groups: tuple[str, ...]
    counts: IntArray

    def pair(self, first: str, second: str) -> "Counts":
        """Return the table of two groups only, in this order."""
        columns = [self.groups.index(first), self.groups.index(second)]
        return Counts(self.levels, (first, second), self.counts[:, columns])


def count_table(
    values: npt.ArrayLike, groups: Sequence[str] | npt.NDArray[np.str_], order: Sequence[str] | None = None
) -> Counts:
    """Return the count table of values by group; groups in the given order, else sorted.

    Parameters
    ----------
    values : array of float, shape (n,)
        Ratings, without NaN.
    groups : sequence of str, length n
        Group of each rating.
    order : sequence of str, optional
        Groups to count; a group without ratings gets a column of zeros.
    """
    group_codes, found = pd.factorize(np.asarray(groups), sort=True)
    level_codes, levels = pd.factorize(np.asarray(values, dtype=np.float64), sort=True)
    full = np.bincount(level_codes * max(len(found), 1) + group_codes, minlength=len(levels) * len(found))
    names = tuple(order) if order is not None else tuple(map(str, found))
    column = {str(name): j for j, name in enumerate(found)}
    counts = np.zeros((len(levels), len(names)), dtype=np.int64)
    for j, name in enumerate(names):
        if name in column:
            counts[:, j] = full.reshape(len(levels), -1)[:, column[name]]
    return Counts(np.asarray(levels, dtype=np.float64), names, counts)


def midranks(totals: IntArray) -> FloatArray:
    """Return the midrank of each level from the number of ratings on each level, shape (levels,)."""
    return np.asarray(np.cumsum(totals) - (totals - 1) / 2, dtype=np.float64)


def tie_sum(totals: IntArray) -> float:
    """Return the sum of t³ - t over the tied levels."""
    t = totals.astype(np.float64)
    return float(np.sum(t**3 - t))


def kruskal_wallis(table: Counts) -> TestResult:
    """Return the tie-corrected Kruskal-Wallis test of two or more independent groups.

    The effect is epsilon squared, H / (n - 1). Empty groups are left out. With fewer than two groups, or
    when all ratings are equal, there is no statistic and the note says so.

    References
    ----------
    Kruskal WH, Wallis WA. J Am Stat Assoc 1952;47:583-621.
    """
    counts = table.counts[:, table.counts.sum(axis=0) > 0]
    totals, sizes = counts.sum(axis=1), counts.sum(axis=0)
    n = int(sizes.sum())
    name, variant = "Kruskal-Wallis", "tie-corrected, chi-squared approximation"
    if sizes.size < 2:
        return TestResult(name, variant, n, note="fewer than two groups have ratings")
    if np.count_nonzero(totals) < 2:
        return TestResult(name, variant, n, note="all ratings are equal")
    rank_sums = midranks(totals) @ counts
    between = 12 / (n * (n + 1)) * np.sum(rank_sums**2 / sizes) - 3 * (n + 1)
    h = float(between / (1 - tie_sum(totals) / (n**3 - n)))
    df = sizes.size - 1
    return TestResult(
        name,
        variant,
        n,
        h,
        df,
        float(stats.chi2.sf(h, df)),
        effect_name="epsilon squared",
        effect=h / (n - 1),
    )


def mann_whitney(table: Counts, variant: str = "continuity") -> TestResult:
    """Return the two-sided Mann-Whitney test of the first group against the second.

    Parameters
    ----------
    table : Counts
        Two groups.
    variant : {"asymptotic", "continuity", "exact"}
        Normal approximation with tie-corrected variance, the same with continuity correction of 0.5, or
        the exact conditional distribution given the ties.

    Returns
    -------
    TestResult
        Statistic U of the first group; the effect is the probabilistic index P(first > second) + P(equal) / 2
        with its interval (see `probabilistic_index`). No statistic, with a note, when a group is empty or all
        ratings are equal.

    References
    ----------
    Mann HB, Whitney DR. Ann Math Stat 1947;18:50-60.
    """
    if variant not in VARIANTS:
        raise SettingError("setting.rank_test", f"rank test variant {variant!r} is not one of {VARIANTS}")
    totals = table.counts.sum(axis=1)
    n1, n2 = (int(size) for size in table.counts.sum(axis=0))
    words = {
        "asymptotic": "tie-corrected normal approximation, no continuity correction",
        "continuity": "tie-corrected normal approximation, continuity correction",
        "exact": "exact, conditional on ties",
    }[variant]
    if n1 == 0 or n2 == 0:
        return TestResult("Mann-Whitney", words, n1 + n2, note="a group has no ratings")
    if np.count_nonzero(totals) < 2:
        return TestResult(
            "Mann-Whitney",
            words,
            n1 + n2,
            effect_name="probabilistic index",
            effect=0.5,
            note="all ratings are equal",
        )
    u = u_statistic(table.counts)
    p = exact_p(table.counts) if variant == "exact" else _normal_p(u, totals, n1, n2, variant == "continuity")
    index, low, high = probabilistic_index(table.counts)
    return TestResult("Mann-Whitney", words, n1 + n2, u, None, p, "probabilistic index", index, low, high)


def u_statistic(counts: IntArray) -> float:
    """Return U of the first column: pairs in which the first is higher, ties counting half."""
    below = np.cumsum(counts[:, 1]) - counts[:, 1]
    return float(counts[:, 0] @ (below + counts[:, 1] / 2))


def _normal_p(u: float, totals: IntArray, n1: int, n2: int, continuity: bool) -> float:
    n = n1 + n2
    variance = n1 * n2 / 12 * (n + 1 - tie_sum(totals) / (n * (n - 1)))
    distance = abs(u - n1 * n2 / 2) - (0.5 if continuity else 0.0)
    return float(min(1.0, 2 * stats.norm.sf(distance / np.sqrt(variance))))


def exact_p(counts: IntArray) -> float:
    """Return the exact two-sided Mann-Whitney P given the ties.

    The distribution of the rank sum over all divisions of the ratings into the two groups is built level by
    level; P is the share of divisions whose rank sum lies at least as far from its mean as the observed one.

    References
    ----------
    Mehta CR, Patel NR, Tsiatis AA. Biometrics 1984;40:819-825.
    """
    totals = counts.sum(axis=1)
    doubled = np.rint(2 * midranks(totals)).astype(np.int64)
    ways = _rank_sum_ways(totals, doubled, int(counts[:, 0].sum()))
    mean = counts[:, 0].sum() * (totals.sum() + 1)
    far = np.abs(np.arange(ways.size) - mean) >= abs(int(doubled @ counts[:, 0]) - mean)
    return float(min(1.0, ways[far].sum() / ways.sum()))


def _rank_sum_ways(totals: IntArray, doubled: IntArray, size: int) -> FloatArray:
    width = int(np.sort(np.repeat(doubled, totals))[::-1][:size].sum()) + 1
    ways = np.zeros((size + 1, width))
    ways[0, 0] = 1.0
    for total, rank in zip(totals.tolist(), doubled.tolist(), strict=True):
        grown = ways.copy()
        chosen = 1.0
        for k in range(1, min(total, size) + 1):
            chosen *= (total - k + 1) / k
            shift = k * rank
            if shift >= width:
                break
            grown[k:, shift:] += chosen * ways[: size + 1 - k, : width - shift]
        ways = grown
    return np.asarray(ways[size], dtype=np.float64)


def probabilistic_index(counts: IntArray, level: float = 0.95) -> tuple[float, float, float]:
    """Return P(first > second) + P(equal) / 2 and its interval.

    The variance comes from placements (as in Brunner-Munzel and DeLong), the interval is symmetric on the
    logit scale; nan ends where the index is 0 or 1, a group has one rating, or the placements do not vary.

    References
    ----------
    Brunner E, Munzel U. Biom J 2000;42:17-25. DeLong ER et al. Biometrics 1988;44:837-845.
    """
    first, second = counts[:, 0], counts[:, 1]
    n1, n2 = int(first.sum()), int(second.sum())
    above = (np.cumsum(second) - second / 2) / n2
    below = 1 - (np.cumsum(first) - first / 2) / n1
    index = float(first @ above / n1)
    spread = _weighted_variance(above, first) / n1 + _weighted_variance(below, second) / n2
    if not 0 < index < 1 or not spread > 0:
        return index, float("nan"), float("nan")
    half = stats.norm.ppf(0.5 + level / 2) * np.sqrt(spread) / (index * (1 - index))
    centre = np.log(index / (1 - index))
    return index, float(1 / (1 + np.exp(half - centre))), float(1 / (1 + np.exp(-half - centre)))


def _weighted_variance(values: FloatArray, weights: IntArray) -> float:
    n = int(weights.sum())
    if n < 2:
        return float("nan")
    mean = weights @ values / n
    return float(weights @ (values - mean) ** 2 / (n - 1))


def rank_biserial(index: float) -> float:
    """Return the rank-biserial correlation, 2 × probabilistic index - 1."""
    return 2 * index - 1


def hodges_lehmann(table: Counts) -> float:
    """Return the Hodges-Lehmann shift, the median of all differences first minus second; nan without pairs.

    References
    ----------
    Hodges JL, Lehmann EL. Ann Math Stat 1963;34:598-611.
    """
    differences = np.subtract.outer(table.levels, table.levels).ravel()
    weights = np.multiply.outer(table.counts[:, 0], table.counts[:, 1]).ravel()
    order = np.argsort(differences, kind="stable")
    reached = np.cumsum(weights[order])
    if reached.size == 0 or reached[-1] == 0:
        return float("nan")
    half = reached[-1] / 2
    low = differences[order][np.searchsorted(reached, half)]
    high = differences[order][np.searchsorted(reached, half, side="right")]
    return float((low + high) / 2)
