"""Builders of sound and unusual files for the tests.

Sound files are made by nibabel, which shares no code with the readers under test; faults are then written
into their bytes at the offsets that nifti1.h gives.
"""

import gzip
import io
import struct
import zlib
from typing import Any

import nibabel as nib
import numpy as np

from segmentation.geometry import Grid

# Offsets of nifti1.h.
DB_NAME, DIM, DATATYPE, BITPIX, PIXDIM, VOX_OFFSET, SLOPE, INTER = 14, 40, 70, 72, 76, 108, 112, 116
UNITS, DESCRIP, AUX_FILE, QFORM_CODE, SFORM_CODE, QUATERN, SROW, MAGIC = (
    123,
    148,
    228,
    252,
    254,
    256,
    280,
    344,
)

SHAPE = (24, 26, 18)
LESION_VOXELS = 10 * 11 * 10
AFFINE = np.array([[-0.5, 0, 0, 30], [0, -0.5, 0, 40], [0, 0, 4.0, -20], [0, 0, 0, 1]])
GRID = Grid(SHAPE, AFFINE)


def lesion(dtype: str = "uint8") -> np.ndarray:
    """A box of 10×11×10 voxels of label 1."""
    mask = np.zeros(SHAPE, dtype=dtype)
    mask[5:15, 7:18, 4:14] = 1
    return mask


def picture(dtype: str = "int16", seed: int = 7) -> np.ndarray:
    """Reproducible noise."""
    return np.random.default_rng(seed).integers(0, 4000, SHAPE).astype(dtype)


def nifti(array: np.ndarray, affine: np.ndarray | None = None, *, version: int = 1, order: str = "<") -> bytes:
    """A sound .nii file, written by nibabel, with equal qform and sform."""
    kind = nib.Nifti1Image if version == 1 else nib.Nifti2Image
    header_kind = nib.Nifti1Header if version == 1 else nib.Nifti2Header
    header = header_kind(endianness=order)
    header.set_data_dtype(array.dtype)
    image = kind(array, AFFINE if affine is None else affine, header, dtype=array.dtype)
    image.set_sform(image.affine, 1)
    image.set_qform(image.affine, 1)
    image.header.set_slope_inter(1, 0)
    image.header.set_xyzt_units("mm")
    return image.to_bytes()


def patched(data: bytes, *patches: tuple[int, str, Any]) -> bytes:
    """The same bytes with values written at offsets: (offset, struct format, value or values)."""
    changed = bytearray(data)
    for offset, form, value in patches:
        struct.pack_into(form, changed, offset, *(value if isinstance(value, tuple) else (value,)))
    return bytes(changed)


def packed(data: bytes) -> bytes:
    """A sound .gz without time or name."""
    return gzip.compress(data, mtime=0)


def with_trailer(data: bytes, *, crc: int = 0, size: int = 0) -> bytes:
    """A gzip whose checksum and length are changed by exclusive or."""
    old_crc, old_size = struct.unpack("<II", data[-8:])
    return data[:-8] + struct.pack("<II", old_crc ^ crc, old_size ^ size)


def with_extension(data: bytes, text: bytes) -> bytes:
    """A .nii with a header extension that holds text."""
    size = 16 * ((len(text) + 8 + 15) // 16)
    extension = b"\1\0\0\0" + struct.pack("<ii", size, 6) + text.ljust(size - 8, b"\0")
    return patched(data[:348] + extension + data[352:], (VOX_OFFSET, "<f", float(352 + size)))


def endless(head: bytes, zeros: int) -> bytes:
    """A gzip bomb: a head, then zeros, packed piece by piece."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    out = io.BytesIO()
    out.write(packer.compress(head))
    block = bytes(2**20)
    for _ in range(zeros // len(block)):
        out.write(packer.compress(block))
    out.write(packer.flush())
    return out.getvalue()


def affine_with(spacing: tuple[float, float, float], *, flip: int | None = None) -> np.ndarray:
    """The usual affine with other voxel sizes or one axis turned."""
    affine = AFFINE.copy()
    for axis in range(3):
        affine[axis, axis] = np.sign(AFFINE[axis, axis]) * spacing[axis] * (-1 if axis == flip else 1)
    return affine
