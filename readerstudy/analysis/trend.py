"""Does a share rise or fall over ordered groups? The Cochran-Armitage test."""

from itertools import product
from math import comb

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.results import TestResult

MOST_TABLES = 200_000


def cochran_armitage(
    yes: npt.ArrayLike, of: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, exact: bool = False
) -> TestResult:
    """Return the Cochran-Armitage test for trend of shares over ordered groups.

    Parameters
    ----------
    yes, of : array of int, shape (groups,)
        Positive answers and answers per group.
    weights : array of float, optional
        Place of each group; 0, 1, 2 … by default.
    exact : bool
        Sum the probabilities of all tables with the same margins whose trend is at least as far from its
        mean; for small tables only.

    References
    ----------
    Cochran WG. Biometrics 1954;10:417-451. Armitage P. Biometrics 1955;11:375-386.
    """
    k, n = np.asarray(yes, dtype=np.int64), np.asarray(of, dtype=np.int64)
    w = np.arange(k.size, dtype=np.float64) if weights is None else np.asarray(weights, dtype=np.float64)
    total, share = int(n.sum()), float(k.sum() / n.sum())
    if share in (0.0, 1.0) or np.ptp(w[n > 0]) == 0:
        return TestResult("Cochran-Armitage", "not run", total, note="all answers are equal, or there is one group")
    centred = w - float(n @ w) / total
    z = float(centred @ k / np.sqrt(share * (1 - share) * (n @ centred**2)))
    if not exact:
        return TestResult("Cochran-Armitage", "asymptotic", total, z, None, float(2 * stats.norm.sf(abs(z))))
    return TestResult("Cochran-Armitage", "exact, two-sided by distance", total, z, None, _exact(k, n, centred))


def _exact(k: npt.NDArray[np.int64], n: npt.NDArray[np.int64], centred: npt.NDArray[np.float64]) -> float:
    sizes, successes = n.tolist(), int(k.sum())
    tables = int(np.prod([size + 1 for size in sizes[:-1]], dtype=object))
    if tables > MOST_TABLES:
        raise AnalysisError("trend.large", f"{tables} tables are too many for the exact test; use the asymptotic one")
    far, reached = abs(float(centred @ k)), 0
    for head in product(*(range(min(size, successes) + 1) for size in sizes[:-1])):
        last = successes - sum(head)
        if 0 <= last <= sizes[-1] and abs(float(centred @ np.array([*head, last]))) >= far * (1 - 1e-12):
            reached += int(np.prod([comb(size, x) for size, x in zip(sizes, (*head, last), strict=True)], dtype=object))
    return min(1.0, reached / comb(sum(sizes), successes))
