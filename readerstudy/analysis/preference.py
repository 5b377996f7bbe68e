"""Paired preferences: Bradley-Terry strengths of arms that were compared two at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import AnalysisError

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Strengths:
    """Log strengths against the last arm, their covariance, and the log-likelihood."""

    names: tuple[str, ...]
    log_strength: FloatArray
    covariance: FloatArray
    log_likelihood: float

    def probability(self, first: str, second: str) -> float:
        """Return the probability that the first arm is preferred to the second."""
        i, j = self.names.index(first), self.names.index(second)
        return float(1 / (1 + np.exp(self.log_strength[j] - self.log_strength[i])))

    def difference(self, first: str, second: str, level: float = 0.95) -> tuple[float, float, float]:
        """Return the difference of log strengths with its Wald interval."""
        i, j = self.names.index(first), self.names.index(second)
        value = float(self.log_strength[i] - self.log_strength[j])
        spread = self.covariance[i, i] + self.covariance[j, j] - 2 * self.covariance[i, j]
        half = float(stats.norm.ppf(0.5 + level / 2) * np.sqrt(spread))
        return value, value - half, value + half


def bradley_terry(wins: npt.ArrayLike, names: Sequence[str], *, tolerance: float = 1e-12) -> Strengths:
    """Return maximum-likelihood Bradley-Terry strengths.

    Parameters
    ----------
    wins : array, shape (arms, arms)
        ``wins[i, j]``: how often arm i was preferred to arm j; a tie counts half for each.
    names : sequence of str

    Raises
    ------
    AnalysisError
        ``preference.split`` when the arms fall into two groups of which one never lost to the other: then no
        finite strengths exist.

    References
    ----------
    Bradley RA, Terry ME. Biometrika 1952;39:324-345. Hunter DR. Ann Stat 2004;32:384-406.
    """
    w = np.asarray(wins, dtype=np.float64)
    if w.shape != (len(names), len(names)):
        raise AnalysisError("preference.shape", f"{len(names)} arms need a square table, but it is {w.shape}")
    reach = np.linalg.matrix_power((w > 0) + np.eye(len(names)), len(names))
    if (reach == 0).any():
        raise AnalysisError("preference.split", "some arms never lost to the others; no finite strengths exist")
    strength = np.zeros(len(names))
    pairs = w + w.T
    for _ in range(200):
        p = 1 / (1 + np.exp(strength[None, :] - strength[:, None]))
        slope = (w - pairs * p).sum(axis=1)
        information = _information(pairs * p * (1 - p))
        step = np.append(np.linalg.solve(information[:-1, :-1], slope[:-1]), 0.0)
        strength = strength + step / max(1.0, float(np.abs(step).max()) / 2)
        if np.abs(step).max() < tolerance:
            break
    covariance = np.zeros_like(w)
    covariance[:-1, :-1] = np.linalg.inv(information[:-1, :-1])
    log_likelihood = float(np.sum(w * np.log(np.where(w > 0, p, 1.0))))
    return Strengths(tuple(names), strength, covariance, log_likelihood)


def _information(weight: FloatArray) -> FloatArray:
    return np.asarray(np.diag(weight.sum(axis=1)) - weight, dtype=np.float64)
