"""Tests of independence on tables of counts, and the refusal to use them on paired tables.

Yates' correction is a stored choice, never a default of a library. Where the smallest expected count is
below 5 the test becomes exact (2 × 2) or Monte Carlo (larger), unless the plan says to keep the
approximation.
"""

import numpy as np
import numpy.typing as npt
from scipy import stats

from readerstudy.analysis.errors import PairedTable, SettingError
from readerstudy.analysis.intervals import newcombe_difference
from readerstudy.analysis.results import TestResult

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
SMALL_EXPECTED = ("exact", "warn")
FEW = 5.0
PAIRED_ALTERNATIVES = "McNemar (two answers), Stuart-Maxwell, Bhapkar or Bowker (more), Wilcoxon signed-rank (scores)"


def independence_test(
    table: npt.ArrayLike,
    *,
    yates: bool = False,
    small_expected: str = "exact",
    paired: bool = False,
    seed: int = 0,
    replicates: int = 10_000,
) -> TestResult:
    """Return the test of independence of rows and columns, its variant chosen by stored rules.

    Parameters
    ----------
    table : array of int, shape (rows, columns)
        Counts of independent observations.
    yates : bool
        Continuity correction, used on 2 × 2 tables only.
    small_expected : {"exact", "warn"}
        What to do when an expected count is below 5: Fisher's exact test (2 × 2) or a Monte Carlo P
        (larger), or keep chi-squared and say so in the note.
    paired : bool
        Whether both classifications were made on the same cases; then the test is refused.
    seed, replicates : int
        Of the Monte Carlo P value, (b + 1) / (B + 1).

    Returns
    -------
    TestResult
        The effect is the difference of the first column's share, first row minus second, with Newcombe's
        interval (2 × 2), or Cramér's V. No statistic, with a note, when a row or column is empty throughout.

    Raises
    ------
    PairedTable
        ``table.paired``, naming the tests for paired tables.
    """
    if paired:
        raise PairedTable(
            "table.paired",
            "both classifications are of the same cases, so a test of independence answers another question "
            f"(whether they are related); compare them with {PAIRED_ALTERNATIVES}",
        )
    if small_expected not in SMALL_EXPECTED:
        raise SettingError("setting.small_expected", f"{small_expected!r} is not one of {SMALL_EXPECTED}")
    counts = np.asarray(table, dtype=np.int64)
    if counts.ndim != 2 or min(counts.shape) < 2 or not counts.sum(axis=1).all() or not counts.sum(axis=0).all():
        return TestResult("chi-squared", "not run", int(counts.sum()), note="a row or a column has no counts")
    smallest = float(expected_counts(counts).min())
    if smallest >= FEW:
        return pearson(counts, yates=yates)
    if small_expected == "warn":
        return pearson(counts, yates=yates, note=f"smallest expected count {smallest:.2f} is below 5")
    if counts.shape == (2, 2):
        return fisher(counts, note=f"exact because the smallest expected count {smallest:.2f} is below 5")
    return monte_carlo(counts, seed=seed, replicates=replicates)


def expected_counts(counts: IntArray) -> FloatArray:
    """Return the counts expected under independence, shape as given."""
    return np.asarray(np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum(), dtype=np.float64)


def pearson(table: npt.ArrayLike, *, yates: bool = False, note: str = "") -> TestResult:
    """Return Pearson's chi-squared test; Yates' correction applies to 2 × 2 tables only.

    References
    ----------
    Pearson K. Philos Mag 1900;50:157-175. Yates F. J R Stat Soc Suppl 1934;1:217-235.
    """
    counts = np.asarray(table, dtype=np.int64)
    expected = expected_counts(counts)
    corrected = yates and counts.shape == (2, 2)
    distance = np.abs(counts - expected)
    if corrected:
        distance = distance - np.minimum(0.5, distance)
    statistic = float(np.sum(distance**2 / expected))
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    variant = "Yates' continuity correction" if corrected else "no continuity correction"
    name, effect, low, high = _effect(counts)
    p = float(stats.chi2.sf(statistic, df))
    return TestResult("chi-squared", variant, int(counts.sum()), statistic, df, p, name, effect, low, high, note)


