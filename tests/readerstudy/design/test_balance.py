"""The balance report against a list small enough to count by hand, and against paper 000."""

from __future__ import annotations

from collections.abc import Callable

from readerstudy.design.allocation import allocate
from readerstudy.design.balance import balance
from readerstudy.design.plan import AllocationPlan
from readerstudy.design.seal import canonical

SEED = bytes(range(32))
PlanMaker = Callable[..., AllocationPlan]


def test_the_report_gives_the_paper_s_counts(paper_plan: PlanMaker) -> None:
    plan = paper_plan()

    report = balance(plan, allocate(plan, SEED))

    for reader in report["readers"]:
        tables = {table["table"]: table for table in reader["tables"]}
        assert (reader["presentations"], reader["candidates"]) == (100, 300)
        expected = {"arm": 75, "pair": 50, "set": 25, "arm × slot": 25, "arm × colour": 25}
        assert {name: tables[name]["least"] for name in expected} == expected
        assert {name: tables[name]["most"] for name in expected} == expected
        assert tables["slot × colour"]["difference"] == 1


def test_the_report_says_how_often_each_mask_is_rated(paper_plan: PlanMaker) -> None:
    plan = paper_plan()

    report = balance(plan, allocate(plan, SEED))

    by_arm = {row["arm"]: row for row in report["rated"]}
    # An expert's mask is met by two readers, each of whom shows 75 of 100: 150 ratings over 100 masks, none unrated.
    assert by_arm["E1"]["rated_times"] == {"1": 50, "2": 50}
    # A model's by three: 225 ratings, at most one reader lost per mask.
    assert by_arm["TE"]["rated_times"] == {"2": 75, "3": 25}
    assert all(row["unrated"] == row["lost_to_more_than_one"] == 0 for row in report["rated"])


def test_the_report_names_short_and_unshown_cases(paper_plan: PlanMaker) -> None:
    plan = paper_plan({"E1": 60, "E2": 91, "E3": 89, "BraTS": 95, "TE": 98})

    report = balance(plan, allocate(plan, SEED))

    # From case 98 on nobody drew anything: two cases, three readers.
    assert sorted((row["reader"], row["case"]) for row in report["unshown"]) == [
        (reader, case) for reader in ("R1", "R2", "R3") for case in ("c098", "c099")
    ]
    # R1: cases 91-97 lack both other experts. R2: E1 and E3 missing in 89-97. R3: 91-97.
    assert [sum(row["reader"] == reader for row in report["short"]) for reader in ("R1", "R2", "R3")] == [7, 9, 7]


def test_the_report_can_be_written_without_floats(paper_plan: PlanMaker) -> None:
    plan = paper_plan()

    assert canonical(balance(plan, allocate(plan, SEED)))
