"""All randomness of an allocation: HMAC-SHA-256 under the secret seed.

Sorting by a keyed hash depends on nothing but the seed and the names, so a ninth reader leaves the first eight
orders as they were sealed, and any language can regenerate them.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

_RANGE = 1 << 256


def keyed(seed: bytes, purpose: str, reader: str, index: str) -> int:
    """Return HMAC-SHA-256(seed, purpose|reader|index) as an integer in [0, 2²⁵⁶).

    Parameters
    ----------
    seed : bytes
        The secret seed, 32 bytes.
    purpose, reader, index : str
        What is drawn, for whom, and which one; no part may contain "|" except the last.
    """
    message = f"{purpose}|{reader}|{index}".encode()
    return int.from_bytes(hmac.digest(seed, message, "sha256"), "big")


def shuffled(items: Iterable[T], seed: bytes, purpose: str, reader: str, *, name: Callable[[T], str] = str) -> list[T]:
    """Return the items in the random order given by the keyed hash of their names.

    The order does not depend on the order of arrival. Names must be unique.
    """
    return sorted(items, key=lambda item: (keyed(seed, purpose, reader, name(item)), name(item)))


def draw_below(bound: int, seed: bytes, purpose: str, reader: str, index: str) -> int:
    """Return an integer drawn uniformly from 0 … bound − 1, by rejection sampling.

    Raises
    ------
    ValueError
        If `bound` is not between 1 and 2²⁵⁶.
    """
    if not 1 <= bound <= _RANGE:
        raise ValueError(f"cannot draw below {bound}")
    limit = _RANGE - _RANGE % bound
    attempt = 0
    while (value := keyed(seed, purpose, reader, f"{index}|{attempt}")) >= limit:
        attempt += 1
    return value % bound
