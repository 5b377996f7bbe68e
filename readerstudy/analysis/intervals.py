"""Intervals for proportions, their differences and medians, each by a named method."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats


class Interval(NamedTuple):
    """The two ends of an interval."""

    low: float
    high: float


def wilson(k: int, n: int, level: float = 0.95) -> Interval:
    """Return the Wilson score interval of k of n, without continuity correction; nan ends when n is 0.

    References
    ----------
    Wilson EB. J Am Stat Assoc 1927;22:209-212. Newcombe RG. Stat Med 1998;17:857-872, method 3.
    """
    if n == 0:
        return Interval(np.nan, np.nan)
    z = stats.norm.ppf(0.5 + level / 2)
    share = k / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    low = 0.0 if k == 0 else centre - half
    high = 1.0 if k == n else centre + half
    return Interval(float(low), float(high))


def clopper_pearson(k: int, n: int, level: float = 0.95) -> Interval:
    """Return the exact (Clopper-Pearson) interval of k of n; nan ends when n is 0.

    References
    ----------
    Clopper CJ, Pearson ES. Biometrika 1934;26:404-413.
    """
    if n == 0:
        return Interval(np.nan, np.nan)
    tail = (1 - level) / 2
    low = stats.beta.ppf(tail, k, n - k + 1) if k else 0.0
    high = stats.beta.ppf(1 - tail, k + 1, n - k) if k < n else 1.0
    return Interval(float(low), float(high))


def newcombe_difference(k1: int, n1: int, k2: int, n2: int, level: float = 0.95) -> Interval:
    """Return the interval of k1/n1 - k2/n2 for independent groups, from two Wilson intervals.

    References
    ----------
    Newcombe RG. Stat Med 1998;17:873-890, method 10.
    """
    if n1 == 0 or n2 == 0:
        return Interval(np.nan, np.nan)
    p1, p2 = k1 / n1, k2 / n2
    a, b = wilson(k1, n1, level), wilson(k2, n2, level)
    low = p1 - p2 - np.hypot(p1 - a.low, b.high - p2)
    high = p1 - p2 + np.hypot(a.high - p1, p2 - b.low)
    return Interval(float(low), float(high))


def median_interval(values: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Return the order-statistic interval of the median, with coverage of at least ``level``.

    The ends are the r-th smallest and r-th largest value, r the largest rank whose binomial tail stays within
    (1 - level) / 2. Nan ends where even the extremes do not reach the level (fewer than 6 values at 95%).

    References
    ----------
    Conover WJ. Practical Nonparametric Statistics, 3rd ed, 1999, section 3.2.
    """
    ordered = np.sort(np.asarray(values, dtype=float))
    r = int(stats.binom.ppf((1 - level) / 2, ordered.size, 0.5)) if ordered.size else 0
    if r == 0:
        return Interval(np.nan, np.nan)
    return Interval(float(ordered[r - 1]), float(ordered[-r]))
