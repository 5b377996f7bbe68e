"""The ratings of a study as a cumulative-link mixed model: each model against the experts, within reader and case.

Reader × arm is always in the model. With few readers every reader has fixed effects of their own and the
answer is given per reader, as their unweighted mean, and without each of them; with five or more, readers
are a random sample.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from readerstudy.analysis.clmm import Coefficient, CumulativeLinkFit, fit_clmm, likelihood_ratio

FloatArray = npt.NDArray[np.float64]
LOGISTIC_VARIANCE = np.pi**2 / 3
DISPLAY = ("slot", "colour")


@dataclass(frozen=True)
class Contrast:
    """One model against the experts: in which scope, and the log odds ratio of a higher rating."""

    model: str
    scope: str
    coefficient: Coefficient


@dataclass(frozen=True)
class Heterogeneity:
    """Whether readers disagree about one model: chi-squared, df, P, and how it was asked."""

    model: str
    statistic: float
    df: int
    p: float
    how: str


@dataclass(frozen=True)
class RatingModel:
    """The fitted model with its contrasts; the first contrast of each model is the one to report."""

    fit: CumulativeLinkFit
    fixed_readers: bool
    readers: tuple[str, ...]
    contrasts: tuple[Contrast, ...]
    heterogeneity: tuple[Heterogeneity, ...]

    def latent_icc(self) -> float:
        """Return the share of the latent variance that lies between candidates: case and case × arm.

        The correlation of two readers' latent ratings of one candidate; the logistic residual has variance
        π²/3.
        """
        variance = {name: sd**2 for name, sd in self.fit.sd.items()}
        between = variance["case"] + variance["case × arm"]
        return float(between / (sum(variance.values()) + LOGISTIC_VARIANCE))


def rating_model(scores: pd.DataFrame, *, few_readers: int = 5) -> RatingModel | None:
    """Return the model of scores (as from `table.scores`), or None when no reader saw both a model and an expert.

    Fixed effects are the cells reader × arm (or the arms), the slot and the colour where they vary and can
    be told apart; random intercepts are case and case × arm, with many readers also reader and reader × arm.
    """
    kinds = scores.groupby("arm")["arm_kind"].first()
    models, experts = (sorted(kinds.index[kinds == kind]) for kind in ("model", "expert"))
    readers = tuple(sorted(scores["reader"].unique()))
    if not models or not experts or scores["value"].nunique() < 2:
        return None
    fixed = len(readers) < few_readers
    arm = scores["arm"].astype(str)
    cell = scores["reader"].astype(str) + " × " + arm if fixed else arm
    x, names = _design(scores, cell)
    random = {"case": scores["case"].to_numpy(), "case × arm": (scores["case"].astype(str) + " × " + arm).to_numpy()}
    if not fixed:
        random |= {
            "reader": scores["reader"].to_numpy(),
            "reader × arm": (scores["reader"].astype(str) + " × " + arm).to_numpy(),
        }
    fit = fit_clmm(scores["value"].to_numpy(), x, names, random)
    cells = sorted(cell.unique())
    if not fixed:
        made = [Contrast(m, "all readers", _against(fit, m, experts)) for m in models]
        tested = _random_heterogeneity(scores, x, names, random, fit, models)
        return RatingModel(fit, False, readers, tuple(made), tested)
    contrasts, heterogeneity = _by_reader(fit, readers, models, experts, cells)
    return RatingModel(fit, True, readers, contrasts, heterogeneity) if contrasts else None


def _design(scores: pd.DataFrame, cell: pd.Series) -> tuple[FloatArray, tuple[str, ...]]:
    columns: list[FloatArray] = []
    names: list[str] = []
    for level in sorted(cell.unique())[1:]:
        columns.append((cell == level).to_numpy(dtype=np.float64))
        names.append(str(level))
    for display in DISPLAY:
        labels = scores[display].astype(str)
        for level in sorted(labels.unique())[1:]:
            wider = [*columns, (labels == level).to_numpy(dtype=np.float64)]
            if np.linalg.matrix_rank(np.column_stack([np.ones(len(scores)), *wider])) == len(wider) + 1:
                columns, names = wider, [*names, f"{display} {level}"]
    x = np.column_stack(columns) if columns else np.zeros((len(scores), 0))
    return x, tuple(names)


def _weights(fit: CumulativeLinkFit, first: str, others: Sequence[str]) -> FloatArray:
    w = np.zeros(len(fit.names))
    for name, weight in [(first, 1.0), *((other, -1.0 / len(others)) for other in others)]:
        if name in fit.names:  # the reference level is no column
            w[fit.names.index(name)] += weight
    return w


def _against(fit: CumulativeLinkFit, model: str, experts: Sequence[str]) -> Coefficient:
    return fit.contrast(f"{model} against experts", _weights(fit, model, experts))


def _by_reader(
    fit: CumulativeLinkFit,
    readers: Sequence[str],
    models: Sequence[str],
    experts: Sequence[str],
    cells: Sequence[str],
) -> tuple[tuple[Contrast, ...], tuple[Heterogeneity, ...]]:
    contrasts: list[Contrast] = []
    tested: list[Heterogeneity] = []
    for model in models:
        rows = {}
        for reader in readers:
            seen = [f"{reader} × {expert}" for expert in experts if f"{reader} × {expert}" in cells]
            if seen and f"{reader} × {model}" in cells:
                rows[reader] = _weights(fit, f"{reader} × {model}", seen)
        contrasts += _summaries(fit, model, rows)
        if len(rows) > 1:
            stacked = np.array(list(rows.values()))
            statistic, df, p = fit.wald_test(stacked[1:] - stacked[0])
            tested.append(Heterogeneity(model, statistic, df, p, "Wald test that the readers' contrasts are equal"))
    return tuple(contrasts), tuple(tested)


def _summaries(fit: CumulativeLinkFit, model: str, rows: dict[str, FloatArray]) -> list[Contrast]:
    name = f"{model} against experts"
    mean = [Contrast(model, f"mean of {len(rows)} readers", fit.contrast(name, np.mean(list(rows.values()), axis=0)))]
    single = [Contrast(model, reader, fit.contrast(name, w)) for reader, w in rows.items()]
    if len(rows) < 2:
        return single
    without = [
        Contrast(model, f"without {out}", fit.contrast(name, np.mean([w for r, w in rows.items() if r != out], axis=0)))
        for out in rows
    ]
    return mean + single + (without if len(rows) > 2 else [])


def _random_heterogeneity(
    scores: pd.DataFrame,
    x: FloatArray,
    names: tuple[str, ...],
    random: dict[str, npt.NDArray[np.generic]],
    fit: CumulativeLinkFit,
    models: Sequence[str],
) -> tuple[Heterogeneity, ...]:
    smaller = {name: labels for name, labels in random.items() if name != "reader × arm"}
    without = fit_clmm(scores["value"].to_numpy(), x, names, smaller)
    statistic, p = likelihood_ratio(without, fit, 1, variance=True)
    how = "likelihood ratio of the reader × arm variance, one-sided"
    return tuple(Heterogeneity(model, statistic, 1, p, how) for model in models)
