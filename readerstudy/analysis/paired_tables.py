"""Tests for the same cases judged twice: marginal homogeneity and symmetry of square tables, Cochran's Q.

A paired table holds first judgements in rows and second in columns. What matters lies off the diagonal; a
test of independence on such a table only asks whether the two judgements are related.
"""

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import AnalysisError, SettingError
from readerstudy.analysis.intervals import Interval, wilson
from readerstudy.analysis.results import TestResult

FloatArray = npt.NDArray[np.float64]
MCNEMAR_VARIANTS = ("exact", "mid-p", "asymptotic", "continuity")
DIFFERENCE_METHODS = ("newcombe", "wald")


def mcnemar(table: npt.ArrayLike, variant: str = "exact") -> TestResult:
    """Return McNemar's test of a 2 × 2 paired table, rows and columns in the order yes, no.

    Parameters
    ----------
    table : array of int, shape (2, 2)
    variant : {"exact", "mid-p", "asymptotic", "continuity"}
        Exact binomial, its mid-P form, or chi-squared without or with continuity correction.

    Returns
    -------
    TestResult
        The effect is the first share minus the second, with Newcombe's paired interval. Without discordant
        pairs P is 1 in the exact variants and absent in the others.

    References
    ----------
    McNemar Q. Psychometrika 1947;12:153-157. Fagerland MW et al. BMC Med Res Methodol 2013;13:91.
    """
    if variant not in MCNEMAR_VARIANTS:
        raise SettingError("setting.mcnemar", f"McNemar variant {variant!r} is not one of {MCNEMAR_VARIANTS}")
    counts = _square(table, 2)
    b, c, n = int(counts[0, 1]), int(counts[1, 0]), int(counts.sum())
    statistic, df, p = _mcnemar_p(b, c, variant)
    interval = paired_difference(counts)
    effect = (b - c) / n if n else None
    note = "no discordant pairs" if b + c == 0 else ""
    return TestResult("McNemar", variant, n, statistic, df, p, "difference in proportion", effect, *interval, note)


def _mcnemar_p(b: int, c: int, variant: str) -> tuple[float | None, float | None, float | None]:
    n = b + c
    if variant in ("exact", "mid-p"):
        p = min(1.0, 2 * float(stats.binom.cdf(min(b, c), n, 0.5)))
        if variant == "mid-p":
            p = min(1.0, 2 * float(stats.binom.cdf(min(b, c), n, 0.5) - stats.binom.pmf(b, n, 0.5) / 2))
        return float(min(b, c)), None, p
    if n == 0:
        return None, None, None
    distance = abs(b - c) - (min(1, abs(b - c)) if variant == "continuity" else 0)
    return distance**2 / n, 1, float(stats.chi2.sf(distance**2 / n, 1))


def paired_difference(table: npt.ArrayLike, method: str = "newcombe", level: float = 0.95) -> Interval:
    """Return the interval of the difference of two paired shares, first minus second; nan ends when n is 0.

    References
    ----------
    Newcombe RG. Stat Med 1998;17:2635-2650, methods 10 ("newcombe") and 1 ("wald").
    """
    if method not in DIFFERENCE_METHODS:
        raise SettingError("setting.difference", f"interval {method!r} is not one of {DIFFERENCE_METHODS}")
    (a, b), (c, d) = _square(table, 2).tolist()
    n = int(a + b + c + d)
    if n == 0:
        return Interval(np.nan, np.nan)
    difference = (b - c) / n
    if method == "wald":
        half = float(stats.norm.ppf(0.5 + level / 2) * np.sqrt(b + c - (b - c) ** 2 / n)) / n
        return Interval(difference - half, difference + half)
    first, second = wilson(int(a + b), n, level), wilson(int(a + c), n, level)
    p1, p2, phi = (a + b) / n, (a + c) / n, _phi(a, b, c, d)
    below = (p1 - first.low, second.high - p2)
    above = (second.low - p2, first.high - p1)
    low = difference - float(np.sqrt(below[0] ** 2 - 2 * phi * below[0] * below[1] + below[1] ** 2))
    high = difference + float(np.sqrt(above[0] ** 2 + 2 * phi * above[0] * above[1] + above[1] ** 2))
    return Interval(low, high)


