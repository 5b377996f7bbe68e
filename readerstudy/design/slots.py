"""Slots and colours of the candidates of one reader: each arm equally often in each, colour independent of slot.

Slots. A greedy choice along the reading order keeps every beginning of the list balanced; then, for two slots,
every case is an arrow from the arm in the first to the arm in the second, and turning round a path of arrows
brings an arm that is too often in one slot nearer to balance. Such a path always exists, so the result is exact:
no arm's counts in two slots differ by more than one.

Colours. Each run of as many cases as there are colours uses the rows of a Latin square, so slot and colour meet
equally often (within one) after every run. Which case takes which row then balances arms over colours; exchanging
rows between two cases leaves the table of slot by colour untouched.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, permutations

from .keyed import keyed, shuffled

Arms = tuple[str, ...]
Colours = tuple[int, ...]

_MOST_PERMUTED = 5
_ATTEMPTS = 8
_MOST_PASSES = 12
_REACH = 60


def assign_slots(blocks: Mapping[str, Arms], seed: bytes, reader: str, *, purpose: str) -> dict[str, Arms]:
    """Return the arms of each case in slot order; `blocks` in reading order."""
    placed = _placed(blocks, seed, reader, purpose)
    _level(placed, max((len(arms) for arms in placed.values()), default=0))
    return placed


def assign_colours(
    slotted: Mapping[str, Arms], colours: int, seed: bytes, reader: str, *, purpose: str
) -> dict[str, Colours]:
    """Return the colour index of each slot for each case.

    Several starts are tried while a cell of arm × colour, or of arm × slot × colour, is out of balance by more
    than one; the best is kept.
    """
    painted: dict[str, Colours] = {}
    for size in sorted({len(arms) for arms in slotted.values()}, reverse=True):
        group = {case: arms for case, arms in slotted.items() if len(arms) == size}
        best: tuple[tuple[int, int], dict[str, Colours]] | None = None
        for attempt in range(_ATTEMPTS):
            rows = _latin_rows(group, colours, seed, reader, f"{purpose}/{size}/{attempt}")
            excess = _exchange(group, rows, colours)
            if best is None or excess < best[0]:
                best = (excess, rows)
            if excess == (0, 0):
                break
        assert best is not None
        painted.update(best[1])
    return {case: painted[case] for case in slotted}


def another_arrangement(
    arms: Arms, colours: Colours, palette: int, seed: bytes, reader: str, *, index: str
) -> tuple[Arms, Colours]:
    """Return a new order and new colours for a repeat: no arm keeps its slot or its colour if k > 1.

    Both are a random rotation that is not the identity, so that what was remembered does not help.
    """
    turn = _turn(len(arms), seed, "repeat/slot", reader, index)
    shift = _turn(palette, seed, "repeat/colour", reader, index)
    colour_of = {arm: (colour + shift) % palette for arm, colour in zip(arms, colours, strict=True)}
    moved = arms[turn:] + arms[:turn]
    return moved, tuple(colour_of[arm] for arm in moved)


def _turn(length: int, seed: bytes, purpose: str, reader: str, index: str) -> int:
    return 1 + keyed(seed, purpose, reader, index) % (length - 1) if length > 1 else 0


def _placed(blocks: Mapping[str, Arms], seed: bytes, reader: str, purpose: str) -> dict[str, Arms]:
    count: Counter[tuple[str, int]] = Counter()
    placed: dict[str, Arms] = {}
    for case, arms in blocks.items():
        mixed = shuffled(arms, seed, f"slot/{purpose}/{case}", reader)
        placed[case] = min(_arrangements(mixed), key=lambda order: _crowding(order, count))
        count.update((arm, slot) for slot, arm in enumerate(placed[case]))
    return placed


def _arrangements(mixed: Sequence[str]) -> Iterator[Arms]:
    if len(mixed) <= _MOST_PERMUTED:
        yield from permutations(mixed)
        return
    for start in range(len(mixed)):
        yield (*mixed[start:], *mixed[:start])


def _crowding(order: Arms, count: Mapping[tuple[str, int], int]) -> int:
    return sum(2 * count[arm, slot] + 1 for slot, arm in enumerate(order))


def _level(placed: dict[str, Arms], size: int) -> None:
    """Turn round paths until no arm's counts in two slots differ by more than one."""
    changed = True
    while changed:
        changed = False
        for first, second in combinations(range(size), 2):
            while path := _path(placed, first, second) or _path(placed, second, first):
                for case in path:
                    placed[case] = _swapped(placed[case], first, second)
                changed = True


def _swapped(arms: Arms, first: int, second: int) -> Arms:
    turned = list(arms)
    turned[first], turned[second] = turned[second], turned[first]
    return tuple(turned)


def _path(placed: Mapping[str, Arms], first: int, second: int) -> list[str]:
    """Return cases that lead from an arm too often in `first` to one too often in `second`; [] if none.

    Turning them round moves the first arm's surplus by −2 and the last one's by +2, which makes the squares
    smaller where the two surpluses differ by three or more.
    """
    surplus: Counter[str] = Counter()
    arrows: dict[str, dict[str, str]] = {}
    for case, arms in placed.items():
        surplus.update(arms[first : first + 1])
        surplus.subtract(arms[second : second + 1])
        if max(first, second) < len(arms):
            arrows.setdefault(arms[first], {}).setdefault(arms[second], case)
    for arm in sorted(surplus, key=lambda arm: (-surplus[arm], arm)):
        if path := _walk(arm, arrows, surplus):
            return path
    return []


