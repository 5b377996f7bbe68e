"""The allocation: every reader's list of presentations, drawn from a plan and a secret seed.

The same plan and seed give the same list on every machine and for ever; `ALGORITHM` names the rules and changes
with any change of result. See `keyed` for the randomness, `order`, `blocks` and `slots` for the balance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from .blocks import choose_blocks, omissions
from .order import case_order, catch_places, repeat_places
from .plan import (
    CATCH,
    LETTERS,
    MAIN,
    MODEL,
    PRACTICE,
    REPEAT,
    REPLACE,
    AllocatedCandidate,
    AllocatedPresentation,
    Allocation,
    AllocationPlan,
    PlannedCase,
    PlannedReader,
    PlanRefused,
    checked,
)
from .slots import another_arrangement, assign_colours, assign_slots

ALGORITHM = "blindread-allocation/1"
ALGORITHM_FILES = ("allocation.py", "blocks.py", "keyed.py", "order.py", "plan.py", "slots.py")

_MODEL_WEIGHT, _EXPERT_WEIGHT = 2, 3


def allocate(plan: AllocationPlan, seed: bytes) -> Allocation:
    """Return the allocation of a plan under a seed.

    Parameters
    ----------
    plan : AllocationPlan
        Readers, arms, cases, available masks and counts.
    seed : bytes
        32 secret bytes.

    Returns
    -------
    Allocation
        Presentations by reader (order of the plan) and position.

    Raises
    ------
    PlanRefused
        If the plan or the seed cannot be used.
    """
    if len(seed) != 32:
        raise PlanRefused(f"the seed has {len(seed)} bytes; 32 are needed")
    checked(plan)
    weight = {arm.code: _MODEL_WEIGHT if arm.kind == MODEL else _EXPERT_WEIGHT for arm in plan.arms}
    lost: Counter[tuple[str, str]] = Counter()
    presentations: list[AllocatedPresentation] = []
    unshown: list[tuple[str, str]] = []
    for reader in plan.readers:
        draw = _Draw(plan, seed, reader, lost)
        presentations += draw.presentations()
        unshown += [(reader.label, case) for case in draw.unshown]
        for case, arm in draw.omitted:
            lost[case, arm] += weight[arm]
    return Allocation(ALGORITHM, tuple(presentations), tuple(unshown))


class _Draw:
    """One reader's list in the making."""

    def __init__(
        self, plan: AllocationPlan, seed: bytes, reader: PlannedReader, lost: Counter[tuple[str, str]]
    ) -> None:
        self.plan, self.seed, self.reader, self.lost = plan, seed, reader, lost
        self.unshown: list[str] = []
        self.omitted: list[tuple[str, str]] = []

    def presentations(self) -> list[AllocatedPresentation]:
        practice = self.group(self.plan.practice_cases[: self.plan.practice], PRACTICE)
        main = self.group(self.main_cases(), MAIN)
        reading = self.with_repeats(main)
        reading = self.with_catches(reading, self.group(self.plan.catch_cases, CATCH))
        return self.numbered([*practice, *reading])

    def main_cases(self) -> Sequence[PlannedCase]:
        """Return the main cases; under the rule "replace", short ones give way to full reserve cases."""
        if self.plan.short_cases != REPLACE:
            return self.plan.cases
        full = [case for case in self.plan.cases if not self.is_short(case.code)]
        spare = [case for case in self.plan.reserve_cases if not self.is_short(case.code)]
        missing = len(self.plan.cases) - len(full)
        short = [case for case in self.plan.cases if self.is_short(case.code)]
        return [*full, *spare[:missing], *short[len(spare) :]]

    def is_short(self, case: str) -> bool:
        return len(self.plan.candidates(self.reader, case)) < self.plan.slots

    def group(self, cases: Sequence[PlannedCase], kind: str) -> list[AllocatedPresentation]:
        """Return the presentations of one kind, positions not yet given."""
        order = case_order(cases, self.seed, self.reader.label, purpose=kind)
        candidates = {case: self.plan.candidates(self.reader, case) for case in order}
        self.unshown += [case for case, arms in candidates.items() if not arms]
        candidates = {case: arms for case, arms in candidates.items() if arms}
        lost = self.lost if kind == MAIN else Counter[tuple[str, str]]()
        label = self.reader.label
        blocks = choose_blocks(candidates, self.plan.slots, lost, self.seed, label, purpose=kind)
        if kind == MAIN:
            self.omitted = omissions(candidates, blocks)
        slotted = assign_slots(blocks, self.seed, label, purpose=kind)
        colours = assign_colours(slotted, self.plan.slots, self.seed, label, purpose=kind)
        return [self.presentation(kind, case, slotted[case], colours[case]) for case in blocks]

    def presentation(
        self, kind: str, case: str, arms: tuple[str, ...], colours: tuple[int, ...]
    ) -> AllocatedPresentation:
        shown = tuple(
            AllocatedCandidate(slot, LETTERS[slot], colour, colour, arm)
            for slot, (arm, colour) in enumerate(zip(arms, colours, strict=True))
        )
        short = len(arms) < self.plan.slots
        return AllocatedPresentation(self.reader.label, 0, kind, case, 0, shown, None, short)

    def with_repeats(self, main: list[AllocatedPresentation]) -> list[AllocatedPresentation]:
        repeats = min(self.plan.repeats, len(main))
        places = repeat_places(len(main), repeats, self.plan.repeat_gap, self.seed, self.reader.label)
        before: dict[int, list[AllocatedPresentation]] = {}
        for first, place in places:
            before.setdefault(place, []).append(self.again(main[first]))
        reading: list[AllocatedPresentation] = []
        for index, shown in enumerate(main):
            reading += [*before.get(index, []), shown]
        return reading + before.get(len(main), [])

    def again(self, first: AllocatedPresentation) -> AllocatedPresentation:
        arms, colours = another_arrangement(
            tuple(candidate.arm for candidate in first.candidates),
            tuple(candidate.colour for candidate in first.candidates),
            self.plan.slots,
            self.seed,
            self.reader.label,
            index=first.case,
        )
        return self.presentation(REPEAT, first.case, arms, colours)

    def with_catches(
        self, reading: list[AllocatedPresentation], catches: list[AllocatedPresentation]
    ) -> list[AllocatedPresentation]:
        places = catch_places(len(reading), len(catches), self.seed, self.reader.label)
        for place, shown in reversed(list(zip(places, catches, strict=True))):
            reading.insert(place, shown)
        return reading

    def numbered(self, shown: list[AllocatedPresentation]) -> list[AllocatedPresentation]:
        """Return the list with positions from 1, sessions, and repeats pointing at their first showing."""
        first: dict[str, int] = {}
        numbered: list[AllocatedPresentation] = []
        read = 0
        for position, item in enumerate(shown, start=1):
            read += item.kind != PRACTICE
            session = 1 + max(0, read - 1) // self.plan.session_size if self.plan.session_size else 1
            numbered.append(replace(item, position=position, session=session, repeat_of=first.get(item.case)))
            first.setdefault(item.case, position)
        return numbered
