"""Overlap and size of two masks: everything that follows from three voxel counts."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import GridMismatch
from segmentation.geometry.grid import shape_text
from segmentation.metrics.definitions import measured
from segmentation.metrics.measure import Measure, Status, emptiness

Mask = NDArray[np.bool_]
_UNDEFINED = math.nan


@dataclass(frozen=True)
class Counts:
    """Voxels of the prediction, of the reference, and of both at once."""

    prediction: int
    reference: int
    shared: int

    @property
    def status(self) -> Status:
        """What is empty."""
        return emptiness(self.prediction, self.reference)


def overlap_counts(prediction: Mask, reference: Mask) -> Counts:
    """Return the voxel counts of two masks on one grid (refused as by :func:`dice`)."""
    check_pair(prediction, reference)
    return Counts(
        int(np.count_nonzero(prediction)),
        int(np.count_nonzero(reference)),
        int(np.count_nonzero(prediction & reference)),
    )


def dice(prediction: Mask, reference: Mask, *, both_empty: Literal["undefined", "one"] = "undefined") -> Measure:
    """Return the Dice similarity coefficient of two masks.

    Parameters
    ----------
    prediction, reference : bool ndarray, shape (x, y, z)
        Masks on the same grid.
    both_empty : {"undefined", "one"}
        Value when neither mask has a voxel: nan (definition ``dsc``) or 1 (``dsc_one``).

    Returns
    -------
    Measure
        2|P∩R| / (|P| + |R|), in [0, 1]; 0 when exactly one mask is empty, which the status tells.

    Raises
    ------
    GridMismatch
        If the shapes differ.
    TypeError
        If an array is not boolean: a label map must be asked for one structure first.

    References
    ----------
    Dice LR. Ecology 1945;26:297–302.
    """
    identifier = "dsc_one" if both_empty == "one" else "dsc"
    return overlap_measure(identifier, overlap_counts(prediction, reference))


def aggregated_dice(cases: Iterable[Counts]) -> Measure:
    """Return the Dice coefficient of all cases as if their voxels lay in one volume.

    Parameters
    ----------
    cases : iterable of Counts
        One per case; a case with two empty masks adds nothing, one with a single empty mask counts.

    Returns
    -------
    Measure
        Σ 2|P∩R| / Σ (|P| + |R|); nan when every mask is empty. Large lesions weigh more, unlike in a mean.
    """
    listed = list(cases)
    total = Counts(
        sum(case.prediction for case in listed),
        sum(case.reference for case in listed),
        sum(case.shared for case in listed),
    )
    return measured("dsc_aggregated", _dice(total, _UNDEFINED), total.status)


def overlap_measure(identifier: str, counts: Counts) -> Measure:
    """Return one measure of the register's overlap group from voxel counts.

    Raises
    ------
    KeyError
        If the identifier is not one of the group.
    """
    return measured(identifier, _FORMULAS[identifier](counts), counts.status)


def _dice(counts: Counts, both_empty: float) -> float:
    total = counts.prediction + counts.reference
    return 2 * counts.shared / total if total else both_empty


def _volume_similarity(counts: Counts, both_empty: float) -> float:
    total = counts.prediction + counts.reference
    return 1 - abs(counts.prediction - counts.reference) / total if total else both_empty


def _per_reference(part: Callable[[Counts], float]) -> Callable[[Counts], float]:
    return lambda counts: part(counts) / counts.reference if counts.reference else _UNDEFINED


def _where_reference(condition: Callable[[Counts], bool]) -> Callable[[Counts], float]:
    return lambda counts: float(condition(counts)) if counts.reference else _UNDEFINED


_FORMULAS: dict[str, Callable[[Counts], float]] = {
    "dsc": lambda counts: _dice(counts, _UNDEFINED),
    "dsc_one": lambda counts: _dice(counts, 1.0),
    "sensitivity": _per_reference(lambda counts: counts.shared),
    "precision": lambda counts: counts.shared / counts.prediction if counts.prediction else _UNDEFINED,
    "rvd": _per_reference(lambda counts: counts.prediction - counts.reference),
    "rvd_absolute": _per_reference(lambda counts: abs(counts.prediction - counts.reference)),
    "volume_similarity": lambda counts: _volume_similarity(counts, _UNDEFINED),
    "volume_similarity_one": lambda counts: _volume_similarity(counts, 1.0),
    "dsc_zero": _where_reference(lambda counts: counts.shared == 0),
    "missed": _where_reference(lambda counts: counts.prediction == 0),
    "misplaced": _where_reference(lambda counts: counts.prediction > 0 and counts.shared == 0),
}


def check_pair(prediction: Mask, reference: Mask) -> None:
    """Refuse two arrays that are not boolean masks of one shape (TypeError, GridMismatch)."""
    if prediction.dtype != np.bool_ or reference.dtype != np.bool_:
        raise TypeError(f"masks are boolean arrays, not {prediction.dtype} and {reference.dtype}")
    if prediction.shape != reference.shape:
        raise GridMismatch(
            "geometry.shape",
            f"The masks have {shape_text(prediction.shape)} and {shape_text(reference.shape)} voxels; "
            "compare masks of one volume.",
        )
