"""Packing the candidates of a presentation into the one volume that its reader's browser receives.

The packed bytes are a disposable cache, addressed by what went in: a miss is packed again to the same bytes. Each
cached file begins with its own SHA-256, so that a cut or altered one is a miss too, and never reaches a reader.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audit.canonical import canonical_bytes
from readerstudy.design.blinding import compressed, pack, whole
from readerstudy.errors import CaseDamaged
from readerstudy.models import Presentation, StudyMember
from readerstudy.selectors import presentations
from readerstudy.selectors.presentations import PackedRecipe
from segmentation.errors import DomainError
from segmentation.selectors.voxels import mask_in_ras
from segmentation.storage import cache_folder, from_cache, to_cache

AHEAD = 20
log = logging.getLogger(__name__)


def packed_candidates(presentation: Presentation) -> bytes:
    """Return the packed, compressed candidates of one presentation, from the cache or packed now."""
    return packed_recipe(presentations.packed_recipe(presentation))


def packed_recipe(recipe: PackedRecipe) -> bytes:
    """Return the packed, compressed masks of a recipe, from the cache or packed now.

    Raises
    ------
    CaseDamaged
        If a stored mask is missing or altered: one sentence for every source and every kind of damage.
    """
    path = _cache_path(recipe)
    kept = from_cache(path)
    if kept is not None:
        return kept
    try:
        packed = _packed(recipe)
    except DomainError as error:
        log.error("a presentation cannot be packed: %s", error)
        raise CaseDamaged from error
    to_cache(path, packed)
    return packed


def pack_ahead(reader: StudyMember, count: int = AHEAD) -> int:
    """Pack the reader's next presentations into the cache; return how many there were."""
    ahead = list(presentations.unread(reader).select_related("seal", "case", "reader__study")[:count])
    for presentation in ahead:
        packed_candidates(presentation)
    return len(ahead)


def _packed(recipe: PackedRecipe) -> bytes:
    stored = zip(recipe.blob_sha256, recipe.content_sha256, strict=True)
    masks = [_mask(address, content, recipe.whole) for address, content in stored]
    return compressed(pack(masks, recipe.spec.base))


def _mask(blob_sha256: str, content_sha256: str, united: bool) -> NDArray[np.uint8]:
    mask = mask_in_ras(blob_sha256, content_sha256)
    return whole(mask) if united else mask


def _cache_path(recipe: PackedRecipe) -> Path:
    parts = [list(recipe.content_sha256), recipe.spec.base, recipe.spec.bytes_per_voxel, recipe.whole]
    name = hashlib.sha256(canonical_bytes(parts)).hexdigest()
    return cache_folder() / "packed" / name[:2] / name
