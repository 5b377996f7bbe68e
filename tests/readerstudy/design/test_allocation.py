"""The allocation against the exact numbers of paper 000's design, and its rules in general designs."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections import Counter
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readerstudy.design import allocation as algorithm
from readerstudy.design.allocation import ALGORITHM_FILES, allocate
from readerstudy.design.plan import (
    AllocatedPresentation,
    Allocation,
    AllocationPlan,
    PlannedArm,
    PlannedCase,
    PlannedReader,
    PlanRefused,
    plan_from,
    plan_to_dict,
    rows,
)
from readerstudy.design.seal import canonical

SEED = bytes(range(32))
SEEDS = [hashlib.sha256(bytes([number])).digest() for number in range(5)]
PlanMaker = Callable[..., AllocationPlan]


def main(allocation: Allocation, reader: str) -> list[AllocatedPresentation]:
    return [shown for shown in allocation.of(reader) if shown.kind == "main"]


def arms(shown: AllocatedPresentation) -> tuple[str, ...]:
    return tuple(candidate.arm for candidate in shown.candidates)


# --- paper 000: C(4, 3) = 4 triples in 100 cases: 25 each; each source in 3 of 4 triples: 75; each pair in 2: 50.


@pytest.mark.parametrize("seed", SEEDS)
def test_every_triple_comes_25_times_every_source_75_and_every_pair_50(paper_plan: PlanMaker, seed: bytes) -> None:
    drawn = allocate(paper_plan(), seed)

    for reader in ("R1", "R2", "R3"):
        shown = main(drawn, reader)
        triples = Counter(frozenset(arms(item)) for item in shown)
        pairs = Counter(frozenset(pair) for item in shown for pair in combinations(arms(item), 2))
        sources = Counter(arm for item in shown for arm in arms(item))
        assert sorted(triples.values()) == [25] * 4
        assert sorted(sources.values()) == [75] * 4
        assert sorted(pairs.values()) == [50] * 6


@pytest.mark.parametrize("seed", SEEDS)
def test_every_source_comes_25_times_in_each_slot_and_in_each_colour(paper_plan: PlanMaker, seed: bytes) -> None:
    drawn = allocate(paper_plan(), seed)

    for reader in ("R1", "R2", "R3"):
        candidates = [candidate for item in main(drawn, reader) for candidate in item.candidates]
        assert set(Counter((c.arm, c.slot) for c in candidates).values()) == {25}
        assert set(Counter((c.arm, c.colour) for c in candidates).values()) == {25}


@pytest.mark.parametrize("seed", SEEDS)
def test_slot_and_colour_meet_33_or_34_times_and_within_one_source_8_or_9(paper_plan: PlanMaker, seed: bytes) -> None:
    drawn = allocate(paper_plan(), seed)

    for reader in ("R1", "R2", "R3"):
        candidates = [candidate for item in main(drawn, reader) for candidate in item.candidates]
        joint = Counter((c.slot, c.colour) for c in candidates)
        within = Counter((c.arm, c.slot, c.colour) for c in candidates)
        assert len(joint) == 9
        assert set(joint.values()) <= {33, 34}
        assert len(within) == 36
        assert set(within.values()) <= {7, 8, 9, 10}


def test_the_paper_s_design_has_300_candidates_a_reader_and_no_own_segmentation(paper_plan: PlanMaker) -> None:
    drawn = allocate(paper_plan(), SEED)

    assert sum(len(item.candidates) for item in drawn.presentations) == 900
    for number in (1, 2, 3):
        assert not any(f"E{number}" in arms(item) for item in drawn.of(f"R{number}"))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_mask_is_lost_to_more_than_one_reader_so_no_expert_mask_stays_unrated(
    paper_plan: PlanMaker, seed: bytes
) -> None:
    plan = paper_plan()

    rated = Counter((item.case, arm) for item in allocate(plan, seed).presentations for arm in arms(item))

    for case in plan.cases:
        assert all(rated[case.code, f"E{number}"] >= 1 for number in (1, 2, 3))
        assert all(rated[case.code, model] >= 2 for model in ("BraTS", "TE"))


@pytest.mark.parametrize("seed", SEEDS)
def test_reading_may_stop_anywhere_and_sources_are_still_balanced(paper_plan: PlanMaker, seed: bytes) -> None:
    drawn = allocate(paper_plan(), seed)

    for reader in ("R1", "R2", "R3"):
        running: Counter[str] = Counter()
        for item in main(drawn, reader):
            running.update(arms(item))
            # Simple random choice differs by 10 on average at the end; here by at most 4 at any point.
            assert max(running.values()) - min(running.get(arm, 0) for arm in set(running)) <= 4


@pytest.mark.parametrize("seed", SEEDS)
def test_reading_may_stop_anywhere_and_strata_are_still_balanced(paper_plan: PlanMaker, seed: bytes) -> None:
    plan = paper_plan()
    strata = {case.code: case.strata for case in plan.cases}
    site_sizes = Counter(case.strata[0] for case in plan.cases)
    third_sizes = Counter(case.strata[1] for case in plan.cases)

    for reader in ("R1", "R2", "R3"):
        order = [item.case for item in main(allocate(plan, seed), reader)]
        for length in range(1, 101):
            begun = [strata[case] for case in order[:length]]
            for site, size in site_sizes.items():
                assert abs(sum(s[0] == site for s in begun) - size * length / 100) < 3
            for third, size in third_sizes.items():
                assert abs(sum(s[1] == third for s in begun) - size * length / 100) < 6


# --- the published availability: 60, 91 and 89 masks of the experts, 100 of each model


def test_with_the_published_masks_expert_1_is_always_shown_where_he_drew(paper_plan: PlanMaker) -> None:
    plan = paper_plan({"E1": 60, "E2": 91, "E3": 89})

    drawn = allocate(plan, SEED)

    for reader in ("R2", "R3"):  # as in paper 000, where E1 was rated 60 times by either
        assert Counter(arm for item in main(drawn, reader) for arm in arms(item))["E1"] == 60


def test_with_the_published_masks_only_existing_masks_are_shown_and_short_cases_flagged(paper_plan: PlanMaker) -> None:
    plan = paper_plan({"E1": 60, "E2": 91, "E3": 89})

    drawn = allocate(plan, SEED)

    for item in drawn.presentations:
        assert all((item.case, arm) in plan.available for arm in arms(item))
        assert item.short == (len(item.candidates) < 3)
    # R1 has two models only from case 91 on; R2 lacks E3 from 89 on, and E1 too: 11 cases with two masks.
    assert [sum(item.short for item in main(drawn, reader)) for reader in ("R1", "R2", "R3")] == [9, 11, 9]


def test_with_the_published_masks_the_other_sources_stay_as_even_as_the_masks_allow(paper_plan: PlanMaker) -> None:
    drawn = allocate(paper_plan({"E1": 60, "E2": 91, "E3": 89}), SEED)

    for reader, spread in (("R1", 4), ("R2", 4), ("R3", 4)):
        counts = Counter(arm for item in main(drawn, reader) for arm in arms(item))
        counts.pop("E1", None)
        assert max(counts.values()) - min(counts.values()) <= spread


def test_a_short_case_gives_way_to_a_full_one_in_reserve_where_the_protocol_says_so(paper_plan: PlanMaker) -> None:
    whole = paper_plan({"E1": 60, "E2": 91, "E3": 89}, short_cases="replace")
    reserve = tuple(PlannedCase(f"p{i:03d}") for i in range(10))
    plan = AllocationPlan(**{**vars(whole), "reserve_cases": reserve})

    drawn = allocate(plan, SEED)

    shown = {reader: main(drawn, reader) for reader in ("R1", "R2", "R3")}
    assert [len(shown[reader]) for reader in shown] == [100, 100, 100]
    assert [sum(item.short for item in shown[reader]) for reader in shown] == [0, 1, 0]


# --- determinism


def test_the_same_plan_and_seed_give_the_pinned_list(paper_plan: PlanMaker) -> None:
    plan = paper_plan(
        {"E1": 60},
        practice_cases=(PlannedCase("p000"), PlannedCase("p001")),
        practice=2,
        repeats=10,
        catch_cases=(PlannedCase("p002"),),
        session_size=25,
    )

    drawn = canonical(rows(allocate(plan, SEED)))

    # A change of this digest is a change of the algorithm: raise its version with it.
    assert algorithm.ALGORITHM == "blindread-allocation/1"
    assert hashlib.sha256(drawn).hexdigest() == "6eb6de306a397856fe971c38d906a561a7f2baa6b0a5f7c586cc51ea312c58bf"


def test_a_plan_survives_its_plain_form(paper_plan: PlanMaker) -> None:
    plan = paper_plan({"E2": 91}, repeats=3, practice_cases=(PlannedCase("p001"),), practice=1)

    again = plan_from(plan_to_dict(plan))

    assert rows(allocate(again, SEED)) == rows(allocate(plan, SEED))


def test_another_seed_gives_another_list(paper_plan: PlanMaker) -> None:
    plan = paper_plan()

    assert rows(allocate(plan, SEEDS[0])) != rows(allocate(plan, SEEDS[1]))


def test_a_ninth_reader_leaves_the_first_eight_lists_as_they_were(paper_plan: PlanMaker) -> None:
    eight, nine = allocate(paper_plan(readers=8), SEED), allocate(paper_plan(readers=9), SEED)

    assert [item.case for item in nine.of("R9")] != [item.case for item in nine.of("R8")]
    for number in range(1, 9):
        assert nine.of(f"R{number}") == eight.of(f"R{number}")


def test_missing_masks_do_not_change_the_order_of_cases(paper_plan: PlanMaker) -> None:
    full, lacking = allocate(paper_plan(), SEED), allocate(paper_plan({"E1": 60, "E3": 89}), SEED)

    assert [item.case for item in full.of("R2")] == [item.case for item in lacking.of("R2")]


def test_the_algorithm_imports_the_standard_library_and_itself_only() -> None:
    folder = Path(algorithm.__file__).parent
    assert set(ALGORITHM_FILES) <= {path.name for path in folder.iterdir()}
    for name in ALGORITHM_FILES:
        tree = ast.parse((folder / name).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found = [(0, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found = [(node.level, node.module or "")]
            else:
                continue
            for level, module in found:
                assert module != "random"
                assert f"{module}.py" in ALGORITHM_FILES if level else module.split(".")[0] in sys.stdlib_module_names


# --- practice, repeats, catch items, sessions


def test_repeats_come_at_least_twenty_places_later_in_new_slots_and_colours(paper_plan: PlanMaker) -> None:
    drawn = allocate(paper_plan(repeats=10), SEED)

    for reader in ("R1", "R2", "R3"):
        by_position = {item.position: item for item in drawn.of(reader)}
        repeats = [item for item in by_position.values() if item.kind == "repeat"]
        assert len({item.case for item in repeats}) == 10
        for again in repeats:
            assert again.repeat_of is not None
            first = by_position[again.repeat_of]
            assert again.position - first.position >= 20
            assert (first.kind, first.case, set(arms(first))) == ("main", again.case, set(arms(again)))
            places = {candidate.arm: (candidate.slot, candidate.colour) for candidate in first.candidates}
            for candidate in again.candidates:
                slot, colour = places[candidate.arm]
                assert candidate.slot != slot
                assert candidate.colour != colour


def test_practice_comes_first_from_the_designated_cases_and_catch_items_among_the_main(paper_plan: PlanMaker) -> None:
    practice = tuple(PlannedCase(f"p{i:03d}") for i in range(5))
    catches = tuple(PlannedCase(f"p{i:03d}") for i in range(5, 8))

    drawn = allocate(paper_plan(practice_cases=practice, practice=3, catch_cases=catches, session_size=25), SEED)

    shown = drawn.of("R2")
    assert [item.position for item in shown] == list(range(1, 107))
    assert {item.case for item in shown[:3]} == {"p000", "p001", "p002"}
    assert {item.kind for item in shown[:3]} == {"practice"}
    assert {item.case for item in shown[3:] if item.kind == "catch"} == {"p005", "p006", "p007"}
    assert Counter(item.session for item in shown[3:]) == {1: 25, 2: 25, 3: 25, 4: 25, 5: 3}


# --- any design


@st.composite
def plans(draw: st.DrawFn) -> AllocationPlan:
    arm_codes = [f"S{i}" for i in range(draw(st.integers(1, 6)))]
    cases = [PlannedCase(f"c{i}", (draw(st.sampled_from("xy")),)) for i in range(draw(st.integers(0, 25)))]
    own = st.sampled_from([None, *arm_codes])
    missing = draw(st.sets(st.tuples(st.sampled_from([c.code for c in cases] or ["-"]), st.sampled_from(arm_codes))))
    return AllocationPlan(
        readers=tuple(PlannedReader(f"R{i}", draw(own)) for i in range(draw(st.integers(1, 4)))),
        arms=tuple(PlannedArm(code, draw(st.sampled_from(["model", "expert"]))) for code in arm_codes),
        cases=tuple(cases),
        available=frozenset((c.code, code) for c in cases for code in arm_codes) - missing,
        slots=draw(st.integers(1, 4)),
        repeats=draw(st.integers(0, len(cases))),
        session_size=draw(st.integers(0, 7)),
    )


@settings(max_examples=150, deadline=None)
@given(plan=plans(), seed=st.binary(min_size=32, max_size=32))
def test_every_reader_sees_every_case_once_as_full_as_the_masks_allow(plan: AllocationPlan, seed: bytes) -> None:
    drawn = allocate(plan, seed)

    assert drawn == allocate(plan, seed)
    for reader in plan.readers:
        shown = main(drawn, reader.label)
        hidden = [case for label, case in drawn.unshown if label == reader.label]
        assert sorted([item.case for item in shown] + hidden) == sorted(case.code for case in plan.cases)
        for item in shown:
            candidates = plan.candidates(reader, item.case)
            assert set(arms(item)) <= set(candidates)
            assert len(set(arms(item))) == len(item.candidates) == min(plan.slots, len(candidates))
            assert [c.slot for c in item.candidates] == list(range(len(item.candidates)))
            assert len({c.colour for c in item.candidates}) == len(item.candidates)
            assert all(0 <= c.colour < plan.slots for c in item.candidates)
        assert all(not plan.candidates(reader, case) for case in hidden)


@settings(max_examples=60, deadline=None)
@given(
    sources=st.integers(1, 6),
    slots=st.integers(1, 5),
    cases=st.integers(1, 60),
    seed=st.binary(min_size=32, max_size=32),
)
def test_with_all_masks_every_count_is_within_one_of_even(sources: int, slots: int, cases: int, seed: bytes) -> None:
    codes = [f"S{i}" for i in range(sources)]
    plan = AllocationPlan(
        readers=(PlannedReader("R1"),),
        arms=tuple(PlannedArm(code, "model") for code in codes),
        cases=tuple(PlannedCase(f"c{i}") for i in range(cases)),
        available=frozenset((f"c{i}", code) for i in range(cases) for code in codes),
        slots=slots,
    )

    shown = main(allocate(plan, seed), "R1")

    size = min(slots, sources)
    sets = Counter(frozenset(arms(item)) for item in shown)
    possible = [frozenset(block) for block in combinations(codes, size)]
    assert max(sets.values()) - min(sets[block] for block in possible) <= 1
    candidates = [candidate for item in shown for candidate in item.candidates]
    for code in codes:
        by_slot = [sum((c.arm, c.slot) == (code, slot) for c in candidates) for slot in range(size)]
        assert max(by_slot) - min(by_slot) <= 1
    joint = [sum((c.slot, c.colour) == (s, k) for c in candidates) for s in range(size) for k in range(slots)]
    assert max(joint) - min(joint) <= 1


def test_full_blocks_show_everything_when_there_are_as_many_slots_as_sources() -> None:
    codes = ("S1", "S2", "S3")
    plan = AllocationPlan(
        readers=(PlannedReader("R1"),),
        arms=tuple(PlannedArm(code, "model") for code in codes),
        cases=tuple(PlannedCase(f"c{i}") for i in range(18)),
        available=frozenset((f"c{i}", code) for i in range(18) for code in codes),
    )

    shown = main(allocate(plan, SEED), "R1")

    assert all(set(arms(item)) == set(codes) for item in shown)
    assert set(Counter((arm, slot) for item in shown for slot, arm in enumerate(arms(item))).values()) == {6}


def test_colour_does_not_follow_slot_from_case_to_case(paper_plan: PlanMaker) -> None:
    shown = main(allocate(paper_plan(), SEED), "R1")

    colours = [tuple(candidate.colour for candidate in item.candidates) for item in shown]

    assert len(set(colours)) == 6
    assert sum(first == second for first, second in pairwise(colours)) < 40


# --- refusals


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"readers": (PlannedReader("R1"), PlannedReader("R1"))}, "used twice"),
        ({"readers": (PlannedReader("R1", "E9"),)}, "E9"),
        ({"readers": (PlannedReader("R|1"),)}, "without “\\|”"),
        ({"slots": 0}, "slots"),
        ({"practice": 1}, "1 practice cases"),
        ({"repeats": 101}, "101 repeats"),
        ({"short_cases": "drop"}, "drop"),
        ({"cases": (PlannedCase("c000"), PlannedCase("c000"))}, "used twice"),
    ],
)
def test_an_impossible_plan_is_refused_with_the_thing_named(
    paper_plan: PlanMaker, change: dict[str, object], words: str
) -> None:
    plan = AllocationPlan(**{**vars(paper_plan()), **change})  # type: ignore[arg-type]

    with pytest.raises(PlanRefused, match=words):
        allocate(plan, SEED)


def test_a_seed_of_another_length_is_refused(paper_plan: PlanMaker) -> None:
    with pytest.raises(PlanRefused, match="31 bytes"):
        allocate(paper_plan(), bytes(31))
