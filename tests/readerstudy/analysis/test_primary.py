"""The primary endpoint: point, interval and its agreement with the estimator it generalises."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from readerstudy.analysis.clustered_shares import clustered_share
from readerstudy.analysis.primary import acceptable_differences


def ratings(seed: int = 3, cases: int = 60, readers: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for case in range(cases):
        hard = rng.normal()
        for reader in range(readers):
            for arm, kind, good in (("TE", "model", 0.6), ("E1", "expert", 0.1), ("E2", "expert", 0.0)):
                if rng.random() < 0.2:
                    continue
                likes = rng.normal() + good + hard + 0.3 * reader
                rows.append((f"R{reader}", f"C{case}", arm, kind, 8 if likes > 0 else 4))
    return pd.DataFrame(rows, columns=["reader", "case", "arm", "arm_kind", "value"])


def test_the_mean_of_readers_is_the_mean_of_their_differences() -> None:
    table = pd.DataFrame(
        [("R1", f"C{n}", "TE", "model", 9 if n < 3 else 2) for n in range(4)]
        + [("R1", f"C{n}", "E1", "expert", 9 if n < 1 else 2) for n in range(4)]
        + [("R2", f"C{n}", "TE", "model", 9) for n in range(2)]
        + [("R2", f"C{n}", "E1", "expert", 9 if n < 1 else 2) for n in range(2)],
        columns=["reader", "case", "arm", "arm_kind", "value"],
    )

    overall, first, second = acceptable_differences(table, acceptable_from=7)
    pooled = acceptable_differences(table, acceptable_from=7, average="pooled")[0]

    # R1: 3/4 - 1/4 = .5; R2: 2/2 - 1/2 = .5; pooled: 5/6 - 2/6 = .5
    assert (first.value, second.value, overall.value) == (0.5, 0.5, 0.5)
    assert pooled.value == pytest.approx(0.5)
    assert (pooled.k_model, pooled.n_model, pooled.k_experts, pooled.n_experts) == (5, 6, 2, 6)


def test_the_interval_covers_about_what_a_case_bootstrap_covers() -> None:
    table = ratings()
    told = acceptable_differences(table, acceptable_from=7)[0]
    rng = np.random.default_rng(1)
    by_case = dict(list(table.groupby("case")))
    names = list(by_case)
    values = []
    for _ in range(200):
        drawn = [
            by_case[names[i]].assign(case=place) for place, i in enumerate(rng.integers(0, len(names), len(names)))
        ]
        values.append(acceptable_differences(pd.concat(drawn), acceptable_from=7)[0].value)
    low, high = np.quantile(values, [0.025, 0.975])

    assert told.low == pytest.approx(low, abs=0.03)
    assert told.high == pytest.approx(high, abs=0.03)


def test_against_experts_who_never_vary_it_is_the_clustered_share_of_rao_and_scott() -> None:
    table = ratings(readers=1)
    table.loc[table["arm_kind"] == "expert", "value"] = 2
    model = table[table["arm"] == "TE"]
    yes, of = (model["value"] >= 7).groupby(model["case"]).sum(), model.groupby("case").size()
    expected = clustered_share(yes, of)

    told = acceptable_differences(table[table["case"].isin(set(model["case"]))], acceptable_from=7)[0]

    half = (told.high - told.low) / 2
    assert told.value == pytest.approx(expected.share)
    assert half == pytest.approx(stats.t.ppf(0.975, expected.clusters - 1) * expected.se)


def test_a_reader_who_saw_no_expert_leaves_the_difference_untold() -> None:
    table = pd.DataFrame([("R1", "C1", "TE", "model", 9)], columns=["reader", "case", "arm", "arm_kind", "value"])

    assert acceptable_differences(table, acceptable_from=7)[0].value is None
