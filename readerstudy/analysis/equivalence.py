"""Equivalence and non-inferiority: a margin set beforehand, and an interval that lies within it or does not."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import SettingError
from readerstudy.analysis.intervals import Interval, newcombe_difference

EQUIVALENT = "equivalent"
DIFFERENT = "different"
DIFFERENT_WITHIN = "different, but within the margin"
INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class Equivalence:
    """Two one-sided tests of a difference against ± margin, and the interval of the same level."""

    difference: float
    margin: float
    t_lower: float
    t_upper: float
    df: float
    p: float
    interval: Interval
    verdict: str


def tost_welch(
    mean1: float, sd1: float, n1: int, mean2: float, sd2: float, n2: int, *, margin: float, alpha: float = 0.05
) -> Equivalence:
    """Return the equivalence test of two independent means with unequal variances, from their summaries.

    References
    ----------
    Schuirmann DJ. J Pharmacokinet Biopharm 1987;15:657-680. Lakens D. Soc Psychol Personal Sci
    2017;8:355-362.
    """
    v1, v2 = sd1**2 / n1, sd2**2 / n2
    df = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
    return tost(mean1 - mean2, float(np.sqrt(v1 + v2)), df, margin=margin, alpha=alpha)


def tost_paired(differences: npt.ArrayLike, *, margin: float, alpha: float = 0.05) -> Equivalence:
    """Return the equivalence test of a mean paired difference, one value per case (or per cluster)."""
    d = np.asarray(differences, dtype=np.float64)
    d = d[~np.isnan(d)]
    return tost(float(d.mean()), float(d.std(ddof=1) / np.sqrt(d.size)), d.size - 1, margin=margin, alpha=alpha)


def tost(difference: float, se: float, df: float, *, margin: float, alpha: float = 0.05) -> Equivalence:
    """Return the equivalence test of any estimate with a standard error; ``df`` may be infinite.

    The verdict compares the 1 - 2 alpha interval with the margin and the 1 - alpha interval with zero.
    """
    if margin <= 0:
        raise SettingError("setting.margin", f"an equivalence margin is a positive number, not {margin:g}")
    t_lower, t_upper = (difference + margin) / se, (difference - margin) / se
    p = max(float(stats.t.sf(t_lower, df)), float(stats.t.cdf(t_upper, df)))
    half = float(stats.t.ppf(1 - alpha, df)) * se
    wide = float(stats.t.ppf(1 - alpha / 2, df)) * se
    interval = Interval(difference - half, difference + half)
    verdict = _verdict(p < alpha, abs(difference) > wide)
    return Equivalence(difference, margin, t_lower, t_upper, df, p, interval, verdict)


def _verdict(inside: bool, differs: bool) -> str:
    if inside:
        return DIFFERENT_WITHIN if differs else EQUIVALENT
    return DIFFERENT if differs else INCONCLUSIVE


@dataclass(frozen=True)
class NonInferiority:
    """A difference of shares, its interval, and what follows for the margin: non-inferior, then superior."""

    difference: float
    margin: float
    interval: Interval
    noninferior: bool
    superior: bool


def share_noninferiority(k1: int, n1: int, k2: int, n2: int, *, margin: float, level: float = 0.95) -> NonInferiority:
    """Return whether the first share is at most ``margin`` below the second, and then whether it is above it.

    Independent groups, Newcombe's two-sided interval of the given level; superiority is asked only after
    non-inferiority, so no adjustment is needed.
    """
    return noninferiority(k1 / n1 - k2 / n2, newcombe_difference(k1, n1, k2, n2, level), margin=margin)


def noninferiority(difference: float, interval: Interval, *, margin: float) -> NonInferiority:
    """Return the verdict of any difference with an interval (clustered, paired or from a model)."""
    if margin <= 0:
        raise SettingError("setting.margin", f"a non-inferiority margin is a positive number, not {margin:g}")
    noninferior = interval.low > -margin
    return NonInferiority(difference, margin, interval, noninferior, noninferior and interval.low > 0)
