"""Digests that the audit trail keeps of what people entered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from audit.canonical import canonical_bytes

RatingRow = tuple[str, str, int | None, str]
"""Letter of the slot ("" for the case), question, whole number or None, text."""


def answers_sha256(rows: Iterable[RatingRow]) -> str:
    """Return the digest of one read's ratings, whatever their order."""
    return hashlib.sha256(canonical_bytes(sorted(_sortable(row) for row in rows))).hexdigest()


def _sortable(row: RatingRow) -> list[str]:
    letter, question, value, text = row
    return [letter, question, "" if value is None else str(value), text]
