"""Strict reader of NIfTI-1 and NIfTI-2 files, packed or not, of either byte order.

The header is read first and must be believable before one voxel is unpacked; the file must then hold exactly
the bytes that the header declares, no fewer and no more.
"""

import numpy as np

from segmentation.errors import FileRefused
from segmentation.formats import gunzip
from segmentation.formats.nifti_geometry import Prefer, header_grid
from segmentation.formats.nifti_header import NiftiHeader, parse_header
from segmentation.formats.nifti_layout import LARGEST_HEADER, NIFTI1, NIFTI2
from segmentation.formats.raw import MAX_BYTES, RawVolume, Role, voxel_bytes


def decode_nifti(data: bytes, *, role: Role, prefer: Prefer | None = None, limit: int = MAX_BYTES) -> RawVolume:
    """Return the unscaled voxels, grid and notes of a NIfTI file.

    Parameters
    ----------
    data : bytes
        The whole file, packed or not.
    role : {"image", "mask"}
    prefer : {"sform", "qform"} or None
        See :func:`segmentation.formats.nifti_geometry.header_grid`.
    limit : int
        Most bytes of voxels.

    Raises
    ------
    FileRefused
        With the codes of :func:`parse_header`, :func:`header_grid` and :func:`gunzip.gunzip`, or
        ``nifti.truncated``, ``nifti.trailing``.
    """
    packed = data[:2] == gunzip.MAGIC
    head = gunzip.gunzip_head(data, size=LARGEST_HEADER) if packed else data[:LARGEST_HEADER]
    header = parse_header(head, role)
    expected = header.offset + voxel_bytes("nifti", header.shape, header.dtype, limit)
    grid, geometry_notes = header_grid(header, role, prefer)
    plain = gunzip.gunzip(data, limit=expected) if packed else data
    _check_length(len(plain), expected)
    extension = _extension(plain, header)
    return RawVolume(
        voxels=_voxels(plain, header),
        grid=grid,
        slope=header.slope,
        intercept=header.intercept,
        notes=header.notes + geometry_notes + extension,
        text_fields_found=_text(header, data if packed else b"", bool(extension)),
    )


def _voxels(plain: bytes, header: NiftiHeader) -> np.ndarray:
    flat = np.frombuffer(plain, dtype=header.dtype, offset=header.offset)
    native = flat.astype(header.dtype.newbyteorder("="), copy=False)
    native.flags.writeable = False
    return native.reshape(header.shape, order="F")


def _check_length(got: int, expected: int) -> None:
    if got < expected:
        raise FileRefused(
            "nifti.truncated",
            f"The header declares {expected:,} bytes but the file holds {got:,}: a part was lost in "
            "copying or saving; "
            "export it again.",
        )
    if got > expected:
        raise FileRefused(
            "nifti.trailing",
            f"The header declares {expected:,} bytes but the file holds {got:,}, so header and "
            "voxels do not belong "
            "together; export it again.",
        )


def _extension(plain: bytes, header: NiftiHeader) -> tuple[str, ...]:
    end = (NIFTI1 if header.version == 1 else NIFTI2).itemsize
    size = header.offset - end - 4
    if size == 0 and plain[end : end + 1] == b"\0":
        return ()
    return (f"header extension of {size} bytes removed; it may name a person",)


def _text(header: NiftiHeader, packed: bytes, extension: bool) -> tuple[str, ...]:
    outer = gunzip.gzip_header(packed).text_fields if packed else ()
    return header.text_fields_found + (("extension",) if extension else ()) + outer
