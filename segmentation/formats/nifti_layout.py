"""Byte layout of the NIfTI-1 and NIfTI-2 headers, and the number types that are read.

References
----------
Cox RW et al. NIfTI-1 Data Format (nifti1.h); nifti2.h, https://nifti.nimh.nih.gov.
"""

from typing import Any

import numpy as np

_INT, _SHORT, _FLOAT = "<i4", "<i2", "<f4"
NIFTI1 = np.dtype([
    ("sizeof_hdr", _INT), ("data_type", "S10"), ("db_name", "S18"), ("extents", _INT),
    ("session_error", _SHORT), ("regular", "S1"), ("dim_info", "u1"), ("dim", _SHORT, 8),
    ("intent_p", _FLOAT, 3), ("intent_code", _SHORT), ("datatype", _SHORT), ("bitpix", _SHORT),
    ("slice_start", _SHORT), ("pixdim", _FLOAT, 8), ("vox_offset", _FLOAT), ("scl_slope", _FLOAT),
    ("scl_inter", _FLOAT), ("slice_end", _SHORT), ("slice_code", "u1"), ("xyzt_units", "u1"),
    ("cal_max", _FLOAT), ("cal_min", _FLOAT), ("slice_duration", _FLOAT), ("toffset", _FLOAT),
    ("glmax", _INT), ("glmin", _INT), ("descrip", "S80"), ("aux_file", "S24"), ("qform_code", _SHORT),
    ("sform_code", _SHORT), ("quatern", _FLOAT, 3), ("qoffset", _FLOAT, 3), ("srow", _FLOAT, (3, 4)),
    ("intent_name", "S16"), ("magic", "V4"),
])  # fmt: skip

_LONG, _DOUBLE = "<i8", "<f8"
NIFTI2 = np.dtype([
    ("sizeof_hdr", _INT), ("magic", "V8"), ("datatype", _SHORT), ("bitpix", _SHORT), ("dim", _LONG, 8),
    ("intent_p", _DOUBLE, 3), ("pixdim", _DOUBLE, 8), ("vox_offset", _LONG), ("scl_slope", _DOUBLE),
    ("scl_inter", _DOUBLE), ("cal_max", _DOUBLE), ("cal_min", _DOUBLE), ("slice_duration", _DOUBLE),
    ("toffset", _DOUBLE), ("slice_start", _LONG), ("slice_end", _LONG), ("descrip", "S80"),
    ("aux_file", "S24"), ("qform_code", _INT), ("sform_code", _INT), ("quatern", _DOUBLE, 3),
    ("qoffset", _DOUBLE, 3), ("srow", _DOUBLE, (3, 4)), ("slice_code", _INT), ("xyzt_units", _INT),
    ("intent_code", _INT), ("intent_name", "S16"), ("dim_info", "u1"), ("unused", "S15"),
])  # fmt: skip

MAGIC1, MAGIC2 = b"n+1\0", b"n+2\0\r\n\x1a\n"
PAIR_MAGICS = (b"ni1\0", b"ni2\0\r\n\x1a\n")
LARGEST_HEADER = NIFTI2.itemsize

NUMBER_TYPES = {
    2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8",
}  # fmt: skip
UNREAD_TYPES = {
    0: "unknown", 1: "1-bit", 32: "complex", 128: "RGB colour", 1536: "128-bit float", 1792: "complex",
    2048: "complex", 2304: "RGBA colour",
}  # fmt: skip


def layout_of(head: bytes) -> np.dtype[Any] | None:
    """Return the layout, in the file's byte order, that the first bytes announce; None for others."""
    for layout in (NIFTI1, NIFTI2):
        for order in ("<", ">"):
            if head[:4] == np.array(layout.itemsize, dtype=f"{order}i4").tobytes():
                return layout if order == "<" else layout.newbyteorder(">")
    return None
