"""Stored voxels as arrays, read back as strictly as they came in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmentation.formats import read_image, read_mask
from segmentation.geometry import Grid
from segmentation.models import SegmentationMask, Volume
from segmentation.storage import blob_store

# The readers' own note, kept with the row so that a stored volume still says that its left and right are unknown.
UNORIENTED = "the file names no orientation: left and right unknown"


def grid_of(volume: Volume) -> Grid:
    """Return the grid of a stored volume, from its row alone."""
    x, y, z = volume.shape
    return Grid((x, y, z), np.array(volume.affine, dtype=np.float64), UNORIENTED not in volume.notes)


def volume_array(volume: Volume) -> NDArray[Any]:
    """Return the voxels of a stored volume in native axis order; BlobMissing or BlobCorrupt when unsound."""
    return read_image(blob_store().read(volume.blob_sha256), f"volume {volume.sequence}").array


def mask_array(mask: SegmentationMask) -> NDArray[np.uint8]:
    """Return the labels of a stored mask on its volume's native grid."""
    data = blob_store().read(mask.blob_sha256)
    return read_mask(data, "stored mask", grid=grid_of(mask.volume), allow_empty=True).array
