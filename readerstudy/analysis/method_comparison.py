"""Two measurements of the same quantity: limits of agreement, concordance, and regressions with error in both."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.intervals import Interval

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LimitsOfAgreement:
    """Bias and limits of agreement with intervals, and the regression of the difference on the mean."""

    n: int
    bias: float
    sd: float
    bias_interval: Interval
    lower: float
    upper: float
    lower_interval: Interval
    upper_interval: Interval
    slope: float
    slope_p: float


def bland_altman(
    first: npt.ArrayLike, second: npt.ArrayLike, *, multiplier: float | None = None, level: float = 0.95
) -> LimitsOfAgreement:
    """Return Bland and Altman's limits of agreement of first minus second.

    Parameters
    ----------
    first, second : array of float, shape (n,)
        Complete pairs are used; at least 3.
    multiplier : float, optional
        Standard deviations from bias to limit; 1.96 by default, 2 in the paper of 1986.

    References
    ----------
    Bland JM, Altman DG. Lancet 1986;i:307-310. Bland JM, Altman DG. Stat Methods Med Res 1999;8:135-160.
    """
    a, b = _pairs(first, second)
    d = a - b
    n, bias, sd = d.size, float(d.mean()), float(d.std(ddof=1))
    reach = (float(stats.norm.ppf(0.975)) if multiplier is None else multiplier) * sd
    t = float(stats.t.ppf(0.5 + level / 2, n - 1))
    half, half_limit = t * sd / np.sqrt(n), t * sd * np.sqrt(3 / n)
    lower, upper = bias - reach, bias + reach
    slope, slope_p = _trend((a + b) / 2, d)
    return LimitsOfAgreement(
        n,
        bias,
        sd,
        _around(bias, half),
        lower,
        upper,
        _around(lower, half_limit),
        _around(upper, half_limit),
        slope,
        slope_p,
    )


def _pairs(first: npt.ArrayLike, second: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.shape != b.shape:
        raise AnalysisError("paired.length", f"paired values must be equally many: {a.size} and {b.size} were given")
    known = ~(np.isnan(a) | np.isnan(b))
    if known.sum() < 3:
        raise AnalysisError("paired.few", f"a comparison of methods needs 3 complete pairs; there are {known.sum()}")
    return a[known], b[known]


def _around(centre: float, half: float) -> Interval:
    return Interval(centre - float(half), centre + float(half))


def _trend(mean: FloatArray, difference: FloatArray) -> tuple[float, float]:
    if np.ptp(mean) == 0 or np.ptp(difference) == 0:
        return 0.0, float("nan")
    found = stats.linregress(mean, difference)
    return float(found.slope), float(found.pvalue)


@dataclass(frozen=True)
class RepeatedLimits:
    """Limits of agreement from several pairs per subject, and the two variances that make them."""

    bias: float
    lower: float
    upper: float
    between: float
    within: float


def bland_altman_repeated(difference: npt.ArrayLike, subject: npt.ArrayLike) -> RepeatedLimits:
    """Return limits of agreement where subjects have several pairs and the true value may change.

    Parameters
    ----------
    difference : array of float, shape (n,)
        First minus second, one per pair.
    subject : array, shape (n,)
        Subject of each pair.

    References
    ----------
    Bland JM, Altman DG. J Biopharm Stat 2007;17:571-582.
    """
    d = np.asarray(difference, dtype=np.float64)
    code = np.unique(np.asarray(subject), return_inverse=True)[1]
    m = np.bincount(code).astype(np.float64)
    means = np.bincount(code, d) / m
    if m.size < 2 or d.size == m.size:
        raise AnalysisError("repeated.single", "repeated limits need 2 subjects and some subject with 2 pairs")
    within = float(np.sum((d - means[code]) ** 2) / (d.size - m.size))
    between_ms = float(np.sum(m * (means - d.mean()) ** 2) / (m.size - 1))
    size = (d.size**2 - np.sum(m**2)) / ((m.size - 1) * d.size)
    between = max(0.0, (between_ms - within) / float(size))
    reach = float(stats.norm.ppf(0.975) * np.sqrt(between + within))
    return RepeatedLimits(float(d.mean()), float(d.mean()) - reach, float(d.mean()) + reach, between, within)


def repeatability(first: npt.ArrayLike, second: npt.ArrayLike, multiplier: float = 2.0) -> float:
    """Return the repeatability coefficient of one method measured twice, multiplier × √(Σd² / n).

    References
    ----------
    Bland JM, Altman DG. Lancet 1986;i:307-310 (the British Standards definition, multiplier 2).
    """
    a, b = _pairs(first, second)
    return multiplier * float(np.sqrt(np.mean((a - b) ** 2)))


def single_measurement_sd(sd_of_averages: float, first_pairs_sd: float, second_pairs_sd: float) -> float:
    """Return the standard deviation of differences of single measurements, from that of averages of two each.

    References
    ----------
    Bland JM, Altman DG. Lancet 1986;i:307-310, "Measuring agreement using repeated measurements".
    """
    return float(np.sqrt(sd_of_averages**2 + first_pairs_sd**2 / 4 + second_pairs_sd**2 / 4))


@dataclass(frozen=True)
class Concordance:
    """Lin's coefficient with its interval, and the two parts it is the product of."""

    ccc: float
    low: float
    high: float
    precision: float
    accuracy: float


def lin_ccc(first: npt.ArrayLike, second: npt.ArrayLike, level: float = 0.95) -> Concordance:
    """Return Lin's concordance correlation coefficient with its z-transformed interval.

    ``precision`` is Pearson's r, ``accuracy`` the bias correction factor; their product is the coefficient.

    References
    ----------
    Lin LIK. Biometrics 1989;45:255-268, with the correction of 2000;56:324-325.
    """
    a, b = _pairs(first, second)
    va, vb, shift = float(a.var()), float(b.var()), float(a.mean() - b.mean())
    if va == 0 or vb == 0:
        return Concordance(*(float("nan"),) * 5)
    covariance = float(np.mean((a - a.mean()) * (b - b.mean())))
    rho, ccc = covariance / np.sqrt(va * vb), 2 * covariance / (va + vb + shift**2)
    if abs(ccc) == 1 or rho == 0:
        return Concordance(ccc, float("nan"), float("nan"), float(rho), float("nan") if rho == 0 else float(ccc / rho))
    u2 = shift**2 / np.sqrt(va * vb)
    variance = (
        (1 - rho**2) * ccc**2 * (1 - ccc**2) / rho**2
        + 2 * ccc**3 * (1 - ccc) * u2 / rho
        - ccc**4 * u2**2 / (2 * rho**2)
    ) / (a.size - 2)
    half = float(stats.norm.ppf(0.5 + level / 2) * np.sqrt(variance)) / (1 - ccc**2)
    low, high = np.tanh(np.arctanh(ccc) + np.array([-half, half]))
    return Concordance(float(ccc), float(low), float(high), float(rho), float(ccc / rho))
