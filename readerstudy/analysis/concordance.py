"""Kendall's W: how alike several readers rank the same items."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import AnalysisError


@dataclass(frozen=True)
class Concordance:
    """Kendall's W with its chi-squared test of no concordance."""

    w: float
    chi2: float
    df: int
    p: float


def kendall_w(ratings: npt.ArrayLike) -> Concordance:
    """Return Kendall's W, corrected for ties.

    Parameters
    ----------
    ratings : array of float, shape (items, readers)
        Complete; each reader's ratings are turned into midranks.

    Returns
    -------
    Concordance
        W from 0 to 1; nan when every reader rates all items equally.

    References
    ----------
    Kendall MG, Babington Smith B. Ann Math Stat 1939;10:275-287. Siegel S, Castellan NJ. Nonparametric
    Statistics, 2nd ed, 1988, section 9.6.
    """
    x = np.asarray(ratings, dtype=np.float64)
    if np.isnan(x).any():
        raise AnalysisError("kendall.incomplete", "Kendall's W needs every reader's rating of every item")
    n, m = x.shape
    ranks = stats.rankdata(x, axis=0)
    ties = sum(float(np.sum(t**3 - t)) for t in (np.unique(column, return_counts=True)[1] for column in x.T))
    scale = m**2 * (n**3 - n) - m * ties
    w = float(12 * np.sum((ranks.sum(axis=1) - m * (n + 1) / 2) ** 2) / scale) if scale > 0 else float("nan")
    chi2 = m * (n - 1) * w
    return Concordance(w, chi2, n - 1, float(stats.chi2.sf(chi2, n - 1)))
