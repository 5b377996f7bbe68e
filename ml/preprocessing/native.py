"""Bringing results from a template back to the scanner's own grid.

Per-class probabilities go through the inverse transform linearly and are decided on the native grid; mapping decided
labels by nearest neighbour loses up to two percent Dice, mapping signed distances more.
"""

import numpy as np
from numpy.typing import NDArray

from ml.errors import ImagesRefused
from ml.preprocessing.transforms import RigidTransform, resampled
from ml.preprocessing.volume import Frame, Volume


def probabilities_to_native(
    probabilities: NDArray[np.floating], fixed: Frame, native: Frame, transform: RigidTransform
) -> NDArray[np.float16]:
    """Return probabilities on the native grid.

    Parameters
    ----------
    probabilities : float ndarray, shape (heads, x, y, z)
        On the fixed grid (the template's).
    transform : RigidTransform
        Fixed points to native points, as registration gives it.

    Returns
    -------
    float16 ndarray, shape (heads, x, y, z)
        Beyond the template every head is 0.
    """
    if transform.fixed_sha256 not in ("", fixed.sha256) or probabilities.shape[1:] != fixed.shape:
        raise ImagesRefused("transform.grid", "The probabilities do not lie on the grid of their transform.")
    back = transform.inverse()
    heads = [
        resampled(Volume(np.asarray(head, np.float32), fixed.affine), native, back).voxels.astype(np.float16)
        for head in probabilities
    ]
    return np.stack(heads)


def labels_from_probabilities(
    probabilities: NDArray[np.floating], *, regions: tuple[int, ...] = ()
) -> NDArray[np.uint8]:
    """Return the label map that probabilities decide.

    Parameters
    ----------
    probabilities : float ndarray, shape (heads, x, y, z)
        Background first for exclusive labels, one head per region otherwise.
    regions : tuple of int
        The label that each region's head writes where it exceeds one half, later heads over earlier.

    Notes
    -----
    Where all heads are 0, beyond the template, the first head wins: background.
    """
    if not regions:
        return np.asarray(probabilities.argmax(axis=0), np.uint8)
    labels = np.zeros(probabilities.shape[1:], np.uint8)
    for head, label in zip(probabilities, regions, strict=True):
        labels[head > 0.5] = label
    return labels
