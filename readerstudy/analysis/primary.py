"""The primary endpoint in one number: the difference in share acceptable between each model and the experts.

Readers are taken as fixed; cases (or subjects) are the clusters over which the interval generalises. Every
mean over readers comes with its readers, so that their disagreement is never hidden.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from readerstudy.analysis.results import finite


@dataclass(frozen=True)
class Difference:
    """A difference in shares, as fractions, with its 95% interval; both None where it cannot be told."""

    reader: str
    model: str
    value: float | None
    low: float | None
    high: float | None
    k_model: int
    n_model: int
    k_experts: int
    n_experts: int


def acceptable_differences(
    scores: pd.DataFrame, *, acceptable_from: int, average: str = "mean_of_readers", cluster: str = "case"
) -> list[Difference]:
    """Return, per model, the difference over readers and then one difference for each reader.

    Parameters
    ----------
    scores : DataFrame
        As from `table.scores`; `cluster` names the column of the sampled unit.
    acceptable_from : int
        Lowest acceptable score.
    average : {"mean_of_readers", "pooled"}
        Unweighted mean of the readers' differences, or the difference of counts pooled over readers.

    Notes
    -----
    The interval is by linearisation: the influence of a cluster on the difference is summed over readers,
    and its variance over m clusters gives a t interval with m - 1 degrees of freedom. With one reader and
    one group it is the ratio estimator of Rao and Scott (Biometrics 1992;48:577-585).
    """
    rated = scores.assign(yes=(scores["value"] >= acceptable_from).astype(float))
    models = sorted(rated.loc[rated["arm_kind"] == "model", "arm"].unique())
    found = []
    for model in models:
        kept = rated[(rated["arm"] == model) | (rated["arm_kind"] == "expert")]
        readers = [str(reader) for reader in sorted(kept["reader"].unique())]
        groups = [readers] if average == "pooled" else [[reader] for reader in readers]
        found.append(_difference("all readers", model, kept, groups, cluster))
        found += [_difference(reader, model, kept, [[reader]], cluster) for reader in readers]
    return found


def _difference(name: str, model: str, kept: pd.DataFrame, groups: Sequence[Sequence[str]], cluster: str) -> Difference:
    wanted = kept[kept["reader"].isin([reader for group in groups for reader in group])]
    ours = wanted["arm"] == model
    value, influence = _estimate(wanted, model, groups, cluster)
    half = _half_width(influence)
    return Difference(
        reader=name,
        model=model,
        value=finite(value),
        low=finite(max(-1.0, value - half)),
        high=finite(min(1.0, value + half)),
        k_model=int(wanted.loc[ours, "yes"].sum()),
        n_model=int(ours.sum()),
        k_experts=int(wanted.loc[~ours, "yes"].sum()),
        n_experts=int((~ours).sum()),
    )


def _estimate(
    rated: pd.DataFrame, model: str, groups: Sequence[Sequence[str]], cluster: str
) -> tuple[float, pd.Series]:
    """Return the mean difference over groups of readers, and each cluster's influence on it."""
    value, influence = 0.0, pd.Series(0.0, index=sorted(rated[cluster].unique()))
    for group in groups:
        of_group = rated[rated["reader"].isin(list(group))]
        for sign, rows in ((1, of_group[of_group["arm"] == model]), (-1, of_group[of_group["arm"] != model])):
            if rows.empty:
                return float("nan"), influence
            share = float(rows["yes"].mean())
            value += sign * share / len(groups)
            excess = (rows["yes"] - share).groupby(rows[cluster]).sum() / len(rows)
            influence = influence.add(sign * excess / len(groups), fill_value=0.0)
    return value, influence


def _half_width(influence: pd.Series) -> float:
    m = len(influence)
    if m < 2:
        return float("nan")
    return float(stats.t.ppf(0.975, m - 1) * np.sqrt(m / (m - 1) * np.square(influence.to_numpy()).sum()))