def _walk(start: str, arrows: Mapping[str, Mapping[str, str]], surplus: Mapping[str, int]) -> list[str]:
    """Return the cases on a shortest way from `start` to an arm with a surplus lower by three or more."""
    came: dict[str, tuple[str, str]] = {}
    queue = deque([start])
    while queue:
        arm = queue.popleft()
        if surplus[arm] <= surplus[start] - 3:
            path = []
            while arm != start:
                arm, case = came[arm]
                path.append(case)
            return path
        for following, case in arrows.get(arm, {}).items():
            if following != start and following not in came:
                came[following] = (arm, case)
                queue.append(following)
    return []


def _latin_rows(group: Mapping[str, Arms], colours: int, seed: bytes, reader: str, purpose: str) -> dict[str, Colours]:
    count: Counter[tuple[object, ...]] = Counter()
    cases = list(group)
    rows: dict[str, Colours] = {}
    for start in range(0, len(cases), colours):
        base = shuffled(range(colours), seed, f"colour/{purpose}/{start}", reader)
        square = [tuple(base[turn:] + base[:turn]) for turn in range(colours)]
        for case in cases[start : start + colours]:
            arms = group[case]
            row = min(square, key=lambda row: _paint_cost(arms, row, count))
            square.remove(row)
            rows[case] = row[: len(arms)]
            _paint(arms, rows[case], count, 1)
    return rows


def _cells(arms: Arms, row: Colours) -> list[tuple[object, ...]]:
    by_arm: list[tuple[object, ...]] = list(zip(arms, row, strict=False))
    return by_arm + list(zip(arms, range(len(arms)), row, strict=False))


def _paint_cost(arms: Arms, row: Colours, count: Mapping[tuple[object, ...], int]) -> int:
    return sum(2 * count[cell] + 1 for cell in _cells(arms, row))


def _paint(arms: Arms, row: Colours, count: Counter[tuple[object, ...]], times: int) -> None:
    for cell in _cells(arms, row):
        count[cell] += times


def _exchange(group: Mapping[str, Arms], rows: dict[str, Colours], colours: int) -> tuple[int, int]:
    """Exchange rows between cases while colours become more even; return what is left out of balance.

    First over arm × colour, then over arm × slot × colour.
    """
    count: Counter[tuple[object, ...]] = Counter()
    shown: Counter[str] = Counter()
    for case, arms in group.items():
        _paint(arms, rows[case], count, 1)
        shown.update(arms)
    cases = list(group)
    for _ in range(_MOST_PASSES):
        changed = False
        for index, case in enumerate(cases):
            if not _crowded(group[case], rows[case], count, shown, colours):
                continue
            for other in cases[max(0, index - _REACH) : index + _REACH + 1]:
                changed |= _try_exchange(case, other, group, rows, count)
        if not changed:
            break
    arms_out = sum(_outside(count[arm, c], shown[arm], colours) for arm in shown for c in range(colours))
    cells = Counter((arm, slot) for arms in group.values() for slot, arm in enumerate(arms))
    cells_out = sum(
        _outside(count[arm, slot, c], times, colours) for (arm, slot), times in cells.items() for c in range(colours)
    )
    return arms_out, cells_out


def _outside(count: int, times: int, parts: int) -> int:
    """Return by how much a count leaves the two whole numbers next to times / parts."""
    return max(0, count - -(-times // parts), times // parts - count)


def _crowded(
    arms: Arms, row: Colours, count: Mapping[tuple[object, ...], int], shown: Mapping[str, int], colours: int
) -> bool:
    """Return whether this case holds an arm in a colour, or in a colour and slot, that has too many."""
    return any(
        colours * (count[arm, colour] - 1) >= shown[arm]
        or len(arms) * colours * (count[arm, slot, colour] - 1) >= shown[arm]
        for slot, (arm, colour) in enumerate(zip(arms, row, strict=True))
    )


def _try_exchange(
    case: str,
    other: str,
    group: Mapping[str, Arms],
    rows: dict[str, Colours],
    count: Counter[tuple[object, ...]],
) -> bool:
    mine, theirs = rows[case], rows[other]
    if mine == theirs:
        return False
    _paint(group[case], mine, count, -1)
    _paint(group[other], theirs, count, -1)
    kept = _pair_cost(group[case], mine, group[other], theirs, count)
    turned = _pair_cost(group[case], theirs, group[other], mine, count)
    if turned < kept:
        rows[case], rows[other] = theirs, mine
    _paint(group[case], rows[case], count, 1)
    _paint(group[other], rows[other], count, 1)
    return turned < kept


def _pair_cost(
    arms: Arms, row: Colours, others: Arms, other_row: Colours, count: Mapping[tuple[object, ...], int]
) -> int:
    """Return half the increase in squared counts of painting both cases, but for a constant.

    A cell that both paint rises from c to c + 2, which adds 4c + 4; two single ones add 2c + 1 each.
    """
    mine, theirs = _cells(arms, row), _cells(others, other_row)
    both = set(mine).intersection(theirs)
    return sum(count[cell] for cell in mine) + sum(count[cell] for cell in theirs) + len(both)
