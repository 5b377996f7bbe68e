"""Permutation within blocks: the same reader, the same case, the arms exchanged.

Within one presentation nothing but the arm differs, so exchanging the ratings of its candidates leaves the
severity of the reader and the difficulty of the case where they are. No distribution is assumed.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from readerstudy.analysis.errors import AnalysisError
from readerstudy.analysis.results import TestResult

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Blocks:
    """Centred ranks and arms of shape (blocks, most candidates); ``-1`` marks an empty place."""

    ranks: FloatArray
    arms: IntArray
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
    return Blocks(values[kept], codes[kept], tuple(names.tolist()))


def contrast_test(
    scores: pd.DataFrame, first: Collection[str], second: Collection[str], *, draws: int = 2000, seed: int = 0
) -> TestResult:
    """Return the permutation test that two sets of arms are rated alike by the same reader on the same case.

    Parameters
    ----------
    first, second : collection of str
        Arms of either side; only blocks with both sides inform, other arms are left out.
    draws, seed : int
        Of the permutations; P = (b + 1) / (B + 1), two-sided.

    Returns
    -------
    TestResult
        The statistic is the standardised sum of centred ranks of the first side; the effect is the mean
        difference of scores within blocks, first minus second. n counts the ratings used.
    """
    chosen = scores[scores["arm"].isin([*first, *second])]
    both = chosen.assign(side=chosen["arm"].isin(list(first))).groupby(["reader", "case"])["side"].transform("nunique")
    used = chosen[both == 2]
    variant = f"within reader and case, {draws} permutations, seed {seed}"
    if used.empty:
        return TestResult("block permutation", variant, 0, note="no reader saw both sides on one case")
    laid = blocks(used)
    inside = np.isin(laid.arms, [laid.names.index(arm) for arm in first if arm in laid.names])
    weight = inside - inside.sum(axis=1, keepdims=True) / (laid.arms >= 0).sum(axis=1, keepdims=True)
    weight = np.where(laid.arms >= 0, weight, 0.0)
    observed = float(np.sum(weight * laid.ranks))
    spread = np.sqrt(np.sum(_block_variance(laid, weight)))
    if spread == 0:
        return TestResult("block permutation", variant, len(used), note="all ratings within blocks are equal")
    drawn = np.array([np.sum(weight * shuffled) for shuffled in _shuffles(laid, draws, seed)])
    reached = int(np.count_nonzero(np.abs(drawn) >= abs(observed) * (1 - 1e-12)))
    effect = _mean_difference(used, first)
    return TestResult(
        "block permutation",
        variant,
        len(used),
        observed / float(spread),
        None,
        (reached + 1) / (draws + 1),
        "mean difference within blocks",
        effect,
    )


def omnibus_test(scores: pd.DataFrame, *, draws: int = 2000, seed: int = 0) -> TestResult:
    """Return the permutation test that no arm differs from another, for incomplete blocks.

    The statistic is built like that of Skillings and Mack, but on ranks within the reader; where every
    complete block holds its own ranks it is Friedman's.

    References
    ----------
    Skillings JH, Mack GA. Technometrics 1981;23:171-177.
    """
    laid = blocks(scores)
    variant = f"within reader and case, {draws} permutations, seed {seed}"
    n = int(np.count_nonzero(laid.arms >= 0))
    if laid.ranks.shape[0] == 0 or not np.any(laid.ranks):
        return TestResult("block permutation", variant, n, note="no block holds two different ratings")
    inverse = np.asarray(np.linalg.pinv(_covariance(laid)), dtype=np.float64)
    observed = _quadratic(laid, laid.ranks, inverse)
    drawn = np.array([_quadratic(laid, shuffled, inverse) for shuffled in _shuffles(laid, draws, seed)])
    reached = int(np.count_nonzero(drawn >= observed * (1 - 1e-12)))
    df = int(np.linalg.matrix_rank(inverse))
    return TestResult(
        "block permutation",
        variant,
        n,
        observed,
        df,
        (reached + 1) / (draws + 1),
        note=f"chi-squared approximation P = {stats.chi2.sf(observed, df):.3g}",
    )


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


def _quadratic(laid: Blocks, ranks: FloatArray, inverse: FloatArray) -> float:
    known = laid.arms >= 0
    sums = np.bincount(laid.arms[known], ranks[known], minlength=len(laid.names))
    return float(sums @ inverse @ sums)


def _mean_difference(used: pd.DataFrame, first: Collection[str]) -> float:
    sides = (
        used.assign(side=used["arm"].isin(list(first))).groupby(["reader", "case", "side"])["value"].mean().unstack()
    )
    return float((sides[True] - sides[False]).mean())
