"""Strict reader of single-file NRRD volumes with raw or gzip voxels."""

import numpy as np

from segmentation.errors import FileRefused
from segmentation.formats.gunzip import gunzip
from segmentation.formats.nrrd_header import parse_header
from segmentation.formats.raw import MAX_BYTES, RawVolume, Role, voxel_bytes


def decode_nrrd(data: bytes, *, role: Role, limit: int = MAX_BYTES) -> RawVolume:
    """Return the voxels, grid and notes of a NRRD file.

    Parameters
    ----------
    data : bytes
        The whole file.
    role : {"image", "mask"}
    limit : int
        Most bytes of voxels.

    Raises
    ------
    FileRefused
        With the codes of :func:`segmentation.formats.nrrd_header.parse_header` and of gunzip, or
        ``nrrd.truncated``, ``nrrd.trailing``.
    """
    header = parse_header(data, role)
    expected = voxel_bytes("nrrd", header.grid.shape, header.dtype, limit)
    body = data[header.data_at :]
    plain = gunzip(body, limit=expected) if header.packed else body
    if len(plain) != expected:
        raise FileRefused(
            "nrrd.truncated" if len(plain) < expected else "nrrd.trailing",
            f"The header declares {expected:,} bytes of voxels but the file holds {len(plain):,}; export it again.",
        )
    flat = np.frombuffer(plain, dtype=header.dtype).astype(header.dtype.newbyteorder("="), copy=False)
    flat.flags.writeable = False
    return RawVolume(
        voxels=flat.reshape(header.grid.shape, order="F"),
        grid=header.grid,
        notes=header.notes,
        text_fields_found=header.text_fields_found,
    )
