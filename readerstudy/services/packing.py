"""Packing the candidates of a presentation into the one volume that its reader's browser receives.

The packed bytes are a disposable cache, addressed by what went in: a miss is packed again to the same bytes.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audit.canonical import canonical_bytes
from readerstudy.design.blinding import compressed, pack, whole
from readerstudy.models import Presentation, StudyMember
from readerstudy.selectors import presentations
from readerstudy.selectors.presentations import PackedRecipe
from segmentation.selectors.voxels import mask_in_ras
from segmentation.storage import cache_folder

AHEAD = 20


def packed_candidates(presentation: Presentation) -> bytes:
    """Return the packed, compressed candidates of one presentation, from the cache or packed now."""
    return packed_recipe(presentations.packed_recipe(presentation))


def packed_recipe(recipe: PackedRecipe) -> bytes:
    """Return the packed, compressed masks of a recipe, from the cache or packed now."""
    path = _cache_path(recipe)
    if path.exists():
        return path.read_bytes()
    packed = _packed(recipe)
    _keep(path, packed)
    return packed


def pack_ahead(reader: StudyMember, count: int = AHEAD) -> int:
    """Pack the reader's next presentations into the cache; return how many there were."""
    ahead = list(presentations.unread(reader).select_related("seal", "case", "reader__study")[:count])
    for presentation in ahead:
        packed_candidates(presentation)
    return len(ahead)


def _packed(recipe: PackedRecipe) -> bytes:
    masks = [_mask(address, recipe.whole) for address in recipe.blob_sha256]
    return compressed(pack(masks, recipe.spec.base))


def _mask(blob_sha256: str, united: bool) -> NDArray[np.uint8]:
    mask = mask_in_ras(blob_sha256)
    return whole(mask) if united else mask


def _cache_path(recipe: PackedRecipe) -> Path:
    parts = [list(recipe.content_sha256), recipe.spec.base, recipe.spec.bytes_per_voxel, recipe.whole]
    name = hashlib.sha256(canonical_bytes(parts)).hexdigest()
    return cache_folder() / "packed" / name[:2] / name


def _keep(path: Path, packed: bytes) -> None:
    # Two requests may pack the same presentation at once: each writes its own file, and both bytes are equal.
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{secrets.token_hex(4)}")
    temporary.write_bytes(packed)
    temporary.replace(path)
