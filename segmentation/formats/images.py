"""Reading images: any accepted file to a scaled array on a grid."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import FileRefused
from segmentation.formats.nifti import decode_nifti
from segmentation.formats.nifti_geometry import Prefer
from segmentation.formats.nrrd import decode_nrrd
from segmentation.formats.raw import MAX_BYTES, RawVolume, Role, refusals_name
from segmentation.formats.sniff import kind_of
from segmentation.geometry.grid import Grid

KEPT_TYPES = ("uint8", "int16", "uint16", "int32", "float32")


@dataclass(frozen=True)
class DecodedVolume:
    """An image as it will be stored.

    Attributes
    ----------
    array : ndarray, shape (x, y, z)
        Read-only, native axis order, scaled; one of uint8, int16, uint16, int32, float32.
    grid : Grid
    dtype : str
        Name of the number type of ``array``.
    notes : tuple of str
        What was changed or chosen, one sentence each, for the import table.
    text_fields_found : tuple of str
        Header fields that held text and are not kept. The text itself is never repeated.
    """

    array: NDArray[Any]
    grid: Grid
    dtype: str
    notes: tuple[str, ...]
    text_fields_found: tuple[str, ...]


def read_image(
    source: Path | bytes, name: str | None = None, *, prefer: Prefer | None = None, limit: int = MAX_BYTES
) -> DecodedVolume:
    """Return the image in a NIfTI or NRRD file, or refuse it with a sentence that names the file.

    Parameters
    ----------
    source : Path or bytes
        The file or its content.
    name : str, optional
        Name to show in refusals; the path's own by default.
    prefer : {"sform", "qform"} or None
        The person's choice when the header places the image in two ways; None refuses such a file.
    limit : int
        Most bytes of voxels.

    Raises
    ------
    FileRefused
        With the codes of the readers, or ``image.nonfinite``, ``image.range``, ``file.too_large``.
    """
    shown = name or (source.name if isinstance(source, Path) else "the file")
    with refusals_name(shown):
        raw = read_raw(source, shown, role="image", prefer=prefer, limit=limit)
        array, notes = _scaled(raw)
        array.flags.writeable = False
        return DecodedVolume(array, raw.grid, array.dtype.name, raw.notes + notes, raw.text_fields_found)


def read_raw(source: Path | bytes, name: str, *, role: Role, prefer: Prefer | None, limit: int) -> RawVolume:
    """Return the unscaled content of a file, by the reader that its first bytes ask for."""
    data = read_bytes(source, limit) if isinstance(source, Path) else source
    if kind_of(data, name) == "nrrd":
        return decode_nrrd(data, role=role, limit=limit)
    return decode_nifti(data, role=role, prefer=prefer, limit=limit)


def read_bytes(path: Path, limit: int) -> bytes:
    """Return the bytes of a file no larger than ``limit`` voxels and a header (64 MiB) could be."""
    most = limit + 2**26
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise FileRefused("file.too_large", f"The file is larger than the {most:,} bytes that are read here.")
    return data


def first_voxel(where: NDArray[np.bool_]) -> str:
    """Return the index of the first true voxel, in file order, as ``(x, y, z)``."""
    index = np.unravel_index(int(np.argmax(where.ravel(order="F"))), where.shape, order="F")
    return "(" + ", ".join(str(int(i)) for i in index) + ")"


def scale(raw: RawVolume) -> NDArray[np.float64]:
    """Return the voxels as the header's slope and intercept ask for; infinite where they overflow."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(raw.voxels.astype(np.float64) * raw.slope + raw.intercept)


def _scaled(raw: RawVolume) -> tuple[NDArray[Any], tuple[str, ...]]:
    _refuse_nonfinite(raw.voxels)
    if not raw.scaled:
        return _stored(raw.voxels)
    note = f"values scaled by the header: × {raw.slope:g} + {raw.intercept:g}"
    whole = raw.voxels.dtype.kind in "iu" and raw.slope.is_integer() and raw.intercept.is_integer()
    scaled = scale(raw)
    if whole and np.abs(scaled).max() < 2**53:
        scaled = scaled.astype(np.int64)
    array, notes = _stored(scaled)
    return array, (note, *notes)


def _stored(array: NDArray[Any]) -> tuple[NDArray[Any], tuple[str, ...]]:
    if array.dtype.name in KEPT_TYPES:
        return array, ()
    if array.dtype.kind == "f":
        return _single_precision(array), (f"{array.dtype.name} stored as float32",)
    low, high = int(array.min()), int(array.max())
    for kept in ("int16", "uint16", "int32"):
        if np.iinfo(kept).min <= low and high <= np.iinfo(kept).max:
            return array.astype(kept, order="F"), (f"{array.dtype.name} stored as {kept}, values unchanged",)
    raise FileRefused(
        "image.range", f"The values run from {low} to {high}, beyond 32-bit whole numbers; rescale the image."
    )


def _single_precision(array: NDArray[Any]) -> NDArray[Any]:
    largest = float(np.abs(array).max())
    if not largest <= np.finfo(np.float32).max:
        raise FileRefused("image.range", f"The values reach {largest:.3g}, beyond 32-bit decimals; rescale the image.")
    return array.astype(np.float32, order="F")


def _refuse_nonfinite(array: NDArray[Any]) -> None:
    if array.dtype.kind != "f":
        return
    finite = np.isfinite(array)
    if finite.all():
        return
    raise FileRefused(
        "image.nonfinite",
        f"{int((~finite).sum()):,} voxels hold no finite number, the first at {first_voxel(~finite)}; "
        "replace them, for example by 0, and export again.",
    )
