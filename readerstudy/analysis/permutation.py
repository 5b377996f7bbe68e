"""Permutation within blocks: the same reader, the same case, the arms exchanged.

Within one presentation nothing but the arm differs, so exchanging the ratings of its candidates leaves the
severity of the reader and the difficulty of the case where they are. Several readers who rate one
candidate share its quality, though; then whole cases must change sides together, not each presentation by
itself.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from readerstudy.analysis.errors import AnalysisError, SettingError
from readerstudy.analysis.results import TestResult

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
UNITS = ("case", "block")


@dataclass(frozen=True)
class Blocks:
    """Centred ranks and arms of shape (blocks, most candidates), ``-1`` in empty places, and each block's case."""

    ranks: FloatArray
    arms: IntArray
    cases: IntArray
    names: tuple[str, ...]


def blocks(scores: pd.DataFrame) -> Blocks:
    """Return the blocks (reader × case) of scores with columns ``reader, case, arm, value``.

    Ratings are ranked within the reader and centred within the block; blocks with one candidate are left out.
    """
    ranked = scores.assign(rank=scores.groupby("reader")["value"].rank())
    names, arm = np.unique(ranked["arm"].to_numpy().astype(str), return_inverse=True)
    block = ranked.groupby(["reader", "case"], sort=True).ngroup().to_numpy()
    order = np.argsort(block, kind="stable")
    block, arm, rank = block[order], arm[order], ranked["rank"].to_numpy()[order]
    size = np.bincount(block) if block.size else np.zeros(0, dtype=np.int64)
    place = np.arange(block.size) - np.repeat(np.cumsum(size) - size, size)
    width = int(size.max(initial=0))
    values, codes = np.zeros((size.size, width)), np.full((size.size, width), -1, dtype=np.int64)
    centred = rank - (np.bincount(block, rank) / np.maximum(size, 1))[block] if block.size else rank
    values[block, place], codes[block, place] = centred, arm
    kept = size > 1
    owner = ranked["case"].to_numpy().astype(str)[order][np.cumsum(size) - size]
    cases = np.unique(owner[kept], return_inverse=True)[1].astype(np.int64)
    return Blocks(values[kept], codes[kept], cases, tuple(names.tolist()))


def contrast_test(
    scores: pd.DataFrame,
    first: Collection[str],
    second: Collection[str],
    *,
    draws: int = 2000,
    seed: int = 0,
    unit: str = "case",
) -> TestResult:
    """Return the permutation test that two sets of arms are rated alike by the same reader on the same case.

    Parameters
    ----------
    first, second : collection of str
        Arms of either side; only blocks (reader × case) with both sides inform, other arms are left out.
    draws, seed : int
        Of the permutations; P = (b + 1) / (B + 1), two-sided.
    unit : {"case", "block"}
        What is exchanged: the sides of a whole case, over all its readers (sign flips of the case's sum),
        or the candidates of each block by themselves, which is right only where no candidate has two readers.

    Returns
    -------
    TestResult
        The statistic is the standardised sum of centred ranks of the first side; the effect is the mean
        difference of scores within blocks, first minus second. n counts the ratings used.
    """
    if unit not in UNITS:
        raise SettingError("setting.unit", f"permutation unit {unit!r} is not one of {UNITS}")
    chosen = scores[scores["arm"].isin([*first, *second])]
    sided = chosen.assign(side=chosen["arm"].isin(list(first)))
    used = chosen[sided.groupby(["reader", "case"])["side"].transform("nunique") == 2]
    variant = f"exchange of sides by {unit}, {draws} permutations, seed {seed}"
    if used.empty:
        return TestResult("permutation", variant, 0, note="no reader saw both sides on one case")
    observed, spread, drawn = _draw(blocks(used), first, draws, seed, unit)
    if spread == 0:
        return TestResult("permutation", variant, len(used), note="all ratings within blocks are equal")
    reached = int(np.count_nonzero(np.abs(drawn) >= abs(observed) * (1 - 1e-12)))
    return TestResult(
        "permutation",
        variant,
        len(used),
        observed / spread,
        None,
        (reached + 1) / (draws + 1),
        "mean difference within blocks",
        _mean_difference(used, first),
    )


def _draw(laid: Blocks, first: Collection[str], draws: int, seed: int, unit: str) -> tuple[float, float, FloatArray]:
    known = laid.arms >= 0
    inside = np.isin(laid.arms, [laid.names.index(arm) for arm in first if arm in laid.names])
    weight = np.where(known, inside - inside.sum(axis=1, keepdims=True) / known.sum(axis=1, keepdims=True), 0.0)
    by_block = np.sum(weight * laid.ranks, axis=1)
    if unit == "case":
        by_case = np.bincount(laid.cases, by_block)
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, by_case.size))
        return float(by_case.sum()), float(np.sqrt(np.sum(by_case**2))), signs @ by_case
    drawn = np.array([np.sum(weight * shuffled) for shuffled in _shuffles(laid, draws, seed)])
    return float(by_block.sum()), float(np.sqrt(np.sum(_block_variance(laid, weight)))), drawn


