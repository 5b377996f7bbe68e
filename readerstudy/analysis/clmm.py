"""Cumulative-link mixed model: ordinal ratings with crossed random intercepts of readers and cases.

Maximum likelihood by the Laplace approximation, with analytic gradients and standard errors from the
Hessian; the same model and approximation as `clmm` of the R package ordinal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import optimize, stats

from readerstudy.analysis.cumulative_link import Cells, FloatArray, IntArray, cells
from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.random_effects import Effects, Hessian, Layout, gather, layout, no_effects, spread

SMALLEST_LOG_SD, LARGEST_LOG_SD = -6.0, 3.0
SEPARATED = 12.0


@dataclass(frozen=True)
class Coefficient:
    """A fixed effect or contrast on the log-odds scale; positive means higher ratings."""

    name: str
    estimate: float
    se: float

    @property
    def p(self) -> float:
        """Return the two-sided Wald P value."""
        return float(2 * stats.norm.sf(abs(self.estimate / self.se)))

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the Wald interval on the log-odds scale; exponentiate for the odds ratio."""
        half = float(stats.norm.ppf(0.5 + level / 2)) * self.se
        return self.estimate - half, self.estimate + half


@dataclass(frozen=True)
class CumulativeLinkFit:
    """A fitted model.

    ``thresholds`` lie between the ``levels`` that were used; ``sd`` holds a standard deviation per random
    factor; ``covariance`` belongs to (thresholds, coefficients, log sd of the factors not at zero).
    """

    names: tuple[str, ...]
    levels: FloatArray
    thresholds: FloatArray
    coefficients: FloatArray
    sd: Mapping[str, float]
    covariance: FloatArray
    log_likelihood: float
    n: int
    steepest: float
    effects: Effects
    notes: tuple[str, ...] = field(default=())

    def coefficient(self, name: str) -> Coefficient:
        """Return one fixed effect by name."""
        weights = np.zeros(len(self.names))
        weights[self.names.index(name)] = 1.0
        return self.contrast(name, weights)

    def contrast(self, name: str, weights: npt.ArrayLike) -> Coefficient:
        """Return a linear combination of the fixed effects."""
        w = np.asarray(weights, dtype=np.float64)
        block = self.covariance[self.thresholds.size :, self.thresholds.size :][: w.size, : w.size]
        return Coefficient(name, float(w @ self.coefficients), float(np.sqrt(w @ block @ w)))

    def wald_test(self, weights: npt.ArrayLike) -> tuple[float, int, float]:
        """Return chi-squared, df and P of several contrasts being zero, weights of shape (contrasts, effects)."""
        w = np.atleast_2d(np.asarray(weights, dtype=np.float64))
        block = self.covariance[self.thresholds.size :, self.thresholds.size :][: w.shape[1], : w.shape[1]]
        estimate = w @ self.coefficients
        statistic = float(estimate @ np.linalg.solve(w @ block @ w.T, estimate))
        return statistic, w.shape[0], float(stats.chi2.sf(statistic, w.shape[0]))


