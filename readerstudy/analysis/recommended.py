"""The recommended tables beside the conventional ones: every number takes reader and case into account."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from readerstudy.analysis.agreement import agreement, category_weights, cohen_kappa
from readerstudy.analysis.bootstrap import (
    Bootstrapped,
    CountTensor,
    FloatArray,
    count_tensor,
    mean_of_drawn_readers,
    replicates,
    shares_at_least,
    summarise,
    superiorities,
)
from readerstudy.analysis.equivalence import noninferiority
from readerstudy.analysis.intervals import Interval
from readerstudy.analysis.krippendorff import krippendorff_alpha
from readerstudy.analysis.multiplicity import METHODS, adjust, family_size
from readerstudy.analysis.permutation import contrast_test
from readerstudy.analysis.rating_model import RatingModel
from readerstudy.analysis.results import Cell, Row, finite
from readerstudy.analysis.settings import RecommendedSettings
from readerstudy.analysis.turing import DISTINGUISHABLE, INCONCLUSIVE, INDISTINGUISHABLE, REVERSED

MEAN = "mean of readers"


@dataclass(frozen=True)
class Sides:
    """A count tensor with the places of one model and of the experts among its arms."""

    tensor: CountTensor
    model: int
    experts: tuple[int, ...]

    def split(self, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the counts of the model and, per expert, those of the experts: (…, readers, experts, levels)."""
        return counts[..., self.model, :], counts[..., list(self.experts), :]


def model_rows(model: RatingModel, settings: RecommendedSettings) -> list[Row]:
    """Return the odds ratios of the mixed model; the first row of each model is adjusted in family ``score``."""
    rows: list[dict[str, Cell]] = []
    for contrast in model.contrasts:
        c = contrast.coefficient
        low, high = c.interval()
        first = not any(row["model"] == contrast.model for row in rows)
        rows.append(
            {
                "model": contrast.model,
                "scope": contrast.scope,
                "n": model.fit.n,
                "odds_ratio": float(np.exp(c.estimate)),
                "low": float(np.exp(low)),
                "high": float(np.exp(high)),
                "statistic": finite(c.estimate / c.se),
                "p": finite(c.p),
                "family": "score" if first else None,
            }
        )
    return _adjusted(rows, settings)


def _adjusted(rows: list[dict[str, Cell]], settings: RecommendedSettings) -> list[Row]:
    for family in {row["family"] for row in rows} - {None}:
        members = [row for row in rows if row["family"] == family]
        raw = np.array([np.nan if row["p"] is None else row["p"] for row in members], dtype=np.float64)
        for row, value in zip(members, adjust(raw, settings.adjustment), strict=True):
            row |= {
                "p_adjusted": finite(value),
                "family_size": family_size(raw),
                "adjustment": METHODS[settings.adjustment],
            }
    return list(rows)


def heterogeneity_rows(model: RatingModel) -> list[Row]:
    """Return one row per model: do the readers agree about it?"""
    return [
        {"model": h.model, "statistic": h.statistic, "df": h.df, "p": h.p, "test": h.how} for h in model.heterogeneity
    ]


def component_rows(model: RatingModel) -> list[Row]:
    """Return the standard deviations of the random intercepts, on the latent logistic scale, and the latent ICC."""
    rows: list[Row] = [{"component": name, "value": sd} for name, sd in model.fit.sd.items()]
    return [*rows, {"component": "ICC of two readers (latent scale)", "value": model.latent_icc()}]


def display_rows(model: RatingModel) -> list[Row]:
    """Return the odds ratios of slot and colour, which ought to be near 1."""
    rows: list[Row] = []
    for name in model.fit.names:
        if name.startswith(("slot ", "colour ")):
            c = model.fit.coefficient(name)
            low, high = np.exp(c.interval())
            rows.append(
                {
                    "effect": name,
                    "odds_ratio": float(np.exp(c.estimate)),
                    "low": float(low),
                    "high": float(high),
                    "p": finite(c.p),
                }
            )
    return rows


def share_rows(scores: pd.DataFrame, settings: RecommendedSettings) -> list[Row]:
    """Return differences of the share acceptable, each model minus the experts, per reader and as their mean."""

    def difference(sides: Sides) -> Callable[[FloatArray], FloatArray]:
        def statistic(counts: FloatArray) -> FloatArray:
            model, experts = sides.split(counts)
            levels, from_ = sides.tensor.levels, settings.acceptable_from
            expert = _mean(shares_at_least(experts, levels, from_))
            return shares_at_least(model, levels, from_) - expert

        return statistic

    rows = _by_reader(scores, settings, difference, "acceptable", 0.0)
    for row in rows:
        interval = Interval(number(row, "low"), number(row, "high"))
        inside = noninferiority(number(row, "estimate"), interval, margin=settings.margin)
        row["verdict"] = "superior" if inside.superior else "non-inferior" if inside.noninferior else INCONCLUSIVE
    return _adjusted(rows, settings)


