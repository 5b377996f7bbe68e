"""Shares of clustered answers: several ratings of a case are not so many independent cases."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.intervals import Interval

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ClusteredShare:
    """A pooled share with its cluster-robust standard error and design effect."""

    share: float
    se: float
    clusters: int
    answers: int
    design_effect: float

    def interval(self, level: float = 0.95) -> Interval:
        """Return the t interval (clusters - 1 df), on the logit scale so that it stays within 0 and 1."""
        if not 0 < self.share < 1:
            return self.wilson(level)
        half = stats.t.ppf(0.5 + level / 2, self.clusters - 1) * self.se / (self.share * (1 - self.share))
        centre = np.log(self.share / (1 - self.share))
        return Interval(float(1 / (1 + np.exp(half - centre))), float(1 / (1 + np.exp(-half - centre))))

    def wilson(self, level: float = 0.95) -> Interval:
        """Return the Wilson interval at the effective sample size (Rao-Scott), with a t quantile."""
        n = self.answers / max(self.design_effect, 1.0)
        t = float(stats.t.ppf(0.5 + level / 2, self.clusters - 1))
        centre = (self.share + t**2 / (2 * n)) / (1 + t**2 / n)
        half = t * np.sqrt(self.share * (1 - self.share) / n + t**2 / (4 * n**2)) / (1 + t**2 / n)
        return Interval(max(0.0, float(centre - half)), min(1.0, float(centre + half)))


def clustered_share(yes: npt.ArrayLike, of: npt.ArrayLike) -> ClusteredShare:
    """Return the pooled share of clustered answers by the ratio estimator.

    Parameters
    ----------
    yes, of : array of int, shape (clusters,)
        Positive answers and answers per cluster; empty clusters are left out.

    Raises
    ------
    AnalysisError
        ``clustered.few`` with fewer than 2 clusters.

    References
    ----------
    Rao JNK, Scott AJ. Biometrics 1992;48:577-585. Donner A, Klar N. Am J Epidemiol 1994;140:279-289.
    """
    k, n = np.asarray(yes, dtype=np.float64), np.asarray(of, dtype=np.float64)
    k, n = k[n > 0], n[n > 0]
    m, total = n.size, float(n.sum())
    if m < 2:
        raise AnalysisError("clustered.few", f"a clustered interval needs 2 clusters or more; there are {m}")
    share = float(k.sum()) / total
    variance = float(m / (m - 1) * np.sum((k - share * n) ** 2)) / total**2
    binomial = share * (1 - share) / total
    effect = variance / binomial if binomial > 0 else 1.0
    return ClusteredShare(share, float(np.sqrt(variance)), m, int(total), effect)


def mean_share_interval(shares: npt.ArrayLike, level: float = 0.95) -> Interval:
    """Return the t interval of the unweighted mean of shares, one per cluster (each cluster weighs alike)."""
    x = np.asarray(shares, dtype=np.float64)
    half = float(stats.t.ppf(0.5 + level / 2, x.size - 1) * x.std(ddof=1) / np.sqrt(x.size))
    return Interval(float(x.mean()) - half, float(x.mean()) + half)
