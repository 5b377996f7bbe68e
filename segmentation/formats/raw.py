"""What every file reader hands on: the voxels as in the file, where they lie, and what was noticed."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import DomainError, FileRefused
from segmentation.geometry.grid import Grid, shape_text

Role = Literal["image", "mask"]

# A CT of 512×512×1024 voxels; a header that declares more is taken for damage or an attack.
MAX_VOXELS = 2**28
MAX_BYTES = 2**30
_LONGEST_AXIS = 32767  # the kept form counts axes in 16 bits
_FARTHEST_MM = 1e6
SMALLEST_MM, LARGEST_MM = 1e-3, 1e3


@dataclass(frozen=True)
class RawVolume:
    """One decoded file.

    ``voxels`` is read-only, in native axis order, machine byte order and the file's own number type, not yet
    scaled: the value of a voxel is ``voxels * slope + intercept``. ``text_fields_found`` names the header
    fields that held text, never the text itself, which may identify a person.
    """

    voxels: NDArray[Any]
    grid: Grid
    slope: float = 1.0
    intercept: float = 0.0
    notes: tuple[str, ...] = field(default=())
    text_fields_found: tuple[str, ...] = field(default=())

    @property
    def scaled(self) -> bool:
        """Whether the file asks for its numbers to be scaled."""
        return (self.slope, self.intercept) != (1.0, 0.0)


def shown_name(name: str) -> str:
    """Return a file name that is safe to print: its last part, no control characters, at most 80 long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(c if c.isprintable() else "�" for c in last) or "unnamed file"
    return clean if len(clean) <= 80 else f"{clean[:60]}…{clean[-19:]}"


@contextmanager
def refusals_name(name: str) -> Iterator[None]:
    """Put the name of the file in front of every refusal raised inside."""
    try:
        yield
    except DomainError as error:
        error.detail = f"{shown_name(name)}: {error.detail}"
        raise


def three_axes(prefix: str, sizes: tuple[int, ...], role: Role) -> tuple[int, int, int]:
    """Return the first three sizes, after refusing empty axes and a true fourth one.

    ``prefix`` begins the code (``nifti`` gives ``nifti.dims``).
    """
    if any(n < 1 for n in sizes):
        raise FileRefused(f"{prefix}.dims", f"The header gives the sizes {shape_text(sizes)}; each must be 1 or more.")
    if len(sizes) < 3:
        raise FileRefused(
            f"{prefix}.dims",
            f"The file holds {len(sizes)} axes, but a volume has 3; export the whole volume.",
        )
    if any(n != 1 for n in sizes[3:]):
        raise FileRefused(
            f"{role}.not_3d",
            f"The file holds {shape_text(sizes)} numbers in {len(sizes)} axes, but {_a(role)} has 3; "
            "export one volume per file.",
        )
    return sizes[0], sizes[1], sizes[2]


def singleton_note(sizes: tuple[int, ...]) -> tuple[str, ...]:
    """Return the note for axes of size 1 after the third."""
    return (f"{shape_text(sizes)} read as {shape_text(sizes[:3])}: axes of size 1 dropped",) if sizes[3:] else ()


def voxel_bytes(prefix: str, shape: tuple[int, int, int], dtype: np.dtype[Any], limit: int) -> int:
    """Return how many bytes the voxels take, after refusing more than can be read."""
    total = math.prod(shape) * dtype.itemsize
    if total > limit or math.prod(shape) > MAX_VOXELS or max(shape) > _LONGEST_AXIS:
        raise FileRefused(
            f"{prefix}.dims",
            f"The header declares {shape_text(shape)} voxels ({total:,} bytes), more than is read here "
            f"({limit:,} bytes, {MAX_VOXELS:,} voxels); check that the header is not damaged.",
        )
    return total


def check_affine(affine: NDArray[np.float64], what: str) -> None:
    """Refuse an affine that is not finite, is singular, or has impossible voxel sizes."""
    if not np.isfinite(affine).all():
        raise FileRefused(
            "geometry.nonfinite", f"The {what} contains a value that is not a number; export the file again."
        )
    if np.abs(affine).max() > _FARTHEST_MM:
        raise FileRefused(
            "geometry.origin",
            f"The {what} places the volume more than a kilometre away; export the file again.",
        )
    lengths = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))
    if not ((lengths >= SMALLEST_MM) & (lengths <= LARGEST_MM)).all():
        singular = bool((lengths == 0).any())
        raise FileRefused(
            "geometry.singular" if singular else "geometry.spacing",
            f"The {what} gives voxel sizes of {', '.join(f'{s:.6g}' for s in lengths)} mm; "
            f"they must lie between {SMALLEST_MM} and {LARGEST_MM:g} mm.",
        )
    if abs(np.linalg.det(affine[:3, :3] / lengths)) < 1e-3:
        raise FileRefused(
            "geometry.singular",
            f"The {what} lays two voxel axes on top of each other; export the file again.",
        )


def _a(role: Role) -> str:
    return "an image" if role == "image" else "a mask"
