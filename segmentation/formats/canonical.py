"""The one file form that is kept: gzip NIfTI-1 in native axis order, with nothing in it but voxels and place.

No text, time, name or scaling survives, codes are fixed, and the same input gives the same bytes, so files of
different sources differ in their voxels alone. Packed sizes may still differ between zlib versions; identity
is therefore :func:`segmentation.formats.digest.content_sha256`, never the file's digest.
"""

import gzip
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from segmentation.errors import FileRefused
from segmentation.formats.digest import content_sha256, file_order
from segmentation.formats.images import KEPT_TYPES
from segmentation.formats.nifti_geometry import quaternion_affine, rotation_quaternion
from segmentation.formats.nifti_layout import MAGIC1, NIFTI1, NUMBER_TYPES

LEVEL = 6
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate, no name, time 0, system unknown
_CODES = {np.dtype(code).name: number for number, code in NUMBER_TYPES.items()}
_QFORM_MM = 1e-4


def canonical_nifti(array: NDArray[Any], affine: ArrayLike, *, oriented: bool = True) -> bytes:
    """Return the canonical file of a volume or mask.

    Parameters
    ----------
    array : ndarray, shape (x, y, z)
        uint8, int16, uint16, int32 or float32, native axis order.
    affine : array_like, shape (4, 4)
        Voxel index to RAS+ millimetres.
    oriented : bool
        False for a volume whose file named no orientation: both codes stay 0.

    Returns
    -------
    bytes
        gzip NIfTI-1. The sform holds the affine in float32; the qform holds it too where a quaternion can
        express it (no shear) within 1e-4 mm, else its code is 0.
    """
    if array.ndim != 3 or array.dtype.name not in KEPT_TYPES:
        raise ValueError(f"a canonical volume has 3 axes and one of {KEPT_TYPES}, not {array.ndim} and {array.dtype}")
    header = _header(array, np.asarray(affine, dtype=np.float64), oriented)
    return _gzip(header.tobytes() + b"\0\0\0\0", file_order(array))


def second_decode(data: bytes) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return array and affine of a canonical file as an independent library (nibabel) reads them.

    Shares no code with the writer and the strict reader of this package.
    """
    import nibabel as nib  # slow to load, and only needed where files are written

    image = nib.Nifti1Image.from_bytes(gzip.decompress(data))
    if image.header["sform_code"] or image.header["qform_code"]:
        return np.asanyarray(image.dataobj), np.asarray(image.affine, dtype=np.float64)
    return np.asanyarray(image.dataobj), np.diag([*image.header["pixdim"][1:4], 1.0])


def readback_verifier(content: str) -> Callable[[bytes], None]:
    """Return a check for :meth:`segmentation.store.BlobStore.put`: the bytes must decode to ``content``.

    Parameters
    ----------
    content : str
        :func:`content_sha256` of the array and affine that were written.
    """

    def verify(data: bytes) -> None:
        try:
            found = content_sha256(*second_decode(data))
        except Exception as error:  # any failure of the foreign library means that the file is not readable
            raise _not_read_back() from error
        if found != content:
            raise _not_read_back()

    return verify


def _not_read_back() -> FileRefused:
    return FileRefused(
        "canonical.readback",
        "The stored file did not read back as the voxels that were sent, so it was not kept; send it again.",
        status=500,
    )


def _header(array: NDArray[Any], affine: NDArray[np.float64], oriented: bool) -> NDArray[Any]:
    header = np.zeros((), dtype=NIFTI1)
    rows = affine.astype("<f4").astype(np.float64) + 0.0
    header["sizeof_hdr"], header["regular"], header["magic"] = NIFTI1.itemsize, b"r", MAGIC1
    header["dim"] = [3, *array.shape, 1, 1, 1, 1]
    header["datatype"], header["bitpix"] = _CODES[array.dtype.name], array.dtype.itemsize * 8
    header["vox_offset"], header["scl_slope"], header["xyzt_units"] = 352, 1, 2
    steps = np.sqrt((rows[:3, :3] ** 2).sum(axis=0))
    header["pixdim"] = [1, *steps, 0, 0, 0, 0]
    if oriented:
        header["sform_code"], header["srow"] = 1, rows[:3]
        _add_qform(header, rows, steps)
    return header


def _add_qform(header: NDArray[Any], rows: NDArray[np.float64], steps: NDArray[np.float64]) -> None:
    cosines = rows[:3, :3] / steps
    handed = -1.0 if _determinant(cosines) < 0 else 1.0
    cosines[:, 2] *= handed
    quatern = rotation_quaternion(cosines).astype("<f4") + np.float32(0)
    written = quaternion_affine(quatern.astype(np.float64), steps.astype("<f4"), rows[:3, 3], handed)
    if np.abs(written - rows).max() <= _QFORM_MM:
        header["qform_code"], header["quatern"], header["qoffset"] = 1, quatern, rows[:3, 3]
        header["pixdim"][0] = handed


def _determinant(m: NDArray[np.float64]) -> float:
    return float(m[:, 0] @ np.cross(m[:, 1], m[:, 2]))


def _gzip(header: bytes, voxels: memoryview) -> bytes:
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(header) + packer.compress(voxels) + packer.flush()
    checksum = zlib.crc32(voxels, zlib.crc32(header))
    return _GZIP_HEADER + packed + struct.pack("<II", checksum, (len(header) + len(voxels)) & 0xFFFFFFFF)