def fisher(table: npt.ArrayLike, *, note: str = "") -> TestResult:
    """Return Fisher's exact test of a 2 × 2 table, two-sided by probability; the statistic is the odds ratio.

    References
    ----------
    Fisher RA. J R Stat Soc 1935;98:39-82.
    """
    counts = np.asarray(table, dtype=np.int64)
    ratio, p = stats.fisher_exact(counts, alternative="two-sided")
    name, effect, low, high = _effect(counts)
    variant = "two-sided, tables no more probable than the observed"
    return TestResult(
        "Fisher exact",
        variant,
        int(counts.sum()),
        float(ratio),
        None,
        float(p),
        name,
        effect,
        low,
        high,
        note,
    )


def monte_carlo(table: npt.ArrayLike, *, seed: int = 0, replicates: int = 10_000) -> TestResult:
    """Return Pearson's chi-squared with its P from random tables of the same margins, (b + 1) / (B + 1).

    References
    ----------
    Hope ACA. J R Stat Soc B 1968;30:582-598. Patefield WM. Appl Stat 1981;30:91-97.
    """
    counts = np.asarray(table, dtype=np.int64)
    expected = expected_counts(counts)
    margins = stats.random_table(counts.sum(axis=1), counts.sum(axis=0))
    drawn = margins.rvs(size=replicates, random_state=np.random.default_rng(seed))
    observed = float(np.sum((counts - expected) ** 2 / expected))
    simulated = np.sum((drawn - expected) ** 2 / expected, axis=(1, 2))
    reached = int(np.count_nonzero(simulated >= observed * (1 - 1e-12)))
    name, effect, low, high = _effect(counts)
    return TestResult(
        "chi-squared",
        f"Monte Carlo, {replicates} tables, seed {seed}",
        int(counts.sum()),
        observed,
        None,
        (reached + 1) / (replicates + 1),
        name,
        effect,
        low,
        high,
        note=f"simulated because the smallest expected count {expected.min():.2f} is below 5",
    )


def _effect(counts: IntArray) -> tuple[str, float, float, float]:
    if counts.shape == (2, 2):
        (k1, _), (k2, _) = counts.tolist()
        n1, n2 = counts.sum(axis=1).tolist()
        interval = newcombe_difference(k1, n1, k2, n2)
        return "difference in proportion", k1 / n1 - k2 / n2, interval.low, interval.high
    return "Cramér's V", cramers_v(counts), float("nan"), float("nan")


def cramers_v(counts: IntArray) -> float:
    """Return Cramér's V, 0 (independent) to 1."""
    expected = expected_counts(counts)
    chi2 = float(np.sum((counts - expected) ** 2 / expected))
    return float(np.sqrt(chi2 / (counts.sum() * (min(counts.shape) - 1))))


def odds_ratio(table: npt.ArrayLike, level: float = 0.95) -> tuple[float, float, float]:
    """Return the odds ratio of a 2 × 2 table with its Woolf interval; 0.5 is added to all cells if one is 0.

    References
    ----------
    Woolf B. Ann Hum Genet 1955;19:251-253. Haldane JBS. Ann Hum Genet 1956;20:309-311.
    """
    cells = np.asarray(table, dtype=np.float64)
    if not cells.all():
        cells = cells + 0.5
    log_ratio = float(np.log(cells[0, 0] * cells[1, 1] / (cells[0, 1] * cells[1, 0])))
    half = float(stats.norm.ppf(0.5 + level / 2) * np.sqrt(np.sum(1 / cells)))
    return float(np.exp(log_ratio)), float(np.exp(log_ratio - half)), float(np.exp(log_ratio + half))