def superiority_rows(scores: pd.DataFrame, settings: RecommendedSettings) -> list[Row]:
    """Return the probability that a model is scored higher than an expert by the same reader, per reader and mean."""

    def index(sides: Sides) -> Callable[[FloatArray], FloatArray]:
        def statistic(counts: FloatArray) -> FloatArray:
            model, experts = sides.split(counts)
            return _mean(superiorities(model[..., None, :] + np.zeros_like(experts), experts))

        return statistic

    return _adjusted(_by_reader(scores, settings, index, "superiority", 0.5), settings)


def _mean(values: FloatArray) -> FloatArray:
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=-1)
    n = known.sum(axis=-1)
    return np.asarray(np.divide(total, n, out=np.full(n.shape, np.nan), where=n > 0))


def number(row: Mapping[str, Cell], key: str) -> float:
    """Return a cell as a number, nan where it holds none."""
    value = row[key]
    return float(value) if isinstance(value, int | float) else float("nan")


Statistic = Callable[[Sides], Callable[[FloatArray], FloatArray]]


def _by_reader(
    scores: pd.DataFrame, settings: RecommendedSettings, statistic: Statistic, family: str, null: float
) -> list[dict[str, Cell]]:
    if scores.empty:
        return []
    tensor = count_tensor(scores)
    kinds = scores.groupby("arm")["arm_kind"].first()
    experts = tuple(tensor.arms.index(arm) for arm in kinds.index[kinds == "expert"])
    rows: list[dict[str, Cell]] = []
    for model in kinds.index[kinds == "model"]:
        per_reader = statistic(Sides(tensor, tensor.arms.index(model), experts))
        rows += _model_rows(tensor, str(model), per_reader, settings, family, null) if experts else []
    return rows


def _model_rows(
    tensor: CountTensor,
    model: str,
    per_reader: Callable[[FloatArray], FloatArray],
    settings: RecommendedSettings,
    family: str,
    null: float,
) -> list[dict[str, Cell]]:
    observed = per_reader(tensor.total())
    informed = np.flatnonzero(np.isfinite(observed))
    if not informed.size:
        return []
    values = per_reader(replicates(tensor, draws=settings.draws, seed=settings.seed))[:, informed]
    rows: list[dict[str, Cell]] = []
    if informed.size > 1:
        sampled = len(tensor.readers) >= settings.few_readers
        means = mean_of_drawn_readers(values, settings.seed) if sampled else _mean(values)
        found = summarise(float(observed[informed].mean()), means, null=null)
        rows.append(_boot_row(model, MEAN, found, family, "both" if sampled else "case"))
    for r, drawn in zip(informed, values.T, strict=True):
        found = summarise(float(observed[r]), drawn, null=null)
        rows.append(_boot_row(model, tensor.readers[r], found, family if informed.size == 1 else None, "case"))
    return rows


def _boot_row(model: str, scope: str, found: Bootstrapped, family: str | None, units: str) -> dict[str, Cell]:
    what = {"case": "cases", "both": "readers and cases"}[units]
    return {
        "model": model,
        "scope": scope,
        "estimate": found.estimate,
        "se": found.se,
        "low": found.interval.low,
        "high": found.interval.high,
        "p": found.p,
        "family": family,
        "method": f"percentile bootstrap of {what}, {found.draws} replicates",
    }


def permutation_rows(scores: pd.DataFrame, settings: RecommendedSettings) -> list[Row]:
    """Return the distribution-free check: each model against the experts, permuted within reader and case."""
    kinds = scores.groupby("arm")["arm_kind"].first()
    experts = [str(arm) for arm in kinds.index[kinds == "expert"]]
    rows: list[dict[str, Cell]] = []
    for model in kinds.index[kinds == "model"]:
        result = contrast_test(scores, [str(model)], experts, draws=settings.draws, seed=settings.seed)
        head: dict[str, Cell] = {"model": str(model), "family": "permutation"}
        rows.append(head | result.row())
    return _adjusted(rows, settings)


