"""Rank tests for the same cases measured twice or more: signed-rank with its shift, Friedman."""

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import AnalysisError, SettingError
from readerstudy.analysis.intervals import Interval
from readerstudy.analysis.results import TestResult

FloatArray = npt.NDArray[np.float64]
ZEROS = ("pratt", "wilcox")
EXACT_UP_TO = 50


def signed_rank(
    first: npt.ArrayLike, second: npt.ArrayLike, *, zeros: str = "pratt", correction: bool = False
) -> TestResult:
    """Return the two-sided Wilcoxon signed-rank test of paired values.

    Parameters
    ----------
    first, second : array of float, shape (n,)
        Pairs with a NaN are left out; n in the result counts what was used.
    zeros : {"pratt", "wilcox"}
        Zero differences keep their place in the ranking, or are dropped.
    correction : bool
        Continuity correction of the normal approximation.

    Returns
    -------
    TestResult
        The statistic is the sum of the ranks of positive differences. Exact for 50 pairs or fewer without
        ties and zeros, else the normal approximation with tie correction; the variant says which. The
        effect is the Hodges-Lehmann shift with its interval. All differences zero: no P, with a note.

    References
    ----------
    Wilcoxon F. Biometrics Bull 1945;1:80-83. Pratt JW. J Am Stat Assoc 1959;54:655-667.
    """
    if zeros not in ZEROS:
        raise SettingError("setting.zeros", f"zeros {zeros!r} is not one of {ZEROS}")
    d = differences(first, second)
    if not np.any(d):
        return TestResult("Wilcoxon signed-rank", "not run", d.size, note="all differences are zero")
    kept = d if zeros == "pratt" else d[d != 0]
    ranks = stats.rankdata(np.abs(kept))
    positive = float(ranks[kept > 0].sum())
    exact = d.size <= EXACT_UP_TO and bool(np.all(d)) and np.unique(np.abs(d)).size == d.size
    p = _exact_p(positive, d.size) if exact else _normal_p(kept, ranks, positive, correction)
    variant = "exact" if exact else f"normal approximation, {zeros} zeros" + (", continuity" if correction else "")
    interval = shift_interval(d)
    return TestResult(
        "Wilcoxon signed-rank", variant, d.size, positive, None, p, "Hodges-Lehmann shift", pseudomedian(d), *interval
    )


def differences(first: npt.ArrayLike, second: npt.ArrayLike) -> FloatArray:
    """Return first minus second for the complete pairs."""
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape:
        raise AnalysisError("paired.length", f"paired values must be equally many: {a.size} and {b.size} were given")
    d = a - b
    return d[~np.isnan(d)]


def _exact_p(positive: float, n: int) -> float:
    ways = np.zeros(n * (n + 1) // 2 + 1)
    ways[0] = 1.0
    for rank in range(1, n + 1):
        ways[rank:] += ways[:-rank].copy()
    low = min(positive, n * (n + 1) / 2 - positive)
    return float(min(1.0, 2 * ways[: int(low) + 1].sum() / 2.0**n))


def _normal_p(d: FloatArray, ranks: FloatArray, positive: float, correction: bool) -> float:
    used = ranks[d != 0]
    mean, variance = used.sum() / 2, np.sum(used**2) / 4
    distance = abs(positive - mean) - (0.5 if correction else 0.0)
    return float(min(1.0, 2 * stats.norm.sf(distance / np.sqrt(variance))))


def walsh_averages(d: FloatArray) -> FloatArray:
    """Return all means of two differences (each with itself too), sorted."""
    rows, columns = np.triu_indices(d.size)
    return np.sort((d[rows] + d[columns]) / 2)


def pseudomedian(d: FloatArray) -> float:
    """Return the Hodges-Lehmann estimate of the shift, the median of the Walsh averages; nan without pairs."""
    return float(np.median(walsh_averages(d))) if d.size else float("nan")


def shift_interval(d: FloatArray, level: float = 0.95) -> Interval:
    """Return Tukey's interval of the shift, Walsh averages at ranks from the signed-rank distribution.

    Exact ranks for 50 differences or fewer, else the normal approximation. Nan ends where the level is out of
    reach (fewer than 6 differences at 95%).

    References
    ----------
    Hollander M, Wolfe DA. Nonparametric Statistical Methods, 2nd ed, 1999, section 3.3.
    """
    n = d.size
    tail = (1 - level) / 2
    if n <= EXACT_UP_TO:
        ways = np.zeros(n * (n + 1) // 2 + 1)
        ways[0] = 1.0
        for rank in range(1, n + 1):
            ways[rank:] += ways[:-rank].copy()
        rank = int(np.searchsorted(np.cumsum(ways) / 2.0**n, tail, side="right"))
    else:
        spread = np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
        rank = int(n * (n + 1) / 4 + stats.norm.ppf(tail) * spread)
    if rank == 0:
        return Interval(np.nan, np.nan)
    walsh = walsh_averages(d)
    return Interval(float(walsh[rank - 1]), float(walsh[-rank]))


def friedman(values: npt.ArrayLike) -> TestResult:
    """Return Friedman's test, tie corrected; the effect is Kendall's W.

    Parameters
    ----------
    values : array of float, shape (cases, arms)
        Complete.

    References
    ----------
    Friedman M. J Am Stat Assoc 1937;32:675-701.
    """
    x = np.asarray(values, dtype=np.float64)
    n, k = x.shape
    ranks = stats.rankdata(x, axis=1)
    spread = float(np.sum(ranks**2) - n * k * (k + 1) ** 2 / 4)
    if spread == 0:
        return TestResult("Friedman", "tie-corrected", n, note="every case has equal values in all arms")
    between = float(np.sum((ranks.sum(axis=0) - n * (k + 1) / 2) ** 2))
    statistic = (k - 1) * between / spread
    p = float(stats.chi2.sf(statistic, k - 1))
    return TestResult("Friedman", "tie-corrected", n, statistic, k - 1, p, "Kendall's W", statistic / (n * (k - 1)))
