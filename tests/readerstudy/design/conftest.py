"""Plans that several tests draw from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from readerstudy.design.plan import AllocationPlan, PlannedArm, PlannedCase, PlannedReader

PlanMaker = Callable[..., AllocationPlan]


@pytest.fixture(scope="session")
def paper_plan() -> PlanMaker:
    """Return a maker of paper 000's design: three experts who read, five sources, 100 cases, three slots.

    `masks` says how many of the cases have a mask of an arm (all, where it is not named).
    """

    def make(masks: Mapping[str, int] | None = None, readers: int = 3, **settings: object) -> AllocationPlan:
        arms = [*(PlannedArm(f"E{i}", "expert") for i in (1, 2, 3)), *(PlannedArm(m, "model") for m in ("BraTS", "TE"))]
        cases = tuple(PlannedCase(f"c{i:03d}", (f"site {i % 3}", f"third {i % 7 % 3}")) for i in range(100))
        others = tuple(PlannedCase(f"p{i:03d}") for i in range(10))
        stock = {arm.code: 100 for arm in arms} | dict(masks or {})
        available = {(c.code, a.code) for i, c in enumerate(cases) for a in arms if i < stock[a.code]}
        available |= {(c.code, a.code) for c in others for a in arms}
        return AllocationPlan(
            readers=tuple(PlannedReader(f"R{i}", f"E{i}" if i < 4 else None) for i in range(1, readers + 1)),
            arms=tuple(arms),
            cases=cases,
            available=frozenset(available),
            **settings,  # type: ignore[arg-type]
        )

    return make
