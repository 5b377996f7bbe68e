"""Blinded delivery: all candidates of a presentation in one packed volume without header, name or origin.

One number per voxel, a + b·base + c·base² …, where a, b, c are the labels of slots A, B, C. Voxels run with x
fastest on the case's RAS grid; the geometry comes from the case. The volume is compressed as a whole by one
compressor with an empty gzip header, so that its size is a function of what the reader sees anyway.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .errors import PackingRefused

Mask = npt.NDArray[np.uint8]

BASE = 6
_LEVEL = 6
_HEADER = bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])


@dataclass(frozen=True)
class PackedSpec:
    """How a packed volume is read: labels per slot (with background), slots, bytes per voxel (little-endian)."""

    base: int
    slots: int
    bytes_per_voxel: int

    @property
    def dtype(self) -> np.dtype[np.unsignedinteger]:
        """The little-endian voxel type."""
        return np.dtype(f"<u{self.bytes_per_voxel}")


def spec_for(slots: int, base: int = BASE) -> PackedSpec:
    """Return the narrowest code for so many slots with labels 0 … base − 1.

    Raises
    ------
    PackingRefused
        If `slots` is not 1 to 26, `base` not 2 to 256, or the code needs more than 32 bits.
    """
    if not 1 <= slots <= 26 or not 2 <= base <= 256 or base**slots > 1 << 32:
        raise PackingRefused("pack.code", f"{slots} slots with {base} labels each do not fit one code")
    codes = base**slots
    return PackedSpec(base, slots, 1 if codes <= 1 << 8 else 2 if codes <= 1 << 16 else 4)


def pack(masks: Sequence[Mask], base: int = BASE) -> bytes:
    """Return the packed volume of masks given in slot order, not yet compressed.

    Parameters
    ----------
    masks : sequence of uint8 ndarray, shape (x, y, z)
        Labels 0 … base − 1 on the case's grid in RAS orientation, one per slot.
    base : int
        Labels per slot, background included.

    Returns
    -------
    bytes
        x·y·z voxels, x fastest, each `spec_for(len(masks), base).bytes_per_voxel` bytes, little-endian.

    Raises
    ------
    PackingRefused
        If shapes differ, a mask is not uint8 in three dimensions, or a label reaches `base`.
    """
    spec = spec_for(len(masks), base)
    for slot, mask in enumerate(masks):
        _refuse_unfit(mask, masks[0].shape, base, slot)
    code = np.zeros(masks[0].shape, dtype=spec.dtype)
    for slot, mask in enumerate(masks):
        code += mask.astype(spec.dtype) * spec.dtype.type(base**slot)
    return code.tobytes(order="F")


def unpack(packed: bytes, spec: PackedSpec, shape: tuple[int, int, int]) -> list[Mask]:
    """Return the masks in slot order; the inverse of `pack`.

    Raises
    ------
    PackingRefused
        If the length does not fit the shape, or a code is above base^slots − 1.
    """
    expected = int(np.prod(shape)) * spec.bytes_per_voxel
    if len(packed) != expected:
        raise PackingRefused("pack.length", f"{len(packed)} bytes for a grid that needs {expected}")
    code = np.frombuffer(packed, dtype=spec.dtype).reshape(shape, order="F")
    if code.size and int(code.max()) >= spec.base**spec.slots:
        raise PackingRefused("pack.code", f"code {int(code.max())} is above {spec.base**spec.slots - 1}")
    return [(code // spec.base**slot % spec.base).astype(np.uint8) for slot in range(spec.slots)]


def compressed(data: bytes) -> bytes:
    """Return a gzip member with no name, time zero, operating system "unknown" and a fixed level."""
    deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(data) + deflate.flush()
    tail = zlib.crc32(data).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")
    return _HEADER + body + tail


def whole(mask: npt.NDArray[np.integer]) -> Mask:
    """Return the binarised union of all labels: 1 where any label is drawn, 0 elsewhere."""
    union: Mask = np.not_equal(mask, 0).astype(np.uint8)
    return union


def mapped(mask: npt.NDArray[np.integer], to_study_label: Mapping[int, int]) -> Mask:
    """Return the mask in the study's labels.

    Parameters
    ----------
    mask : integer ndarray
        Labels as the source drew them; 0 is background and stays 0.
    to_study_label : mapping of int to int
        The study's label (0 to 255, 0 drops it) of every label that occurs.

    Raises
    ------
    PackingRefused
        If a label occurs that the mapping does not name.
    """
    result = np.zeros(mask.shape, dtype=np.uint8)
    for label in (int(value) for value in np.unique(mask) if value != 0):
        if label not in to_study_label:
            raise PackingRefused("pack.label", f"label {label} has no label of the study; map or drop it")
        result[mask == label] = to_study_label[label]
    return result


def is_empty(mask: npt.NDArray[np.integer]) -> bool:
    """Return whether nothing is drawn; such a candidate is shown as "no segmentation drawn"."""
    return not bool(np.any(mask))


def token(entropy: bytes) -> str:
    """Return 16 bytes of entropy as a neutral name: 26 characters of a–z and 2–7.

    Raises
    ------
    PackingRefused
        If there are not exactly 16 bytes.
    """
    if len(entropy) != 16:
        raise PackingRefused("token.entropy", f"{len(entropy)} bytes of entropy; a token takes 16")
    return base64.b32encode(entropy).decode().rstrip("=").lower()


def _refuse_unfit(mask: Mask, shape: tuple[int, ...], base: int, slot: int) -> None:
    if mask.ndim != 3 or mask.dtype != np.uint8:
        raise PackingRefused("pack.type", f"slot {slot}: {mask.ndim}-D {mask.dtype}; 3-D uint8 is needed")
    if mask.shape != shape:
        raise PackingRefused("pack.grid", f"slot {slot} has grid {mask.shape}, the first slot {shape}")
    if mask.size and int(mask.max()) >= base:
        raise PackingRefused("pack.label", f"slot {slot} holds label {int(mask.max())}; at most {base - 1} fits")
