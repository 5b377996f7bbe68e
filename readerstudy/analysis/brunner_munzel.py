"""The Brunner-Munzel test: is one group rated higher, without assuming equal spread?"""

import numpy as np
from scipy import stats

from readerstudy.analysis.group_tests import Counts
from readerstudy.analysis.results import TestResult


def brunner_munzel(table: Counts, level: float = 0.95) -> TestResult:
    """Return the Brunner-Munzel test of the first group against the second, from counts.

    Returns
    -------
    TestResult
        t approximation; the effect is P(first > second) + P(equal) / 2 with its t interval, cut at 0 and
        1. No statistic, with a note, when a group has fewer than 2 ratings or the groups do not overlap.

    References
    ----------
    Brunner E, Munzel U. Biom J 2000;42:17-25. Neubert K, Brunner E. Comput Stat Data Anal 2007;51:5192-5204.
    """
    first, second = table.counts[:, 0].astype(float), table.counts[:, 1].astype(float)
    n1, n2 = int(first.sum()), int(second.sum())
    name, variant = "Brunner-Munzel", "t approximation"
    if min(n1, n2) < 2:
        return TestResult(name, variant, n1 + n2, note="a group has fewer than two ratings")
    above = (np.cumsum(second) - second / 2) / n2
    below = (np.cumsum(first) - first / 2) / n1
    index = float(first @ above / n1)
    v1 = float(first @ (above - index) ** 2 / (n1 - 1)) / n1
    v2 = float(second @ (below - (1 - index)) ** 2 / (n2 - 1)) / n2
    if v1 + v2 == 0:
        return TestResult(
            name,
            variant,
            n1 + n2,
            effect_name="probabilistic index",
            effect=index,
            note="the groups do not overlap" if index in (0, 1) else "all ratings are equal",
        )
    se = float(np.sqrt(v1 + v2))
    df = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
    statistic = (index - 0.5) / se
    half = float(stats.t.ppf(0.5 + level / 2, df)) * se
    p = float(2 * stats.t.sf(abs(statistic), df))
    return TestResult(
        name,
        variant,
        n1 + n2,
        statistic,
        df,
        p,
        "probabilistic index",
        index,
        max(0.0, index - half),
        min(1.0, index + half),
    )
