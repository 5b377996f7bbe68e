"""How often do the tests find a difference where there is none? Type I error on the design of paper 000.

Three experts and two models, 100 cases, three candidates per case and reader, never one's own; no difference
between arms on average. Readers differ in severity, cases in difficulty, candidates in quality, and, by choice,
readers in their taste for an arm (reader × arm). Run with

    python benchmarks/type_one_error.py --runs 300

Readers are fixed in the recommended tests: their null hypothesis is that the mean over these readers is zero, so the
taste of each reader is centred over the readers before it is added.
"""

import argparse
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from readerstudy.analysis.bootstrap import FloatArray, bootstrap, count_tensor, shares_at_least
from readerstudy.analysis.contingency import pearson
from readerstudy.analysis.gee import gee_logit
from readerstudy.analysis.group_tests import count_table, kruskal_wallis, mann_whitney
from readerstudy.analysis.permutation import contrast_test
from readerstudy.analysis.rating_model import rating_model

EXPERTS, MODELS = ("E1", "E2", "E3"), ("BraTS", "TE")
ARMS = (*EXPERTS, *MODELS)
INDEX = "TE"
CUTS = np.array([-5.0, -4, -3.2, -2.4, -1.6, -0.8, 0.2, 1.4, 2.8])


def simulate(rng: np.random.Generator, taste: float, cases: int = 100) -> pd.DataFrame:
    """Return one study's scores without any difference between arms."""
    severity, difficulty = rng.normal(0, 0.5, 3), rng.normal(0, 1.0, cases)
    quality = rng.normal(0, 0.7, (cases, 5))
    liking = _centred(rng.normal(0, taste, (3, 5)))
    rows = []
    for r, reader in enumerate(EXPERTS):
        others = [a for a in range(5) if a != r]
        for c in range(cases):
            for slot, a in enumerate(rng.permutation(np.delete(others, c % 4)), 1):
                latent = severity[r] + difficulty[c] + quality[c, a] + liking[r, a] + rng.logistic()
                rows.append((reader, f"C{c:03}", slot, "grey", ARMS[a], int(np.searchsorted(CUTS, latent)) + 1))
    table = pd.DataFrame(rows, columns=["reader", "case", "slot", "colour", "arm", "value"])
    kind = np.where(table["arm"].isin(MODELS), "model", "expert")
    return table.assign(arm_kind=kind, presentation=table["reader"] + table["case"])


def _centred(liking: FloatArray) -> FloatArray:
    # TE against the experts that the reader saw, averaged over the readers, is set to zero.
    contrast = [liking[r, 4] - np.mean([liking[r, e] for e in range(3) if e != r]) for r in range(3)]
    moved = liking.copy()
    moved[:, 4] -= np.mean(contrast)
    return moved


def kruskal_pooled(d: pd.DataFrame) -> float | None:
    """Conventional, pooled over readers: five arms."""
    return kruskal_wallis(count_table(d["value"], d["arm"].to_numpy())).p


def kruskal_within(d: pd.DataFrame) -> float | None:
    """Conventional, within one reader: four arms."""
    return kruskal_pooled(d[d["reader"] == "E1"])


def mann_whitney_pooled(d: pd.DataFrame) -> float | None:
    """Conventional, pooled over readers: TE against the experts."""
    used = d[(d["arm"] == INDEX) | (d["arm_kind"] == "expert")]
    return mann_whitney(count_table(used["value"], used["arm_kind"].to_numpy(), ("model", "expert"))).p


def mann_whitney_within(d: pd.DataFrame) -> float | None:
    """Conventional, within one reader: TE against one expert."""
    used = d[d["reader"] == "E1"]
    return mann_whitney(count_table(used["value"], used["arm"].to_numpy(), (INDEX, "E2"))).p


def chi_squared_pooled(d: pd.DataFrame) -> float | None:
    """Conventional, pooled over readers: share acceptable, TE against the experts."""
    used = d[(d["arm"] == INDEX) | (d["arm_kind"] == "expert")]
    yes = (used["value"] >= 7).to_numpy()
    model = (used["arm"] == INDEX).to_numpy()
    return pearson([[np.sum(yes & model), np.sum(~yes & model)], [np.sum(yes & ~model), np.sum(~yes & ~model)]]).p


def mixed_model(d: pd.DataFrame) -> float | None:
    """Recommended: cumulative-link mixed model, TE against the experts, mean of the fixed readers."""
    model = rating_model(d)
    assert model is not None
    return next(c.coefficient.p for c in model.contrasts if c.model == INDEX)


def permuted(d: pd.DataFrame) -> float | None:
    """Recommended check: ranks within reader and case, sides exchanged by case."""
    return contrast_test(d, [INDEX], EXPERTS, draws=999).p


def permuted_blocks(d: pd.DataFrame) -> float | None:
    """Not recommended: candidates exchanged within each presentation by itself."""
    return contrast_test(d, [INDEX], EXPERTS, draws=199, unit="block").p


def drawn_cases(d: pd.DataFrame) -> float | None:
    """Recommended: share acceptable, difference within reader averaged over readers, cases drawn."""
    tensor = count_tensor(d)
    model, experts = tensor.arms.index(INDEX), [tensor.arms.index(arm) for arm in EXPERTS]

    def statistic(counts: FloatArray) -> FloatArray:
        share = shares_at_least(counts, tensor.levels, 7)
        return np.asarray(np.mean(share[..., model] - np.nanmean(share[..., experts], axis=-1), axis=-1))

    return bootstrap(tensor, statistic, draws=999).p


def clustered_logit(d: pd.DataFrame) -> float | None:
    """Recommended: GEE logit of acceptable, clustered on the case, readers fixed."""
    used = d[(d["arm"] == INDEX) | (d["arm_kind"] == "expert")]
    cells = (used["reader"] + used["arm_kind"]).to_numpy()
    names = sorted(set(cells))
    x = np.column_stack([cells == name for name in names]).astype(float)
    fit = gee_logit((used["value"] >= 7).to_numpy(dtype=float), x, names, used["case"].to_numpy())
    weights = [(1 if name.endswith("model") else -1) / 3 for name in names]
    return fit.contrast(weights)[3]


TESTS: tuple[Callable[[pd.DataFrame], float | None], ...] = (
    kruskal_pooled,
    mann_whitney_pooled,
    chi_squared_pooled,
    kruskal_within,
    mann_whitney_within,
    mixed_model,
    permuted,
    permuted_blocks,
    drawn_cases,
    clustered_logit,
)


def main() -> None:
    """Print the share of studies in which each test was significant at 5%."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--taste", type=float, nargs="+", default=[0.0, 0.25, 0.5])
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    for taste in asked.taste:
        rng = np.random.default_rng(asked.seed)
        found = np.zeros(len(TESTS))
        for _ in range(asked.runs):
            study = simulate(rng, taste)
            found += [(p if p is not None else 1.0) < 0.05 for p in (test(study) for test in TESTS)]
        print(f"reader × arm SD {taste:g}, {asked.runs} studies, readers fixed")
        for test, count in zip(TESTS, found, strict=True):
            print(f"  {100 * count / asked.runs:5.1f}%  {(test.__doc__ or '').strip()}")


if __name__ == "__main__":
    main()
