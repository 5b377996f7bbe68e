"""Straight lines between two methods that both measure with error: Deming and Passing-Bablok."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.intervals import Interval

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """Second method = intercept + slope × first, with intervals; slope 1 and intercept 0 mean agreement."""

    method: str
    slope: float
    intercept: float
    slope_interval: Interval
    intercept_interval: Interval
    n: int


def deming(first: npt.ArrayLike, second: npt.ArrayLike, ratio: float = 1.0, level: float = 0.95) -> Line:
    """Return the Deming regression of the second method on the first, intervals by the jackknife.

    Parameters
    ----------
    ratio : float
        Error variance of the second method divided by that of the first; 1 gives orthogonal regression.

    References
    ----------
    Deming WE. Statistical Adjustment of Data, 1943. Linnet K. Clin Chem 1993;39:424-432.
    """
    x, y = _complete(first, second)
    slope, intercept = _deming_fit(x, y, ratio)
    n = x.size
    keep = ~np.eye(n, dtype=bool)
    left = np.array([_deming_fit(x[mask], y[mask], ratio) for mask in keep])
    pseudo = n * np.array([slope, intercept]) - (n - 1) * left
    half = stats.t.ppf(0.5 + level / 2, n - 2) * pseudo.std(axis=0, ddof=1) / np.sqrt(n)
    return Line(
        "Deming",
        slope,
        intercept,
        Interval(slope - float(half[0]), slope + float(half[0])),
        Interval(intercept - float(half[1]), intercept + float(half[1])),
        n,
    )


def _deming_fit(x: FloatArray, y: FloatArray, ratio: float) -> tuple[float, float]:
    sxx, syy, sxy = float(x.var()), float(y.var()), float(np.mean((x - x.mean()) * (y - y.mean())))
    if sxy == 0:
        raise AnalysisError("deming.flat", "the two methods are not correlated; no line describes them")
    tilt = syy - ratio * sxx
    slope = (tilt + float(np.sqrt(tilt**2 + 4 * ratio * sxy**2))) / (2 * sxy)
    return slope, float(y.mean() - slope * x.mean())


def passing_bablok(first: npt.ArrayLike, second: npt.ArrayLike, level: float = 0.95) -> Line:
    """Return the Passing-Bablok regression of the second method on the first.

    Slopes of all pairs, without those of -1, are ordered; their median is shifted by the number of slopes
    below -1, so that exchanging the methods inverts the slope.

    References
    ----------
    Passing H, Bablok W. J Clin Chem Clin Biochem 1983;21:709-720.
    """
    x, y = _complete(first, second)
    i, j = np.triu_indices(x.size, 1)
    dx, dy = x[j] - x[i], y[j] - y[i]
    moved = (dx != 0) | (dy != 0)
    dx, dy = dx[moved], dy[moved]
    with np.errstate(divide="ignore"):
        slopes = np.where(dx == 0, np.sign(dy) * np.inf, dy / np.where(dx == 0, 1.0, dx))
    slopes = np.sort(slopes[slopes != -1])
    if not slopes.size:
        raise AnalysisError("passing-bablok.flat", "no two measurements differ; no line describes them")
    count, shift, n = slopes.size, int(np.count_nonzero(slopes < -1)), x.size
    slope = (_ranked(slopes, (count - 1) // 2 + shift) + _ranked(slopes, count // 2 + shift)) / 2
    spread = float(stats.norm.ppf(0.5 + level / 2) * np.sqrt(n * (n - 1) * (2 * n + 5) / 18))
    rank = round((count - spread) / 2)
    low, high = _ranked(slopes, rank - 1 + shift), _ranked(slopes, count - rank + shift)
    cuts = [float(np.median(y - b * x)) for b in (slope, high, low)]
    return Line("Passing-Bablok", slope, cuts[0], Interval(low, high), Interval(cuts[1], cuts[2]), n)


def _ranked(slopes: FloatArray, place: int) -> float:
    return float(slopes[min(max(place, 0), slopes.size - 1)])


def _complete(first: npt.ArrayLike, second: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    known = ~(np.isnan(x) | np.isnan(y))
    if known.sum() < 4:
        raise AnalysisError(
            "regression.few", f"a regression of methods needs 4 complete pairs; there are {known.sum()}"
        )
    return x[known], y[known]
