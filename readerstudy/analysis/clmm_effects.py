"""What a fitted cumulative-link model says in plain units: the chance of an acceptable rating, who is rated higher.

Both average over the random effects, so they speak of a typical study and not of a reader and case whose
effects are zero. Intervals by the delta method on the logit scale.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from readerstudy.analysis.clmm import CumulativeLinkFit
from readerstudy.analysis.cumulative_link import FloatArray, level_probabilities

NODES = 41


@dataclass(frozen=True)
class Estimate:
    """A probability or difference with its standard error and interval."""

    estimate: float
    se: float
    low: float
    high: float


def probability_at_least(fit: CumulativeLinkFit, row: npt.ArrayLike, rating: float, level: float = 0.95) -> Estimate:
    """Return P(rating or higher) at one row of fixed effects, averaged over the random effects.

    Parameters
    ----------
    row : array, shape (p,)
        Fixed effects as in the fit.
    rating : float
        Lowest rating that counts, on the original scale.
    """
    x = np.asarray(row, dtype=np.float64)
    return _on_logit(fit, lambda model: _at_least(model, x, rating), level)


def difference_at_least(
    fit: CumulativeLinkFit, first: npt.ArrayLike, second: npt.ArrayLike, rating: float, level: float = 0.95
) -> Estimate:
    """Return P(rating or higher) at the first row minus that at the second, with a Wald interval."""
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    value, se = _delta(fit, lambda model: _at_least(model, a, rating) - _at_least(model, b, rating))
    half = float(stats.norm.ppf(0.5 + level / 2)) * se
    return Estimate(value, se, value - half, value + half)


def superiority(fit: CumulativeLinkFit, first: npt.ArrayLike, second: npt.ArrayLike, level: float = 0.95) -> Estimate:
    """Return P(first is rated higher) + P(equal) / 2 for two candidates of the same reader and case."""
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    return _on_logit(fit, lambda model: _superior(model, a, b), level)


def _averaged(fit: CumulativeLinkFit, row: FloatArray) -> tuple[FloatArray, FloatArray]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    spread = float(np.sqrt(sum(sd**2 for sd in fit.sd.values())))
    probabilities = level_probabilities(row @ fit.coefficients + spread * nodes, fit.thresholds)
    return probabilities, np.asarray(weights / weights.sum(), dtype=np.float64)


def _at_least(fit: CumulativeLinkFit, row: FloatArray, rating: float) -> float:
    probabilities, weights = _averaged(fit, row)
    return float(weights @ probabilities[:, fit.levels >= rating].sum(axis=1))


def _superior(fit: CumulativeLinkFit, first: FloatArray, second: FloatArray) -> float:
    a, weights = _averaged(fit, first)
    b, _ = _averaged(fit, second)
    below = np.cumsum(b, axis=1) - b / 2
    return float(weights @ np.sum(a * below, axis=1))


def _on_logit(fit: CumulativeLinkFit, what: Callable[[CumulativeLinkFit], float], level: float) -> Estimate:
    value, se = _delta(fit, what)
    if not 0 < value < 1:
        return Estimate(value, se, float("nan"), float("nan"))
    half = float(stats.norm.ppf(0.5 + level / 2)) * se / (value * (1 - value))
    low, high = special.expit(special.logit(value) + np.array([-half, half]))
    return Estimate(value, se, float(low), float(high))


def _delta(fit: CumulativeLinkFit, what: Callable[[CumulativeLinkFit], float]) -> tuple[float, float]:
    slope = np.zeros(fit.covariance.shape[0])
    for i in range(slope.size):
        up, down = what(_moved(fit, i, 1e-5)), what(_moved(fit, i, -1e-5))
        slope[i] = (up - down) / 2e-5
    return what(fit), float(np.sqrt(slope @ fit.covariance @ slope))


def _moved(fit: CumulativeLinkFit, i: int, by: float) -> CumulativeLinkFit:
    cuts, effects = fit.thresholds.size, fit.coefficients.size
    if i < cuts:
        return replace(fit, thresholds=fit.thresholds + by * (np.arange(cuts) == i))
    if i < cuts + effects:
        return replace(fit, coefficients=fit.coefficients + by * (np.arange(effects) == i - cuts))
    free = [name for name, sd in fit.sd.items() if sd > 0]
    name = free[i - cuts - effects]
    return replace(fit, sd={**fit.sd, name: fit.sd[name] * float(np.exp(by))})
