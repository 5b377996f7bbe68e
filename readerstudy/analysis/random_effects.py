"""Crossed random intercepts: their penalised mode and the determinant that the Laplace approximation needs.

Effects are of unit variance and scaled by their standard deviations. Cases are many and readers few, so the
Hessian is a stack of small blocks, one per case (with everything nested in it), bordered by the rest.
Eliminating the stack first leaves one matrix as small as the border.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """Where each answer's effects live.

    ``inner[f]`` is (factor index, slot of each answer within its group); ``outer[f]`` (factor index,
    column in the border). ``group`` is the group of each answer, ``width`` the slots per group, ``border``
    the border's size.
    """

    names: tuple[str, ...]
    group: IntArray
    groups: int
    inner: tuple[tuple[int, IntArray], ...]
    width: int
    outer: tuple[tuple[int, IntArray], ...]
    border: int


@dataclass(frozen=True)
class Effects:
    """Unit-variance effects: inner of shape (groups, width), outer of shape (border,)."""

    inner: FloatArray
    outer: FloatArray

    def __add__(self, other: "Effects") -> "Effects":
        """Return the sum, part by part."""
        return Effects(self.inner + other.inner, self.outer + other.outer)

    def scaled(self, by: float) -> "Effects":
        """Return the effects times a number."""
        return Effects(self.inner * by, self.outer * by)

    def square(self) -> float:
        """Return the sum of squares."""
        return float(np.sum(self.inner**2) + np.sum(self.outer**2))


def layout(factors: Mapping[str, Sequence[object] | npt.NDArray[np.generic]], n: int) -> Layout:
    """Return the layout with the smallest border: the group is the factor that nests the most of the others.

    Parameters
    ----------
    factors : mapping from name to labels, each of length n
        Random-intercept factors; may be empty.
    n : int
        Number of answers.
    """
    names = tuple(factors)
    codes = [np.unique(np.asarray(factors[name]).astype(str), return_inverse=True)[1] for name in names]
    sizes = [int(code.max()) + 1 for code in codes]
    if not names:
        return Layout((), np.zeros(n, dtype=np.int64), 1, (), 0, (), 0)
    nested = [[_is_nested(codes[f], codes[g]) for f in range(len(names))] for g in range(len(names))]
    borders = [sum(s for s, inside in zip(sizes, row, strict=True) if not inside) for row in nested]
    chosen = int(np.argmin(borders))
    inner, outer, width, border = [], [], 0, 0
    for f, code in enumerate(codes):
        if nested[chosen][f]:
            slots, used = _slots(code, codes[chosen])
            inner.append((f, slots + width))
            width += used
        else:
            outer.append((f, code + border))
            border += sizes[f]
    return Layout(names, codes[chosen], sizes[chosen], tuple(inner), width, tuple(outer), border)


def _is_nested(fine: IntArray, coarse: IntArray) -> bool:
    pairs = np.unique(np.stack([fine, coarse]), axis=1)
    return int(pairs.shape[1]) == int(fine.max()) + 1


def _slots(fine: IntArray, coarse: IntArray) -> tuple[IntArray, int]:
    level, first = np.unique(fine, return_index=True)
    owner = coarse[first]
    place = np.zeros(level.size, dtype=np.int64)
    for group in np.unique(owner):
        members = np.flatnonzero(owner == group)
        place[members] = np.arange(members.size)
    return place[fine], int(place.max()) + 1


def no_effects(where: Layout) -> Effects:
    """Return all effects at zero."""
    return Effects(np.zeros((where.groups, where.width)), np.zeros(where.border))


def spread(where: Layout, sd: FloatArray, effects: Effects, only: int | None = None) -> FloatArray:
    """Return each answer's sum of scaled effects, shape (n,), of all factors or of one."""
    total = np.zeros(where.group.size)
    for f, slots in where.inner:
        if only in (None, f):
            total += sd[f] * effects.inner[where.group, slots]
    for f, columns in where.outer:
        if only in (None, f):
            total += sd[f] * effects.outer[columns]
    return total


