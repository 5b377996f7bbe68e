"""A small picture of a case: the axial slice with most lesion, its outline, drawn as a radiologist looks at it.

The patient's right is on the left of the picture, the front at the top. Pictures can be made again at any time, so
they lie in the cache folder under a digest of what they show.
"""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmentation.geometry import Grid, to_ras
from segmentation.models import Case, Segmentation, SegmentationMask, Volume
from segmentation.selectors.voxels import grid_of, mask_array, volume_array
from segmentation.storage import cache_folder

SIZE = 160
OUTLINE = (230, 159, 0)
_VERSION = "thumbnail 1"
Picture = NDArray[np.uint8]


def thumbnail(case: Case) -> bytes | None:
    """Return the PNG of a case, from the cache if it is there; None when the case has no volume."""
    volume, mask = _shown(case)
    if volume is None:
        return None
    path = _cached_at(volume, mask)
    if path.is_file():
        return path.read_bytes()
    data = png(_picture(volume, mask))
    _write_whole(path, data)
    return data


def lesion_slice(labels: NDArray[np.uint8], grid: Grid) -> int:
    """Return the index along the RAS third axis with most labelled voxels; the middle one for an empty mask.

    Parameters
    ----------
    labels : uint8 ndarray, shape (x, y, z)
        Native axis order.
    grid : Grid
        The grid that they lie on.
    """
    turned, _ = to_ras(labels, grid.affine)
    areas = np.count_nonzero(turned, axis=(0, 1))
    return int(areas.argmax()) if areas.any() else turned.shape[2] // 2


def _shown(case: Case) -> tuple[Volume | None, SegmentationMask | None]:
    heads = Segmentation.objects.filter(case=case, replaced_by__isnull=True, declared_empty=False)
    mask = (
        SegmentationMask.objects.filter(segmentation__in=heads)
        .select_related("volume")
        .order_by("segmentation_id", "volume__sequence")
        .first()
    )
    return (mask.volume, mask) if mask else (case.volumes.first(), None)


def _cached_at(volume: Volume, mask: SegmentationMask | None) -> Path:
    shown = f"{_VERSION} {SIZE} {volume.blob_sha256} {mask.blob_sha256 if mask else ''}"
    return cache_folder() / f"{volume.case.code}-{hashlib.sha256(shown.encode()).hexdigest()[:16]}.png"


def _write_whole(path: Path, data: bytes) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_bytes(data)
    aside.replace(path)


def _picture(volume: Volume, mask: SegmentationMask | None) -> Picture:
    grid = grid_of(volume)
    labels = mask_array(mask) if mask else np.zeros(grid.shape, np.uint8)
    index = lesion_slice(labels, grid)
    image, affine = to_ras(volume_array(volume), grid.affine)
    drawn, _ = to_ras(labels, grid.affine)
    steps = np.sqrt((affine[:3, :2] ** 2).sum(axis=0))
    low, high = volume.window
    grey = np.clip((image[:, :, index].astype(np.float32) - low) / (high - low), 0, 1)
    rows, columns = _sampling(grey.shape, (float(steps[0]), float(steps[1])))
    picture = _as_looked_at((grey * 255).astype(np.uint8), rows, columns)
    outlined = _outline(_as_looked_at(drawn[:, :, index] != 0, rows, columns))
    coloured = np.repeat(picture[:, :, None], 3, axis=2)
    coloured[outlined] = OUTLINE
    return coloured


def _sampling(shape: tuple[int, ...], steps: tuple[float, float]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the slice's indices for each picture row and column, on square millimetres, the longer side SIZE long."""
    lengths = shape[0] * steps[0], shape[1] * steps[1]
    per_pixel = max(lengths) / SIZE
    across, down = (max(1, round(length / per_pixel)) for length in lengths)
    columns = np.minimum(((np.arange(across) + 0.5) * shape[0] / across).astype(np.intp), shape[0] - 1)
    rows = np.minimum(((np.arange(down) + 0.5) * shape[1] / down).astype(np.intp), shape[1] - 1)
    return rows, columns


def _as_looked_at(plane: NDArray[Any], rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[Any]:
    # RAS indices grow to the patient's right and front; a radiologist sees right on the left and front at the top.
    return plane[np.ix_(columns[::-1], rows[::-1])].T


def _outline(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    padded = np.pad(mask, 1)
    inside = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return np.asarray(mask & ~inside)


def png(picture: Picture) -> bytes:
    """Return an RGB picture, shape (rows, columns, 3), as PNG."""
    height, width, _ = picture.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), picture.reshape(height, width * 3)], axis=1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
