"""Turning arrays between axis directions, such as from LPS to the RAS that a model was trained on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.errors import ImagesRefused

_OPPOSITE = dict(zip("RLAPSI", "LRPAIS", strict=True))
Turn = tuple[tuple[int, int, int], tuple[bool, bool, bool]]


def turn_between(given: str, wanted: str) -> Turn:
    """Return which given axis becomes each wanted axis, and which of them are reversed.

    Either being empty means "not known", and the arrays stay as they are.

    Raises
    ------
    ImagesRefused
        ``images.axis_codes`` when a code is not one letter of each of RL, AP and SI.
    """
    if not given or not wanted:
        return (0, 1, 2), (False, False, False)
    for codes in (given, wanted):
        if len(codes) != 3 or {frozenset((c, _OPPOSITE.get(c, c))) for c in codes} != _PAIRS:
            raise ImagesRefused("images.axis_codes", f"{codes} names no three axes; use letters such as LPS.")
    order = [next(i for i, g in enumerate(given) if g in (w, _OPPOSITE[w])) for w in wanted]
    reversed_ = [given[axis] != w for axis, w in zip(order, wanted, strict=True)]
    return (order[0], order[1], order[2]), (reversed_[0], reversed_[1], reversed_[2])


_PAIRS = {frozenset("RL"), frozenset("AP"), frozenset("SI")}


def turned(array: NDArray[Any], turn: Turn) -> NDArray[Any]:
    """Return an array with its last three axes turned; leading axes stay."""
    order, reversed_ = turn
    lead = array.ndim - 3
    moved = array.transpose((*range(lead), *(lead + axis for axis in order)))
    return np.ascontiguousarray(np.flip(moved, tuple(lead + axis for axis in range(3) if reversed_[axis])))


def turned_back(array: NDArray[Any], turn: Turn) -> NDArray[Any]:
    """Return an array turned back to the axes that it came with."""
    order, reversed_ = turn
    lead = array.ndim - 3
    flipped = np.flip(array, tuple(lead + axis for axis in range(3) if reversed_[axis]))
    inverse = tuple(int(i) for i in np.argsort(order))
    return np.ascontiguousarray(flipped.transpose((*range(lead), *(lead + axis for axis in inverse))))


def turned_spacing(spacing: tuple[float, float, float], turn: Turn) -> tuple[float, float, float]:
    """Return voxel sizes in the order of the turned axes."""
    first, second, third = turn[0]
    return spacing[first], spacing[second], spacing[third]