class Problem:
    """The Laplace log-likelihood and its gradient, with the mode kept from one evaluation to the next."""

    def __init__(self, y: IntArray, x: FloatArray, where: Layout, link: str) -> None:
        self.y, self.x, self.where, self.link = y, x, where, link
        self.cuts = int(y.max())
        self.mode = no_effects(where)
        self.kept: Hessian | None = None

    def split(self, raw: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return thresholds, coefficients and standard deviations from the raw parameter vector."""
        end = self.cuts + self.x.shape[1]
        return raw[: self.cuts], raw[self.cuts : end], np.exp(raw[end:])

    def value_and_gradient(self, raw: FloatArray) -> tuple[float, FloatArray]:
        """Return the log-likelihood and its gradient by (thresholds, coefficients, log sd)."""
        theta, beta, sd = self.split(raw)
        fixed = self.x @ beta
        found = self.find_mode(theta, fixed, sd)
        hessian = self.kept = Hessian(self.where, sd, found.weight)
        value = float(found.log_p.sum()) - self.mode.square() / 2 - hessian.log_det / 2
        return value, self._gradient(found, hessian, sd)

    def find_mode(self, theta: FloatArray, fixed: FloatArray, sd: FloatArray) -> Cells:
        """Move ``mode`` to the most likely effects and return the answers' derivatives there."""

        def at(mode: Effects) -> tuple[float, Cells]:
            found = cells(self.y, fixed + spread(self.where, sd, mode), theta, self.link)
            return float(found.log_p.sum()) - mode.square() / 2, found

        height, found = at(self.mode)
        before = np.inf
        for _ in range(200 if self.where.names else 0):
            slope = gather(self.where, sd, found.slope) + self.mode.scaled(-1.0)
            steepness = slope.square()
            if steepness < 1e-19:
                break
            # An old factorisation still points the way; a new one is made only when it no longer helps enough.
            if self.kept is None or steepness > 1e-3 * before:
                self.kept = Hessian(self.where, sd, found.weight)
            before = steepness
            step = self.kept.solve(slope)
            size, (higher, moved) = 1.0, at(self.mode + step)
            while higher < height - 1e-11 * abs(height) and size > 1e-4:
                size /= 2
                higher, moved = at(self.mode + step.scaled(size))
            self.mode, height, found = self.mode + step.scaled(size), higher, moved
        return found

    def _gradient(self, found: Cells, hessian: Hessian, sd: FloatArray) -> FloatArray:
        where, n = self.where, self.y.size
        leverage, parts = hessian.leverages() if where.names else (np.zeros(n), np.zeros((0, n)))
        turned = hessian.solve(gather(where, sd, leverage * found.weight_slope))
        pulled = spread(where, sd, turned)
        by_eta = found.slope - (leverage * found.weight_slope - pulled * found.weight) / 2
        gradient = [self._by_threshold(found, leverage, pulled), self.x.T @ by_eta]
        by_sd = np.zeros(len(where.names))
        for f in range(len(where.names)):
            effect = spread(where, sd, self.mode, only=f)
            forced = spread(where, sd, turned, only=f)
            by_sd[f] = effect @ by_eta - found.weight @ parts[f] - forced @ found.slope / 2
        return np.concatenate([*gradient, by_sd])

    def _by_threshold(self, found: Cells, leverage: FloatArray, pulled: FloatArray) -> FloatArray:
        above, below = (d[0] - (leverage * d[2] + pulled * d[1]) / 2 for d in (found.upper, found.lower))
        padded = np.bincount(self.y + 1, above, minlength=self.cuts + 2)
        padded += np.bincount(self.y, below, minlength=self.cuts + 2)
        return np.asarray(padded[1:-1], dtype=np.float64)


def fit_clmm(
    ratings: npt.ArrayLike,
    fixed: npt.ArrayLike,
    names: Sequence[str],
    random: Mapping[str, Sequence[object] | npt.NDArray[np.generic]] | None = None,
    *,
    link: str = "logit",
) -> CumulativeLinkFit:
    """Return the fitted cumulative-link (mixed) model P(Y ≤ j) = F(θ_j - xβ - u).

    Parameters
    ----------
    ratings : array of int, shape (n,)
        Ordered answers. Levels that nobody used are left out, so their thresholds do not exist.
    fixed : array of float, shape (n, p)
        Fixed effects without an intercept (the thresholds play that part); p may be 0.
    names : sequence of str, length p
    random : mapping from factor name to labels of length n, optional
        Random intercepts, crossed or nested in any way; none gives the plain cumulative-link model.
    link : {"logit", "probit"}

    Returns
    -------
    CumulativeLinkFit
        A standard deviation that runs to zero is reported as 0 with a note and takes no part in the
        covariance. A note also says where a coefficient is so large that the ratings may be separated.

    Raises
    ------
    AnalysisError
        ``clmm.levels`` when only one level was used, ``clmm.rank`` when fixed effects are collinear.

    References
    ----------
    Christensen RHB. ordinal: Regression Models for Ordinal Data; clmm tutorial. Tierney L, Kadane JB. J Am
    Stat Assoc 1986;81:82-86 (Laplace).
    """
    levels, y = np.unique(np.asarray(ratings, dtype=np.float64), return_inverse=True)
    x = np.asarray(fixed, dtype=np.float64).reshape(y.size, -1)
    _check(levels, x, names)
    factors = dict(random or {})
    problem = Problem(y.astype(np.int64), x, layout(factors, y.size), link)
    raw, zero = _maximise(problem, _start(y, x.shape[1], len(factors)))
    if zero.any():
        kept = {name: labels for (name, labels), out in zip(factors.items(), zero, strict=True) if not out}
        smaller = fit_clmm(ratings, fixed, names, kept, link=link)
        return _with_zeros(smaller, [name for name, out in zip(factors, zero, strict=True) if out], list(factors))
    return _finish(problem, raw, tuple(names), levels, tuple(factors))


def _check(levels: FloatArray, x: FloatArray, names: Sequence[str]) -> None:
    if levels.size < 2:
        raise AnalysisError("clmm.levels", "all ratings are equal; an ordinal model needs at least two levels")
    if len(names) != x.shape[1]:
        raise AnalysisError("clmm.names", f"{x.shape[1]} fixed effects were given with {len(names)} names")
    if x.shape[1] and np.linalg.matrix_rank(x - x.mean(axis=0)) < x.shape[1]:
        raise AnalysisError(
            "clmm.rank", f"the fixed effects {', '.join(names)} determine each other; leave one of them out"
        )


def _start(y: npt.NDArray[np.intp], effects: int, factors: int) -> FloatArray:
    shares = np.cumsum(np.bincount(y))[:-1] / y.size
    return np.concatenate([np.log(shares / (1 - shares)), np.zeros(effects), np.full(factors, -0.5)])


def _maximise(problem: Problem, start: FloatArray) -> tuple[FloatArray, npt.NDArray[np.bool_]]:
    cuts = problem.cuts

    def opened(inner: FloatArray) -> FloatArray:
        raw = inner.copy()
        raw[1:cuts] = inner[0] + np.cumsum(np.exp(inner[1:cuts]))
        return raw

    def objective(inner: FloatArray) -> tuple[float, FloatArray]:
        value, slope = problem.value_and_gradient(opened(inner))
        tail = np.cumsum(slope[:cuts][::-1])[::-1]
        closed = slope.copy()
        closed[0], closed[1:cuts] = tail[0], tail[1:] * np.exp(inner[1:cuts])
        return -value, -closed

    first = start.copy()
    first[1:cuts] = np.log(np.maximum(np.diff(start[:cuts]), 1e-3))
    free = first.size - len(problem.where.names)
    bounds = [(None, None)] * free + [(SMALLEST_LOG_SD, LARGEST_LOG_SD)] * len(problem.where.names)
    options = {"maxiter": 500, "ftol": 1e-13, "gtol": 1e-7, "maxcor": 30}
    found = optimize.minimize(objective, first, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return opened(found.x), _at_zero(objective, found.x, free)


def _at_zero(
    objective: Callable[[FloatArray], tuple[float, FloatArray]], at: FloatArray, free: int
) -> npt.NDArray[np.bool_]:
    # The likelihood is flat in the logarithm of a vanishing deviation, so the search stops somewhere short of it.
    zero = np.zeros(at.size - free, dtype=bool)
    reached = objective(at)[0]
    for f in range(zero.size):
        without = at.copy()
        without[free + f] = SMALLEST_LOG_SD
        zero[f] = at[free + f] < np.log(0.5) and objective(without)[0] <= reached + 1e-6
    return zero


def _finish(
    problem: Problem, raw: FloatArray, names: tuple[str, ...], levels: FloatArray, factors: tuple[str, ...]
) -> CumulativeLinkFit:
    information = -_second_derivatives(problem, raw)
    slope = problem.value_and_gradient(raw)[1]
    raw = raw + np.linalg.lstsq(information, slope, rcond=None)[0]
    value, slope = problem.value_and_gradient(raw)
    theta, beta, sd = problem.split(raw)
    large = [name for name, b in zip(names, beta, strict=True) if abs(b) > SEPARATED]
    notes = tuple(f"{name} is so large that the ratings may be separated; read it with an exact test" for name in large)
    deviations = dict(zip(factors, sd.tolist(), strict=True))
    covariance = np.asarray(np.linalg.pinv(information, hermitian=True), dtype=np.float64)
    return CumulativeLinkFit(
        names,
        levels,
        theta,
        beta,
        deviations,
        covariance,
        value,
        problem.y.size,
        float(np.abs(slope).max()),
        problem.mode,
        notes,
    )


def _second_derivatives(problem: Problem, raw: FloatArray) -> FloatArray:
    step = 1e-4
    rows = []
    for i in range(raw.size):
        moved = np.zeros(raw.size)
        moved[i] = step
        above, below = problem.value_and_gradient(raw + moved)[1], problem.value_and_gradient(raw - moved)[1]
        rows.append((above - below) / (2 * step))
    hessian = np.array(rows)
    return np.asarray((hessian + hessian.T) / 2)


def _with_zeros(fit: CumulativeLinkFit, zero: list[str], order: list[str]) -> CumulativeLinkFit:
    sd = {name: 0.0 if name in zero else fit.sd[name] for name in order}
    said = tuple(f"the standard deviation of {name} was estimated as 0" for name in zero)
    return CumulativeLinkFit(
        fit.names,
        fit.levels,
        fit.thresholds,
        fit.coefficients,
        sd,
        fit.covariance,
        fit.log_likelihood,
        fit.n,
        fit.steepest,
        fit.effects,
        fit.notes + said,
    )


def likelihood_ratio(
    smaller: CumulativeLinkFit, larger: CumulativeLinkFit, df: int, *, variance: bool = False
) -> tuple[float, float]:
    """Return the likelihood-ratio statistic and P of nested models with ``df`` more parameters in the larger.

    With ``variance`` the one further parameter is a variance at its bound 0, and P is halved.

    References
    ----------
    Self SG, Liang KY. J Am Stat Assoc 1987;82:605-610.
    """
    statistic = max(0.0, 2 * (larger.log_likelihood - smaller.log_likelihood))
    p = float(stats.chi2.sf(statistic, df))
    return statistic, p / 2 if variance and statistic > 0 else p
