"""Overlap of two masks on one grid."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import GridMismatch
from segmentation.geometry.grid import shape_text
from segmentation.metrics.measure import Measure, Status, measured

Mask = NDArray[np.bool_]


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
    check_pair(prediction, reference)
    sizes = int(np.count_nonzero(prediction)), int(np.count_nonzero(reference))
    identifier = "dsc_one" if both_empty == "one" else "dsc"
    status = emptiness(*sizes)
    if status == "both_empty":
        return measured(identifier, 1.0 if both_empty == "one" else float("nan"), status)
    shared = int(np.count_nonzero(prediction & reference))
    return measured(identifier, 2 * shared / sum(sizes), status)


def emptiness(prediction_voxels: int, reference_voxels: int) -> Status:
    """Return the status of a pair from its two voxel counts."""
    if prediction_voxels and reference_voxels:
        return "ok"
    if prediction_voxels:
        return "reference_empty"
    return "prediction_empty" if reference_voxels else "both_empty"


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
