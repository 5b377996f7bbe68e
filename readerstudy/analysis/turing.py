"""The Turing question as signal detection: can a reader tell model from human, and with which bias?

"Judged AI" about a model's contour is a hit, about an expert's a false alarm. Accuracy confounds sensitivity
with bias and rewards a reader who separates the sources with the labels reversed; d' and the criterion c
do not. Equality is never concluded from a large P: only an interval of d' inside the margin says
"indistinguishable".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

MARGIN = 0.5
INDISTINGUISHABLE = "indistinguishable"
DISTINGUISHABLE = "distinguishable"
REVERSED = "distinguishable with reversed labels"
INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True)
class OriginCounts:
    """One reader's calls: ``hits`` of ``models`` and ``false_alarms`` of ``experts`` were judged AI."""

    hits: int
    models: int
    false_alarms: int
    experts: int

    def table(self) -> npt.NDArray[np.int64]:
        """Return the 2 × 2 table: rows model, expert; columns judged AI, judged human."""
        return np.array(
            [[self.hits, self.models - self.hits], [self.false_alarms, self.experts - self.false_alarms]],
            dtype=np.int64,
        )


@dataclass(frozen=True)
class Detection:
    """d' and criterion with their standard errors and 95% intervals, beta, and the 90% interval of d'."""

    d_prime: float
    d_prime_se: float
    criterion: float
    criterion_se: float

    @property
    def beta(self) -> float:
        """Return the likelihood ratio at the criterion, exp(d' c)."""
        return float(np.exp(self.d_prime * self.criterion))

    def d_prime_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the normal interval of d'."""
        half = float(stats.norm.ppf(0.5 + level / 2)) * self.d_prime_se
        return self.d_prime - half, self.d_prime + half

    def criterion_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the normal interval of c."""
        half = float(stats.norm.ppf(0.5 + level / 2)) * self.criterion_se
        return self.criterion - half, self.criterion + half


def detection(counts: OriginCounts, *, log_linear: bool = True) -> Detection | None:
    """Return d' and criterion c of one reader, or None when either source was never shown.

    Parameters
    ----------
    counts : OriginCounts
        Taken as independent answers.
    log_linear : bool
        Add 0.5 to hits and false alarms and 1 to their totals, so that rates of 0 and 1 stay finite.
        Without it such rates give infinite values.

    Notes
    -----
    d' = z(H) - z(F), c = -(z(H) + z(F)) / 2. Positive c means a leaning to "human". Variances by the delta
    method.

    References
    ----------
    Stanislaw H, Todorov N. Behav Res Methods Instrum Comput 1999;31:137-149. Hautus MJ. ibid. 1995;27:46-51.
    Gourevitch V, Galanter E. Psychometrika 1967;32:25-33.
    """
    if counts.models == 0 or counts.experts == 0:
        return None
    add = (0.5, 1.0) if log_linear else (0.0, 0.0)
    z_hit, v_hit = _z_and_variance((counts.hits + add[0]) / (counts.models + add[1]), counts.models)
    z_fa, v_fa = _z_and_variance((counts.false_alarms + add[0]) / (counts.experts + add[1]), counts.experts)
    spread = float(np.sqrt(v_hit + v_fa))
    return Detection(z_hit - z_fa, spread, -(z_hit + z_fa) / 2, spread / 2)


def _z_and_variance(rate: float, n: int) -> tuple[float, float]:
    z = float(stats.norm.ppf(rate))
    height = float(stats.norm.pdf(z))
    return z, rate * (1 - rate) / (n * height**2) if height else float("inf")


def mean_detection(readers: Sequence[Detection]) -> Detection:
    """Return the unweighted mean over readers, who are taken as fixed and independent; needs one or more."""
    count = len(readers)
    d_se = float(np.sqrt(sum(reader.d_prime_se**2 for reader in readers))) / count
    c_se = float(np.sqrt(sum(reader.criterion_se**2 for reader in readers))) / count
    d_mean = float(np.mean([reader.d_prime for reader in readers]))
    return Detection(d_mean, d_se, float(np.mean([reader.criterion for reader in readers])), c_se)


def verdict(found: Detection | None, *, margin: float = MARGIN) -> str:
    """Return what the calls allow to say, in one of four phrases.

    "indistinguishable" only where the 90% interval of d' lies within ± margin (two one-sided tests at 5%);
    otherwise "distinguishable", or "distinguishable with reversed labels", where the 95% interval excludes 0;
    otherwise "inconclusive". None (a source was never shown) is inconclusive.
    """
    if found is None:
        return INCONCLUSIVE
    low, high = found.d_prime_interval(0.90)
    if -margin <= low and high <= margin:
        return INDISTINGUISHABLE
    low, high = found.d_prime_interval(0.95)
    if low > 0:
        return DISTINGUISHABLE
    return REVERSED if high < 0 else INCONCLUSIVE


def could_conclude(models: int, experts: int, *, readers: int = 1, margin: float = MARGIN) -> bool:
    """Return whether the design could show "indistinguishable" at all: at d' = 0 and c = 0, would it?

    ``models`` and ``experts`` are candidates per reader; ``readers`` is the number averaged.
    """
    if min(models, experts, readers) < 1:
        return False
    variance = np.pi / 2 * (1 / models + 1 / experts) / readers
    return bool(stats.norm.ppf(0.95) * np.sqrt(variance) <= margin)


def score_adjusted_odds_ratio(strata: Mapping[int, OriginCounts], level: float = 0.95) -> tuple[float, float, float]:
    """Return the odds ratio of "judged AI", model against expert, within equal scores of the same reader.

    Readers call poor contours AI; comparing only candidates that got the same score takes that path away. The
    Mantel-Haenszel odds ratio with the Robins-Breslow-Greenland interval; nan where no stratum informs.

    References
    ----------
    Mantel N, Haenszel W. J Natl Cancer Inst 1959;22:719-748. Robins J et al. Biometrics 1986;42:311-323.
    """
    cells = np.array([s.table() for s in strata.values() if s.models and s.experts], dtype=np.float64)
    if not cells.size:
        return float("nan"), float("nan"), float("nan")
    n = cells.sum(axis=(1, 2))
    same, cross = cells[:, 0, 0] * cells[:, 1, 1] / n, cells[:, 0, 1] * cells[:, 1, 0] / n
    p, q = (cells[:, 0, 0] + cells[:, 1, 1]) / n, (cells[:, 0, 1] + cells[:, 1, 0]) / n
    r, s = same.sum(), cross.sum()
    if r == 0 or s == 0:
        return float("nan"), float("nan"), float("nan")
    parts = (p @ same / (2 * r**2), (p @ cross + q @ same) / (2 * r * s), q @ cross / (2 * s**2))
    half = stats.norm.ppf(0.5 + level / 2) * np.sqrt(sum(parts))
    return float(r / s), float(r / s * np.exp(-half)), float(r / s * np.exp(half))
