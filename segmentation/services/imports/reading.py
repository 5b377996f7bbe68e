"""Reading one file strictly into what will be stored: checked voxels on their grid, hashed, with a display range."""

from __future__ import annotations

import hashlib
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmentation.formats import DecodedMask, DecodedVolume, content_sha256, read_image, read_mask
from segmentation.formats.images import read_bytes
from segmentation.formats.raw import MAX_BYTES
from segmentation.geometry import Grid
from segmentation.selectors.voxels import UNORIENTED

_SAMPLE = 2_000_000
Orientation = Literal["", "sform", "qform"]


@dataclass(frozen=True)
class FileBytes:
    """A file's content, read once: what is hashed is what is decoded."""

    data: bytes
    sha256: str


@dataclass(frozen=True)
class ReadVolume:
    """A volume ready to be stored."""

    array: NDArray[Any]
    grid: Grid
    content_sha256: str
    window: tuple[float, float]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ReadMask:
    """A mask ready to be stored, on its volume's own grid."""

    array: NDArray[np.uint8]
    grid: Grid
    content_sha256: str
    labels: dict[str, int]
    notes: tuple[str, ...]


def file_bytes(path: Path) -> FileBytes:
    """Return a file's bytes and their digest; FileRefused when it is larger than anything read here."""
    data = read_bytes(path, MAX_BYTES)
    return FileBytes(data, hashlib.sha256(data).hexdigest())


def read_volume_file(data: bytes, name: str, *, orientation: Orientation = "") -> ReadVolume:
    """Return the volume in a file, or refuse it; `orientation` decides where qform and sform disagree."""
    decoded = read_image(data, name, prefer=orientation or None)
    grid = stored_grid(decoded.grid)
    notes = decoded.notes + _blanked(decoded)
    if not grid.oriented and UNORIENTED not in notes:
        notes += (UNORIENTED,)
    return ReadVolume(
        decoded.array, grid, content_sha256(decoded.array, grid.affine), default_window(decoded.array), notes
    )


def read_mask_file(data: bytes, name: str, *, grid: Grid, labels: Set[int] | None, allow_empty: bool) -> ReadMask:
    """Return the mask in a file on its volume's grid, or refuse it."""
    decoded = read_mask(data, name, grid=grid, labels=labels, allow_empty=allow_empty)
    counts = {str(label): int(count) for label, count in sorted(decoded.counts.items())}
    notes = decoded.notes + _blanked(decoded)
    return ReadMask(decoded.array, grid, content_sha256(decoded.array, grid.affine), counts, notes)


def stored_grid(grid: Grid) -> Grid:
    """Return a grid with the affine in the precision of the file that is kept (float32)."""
    return Grid(grid.shape, grid.affine.astype(np.float32).astype(np.float64), grid.oriented)


def default_window(array: NDArray[Any]) -> tuple[float, float]:
    """Return the 1st and 99.5th percentile of the voxels that are not zero, as [low, high] with low < high.

    Very large volumes are sampled at regular steps; an image of one value gets a range of 1 above it.
    """
    flat = array.ravel(order="K")
    flat = flat[:: max(1, flat.size // _SAMPLE)]
    values = flat[flat != 0]
    if not values.size:
        return 0.0, 1.0
    low, high = (float(edge) for edge in np.percentile(values, (1, 99.5)))
    return (low, high) if high > low else (low, low + 1.0)


def _blanked(decoded: DecodedVolume | DecodedMask) -> tuple[str, ...]:
    found = decoded.text_fields_found
    return (f"text in the header was blanked ({', '.join(found)})",) if found else ()
