"""Checks of a NIfTI header that need nothing but the header."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from segmentation.errors import FileRefused
from segmentation.formats.nifti_layout import (
    MAGIC1,
    MAGIC2,
    NIFTI1,
    NUMBER_TYPES,
    PAIR_MAGICS,
    UNREAD_TYPES,
    layout_of,
)
from segmentation.formats.raw import Role, singleton_note, three_axes

_TEXT_FIELDS = ("descrip", "aux_file", "db_name", "intent_name", "data_type")
_OTHER_UNITS = {1: "metres", 3: "micrometres"}


@dataclass(frozen=True)
class NiftiHeader:
    """A header whose sizes, number type, offset and spacing are believable. Geometry is still as stored."""

    version: Literal[1, 2]
    shape: tuple[int, int, int]
    dtype: np.dtype[Any]
    offset: int
    pixdim: NDArray[np.float64]
    qform_code: int
    sform_code: int
    quatern: NDArray[np.float64]
    qoffset: NDArray[np.float64]
    srow: NDArray[np.float64]
    slope: float
    intercept: float
    notes: tuple[str, ...]
    text_fields_found: tuple[str, ...]


def looks_like_nifti(head: bytes) -> bool:
    """Return whether the first four bytes are the header size of a NIfTI file of either byte order."""
    return layout_of(head) is not None


def parse_header(head: bytes, role: Role) -> NiftiHeader:
    """Return the header found in the first bytes of an unpacked NIfTI file.

    Parameters
    ----------
    head : bytes
        At least the first 540 bytes of the file, or all of it.
    role : {"image", "mask"}
        Only chooses the code and words of a refusal.

    Raises
    ------
    FileRefused
        ``file.not_nifti``, ``nifti.header_short``, ``nifti.magic``, ``nifti.dtype``, ``nifti.dims``,
        ``image.not_3d``, ``mask.not_3d``, ``nifti.spacing``, ``nifti.units`` or ``nifti.offset``.
    """
    layout = layout_of(head)
    if layout is None:
        raise FileRefused(
            "file.not_nifti",
            "This is not a NIfTI file: it does not begin with a NIfTI header; export it as NIfTI (.nii.gz) or NRRD.",
        )
    if len(head) < layout.itemsize:
        raise FileRefused(
            "nifti.header_short",
            f"The file ends after {len(head)} bytes, inside its header of {layout.itemsize}; export it again.",
        )
    fields = np.frombuffer(head, dtype=layout, count=1)[0]
    version: Literal[1, 2] = 1 if layout.itemsize == NIFTI1.itemsize else 2
    _check_magic(bytes(fields["magic"]), version)
    with np.errstate(invalid="ignore"):  # a signalling NaN is judged below like any other
        return _checked(fields, version, layout, role)


def _checked(fields: Any, version: Literal[1, 2], layout: np.dtype[Any], role: Role) -> NiftiHeader:
    dtype = _number_type(int(fields["datatype"]), int(fields["bitpix"]))
    sizes = _sizes(fields["dim"])
    shape = three_axes("nifti", sizes, role)
    pixdim = fields["pixdim"].astype(np.float64)
    _check_spacing(pixdim)
    _check_units(int(fields["xyzt_units"]))
    slope, intercept, scaling_notes = _scaling(float(fields["scl_slope"]), float(fields["scl_inter"]))
    swapped = layout["sizeof_hdr"].byteorder == ">"
    return NiftiHeader(
        version=version,
        shape=shape,
        dtype=dtype.newbyteorder(">" if swapped else "<"),
        offset=_offset(float(fields["vox_offset"]), layout.itemsize + 4),
        pixdim=pixdim,
        qform_code=int(fields["qform_code"]),
        sform_code=int(fields["sform_code"]),
        quatern=fields["quatern"].astype(np.float64),
        qoffset=fields["qoffset"].astype(np.float64),
        srow=fields["srow"].astype(np.float64),
        slope=slope,
        intercept=intercept,
        notes=singleton_note(sizes) + scaling_notes,
        text_fields_found=_text_fields(fields, layout),
    )


def _check_magic(magic: bytes, version: int) -> None:
    if magic == (MAGIC1 if version == 1 else MAGIC2):
        return
    if magic in PAIR_MAGICS:
        raise FileRefused(
            "nifti.magic",
            "This header belongs to a pair of files (.hdr and .img), which is not read here; "
            "export a single .nii.gz file.",
        )
    raise FileRefused(
        "nifti.magic",
        "The header lacks the NIfTI signature (it may be the older Analyze format, which does not "
        "say where the "
        "left side is); export a NIfTI (.nii.gz) file.",
    )


def _number_type(code: int, bits: int) -> np.dtype[Any]:
    if code not in NUMBER_TYPES:
        kind = UNREAD_TYPES.get(code, "unknown")
        raise FileRefused(
            "nifti.dtype",
            f"The voxels are of a type that is not read here ({kind}, NIfTI code {code}); "
            "export whole numbers or 32-bit decimals.",
        )
    dtype = np.dtype(NUMBER_TYPES[code])
    if bits != dtype.itemsize * 8:
        raise FileRefused(
            "nifti.dtype",
            f"The header contradicts itself: voxels of type {dtype.name} have {dtype.itemsize * 8} bits, "
            f"but it says {bits}; export the file again.",
        )
    return dtype


def _sizes(dim: NDArray[Any]) -> tuple[int, ...]:
    axes = int(dim[0])
    if not 1 <= axes <= 7:
        raise FileRefused(
            "nifti.dims",
            f"The header gives {axes} axes, but a NIfTI file has 1 to 7: it is damaged; export it again.",
        )
    return tuple(int(n) for n in dim[1 : axes + 1])


def _check_spacing(pixdim: NDArray[np.float64]) -> None:
    steps = pixdim[1:4]
    if np.isfinite(steps).all() and (steps > 0).all():
        return
    shown = ", ".join(f"{s:g}" for s in steps)
    raise FileRefused(
        "nifti.spacing",
        f"The header gives voxel sizes of {shown} mm; each must be above 0; export the file again.",
    )


def _check_units(units: int) -> None:
    unit = units & 0x07
    if unit in _OTHER_UNITS:
        raise FileRefused(
            "nifti.units",
            f"The header gives lengths in {_OTHER_UNITS[unit]}, which programs read differently; "
            "export the file in millimetres.",
        )


def _offset(offset: float, smallest: int) -> int:
    if math.isfinite(offset) and offset == int(offset) and smallest <= offset <= smallest + 2**26:
        return int(offset)
    raise FileRefused(
        "nifti.offset",
        f"The header says that the voxels begin at byte {offset:g}, but they cannot begin before "
        f"byte {smallest}, "
        "nor far behind it; export the file again.",
    )


def _scaling(slope: float, intercept: float) -> tuple[float, float, tuple[str, ...]]:
    if not math.isfinite(slope) or slope == 0:
        return 1.0, 0.0, (f"scl_slope {slope:g} read as no scaling",)
    if not math.isfinite(intercept):
        return slope, 0.0, (f"scl_inter {intercept:g} read as 0",)
    return slope, intercept, ()


def _text_fields(fields: Any, layout: np.dtype[Any]) -> tuple[str, ...]:
    return tuple(f for f in _TEXT_FIELDS if f in (layout.names or ()) and bytes(fields[f]).strip(b"\0 "))
