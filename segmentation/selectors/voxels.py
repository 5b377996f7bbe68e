"""Stored voxels, decoded and turned to RAS order for delivery."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from segmentation.formats.images import read_image
from segmentation.geometry.orientation import orientation_of, to_ras
from segmentation.storage import blob_store


def mask_in_ras(blob_sha256: str) -> NDArray[np.uint8]:
    """Return a stored mask in RAS order, after checking its bytes against its address."""
    decoded = read_image(blob_store().read(blob_sha256), "mask.nii.gz")
    turned, _ = to_ras(decoded.array.astype(np.uint8, copy=False), decoded.grid.affine)
    return turned


def ras_shape(shape: Sequence[int], affine: Sequence[Sequence[float]]) -> tuple[int, int, int]:
    """Return the shape of a native volume once turned to RAS order."""
    x, y, z = (int(shape[axis]) for axis in orientation_of(affine).axes)
    return x, y, z
