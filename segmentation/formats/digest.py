"""Identity of a volume and of a file, as SHA-256.

``content_sha256`` says which voxels lie where, whatever file held them; ``blob_sha256`` is the digest of a
file's bytes, and its address in the store.
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from segmentation.errors import FileRefused

CONTENT_VERSION = b"blindread volume 1\n"


def content_sha256(array: NDArray[Any], affine: ArrayLike) -> str:
    """Return the identity of voxels on their grid, 64 hexadecimal digits.

    Parameters
    ----------
    array : ndarray, shape (x, y, z)
        Voxels in native axis order.
    affine : array_like, shape (4, 4)
        Voxel index to RAS+ millimetres; taken to float32, the precision of a NIfTI-1 file.

    Notes
    -----
    SHA-256 over: version tag; a line ``x y z`` of the shape; a line with the number type, such as ``int16``;
    the 16 entries of the affine, row by row, as little-endian float32; the voxels, little-endian, first axis
    fastest.
    """
    digest = hashlib.sha256(CONTENT_VERSION)
    digest.update(" ".join(str(n) for n in array.shape).encode() + b"\n" + array.dtype.name.encode() + b"\n")
    rows = np.asarray(affine, dtype=np.float64).astype("<f4") + np.float32(0)  # + 0 turns −0 into 0
    digest.update(rows.astype("<f4").tobytes(order="C"))
    digest.update(file_order(array))
    return digest.hexdigest()


def file_order(array: NDArray[Any]) -> memoryview:
    """Return the voxels as a file holds them: little-endian, first axis fastest, uncopied if possible."""
    little = array.astype(array.dtype.newbyteorder("<"), order="F", copy=False)
    return np.ascontiguousarray(little.T).reshape(-1).view(np.uint8).data


def blob_sha256(data: bytes) -> str:
    """Return the SHA-256 of a file's bytes, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def check_digest(data: bytes, expected: str | None) -> str:
    """Return the digest of received bytes after comparing it with the one the sender gave.

    Raises
    ------
    FileRefused
        ``digest.required`` (428) when none was given; ``digest.mismatch`` when it is another.
    """
    if not expected:
        raise FileRefused(
            "digest.required",
            "The upload came without a digest, so damage on the way could not be seen.",
            status=428,
        )
    found = blob_sha256(data)
    if found != expected.lower():
        raise FileRefused(
            "digest.mismatch",
            f"The file changed on its way: its digest is {found[:12]}… but the sender gave {expected[:12]}…; "
            "send it again.",
        )
    return found