def turing_rows(calls: pd.DataFrame, settings: RecommendedSettings) -> list[Row]:
    """Return d' per reader and as the mean of readers, with intervals from drawing cases, and the verdict."""
    if calls.empty or calls["arm_kind"].nunique() < 2:
        return []
    tensor = count_tensor(calls.assign(arm=calls["arm_kind"], value=calls["judged_ai"].astype(int)))
    model, expert = tensor.arms.index("model"), tensor.arms.index("expert")
    yes = tensor.levels == 1

    def per_reader(counts: FloatArray) -> FloatArray:
        k, n = counts[..., yes].sum(axis=-1), counts.sum(axis=-1)
        z = stats.norm.ppf((k + 0.5) / (n + 1))
        known = (n[..., model] > 0) & (n[..., expert] > 0)
        return np.where(known, z[..., model] - z[..., expert], np.nan)

    rows = _model_rows(tensor, "models", per_reader, settings, "turing", 0.0)
    for row in rows:
        row["verdict"] = _turing_verdict(row, settings.origin_margin)
    return _adjusted(rows, settings)


def confidence_rows(calls: pd.DataFrame, settings: RecommendedSettings) -> list[Row]:
    """Return the ROC area of the origin answers: how often a model looks more like AI than an expert does.

    On a six-step scale this uses the confidence; on a yes/no scale it is the balanced accuracy.
    """
    if calls.empty or calls["arm_kind"].nunique() < 2:
        return []
    tensor = count_tensor(calls.assign(arm=calls["arm_kind"], value=calls["step"]))
    model, expert = tensor.arms.index("model"), tensor.arms.index("expert")

    def per_reader(counts: FloatArray) -> FloatArray:
        return superiorities(counts[..., model, :], counts[..., expert, :])

    return _adjusted(_model_rows(tensor, "models", per_reader, settings, "turing-area", 0.5), settings)


def _turing_verdict(row: Mapping[str, Cell], margin: float) -> str:
    estimate, se, low, high = (number(row, key) for key in ("estimate", "se", "low", "high"))
    reach = float(stats.norm.ppf(0.95)) * se
    if -margin <= estimate - reach and estimate + reach <= margin:
        return INDISTINGUISHABLE
    return DISTINGUISHABLE if low > 0 else REVERSED if high < 0 else INCONCLUSIVE


def reliability_rows(scores: pd.DataFrame, repeats: pd.DataFrame) -> list[Row]:
    """Return agreement between readers on candidates that several rated, and of readers with themselves.

    Parameters
    ----------
    scores : DataFrame
        As from `table.scores`.
    repeats : DataFrame
        Columns ``reader, case, arm, value``: the scores of repeated presentations.
    """
    if scores.empty:
        return []
    scale = range(min(1, int(scores["value"].min())), max(10, int(scores["value"].max())) + 1)
    wide = scores.pivot_table(index=["case", "arm"], columns="reader", values="value").to_numpy(dtype=np.float64)
    shared = wide[(~np.isnan(wide)).sum(axis=1) >= 2]
    rows: list[Row] = []
    if len(shared):
        alpha = finite(krippendorff_alpha(shared, "ordinal"))
        rows.append(
            {"measure": "Krippendorff's alpha, ordinal", "who": "between readers", "n": len(shared), "estimate": alpha}
        )
        ac2 = agreement(shared, "AC", categories=tuple(scale), weights="quadratic")
        rows.append(
            {
                "measure": "Gwet's AC2, quadratic weights",
                "who": "between readers",
                "n": len(shared),
                "estimate": ac2.estimate,
                "low": finite(ac2.low),
                "high": finite(ac2.high),
            }
        )
    both = scores.merge(repeats, on=["reader", "case", "arm"], suffixes=("", "_again"))
    for reader, pair in both.groupby("reader", sort=True):
        rows.append(_own_agreement(str(reader), pair, scale))
    return rows


def _own_agreement(reader: str, pair: pd.DataFrame, scale: range) -> Row:
    table = np.zeros((len(scale), len(scale)))
    np.add.at(table, (pair["value"].to_numpy() - scale.start, pair["value_again"].to_numpy() - scale.start), 1)
    kappa = cohen_kappa(table, category_weights(tuple(scale), "quadratic"))
    return {
        "measure": "quadratic kappa, first against repeat",
        "who": reader,
        "n": len(pair),
        "estimate": finite(kappa.estimate),
        "low": finite(kappa.low),
        "high": finite(kappa.high),
    }
