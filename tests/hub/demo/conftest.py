from importlib.util import find_spec

import pytest

from hub.demo.cases import CasePlan, DemoCase, make_case, plan_cases

SMALL = (64, 64, 48)


@pytest.fixture(scope="session")
def template() -> None:
    if find_spec("nilearn") is None:
        pytest.skip("the demo extra (nilearn's MNI152 head) is not installed")


@pytest.fixture(scope="session")
def small_plans(template: None) -> tuple[CasePlan, ...]:
    return plan_cases(seed=7, size=SMALL)


@pytest.fixture(scope="session")
def small_cases(small_plans: tuple[CasePlan, ...]) -> tuple[DemoCase, ...]:
    return tuple(make_case(plan) for plan in small_plans)
