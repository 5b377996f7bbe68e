"""Which arms a reader sees of each case: balanced incomplete blocks over the masks that exist.

With all masks present every k-subset of a reader's sources comes equally often (within one), hence every source
and every pair too. Where masks are missing, the squared counts of sources and pairs are made as small as the
availability allows. Within that, omissions are coordinated over readers by exchanging blocks between two cases
of one reader, which changes no count of that reader. Readers are treated in the order of the plan, each given
the earlier ones, so a further reader changes nothing that was drawn before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb

from .keyed import shuffled

Block = tuple[str, ...]
Prices = Mapping[str, Mapping[Block, int]]

_MOST_BLOCKS = 256
_MOST_PASSES = 20
_REACH = 32


def choose_blocks(
    candidates: Mapping[str, Block],
    slots: int,
    lost: Mapping[tuple[str, str], int],
    seed: bytes,
    reader: str,
    *,
    purpose: str,
) -> dict[str, Block]:
    """Return the arms shown for each case, in the order of `candidates`.

    Parameters
    ----------
    candidates : mapping of case to arms
        The arms that may be shown, cases in reading order.
    slots : int
        Arms shown per case, where as many exist.
    lost : mapping of (case, arm) to int
        Weight of what earlier readers have omitted already.
    """
    sizes = Counter(len(arms) for arms in candidates.values())
    tally = _Tally(complete=len(sizes) <= 1)
    options = {
        case: _options(arms, min(slots, len(arms)), seed, reader, f"{purpose}/{case}")
        for case, arms in candidates.items()
    }
    chosen: dict[str, Block] = {}
    for case, blocks in options.items():
        costs = {block: _cost(case, candidates[case], block, lost) for block in blocks}
        chosen[case] = min(blocks, key=lambda block: (tally.weight(block), costs[block]))
        tally.add(chosen[case], 1)
    _improve(chosen, options, tally)
    price = _prices(chosen, candidates, lost)
    _coordinate(chosen, price)
    _smooth(chosen, price)
    return chosen


def omissions(candidates: Mapping[str, Block], chosen: Mapping[str, Block]) -> list[tuple[str, str]]:
    """Return every (case, arm) that could have been shown and was not."""
    return [(case, arm) for case, arms in candidates.items() for arm in arms if arm not in chosen.get(case, ())]


class _Tally:
    """Counts of sources, pairs and whole blocks, and what one more showing of a block would cost.

    The cost is the increase in summed squared counts. Complete data: equal blocks come first, which makes
    sources and pairs equal as well. Incomplete: sources and pairs first.
    """

    def __init__(self, *, complete: bool) -> None:
        self.complete = complete
        self.parts: Counter[Block] = Counter()
        self.blocks: Counter[Block] = Counter()

    def weight(self, block: Block) -> tuple[int, int]:
        balance = sum(2 * self.parts[part] + 1 for part in _parts(block))
        whole = 2 * self.blocks[block] + 1
        return (whole, balance) if self.complete else (balance, whole)

    def add(self, block: Block, times: int) -> None:
        for part in _parts(block):
            self.parts[part] += times
        self.blocks[block] += times


def _parts(block: Block) -> list[Block]:
    return [*((arm,) for arm in block), *combinations(block, 2)]


def _options(arms: Block, size: int, seed: bytes, reader: str, purpose: str) -> list[Block]:
    """Return the possible blocks in random order; of very many, a random but covering selection."""
    mixed = shuffled(arms, seed, f"block/{purpose}", reader)
    place = {arm: index for index, arm in enumerate(arms)}
    if comb(len(arms), size) > _MOST_BLOCKS:
        turned = [(mixed + mixed)[start : start + size] for start in range(len(mixed))]
        return [tuple(sorted(block, key=place.__getitem__)) for block in turned]
    return [tuple(sorted(block, key=place.__getitem__)) for block in combinations(mixed, size)]


def _cost(case: str, arms: Block, block: Block, lost: Mapping[tuple[str, str], int]) -> int:
    return sum(lost.get((case, arm), 0) for arm in arms if arm not in block)


def _improve(chosen: dict[str, Block], options: Mapping[str, Sequence[Block]], tally: _Tally) -> None:
    """Replace single blocks as long as the squared counts fall."""
    for _ in range(_MOST_PASSES):
        changed = False
        for case, blocks in options.items():
            if len(blocks) < 2:
                continue
            tally.add(chosen[case], -1)
            best = min(blocks, key=tally.weight)
            if tally.weight(best) < tally.weight(chosen[case]):
                chosen[case] = best
                changed = True
            tally.add(chosen[case], 1)
        if not changed:
            return


def _prices(
    chosen: Mapping[str, Block], candidates: Mapping[str, Block], lost: Mapping[tuple[str, str], int]
) -> Prices:
    """Return for each case what each block in use would lose again, of those that the case can show."""
    used = sorted(set(chosen.values()))
    return {
        case: {block: _cost(case, arms, block, lost) for block in used if set(block) <= set(arms)}
        for case, arms in candidates.items()
    }


def _coordinate(chosen: dict[str, Block], price: Prices) -> None:
    """Exchange blocks between cases while arms already lost to earlier readers can be shown instead."""
    cases = list(chosen)
    floor = {case: min(price[case].values(), default=0) for case in cases}
    for _ in range(_MOST_PASSES):
        changed = False
        for index, case in enumerate(cases):
            if price[case][chosen[case]] == floor[case]:
                continue
            partner = _best_partner(index, cases, chosen, price)
            if partner is not None:
                chosen[case], chosen[partner] = chosen[partner], chosen[case]
                changed = True
        if not changed:
            return


def _best_partner(index: int, cases: Sequence[str], chosen: Mapping[str, Block], price: Prices) -> str | None:
    """Return the case whose exchange of blocks saves most; of equals the nearest in the reading order."""
    mine = cases[index]
    block, here = chosen[mine], price[mine]
    best: tuple[int, int] = (0, 0)
    found: str | None = None
    for other_index, other in enumerate(cases):
        theirs = chosen[other]
        if theirs == block or len(theirs) != len(block) or theirs not in here or block not in price[other]:
            continue
        saved = here[block] + price[other][theirs] - here[theirs] - price[other][block]
        if saved > 0 and (found is None or (saved, -abs(other_index - index)) > best):
            best, found = (saved, -abs(other_index - index)), other
    return found


def _smooth(chosen: dict[str, Block], price: Prices) -> None:
    """Exchange blocks of nearby cases, at no further loss, so that every beginning of the list is balanced.

    The measure is, summed over all beginnings and arms, the squared distance between an arm's count and its
    share; an exchange at places i < j changes it at i … j − 1 only.
    """
    cases = list(chosen)
    surplus = _surplus(cases, chosen)
    for _ in range(_MOST_PASSES):
        changed = False
        for index in range(len(cases)):
            changed |= _smooth_from(index, cases, chosen, price, surplus)
        if not changed:
            return


def _surplus(cases: Sequence[str], chosen: Mapping[str, Block]) -> dict[str, list[int]]:
    """Return per arm, for each beginning of the list, n × (count − share): zero where it is in balance."""
    total = Counter(arm for case in cases for arm in chosen[case])
    table: dict[str, list[int]] = {arm: [] for arm in sorted(total)}
    for arm, line in table.items():
        count = 0
        for length, case in enumerate(cases, start=1):
            count += arm in chosen[case]
            line.append(count * len(cases) - length * total[arm])
    return table


def _smooth_from(
    index: int, cases: Sequence[str], chosen: dict[str, Block], price: Prices, surplus: dict[str, list[int]]
) -> bool:
    """Make the best exchange of one case with a later one nearby; return whether there was one."""
    mine = cases[index]
    block = chosen[mine]
    between = dict.fromkeys(surplus, 0)
    best, found = 0, index
    for later in range(index + 1, min(len(cases), index + _REACH + 1)):
        for arm, line in surplus.items():
            between[arm] += line[later - 1]
        theirs = chosen[cases[later]]
        if theirs == block or not _exchangeable(mine, cases[later], chosen, price):
            continue
        entering, leaving = set(theirs) - set(block), set(block) - set(theirs)
        change = 2 * sum(between[arm] for arm in entering) - 2 * sum(between[arm] for arm in leaving)
        change += len(cases) * (later - index) * (len(leaving) + len(entering))
        if change < best:
            best, found = change, later
    if found == index:
        return False
    _exchange(index, found, cases, chosen, surplus)
    return True


def _exchangeable(mine: str, other: str, chosen: Mapping[str, Block], price: Prices) -> bool:
    """Return whether two cases can show each other's block without losing more to earlier readers' omissions."""
    block, theirs = chosen[mine], chosen[other]
    if len(block) != len(theirs) or theirs not in price[mine] or block not in price[other]:
        return False
    return price[mine][theirs] + price[other][block] <= price[mine][block] + price[other][theirs]


def _exchange(
    index: int, later: int, cases: Sequence[str], chosen: dict[str, Block], surplus: Mapping[str, list[int]]
) -> None:
    mine, other = cases[index], cases[later]
    for place in range(index, later):
        for arm in chosen[mine]:
            surplus[arm][place] -= len(cases)
        for arm in chosen[other]:
            surplus[arm][place] += len(cases)
    chosen[mine], chosen[other] = chosen[other], chosen[mine]
