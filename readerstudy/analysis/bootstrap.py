"""Cluster bootstrap in tensor form: cases, readers or both are drawn, and all replicates are counted at once.

Ratings are bounded whole numbers, so a replicate is a weighted sum of count tables. Drawing cases with
replacement is a multinomial weight per case; every statistic that can be computed from counts then comes for
thousands of replicates in one product of matrices.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from readerstudy.analysis.errors import AnalysisError, SettingError
from readerstudy.analysis.intervals import Interval

FloatArray = npt.NDArray[np.float64]
UNITS = ("case", "reader", "both")


@dataclass(frozen=True)
class CountTensor:
    """Counts of shape (cases, readers, arms, levels), with the names along each axis."""

    counts: FloatArray
    cases: tuple[str, ...]
    readers: tuple[str, ...]
    arms: tuple[str, ...]
    levels: FloatArray

    def total(self) -> FloatArray:
        """Return the observed counts per reader, arm and level."""
        return np.asarray(self.counts.sum(axis=0), dtype=np.float64)


def count_tensor(scores: pd.DataFrame) -> CountTensor:
    """Return the count tensor of scores (columns ``reader, case, arm, value``), as from `table.scores`."""
    if scores.empty:
        raise AnalysisError("bootstrap.empty", "there are no ratings to draw from")
    names, codes = [], []
    for column in ("case", "reader", "arm", "value"):
        labels, code = np.unique(scores[column].to_numpy(), return_inverse=True)
        names.append(labels)
        codes.append(code)
    shape = tuple(labels.size for labels in names)
    flat = np.bincount(np.ravel_multi_index(codes, shape), minlength=int(np.prod(shape)))
    cases, readers, arms = (tuple(map(str, labels)) for labels in names[:3])
    return CountTensor(flat.reshape(shape).astype(np.float64), cases, readers, arms, names[3].astype(np.float64))


def replicates(tensor: CountTensor, *, draws: int, seed: int, units: str = "case") -> FloatArray:
    """Return bootstrap counts of shape (draws, readers, arms, levels).

    Parameters
    ----------
    units : {"case", "reader", "both"}
        What is drawn with replacement. With "both", cases and readers are drawn independently.
    """
    if units not in UNITS:
        raise SettingError("setting.units", f"bootstrap units {units!r} are not one of {UNITS}")
    rng = np.random.default_rng(seed)
    cases, readers = tensor.counts.shape[:2]
    if units == "reader":
        drawn = np.broadcast_to(tensor.total(), (draws, *tensor.counts.shape[1:]))
    else:
        weights = rng.multinomial(cases, np.full(cases, 1 / cases), size=draws).astype(np.float64)
        drawn = (weights @ tensor.counts.reshape(cases, -1)).reshape(draws, *tensor.counts.shape[1:])
    if units == "case":
        return np.asarray(drawn)
    by_reader = rng.multinomial(readers, np.full(readers, 1 / readers), size=draws)
    return np.asarray(drawn * by_reader[:, :, None, None])


def left_out(tensor: CountTensor) -> FloatArray:
    """Return the counts without each case in turn, shape (cases, readers, arms, levels), for the BCa interval."""
    return np.asarray(tensor.total() - tensor.counts)


def shares_at_least(counts: FloatArray, levels: FloatArray, rating: float) -> FloatArray:
    """Return the share of ratings at or above ``rating`` along the last axis; nan where there are none."""
    of = counts.sum(axis=-1)
    k = counts[..., levels >= rating].sum(axis=-1)
    return np.asarray(np.divide(k, of, out=np.full(of.shape, np.nan), where=of > 0))


def medians(counts: FloatArray, levels: FloatArray) -> FloatArray:
    """Return the medians of count tables along the last axis, halves where two levels meet; nan where empty."""
    reached = np.cumsum(counts, axis=-1)
    half = reached[..., -1:] / 2
    low = levels[np.argmax(reached >= half, axis=-1)]
    high = levels[np.argmax(reached > half, axis=-1)]
    return np.where(half[..., 0] > 0, (low + high) / 2, np.nan)


def superiorities(first: FloatArray, second: FloatArray) -> FloatArray:
    """Return P(first > second) + P(equal) / 2 of two count tables along the last axis; nan where one is empty."""
    n1, n2 = first.sum(axis=-1), second.sum(axis=-1)
    below = np.cumsum(second, axis=-1) - second / 2
    pairs = n1 * n2
    above = (first * below).sum(axis=-1)
    return np.asarray(np.divide(above, pairs, out=np.full(pairs.shape, np.nan), where=pairs > 0))


@dataclass(frozen=True)
class Bootstrapped:
    """An estimate with its bootstrap standard error, interval, and two-sided P against a null value."""

    estimate: float
    se: float
    interval: Interval
    p: float
    method: str
    draws: int


def bootstrap(
    tensor: CountTensor,
    statistic: Callable[[FloatArray], FloatArray],
    *,
    draws: int = 2000,
    seed: int = 0,
    units: str = "case",
    method: str = "percentile",
    null: float = 0.0,
    level: float = 0.95,
) -> Bootstrapped:
    """Return a bootstrapped statistic of the counts.

    Parameters
    ----------
    statistic : callable
        From counts of shape (..., readers, arms, levels) to values of shape (...).
    method : {"percentile", "bca"}
        "bca" suits smooth statistics and needs cases as units; medians need order statistics or percentiles.
    null : float
        Value of the null hypothesis; P = 2 (b + 1) / (B + 1), b the replicates on its far side.

    Notes
    -----
    Replicates in which the statistic is undefined (an arm lost all its ratings) are left out.

    References
    ----------
    Efron B. J Am Stat Assoc 1987;82:171-185. Davison AC, Hinkley DV. Bootstrap Methods, 1997, chapter 4.
    """
    if method not in ("percentile", "bca") or (method == "bca" and units != "case"):
        raise SettingError("setting.bootstrap", f"method {method!r} with units {units!r} is not available")
    estimate = float(statistic(tensor.total()))
    values = statistic(replicates(tensor, draws=draws, seed=seed, units=units))
    jackknifed = statistic(left_out(tensor)) if method == "bca" else None
    return summarise(estimate, values, null=null, level=level, jackknifed=jackknifed)


def summarise(
    estimate: float,
    values: FloatArray,
    *,
    null: float = 0.0,
    level: float = 0.95,
    jackknifed: FloatArray | None = None,
) -> Bootstrapped:
    """Return standard error, interval and P from replicates of shape (draws,); see `bootstrap`.

    With jackknife values the interval is BCa, else percentile.
    """
    values = values[np.isfinite(values)]
    if values.size < 2:
        raise AnalysisError("bootstrap.undefined", "the statistic is undefined in nearly every replicate")
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if jackknifed is not None:
        tails = _bca_tails(values, estimate, jackknifed, tails)
    low, high = np.quantile(values, tails)
    far = min(np.count_nonzero(values <= null), np.count_nonzero(values >= null))
    p = float(min(1.0, 2 * (far + 1) / (values.size + 1)))
    method = "percentile" if jackknifed is None else "bca"
    return Bootstrapped(estimate, float(values.std(ddof=1)), Interval(float(low), float(high)), p, method, values.size)


def mean_of_drawn_readers(values: FloatArray, seed: int) -> FloatArray:
    """Return the mean over readers in every replicate, readers drawn with replacement.

    Parameters
    ----------
    values : array, shape (draws, readers)
        A statistic per replicate of cases and reader; nan where undefined.

    Returns
    -------
    array, shape (draws,)
        Each reader counts as often as drawn, unlike a statistic of pooled counts.
    """
    draws, readers = values.shape
    times = np.random.default_rng([seed, 1]).multinomial(readers, np.full(readers, 1 / readers), size=draws)
    times = np.where(np.isfinite(values), times, 0)
    total, n = np.sum(times * np.nan_to_num(values), axis=1), times.sum(axis=1)
    return np.asarray(np.divide(total, n, out=np.full(draws, np.nan), where=n > 0))


def _bca_tails(values: FloatArray, estimate: float, jackknifed: FloatArray, tails: FloatArray) -> FloatArray:
    below = (np.count_nonzero(values < estimate) + np.count_nonzero(values == estimate) / 2) / values.size
    shift = stats.norm.ppf(np.clip(below, 1 / values.size, 1 - 1 / values.size))
    d = np.nanmean(jackknifed) - jackknifed[np.isfinite(jackknifed)]
    scale = 6 * np.sum(d**2) ** 1.5
    acceleration = np.sum(d**3) / scale if scale > 0 else 0.0
    z = shift + stats.norm.ppf(tails)
    return np.asarray(stats.norm.cdf(shift + z / (1 - acceleration * z)))