def gather(where: Layout, sd: FloatArray, values: FloatArray, only: int | None = None) -> Effects:
    """Return the transpose of `spread`: values of answers summed into their effects."""
    inner, outer = np.zeros(where.groups * max(where.width, 1)), np.zeros(where.border)
    for f, slots in where.inner:
        if only in (None, f):
            flat = where.group * where.width + slots
            inner += sd[f] * np.bincount(flat, values, minlength=inner.size)
    for f, columns in where.outer:
        if only in (None, f):
            outer += sd[f] * np.bincount(columns, values, minlength=where.border)
    return Effects(inner[: where.groups * where.width].reshape(where.groups, where.width), outer)


class Hessian:
    """The factored penalised Hessian A'WA + I of the effects at given weights."""

    def __init__(self, where: Layout, sd: FloatArray, weight: FloatArray) -> None:
        self.where, self.sd = where, sd
        blocks, border, corner = _assemble(where, sd, weight)
        self.block_inverse = np.linalg.inv(blocks)
        self.carried = self.block_inverse @ border
        flat = (where.groups * where.width, where.border)
        schur = corner - border.reshape(flat).T @ self.carried.reshape(flat)
        self.schur_inverse, border_log_det = _inverse(schur) if where.border else (schur, 0.0)
        self.log_det = float(np.linalg.slogdet(blocks)[1].sum()) + border_log_det

    def solve(self, right: Effects) -> Effects:
        """Return the solution of H x = right."""
        reduced = right.outer - np.einsum("gmi,gm->i", self.carried, right.inner, optimize=True)
        outer = self.schur_inverse @ reduced
        inner = np.einsum("gmk,gk->gm", self.block_inverse, right.inner, optimize=True)
        return Effects(inner - self.carried @ outer, outer)

    def leverages(self) -> tuple[FloatArray, FloatArray]:
        """Return per answer the variance of its sum of effects, and each factor's part of it, shape (factors, n)."""
        where, sd = self.where, self.sd
        flat = self.carried.reshape(where.groups * where.width, where.border)
        moved = (flat @ self.schur_inverse).reshape(self.carried.shape)
        inner = self.block_inverse + moved @ np.swapaxes(self.carried, 1, 2)
        parts = np.zeros((len(where.names), where.group.size))
        for f, slots in where.inner:
            for g, others in where.inner:
                parts[f] += sd[f] * sd[g] * inner[where.group, slots, others]
            for g, columns in where.outer:
                shared = sd[f] * sd[g] * -moved[where.group, slots, columns]
                parts[f] += shared
                parts[g] += shared
        for f, columns in where.outer:
            for g, others in where.outer:
                parts[f] += sd[f] * sd[g] * self.schur_inverse[columns, others]
        return parts.sum(axis=0), parts


def _inverse(matrix: FloatArray) -> tuple[FloatArray, float]:
    factor, _ = linalg.lapack.dpotrf(matrix, lower=1)
    half, _ = linalg.lapack.dpotri(factor, lower=1)
    inverse = np.tril(half) + np.tril(half, -1).T
    return inverse, 2 * float(np.log(np.diag(factor)).sum())


def _assemble(where: Layout, sd: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    g, m, b = where.groups, where.width, where.border
    blocks, border, corner = np.zeros(g * m * m), np.zeros(g * m * b), np.zeros(b * b)
    for f, slots in where.inner:
        row = where.group * m + slots
        for h, others in where.inner:
            blocks += np.bincount(row * m + others, sd[f] * sd[h] * weight, minlength=blocks.size)
        for h, columns in where.outer:
            border += np.bincount(row * b + columns, sd[f] * sd[h] * weight, minlength=border.size)
    for f, columns in where.outer:
        for h, others in where.outer:
            corner += np.bincount(columns * b + others, sd[f] * sd[h] * weight, minlength=corner.size)
    return (blocks.reshape(g, m, m) + np.eye(m), border.reshape(g, m, b), corner.reshape(b, b) + np.eye(b))
