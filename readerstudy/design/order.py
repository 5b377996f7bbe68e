"""Each reader's own order of cases, stratified so that reading may stop anywhere and still be balanced.

Within a stratum the order is random; strata are interleaved by giving the i-th of m members a random place in
the i-th of m equal parts of the whole. After any share of the list, every stratum has been read to the same
share within about one case. Strata nest: sites are interleaved first, volume thirds within each site.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from .keyed import draw_below, keyed, shuffled
from .plan import PlannedCase

_PART = 1 << 256


def case_order(cases: Sequence[PlannedCase], seed: bytes, reader: str, *, purpose: str) -> list[str]:
    """Return the case codes in this reader's order.

    The order depends on the seed, the reader's label and the cases alone: other readers, arms and missing
    masks never change it.
    """
    return [case.code for case in _spread(list(cases), seed, f"order/{purpose}", reader, depth=0)]


def repeat_places(shown: int, repeats: int, gap: int, seed: bytes, reader: str) -> list[tuple[int, int]]:
    """Return (index of the first showing, index before which the repeat goes) for each repeat.

    Parameters
    ----------
    shown : int
        Length of the main list; indices run from 0, and `shown` as a place means "at the end".
    repeats, gap : int
        How many, and the least distance; a short list gets the largest distance that it allows.

    Returns
    -------
    list of (int, int)
        Sorted by place; distinct first showings, place − index ≥ min(gap, shown + 1 − repeats).
    """
    reach = min(gap, shown + 1 - repeats)
    eligible = range(shown + 1 - reach)
    chosen = shuffled(eligible, seed, "repeat/which", reader)[:repeats]
    places = [
        (index, index + reach + draw_below(shown + 1 - index - reach, seed, "repeat/where", reader, str(index)))
        for index in chosen
    ]
    return sorted(places, key=lambda pair: (pair[1], pair[0]))


def catch_places(shown: int, catches: int, seed: bytes, reader: str) -> list[int]:
    """Return the index before which each catch item goes: one random place in each equal part of the list."""
    bounds = [part * shown // catches for part in range(catches + 1)] if catches else [0]
    return [
        low + draw_below(max(1, high - low), seed, "catch/where", reader, str(part))
        for part, (low, high) in enumerate(pairwise(bounds))
    ]


def _spread(cases: list[PlannedCase], seed: bytes, purpose: str, reader: str, *, depth: int) -> list[PlannedCase]:
    if all(len(case.strata) <= depth for case in cases):
        return shuffled(cases, seed, purpose, reader, name=lambda case: case.code)
    groups: dict[str, list[PlannedCase]] = {}
    for case in cases:
        groups.setdefault(case.strata[depth] if len(case.strata) > depth else "", []).append(case)
    placed: list[tuple[int, str, PlannedCase]] = []
    for members in groups.values():
        ordered = _spread(members, seed, purpose, reader, depth=depth + 1)
        for index, case in enumerate(ordered):
            jitter = keyed(seed, f"{purpose}/place/{depth}", reader, case.code)
            placed.append(((index * _PART + jitter) * _PART // len(ordered), case.code, case))
    return [case for _, _, case in sorted(placed, key=lambda item: item[:2])]
