"""Speed of the statistics as ratios: rank tests from counts against scipy, tensor bootstrap against a pandas loop.

    python benchmarks/analysis_speed.py

Contenders run in turn within each round, and their answers are compared before any time is printed. Times of the
reports are printed too, with the number of ratings; on a shared machine only the ratios mean much.
"""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from readerstudy.analysis.bootstrap import FloatArray, count_tensor, replicates, shares_at_least
from readerstudy.analysis.group_tests import Counts, kruskal_wallis, mann_whitney
from readerstudy.analysis.recommended_report import recommended_report
from readerstudy.analysis.report import conventional_report
from readerstudy.analysis.settings import ConventionalSettings, RecommendedSettings
from readerstudy.analysis.table import COLUMNS


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time that the work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def rank_tests(ratings: int = 1_000_000, rounds: int = 3) -> None:
    """Print how much faster Kruskal-Wallis and Mann-Whitney are from maintained counts than from the ratings."""
    rng = np.random.default_rng(0)
    values, group = rng.integers(1, 11, ratings), rng.integers(0, 3, ratings)
    parts = [values[group == g] for g in range(3)]
    counts = np.bincount(values * 3 + group, minlength=33).reshape(11, 3)
    table = Counts(np.arange(11.0), ("0", "1", "2"), counts)
    ours = (kruskal_wallis(table), mann_whitney(table.pair("0", "1"), "asymptotic"))
    theirs = (stats.kruskal(*parts), stats.mannwhitneyu(*parts[:2], use_continuity=False, method="asymptotic"))
    apart = max(abs((a.p or 0) / b.pvalue - 1) for a, b in zip(ours, theirs, strict=True))
    ratio = []
    for _ in range(rounds):
        slow = seconds(lambda: (stats.kruskal(*parts), stats.mannwhitneyu(*parts[:2], method="asymptotic")))
        fast = seconds(lambda: [(kruskal_wallis(table), mann_whitney(table.pair("0", "1"))) for _ in range(20)]) / 20
        ratio.append(slow / fast)
    print(f"rank tests, {ratings:,} ratings: {np.median(ratio):.0f} × scipy; P apart by {apart:.1e} (relative)")


def tensor_bootstrap(draws: int = 2000, naive: int = 10) -> None:
    """Print how much faster the tensor bootstrap is than drawing rows of a table."""
    scores = scores_of(study(3, 100, seed=1))
    tensor = count_tensor(scores)
    by_case = dict(list(scores.groupby("case")))
    weights = np.random.default_rng(0).multinomial(100, np.full(100, 0.01), size=naive)

    def loop() -> list[float]:
        found = []
        for weight in weights:
            drawn = pd.concat([by_case[case] for case in np.repeat(list(tensor.cases), weight)])
            found.append(float((drawn["value"] >= 7).mean()))
        return found

    def product() -> FloatArray:
        return shares_at_least(replicates(tensor, draws=draws, seed=0).sum(axis=(1, 2)), tensor.levels, 7)

    assert np.allclose(loop(), product()[:naive])
    slow, fast = seconds(loop) / naive, seconds(product) / draws
    print(f"bootstrap of cases, {len(scores)} ratings: {slow / fast:.0f} × a pandas loop, same replicates")


def study(readers: int, cases: int, seed: int) -> pd.DataFrame:
    """Return a ratings table of three candidates per reader and case."""
    rng = np.random.default_rng(seed)
    r, c, slot = (axis.ravel() for axis in np.indices((readers, cases, 3)))
    arm = np.array(["TE", "BraTS", "E1", "E2"])[np.argsort(rng.random((readers * cases, 4)), axis=1)[:, :3].ravel()]
    latent = rng.normal(0, 1, cases)[c] + rng.normal(0, 0.5, readers)[r] + rng.logistic(size=r.size)
    frame = pd.DataFrame(dict.fromkeys(COLUMNS), index=range(2 * r.size))
    value = np.concatenate([np.digitize(latent, np.linspace(-4, 3, 9)) + 1, rng.integers(1, 7, r.size)])
    r, c, slot, arm = (np.tile(axis, 2) for axis in (r, c, slot, arm))
    names = [f"R{a}-{b}" for a, b in zip(r, c, strict=True)]
    return frame.assign(
        study="S",
        reader=np.char.add("R", r.astype(str)),
        case=np.char.add("C", c.astype(str)),
        presentation=names,
        position=c + 1,
        slot=slot,
        letter="A",
        colour=0,
        kind="main",
        item=names,
        arm=arm,
        arm_kind=np.where(np.char.startswith(arm, "E"), "expert", "model"),
        question=np.repeat(["score", "origin"], r.size // 2),
        value=value,
        is_first=True,
        is_final=True,
        revision_no=1,
    )


def scores_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of a simulated table."""
    return table[table["question"] == "score"].astype({"value": "int64"})


def reports() -> None:
    """Print the processor time of the reports at two sizes."""
    for readers, cases in ((3, 100), (100, 33)):
        table = study(readers, cases, seed=2)
        plain = seconds(lambda t=table: conventional_report(t, ConventionalSettings()))  # type: ignore[misc]
        whole = seconds(lambda t=table: recommended_report(t, RecommendedSettings()))  # type: ignore[misc]
        print(
            f"{readers * cases * 3} ratings of {readers} readers: conventional {plain:.2f} s, recommended {whole:.2f} s"
        )


def main() -> None:
    """Print everything."""
    rank_tests()
    tensor_bootstrap()
    reports()


if __name__ == "__main__":
    main()
