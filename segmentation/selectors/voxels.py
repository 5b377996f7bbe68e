"""Stored voxels as arrays, read back as strictly as they came in, and turned to RAS order for delivery."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import BlobCorrupt
from segmentation.formats import read_image, read_mask
from segmentation.formats.digest import content_sha256
from segmentation.geometry import Grid
from segmentation.geometry.orientation import orientation_of, to_ras
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


def mask_in_ras(blob_sha256: str, content: str) -> NDArray[np.uint8]:
    """Return a stored mask in RAS order, after checking its bytes against its address and its voxels against
    `content`, the digest that was promised for them; BlobCorrupt when either differs."""
    decoded = read_image(blob_store().read(blob_sha256), "mask.nii.gz")
    found = content_sha256(decoded.array, decoded.grid.affine)
    if found != content:
        raise BlobCorrupt(
            "blob.other", f"The stored file {blob_sha256[:12]}… holds the voxels {found[:12]}…, not {content[:12]}…."
        )
    turned, _ = to_ras(decoded.array.astype(np.uint8, copy=False), decoded.grid.affine)
    return turned


def ras_shape(shape: Sequence[int], affine: Sequence[Sequence[float]]) -> tuple[int, int, int]:
    """Return the shape of a native volume once turned to RAS order."""
    x, y, z = (int(shape[axis]) for axis in orientation_of(affine).axes)
    return x, y, z