def omnibus_test(scores: pd.DataFrame, *, draws: int = 2000, seed: int = 0, unit: str = "case") -> TestResult:
    """Return the permutation test that no arm differs from another, for incomplete blocks.

    The statistic is a quadratic form of the arms' sums of centred ranks. With ``unit="block"`` it is built
    like that of Skillings and Mack, but on ranks within the reader, and where every complete block holds
    its own ranks it is Friedman's; with ``unit="case"`` (see `contrast_test`) its covariance is that of
    the cases' sums.

    References
    ----------
    Skillings JH, Mack GA. Technometrics 1981;23:171-177.
    """
    if unit not in UNITS:
        raise SettingError("setting.unit", f"permutation unit {unit!r} is not one of {UNITS}")
    laid = blocks(scores)
    variant = f"exchange of arms by {unit}, {draws} permutations, seed {seed}"
    n = int(np.count_nonzero(laid.arms >= 0))
    if laid.ranks.shape[0] == 0 or not np.any(laid.ranks):
        return TestResult("permutation", variant, n, note="no block holds two different ratings")
    if unit == "case":
        by_case = _case_sums(laid)
        covariance, sums = by_case.T @ by_case, by_case.sum(axis=0)
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, by_case.shape[0]))
        drawn = signs @ by_case
    else:
        covariance, sums = _covariance(laid), _arm_sums(laid, laid.ranks)
        drawn = np.array([_arm_sums(laid, shuffled) for shuffled in _shuffles(laid, draws, seed)])
    inverse = np.asarray(np.linalg.pinv(covariance, rcond=1e-9, hermitian=True), dtype=np.float64)
    observed = float(sums @ inverse @ sums)
    reached = int(np.count_nonzero(np.einsum("bi,ij,bj->b", drawn, inverse, drawn) >= observed * (1 - 1e-12)))
    df = int(np.linalg.matrix_rank(covariance, hermitian=True))
    note = f"chi-squared approximation P = {stats.chi2.sf(observed, df):.3g}"
    return TestResult("permutation", variant, n, observed, df, (reached + 1) / (draws + 1), note=note)


def _case_sums(laid: Blocks) -> FloatArray:
    known, arms = laid.arms >= 0, len(laid.names)
    flat = (laid.cases[:, None] * arms + laid.arms)[known]
    sums = np.bincount(flat, laid.ranks[known], minlength=(int(laid.cases.max()) + 1) * arms)
    return np.asarray(sums.reshape(-1, arms), dtype=np.float64)


def _shuffles(laid: Blocks, draws: int, seed: int) -> "list[FloatArray]":
    rng = np.random.default_rng(seed)
    if laid.ranks.shape[0] == 0:
        raise AnalysisError("permutation.empty", "there is no block with two candidates to exchange")
    empty = laid.arms < 0
    found = []
    for _ in range(draws):
        keys = rng.random(laid.ranks.shape)
        keys[empty] = 2.0  # empty places stay at the end
        found.append(np.take_along_axis(laid.ranks, np.argsort(keys, axis=1), axis=1))
    return found


def _block_variance(laid: Blocks, weight: FloatArray) -> FloatArray:
    size = (laid.arms >= 0).sum(axis=1)
    return np.asarray(np.sum(weight**2, axis=1) * np.sum(laid.ranks**2, axis=1) / (size - 1))


def _covariance(laid: Blocks) -> FloatArray:
    k = len(laid.names)
    shown = np.stack([(laid.arms == a).sum(axis=1) for a in range(k)], axis=1).astype(np.float64)
    size = (laid.arms >= 0).sum(axis=1)
    scale = np.sum(laid.ranks**2, axis=1) / (size - 1)
    return np.asarray(np.diag(scale @ shown) - (shown * (scale / size)[:, None]).T @ shown)


def _arm_sums(laid: Blocks, ranks: FloatArray) -> FloatArray:
    known = laid.arms >= 0
    return np.asarray(np.bincount(laid.arms[known], ranks[known], minlength=len(laid.names)), dtype=np.float64)


def _mean_difference(used: pd.DataFrame, first: Collection[str]) -> float:
    sides = (
        used.assign(side=used["arm"].isin(list(first))).groupby(["reader", "case", "side"])["value"].mean().unstack()
    )
    return float((sides[True] - sides[False]).mean())