def _phi(a: float, b: float, c: float, d: float) -> float:
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    if margins == 0:
        return 0.0
    product = a * d - b * c
    corrected = max(product - (a + b + c + d) / 2, 0.0) if product > 0 else product
    return float(corrected / np.sqrt(margins))


def stuart_maxwell(table: npt.ArrayLike) -> TestResult:
    """Return the Stuart-Maxwell test of equal margins of a square paired table; unused categories are left out.

    References
    ----------
    Stuart A. Biometrika 1955;42:412-416. Maxwell AE. Br J Psychiatry 1970;116:651-655.
    """
    statistic, df, n = _marginal_statistic(table)
    return _homogeneity("Stuart-Maxwell", statistic, df, n)


def bhapkar(table: npt.ArrayLike) -> TestResult:
    """Return Bhapkar's test of equal margins, W = S / (1 - S / n) of the Stuart-Maxwell statistic S.

    References
    ----------
    Bhapkar VP. J Am Stat Assoc 1966;61:228-235.
    """
    statistic, df, n = _marginal_statistic(table)
    return _homogeneity("Bhapkar", statistic / (1 - statistic / n) if n else statistic, df, n)


def _homogeneity(name: str, statistic: float, df: int, n: int, note: str = "") -> TestResult:
    if df < 1:
        return TestResult(name, "chi-squared", n, note="fewer than two categories were used")
    return TestResult(name, "chi-squared", n, statistic, df, float(stats.chi2.sf(statistic, df)), note=note)


def _marginal_statistic(table: npt.ArrayLike) -> tuple[float, int, int]:
    counts = _square(table)
    used = (counts.sum(axis=0) + counts.sum(axis=1)) > 0
    counts = counts[np.ix_(used, used)]
    difference = (counts.sum(axis=1) - counts.sum(axis=0))[:-1]
    covariance = np.diag(counts.sum(axis=1) + counts.sum(axis=0)) - counts - counts.T
    solved = np.linalg.lstsq(covariance[:-1, :-1], difference, rcond=None)[0] if difference.size else difference
    return float(difference @ solved), difference.size, int(counts.sum())


def bowker(table: npt.ArrayLike) -> TestResult:
    """Return Bowker's test of symmetry on q (q - 1) / 2 df; the note counts pairs of categories without counts.

    References
    ----------
    Bowker AH. J Am Stat Assoc 1948;43:572-574.
    """
    counts = _square(table)
    upper = np.triu_indices(counts.shape[0], 1)
    first, second = counts[upper], counts.T[upper]
    total = first + second
    used = total > 0
    statistic = float(np.sum((first[used] - second[used]) ** 2 / total[used]))
    empty = int(np.count_nonzero(~used))
    note = f"{empty} pairs of categories have no counts; the test is conservative" if empty else ""
    return _homogeneity("Bowker", statistic, used.size, int(counts.sum()), note)


def cochran_q(answers: npt.ArrayLike) -> TestResult:
    """Return Cochran's Q: do shares differ between arms judged on the same cases?

    Parameters
    ----------
    answers : array of 0 and 1, shape (cases, arms)
        Complete.

    References
    ----------
    Cochran WG. Biometrika 1950;37:256-266.
    """
    x = np.asarray(answers, dtype=np.float64)
    if not np.isin(x, (0.0, 1.0)).all():
        raise AnalysisError("cochran.binary", "Cochran's Q needs an answer of 0 or 1 in every cell")
    n, k = x.shape
    per_case = x.sum(axis=1)
    spread = float(np.sum(per_case * (k - per_case)))
    if spread == 0:
        return TestResult("Cochran Q", "chi-squared", n, note="every case has equal answers in all arms")
    totals = x.sum(axis=0)
    q = float((k - 1) * k * np.sum((totals - totals.mean()) ** 2) / spread)
    return TestResult("Cochran Q", "chi-squared", n, q, k - 1, float(stats.chi2.sf(q, k - 1)))


def _square(table: npt.ArrayLike, size: int | None = None) -> FloatArray:
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or size not in (None, counts.shape[0]):
        wanted = f"{size} × {size}" if size else "square"
        raise AnalysisError("paired.shape", f"a paired table is {wanted}, but this one has the shape {counts.shape}")
    return counts
