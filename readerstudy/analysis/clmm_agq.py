"""The mixed model with one random factor by adaptive Gauss-Hermite quadrature: a check on Laplace.

With one factor the likelihood is a product of one-dimensional integrals, which a few nodes around the mode
give as exactly as one likes. Where Laplace and ten nodes agree, Laplace was good enough.
"""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from readerstudy.analysis.clmm import CumulativeLinkFit, Problem, fit_clmm
from readerstudy.analysis.cumulative_link import FloatArray, cells
from readerstudy.analysis.errors import SettingError
from readerstudy.analysis.random_effects import layout


def fit_clmm_agq(
    ratings: npt.ArrayLike,
    fixed: npt.ArrayLike,
    names: Sequence[str],
    group: Sequence[object] | npt.NDArray[np.generic],
    *,
    nodes: int = 10,
    link: str = "logit",
) -> CumulativeLinkFit:
    """Return the cumulative-link model with one random intercept, by adaptive quadrature.

    Parameters are those of `clmm.fit_clmm`, with one factor ``group``; its standard deviation is named
    "group". The search starts at the Laplace solution, whose standard deviation must not be zero.

    References
    ----------
    Liu Q, Pierce DA. Biometrika 1994;81:624-629.
    """
    if nodes < 1:
        raise SettingError("setting.nodes", f"quadrature needs 1 node or more, not {nodes}")
    start = fit_clmm(ratings, fixed, names, {"group": group}, link=link)
    if start.sd["group"] == 0:
        return start
    levels, y = np.unique(np.asarray(ratings, dtype=np.float64), return_inverse=True)
    x = np.asarray(fixed, dtype=np.float64).reshape(y.size, -1)
    problem = Problem(y.astype(np.int64), x, layout({"group": group}, y.size), link)

    def minus(raw: FloatArray) -> float:
        return -_log_likelihood(problem, raw, nodes)

    first = np.concatenate([start.thresholds, start.coefficients, [np.log(start.sd["group"])]])
    found = optimize.minimize(minus, first, method="BFGS", options={"gtol": 1e-5})
    theta, beta, sd = problem.split(found.x)
    covariance = np.asarray(np.linalg.inv(_curvature(minus, found.x)), dtype=np.float64)
    return CumulativeLinkFit(
        tuple(names),
        levels,
        theta,
        beta,
        {"group": float(sd[0])},
        covariance,
        -float(found.fun),
        y.size,
        float(np.abs(found.jac).max()),
        problem.mode,
        start.notes,
    )


def _log_likelihood(problem: Problem, raw: FloatArray, nodes: int) -> float:
    theta, beta, sd = problem.split(raw)
    line, where = problem.x @ beta, problem.where
    at_mode = problem.find_mode(theta, line, sd)
    mode = problem.mode.inner[:, 0]
    scale = 1 / np.sqrt(1 + sd[0] ** 2 * np.bincount(where.group, at_mode.weight, minlength=where.groups))
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    heights = np.empty((nodes, where.groups))
    for k, point in enumerate(points):
        effect = mode + scale * point
        log_p = cells(problem.y, line + sd[0] * effect[where.group], theta, problem.link).log_p
        joint = np.bincount(where.group, log_p, minlength=where.groups) - effect**2 / 2
        heights[k] = joint + point**2 / 2 + np.log(weights[k])
    constant = where.groups * np.log(2 * np.pi) / 2
    return float(np.sum(special.logsumexp(heights, axis=0) + np.log(scale)) - constant)


def _curvature(minus: Callable[[FloatArray], float], at: FloatArray, step: float = 1e-3) -> FloatArray:
    n = at.size
    found = np.empty((n, n))
    moves = step * np.eye(n)
    for i in range(n):
        for j in range(i + 1):
            a, b = moves[i], moves[j]
            value = minus(at + a + b) - minus(at + a - b) - minus(at - a + b) + minus(at - a - b)
            found[i, j] = found[j, i] = value / (4 * step**2)
    return found
