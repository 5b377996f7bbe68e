"""Population-averaged logistic regression of clustered yes/no answers by generalised estimating equations."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import statsmodels.api as sm
from scipy import stats

from readerstudy.analysis.errors import AnalysisError

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class GeeFit:
    """Log odds ratios with bias-reduced robust standard errors; intervals use t with clusters - effects df."""

    names: tuple[str, ...]
    coefficients: FloatArray
    covariance: FloatArray
    clusters: int
    correlation: float

    @property
    def df(self) -> int:
        """Return the degrees of freedom of intervals and tests."""
        return self.clusters - len(self.names)

    def contrast(self, weights: npt.ArrayLike, level: float = 0.95) -> tuple[float, float, float, float]:
        """Return a linear combination on the log-odds scale: estimate, interval ends and P."""
        w = np.asarray(weights, dtype=np.float64)
        estimate, se = float(w @ self.coefficients), float(np.sqrt(w @ self.covariance @ w))
        half = float(stats.t.ppf(0.5 + level / 2, self.df)) * se
        return estimate, estimate - half, estimate + half, float(2 * stats.t.sf(abs(estimate / se), self.df))


def gee_logit(answers: npt.ArrayLike, fixed: npt.ArrayLike, names: Sequence[str], clusters: npt.ArrayLike) -> GeeFit:
    """Return the GEE logit model with exchangeable working correlation and bias-reduced covariance.

    Parameters
    ----------
    answers : array of 0 and 1, shape (n,)
    fixed : array of float, shape (n, p)
        With a column of ones for the intercept.
    names : sequence of str, length p
    clusters : array, shape (n,)
        One factor only: cluster on the case and keep readers as fixed effects.

    Raises
    ------
    AnalysisError
        ``gee.clusters`` with no more clusters than effects, ``gee.constant`` when all answers are equal,
        ``gee.separated`` when an effect predicts the answers perfectly.

    References
    ----------
    Liang KY, Zeger SL. Biometrika 1986;73:13-22. Mancl LA, DeRouen TA. Biometrics 2001;57:126-134.
    """
    y, x = np.asarray(answers, dtype=np.float64), np.asarray(fixed, dtype=np.float64)
    groups = np.unique(np.asarray(clusters).astype(str), return_inverse=True)[1]
    count = int(groups.max()) + 1
    if count <= x.shape[1]:
        raise AnalysisError("gee.clusters", f"{count} clusters cannot carry {x.shape[1]} effects; use fewer effects")
    if np.ptp(y) == 0:
        raise AnalysisError("gee.constant", "all answers are equal; there is nothing to model")
    order = np.argsort(groups, kind="stable")
    structure = sm.cov_struct.Exchangeable()
    model = sm.GEE(y[order], x[order], groups=groups[order], family=sm.families.Binomial(), cov_struct=structure)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # separation is refused below, by what it does to the coefficients
        fit = model.fit(cov_type="bias_reduced", maxiter=200)
    coefficients = np.asarray(fit.params, dtype=np.float64)
    if not np.isfinite(coefficients).all() or np.abs(coefficients).max() > 15:
        raise AnalysisError("gee.separated", "an effect predicts the answers perfectly; use an exact test instead")
    covariance = np.asarray(fit.cov_params(), dtype=np.float64)
    return GeeFit(tuple(names), coefficients, covariance, count, float(structure.dep_params))
