"""Figures of merit of every treatment and reader, and the covariances that shared cases give them.

A cell (treatment, reader) may have read any subset of the cases: fully crossed, split-plot and nested
designs are one array with gaps. Cells without a common case get a covariance of zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from readerstudy.analysis.errors import AnalysisError, SettingError

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
METHODS = ("jackknife", "delong", "unbiased")
FIGURES = ("auc", "mean")


@dataclass(frozen=True)
class Readings:
    """Scores of shape (treatments, readers, cases), nan where a case was not read, and the truth of each case."""

    scores: FloatArray
    truth: BoolArray
    treatments: tuple[str, ...]
    readers: tuple[str, ...]


def readings(
    table: pd.DataFrame,
    *,
    treatment: str = "treatment",
    reader: str = "reader",
    case: str = "case",
    truth: str = "truth",
    score: str = "rating",
) -> Readings:
    """Return the array of a long table with one row per reading.

    Raises
    ------
    AnalysisError
        ``mrmc.twice`` when a reader read a case twice under one treatment, ``mrmc.truth`` when a case has two
        truths.
    """
    if table.duplicated([treatment, reader, case]).any():
        raise AnalysisError("mrmc.twice", "a reader read a case twice under one treatment; keep one reading")
    truths = table.groupby(case)[truth].agg(["first", "nunique"])
    if (truths["nunique"] > 1).any():
        raise AnalysisError("mrmc.truth", f"case {truths.index[truths['nunique'] > 1][0]} has two truths; mend one")
    names = [sorted(table[column].unique()) for column in (treatment, reader)]
    places = [
        pd.Index(labels).get_indexer(table[column])
        for labels, column in ((names[0], treatment), (names[1], reader), (truths.index, case))
    ]
    scores = np.full((len(names[0]), len(names[1]), len(truths)), np.nan)
    scores[places[0], places[1], places[2]] = table[score].to_numpy(dtype=float)
    treatments, readers = (tuple(map(str, labels)) for labels in names)
    return Readings(scores, truths["first"].to_numpy().astype(bool), treatments, readers)


def figures(data: Readings, figure: str = "auc") -> FloatArray:
    """Return the figure of merit per cell, shape (treatments, readers): empirical AUC, or the mean score."""
    if figure not in FIGURES:
        raise SettingError("setting.figure", f"figure of merit {figure!r} is not one of {FIGURES}")
    flat = data.scores.reshape(-1, data.scores.shape[2])
    if figure == "mean":
        return np.asarray(np.nanmean(flat, axis=1), dtype=np.float64).reshape(data.scores.shape[:2])
    kernel, read = _kernels(data)
    return np.asarray(kernel.sum(axis=(1, 2)) / read.sum(axis=(1, 2))).reshape(data.scores.shape[:2])


def covariances(data: Readings, method: str = "jackknife", figure: str = "auc") -> FloatArray:
    """Return the covariance matrix of the cells' figures, shape (cells, cells), cells treatment by treatment.

    Parameters
    ----------
    method : {"jackknife", "delong", "unbiased"}
        Jackknife over cases, DeLong's structural components, or the unbiased U-statistic estimate of
        Gallas. For the mean all three are the covariance of case scores.

    References
    ----------
    DeLong ER et al. Biometrics 1988;44:837-845. Gallas BD. Acad Radiol 2006;13:353-362. Gallas BD,
    Pennello GA, Myers KJ. J Opt Soc Am A 2007;24:B70-B80.
    """
    if method not in METHODS:
        raise SettingError("setting.covariance", f"covariance {method!r} is not one of {METHODS}")
    if figure == "mean":
        return _of_means(data.scores.reshape(-1, data.scores.shape[2]))
    kernel, read = _kernels(data)
    return {"jackknife": _jackknife, "delong": _delong, "unbiased": _unbiased}[method](kernel, read)


def _kernels(data: Readings) -> tuple[FloatArray, FloatArray]:
    flat = data.scores.reshape(-1, data.scores.shape[2])
    sick, well = flat[:, data.truth], flat[:, ~data.truth]
    if not sick.shape[1] or not well.shape[1]:
        raise AnalysisError("roc.one-class", "an ROC area needs cases of both truths")
    read = ~np.isnan(sick)[:, :, None] & ~np.isnan(well)[:, None, :]
    higher = (sick[:, :, None] > well[:, None, :]) + 0.5 * (sick[:, :, None] == well[:, None, :])
    if (read.sum(axis=(1, 2)) == 0).any():
        raise AnalysisError("mrmc.empty", "a reader read no pair of a diseased and a healthy case under a treatment")
    return np.where(read, higher, 0.0), read.astype(np.float64)


def _jackknife(kernel: FloatArray, read: FloatArray) -> FloatArray:
    total, pairs = kernel.sum(axis=(1, 2)), read.sum(axis=(1, 2))
    left = []
    for axis in (2, 1):
        without = total[:, None] - kernel.sum(axis=axis)
        left.append(without / (pairs[:, None] - read.sum(axis=axis)))
    shifted = np.concatenate(left, axis=1) - (total / pairs)[:, None]
    shifted = shifted - shifted.mean(axis=1, keepdims=True)
    cases = shifted.shape[1]
    return np.asarray((cases - 1) / cases * shifted @ shifted.T)


def _delong(kernel: FloatArray, read: FloatArray) -> FloatArray:
    auc = kernel.sum(axis=(1, 2)) / read.sum(axis=(1, 2))
    covariance = np.zeros((auc.size, auc.size))
    for axis in (2, 1):
        others = read.sum(axis=axis)
        placed = np.divide(kernel.sum(axis=axis), others, out=np.zeros_like(others), where=others > 0)
        spread = np.where(others > 0, placed - auc[:, None], 0.0)
        n = (others > 0).sum(axis=1)
        spread = spread / np.sqrt(n * (n - 1))[:, None]
        covariance += spread @ spread.T
    return covariance


def _unbiased(kernel: FloatArray, read: FloatArray) -> FloatArray:
    # Pairs of kernels that share no case estimate the product of the two areas without bias; the covariance is
    # what the product of the two estimates exceeds it by.
    pairs = read.sum(axis=(1, 2))
    auc = kernel.sum(axis=(1, 2)) / pairs
    sums = [_disjoint(part) for part in (kernel, read)]
    product = np.divide(sums[0], sums[1], out=np.outer(auc, auc), where=sums[1] > 0)
    return np.asarray(np.outer(auc, auc) - product)


def _disjoint(x: FloatArray) -> FloatArray:
    flat, rows, columns = x.reshape(x.shape[0], -1), x.sum(axis=2), x.sum(axis=1)
    total = x.sum(axis=(1, 2))
    return np.asarray(np.outer(total, total) - rows @ rows.T - columns @ columns.T + flat @ flat.T)


def _of_means(flat: FloatArray) -> FloatArray:
    read = ~np.isnan(flat)
    n = read.sum(axis=1)
    spread = np.where(read, flat - np.nanmean(flat, axis=1)[:, None], 0.0) / np.sqrt(n * (n - 1))[:, None]
    return np.asarray(spread @ spread.T)


def average_covariances(matrix: FloatArray, treatments: int, readers: int) -> tuple[float, float, float, float]:
    """Return Obuchowski and Rockette's variance and cov1 (same reader), cov2 (same treatment), cov3 (neither)."""
    blocks = matrix.reshape(treatments, readers, treatments, readers)
    t, r = np.eye(treatments, dtype=bool), np.eye(readers, dtype=bool)
    same_t, same_r = t[:, None, :, None], r[None, :, None, :]
    kinds = (same_t & same_r, ~same_t & same_r, same_t & ~same_r, ~same_t & ~same_r)
    picked: Sequence[FloatArray] = [blocks[np.broadcast_to(kind, blocks.shape)] for kind in kinds]
    var, cov1, cov2, cov3 = (float(values.mean()) if values.size else 0.0 for values in picked)
    return var, cov1, cov2, cov3
