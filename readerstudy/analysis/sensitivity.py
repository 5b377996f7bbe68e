"""Does the answer hold when its assumptions are bent? Missing scores, and proportional odds.

Everything here is labelled sensitivity and cannot be promoted after unblinding.
"""

import numpy as np
import pandas as pd

from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.gee import gee_logit
from readerstudy.analysis.rating_model import RatingModel, rating_model
from readerstudy.analysis.results import Cell, Row, finite
from readerstudy.analysis.settings import RecommendedSettings

LOWEST = 1
AVAILABLE = "all available"


def missing_rows(asked: pd.DataFrame, fitted: RatingModel, settings: RecommendedSettings) -> list[Row]:
    """Return the mixed model's first contrast per model under three treatments of missing scores.

    Parameters
    ----------
    asked : DataFrame
        As from `table.answer_rows`.
    fitted : RatingModel
        The model of all available scores.

    Notes
    -----
    "all available" takes missing scores as missing at random; "complete presentations" leaves out those in
    which a score is missing; "worst case" gives a model's missing score the lowest value and leaves the
    experts' missing.
    """
    rows: list[Row] = []
    for name, scores in _variants(asked).items():
        model: RatingModel | None = fitted
        if name != AVAILABLE:
            model = rating_model(scores, few_readers=settings.few_readers) if len(scores) else None
        for contrast in model.contrasts if model else ():
            if any(row["analysis"] == name and row["model"] == contrast.model for row in rows):
                continue
            c = contrast.coefficient
            low, high = np.exp(c.interval())
            rows.append(
                {
                    "analysis": name,
                    "model": contrast.model,
                    "scope": contrast.scope,
                    "n": len(scores),
                    "odds_ratio": float(np.exp(c.estimate)),
                    "low": float(low),
                    "high": float(high),
                    "p": finite(c.p),
                }
            )
    return rows


def _variants(asked: pd.DataFrame) -> dict[str, pd.DataFrame]:
    known = asked["value"].notna()
    if known.all():
        return {AVAILABLE: asked.astype({"value": "int64"})}
    whole = known.groupby([asked["reader"], asked["presentation"]]).transform("all")
    worst = asked["value"].mask(~known & (asked["arm_kind"] == "model"), LOWEST)
    filled = asked.assign(value=worst)
    return {
        AVAILABLE: asked[known].astype({"value": "int64"}),
        "complete presentations": asked[whole].astype({"value": "int64"}),
        "worst case for the models": filled[filled["value"].notna()].astype({"value": "int64"}),
    }


def cut_rows(scores: pd.DataFrame) -> list[Row]:
    """Return the odds ratio of a score at or above every cut of the scale, each model against the experts.

    Clustered on the case, with a reader effect and one contrast for all readers; a cut that only one side
    of the data reaches is left without numbers, with a note.
    """
    rows: list[Row] = []
    for model in sorted(scores.loc[scores["arm_kind"] == "model", "arm"].unique()):
        used = scores[(scores["arm"] == model) | (scores["arm_kind"] == "expert")]
        x, names = _effects(used, str(model))
        for cut in sorted(used["value"].unique())[1:]:
            rows.append(_cut(str(model), int(cut), used, x, names))
    return rows


def _effects(used: pd.DataFrame, model: str) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.float64]], list[str]]:
    readers = sorted(used["reader"].unique())
    columns = [(used["reader"] == reader).to_numpy() for reader in readers]
    x = np.column_stack([*columns, (used["arm"] == model).to_numpy()]).astype(np.float64)
    return x, [*map(str, readers), model]


def _cut(
    model: str, cut: int, used: pd.DataFrame, x: np.ndarray[tuple[int, int], np.dtype[np.float64]], names: list[str]
) -> Row:
    head: dict[str, Cell] = {"model": model, "at_least": cut}
    try:
        fit = gee_logit((used["value"] >= cut).to_numpy(dtype=np.float64), x, names, used["case"].to_numpy())
    except AnalysisError as refused:
        return head | {"note": str(refused)}
    estimate, low, high, p = fit.contrast(np.eye(len(names))[-1])
    return head | {
        "odds_ratio": float(np.exp(estimate)),
        "low": float(np.exp(low)),
        "high": float(np.exp(high)),
        "p": finite(p),
    }
