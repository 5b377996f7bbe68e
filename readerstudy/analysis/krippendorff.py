"""Krippendorff's alpha: disagreement observed within units against disagreement expected over all ratings."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from readerstudy.analysis.errors import SettingError

FloatArray = npt.NDArray[np.float64]
Metric = Callable[[FloatArray, FloatArray], FloatArray]


def _nominal(values: FloatArray, totals: FloatArray) -> FloatArray:
    return np.asarray(np.not_equal.outer(values, values), dtype=np.float64)


def _ordinal(values: FloatArray, totals: FloatArray) -> FloatArray:
    # Distance of two ranks: all ratings from one to the other, the two ends counted half.
    middle = np.cumsum(totals) - totals / 2
    return np.asarray(np.subtract.outer(middle, middle) ** 2, dtype=np.float64)


def _interval(values: FloatArray, totals: FloatArray) -> FloatArray:
    return np.asarray(np.subtract.outer(values, values) ** 2, dtype=np.float64)


def _ratio(values: FloatArray, totals: FloatArray) -> FloatArray:
    summed = np.add.outer(values, values)
    safe = np.where(summed == 0, 1.0, summed)
    return np.asarray((np.subtract.outer(values, values) / safe) ** 2, dtype=np.float64)


METRICS: dict[str, Metric] = {"nominal": _nominal, "ordinal": _ordinal, "interval": _interval, "ratio": _ratio}


def krippendorff_alpha(ratings: npt.ArrayLike, metric: str = "ordinal") -> float:
    """Return Krippendorff's alpha.

    Parameters
    ----------
    ratings : array of float, shape (units, readers)
        NaN where a reader did not rate. A unit with one rating is left out.
    metric : {"nominal", "ordinal", "interval", "ratio"}
        "ordinal" is Krippendorff's own metric on ranks, not Gwet's ordinal weights, which give other numbers.

    Returns
    -------
    float
        1 for perfect agreement, 0 for chance; nan when all ratings are equal or no unit has two.

    References
    ----------
    Krippendorff K. Computing Krippendorff's Alpha-Reliability. University of Pennsylvania, 2011.
    """
    if metric not in METRICS:
        raise SettingError("setting.alpha", f"metric {metric!r} is not one of {', '.join(METRICS)}")
    x = np.asarray(ratings, dtype=np.float64)
    x = x[(~np.isnan(x)).sum(axis=1) >= 2]
    values = np.unique(x[~np.isnan(x)])
    if values.size < 2:
        return float("nan")
    counts = np.asarray((x[:, :, None] == values).sum(axis=1), dtype=np.float64)
    scaled = counts / (counts.sum(axis=1, keepdims=True) - 1)
    coincidences = counts.T @ scaled - np.diag(scaled.sum(axis=0))
    totals = coincidences.sum(axis=0)
    distance = METRICS[metric](values, totals)
    n = totals.sum()
    return float(1 - (n - 1) * np.sum(coincidences * distance) / (totals @ distance @ totals))
