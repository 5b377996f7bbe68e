"""Time tells a reader nothing (B16): the same voxels under experts and under models take equally long to come.

Measured in-process at the view, packed volumes ready, both presentations of a case in turn and in random order. Two
readers meet the same cases in the same slots; for every second case the first one's masks belong to the models. The
bars are those of the design page "reliability", part 5: 3,000 presentations, AUC's interval inside [.45, .55].
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from leaks import auc, paired_p, tells_apart
from reader_desk import Desk
from study_world import AT, World

from accounts.models import User
from readerstudy.design.allocation import allocate
from readerstudy.design.plan import Allocation
from readerstudy.models import Presentation, StudyMember
from readerstudy.services import packing, plans, studies
from readerstudy.services.packing import pack_ahead

EXPERTS, MODELS = ("E1", "E2", "E3"), ("TE", "BRATS", "E1")
CASES = 30


@pytest.fixture
def desks(make_world: Callable[..., World]) -> tuple[Desk, Desk]:
    world = make_world(cases=CASES, practice=0, readers=0, shape=(64, 64, 24), alike=True)
    for number in (1, 2):
        user = User.objects.create_user(f"reader{number}@example.org", "correct horse", name="reader")
        studies.add_member(study=world.study, user=user, role="reader", by=world.pi, at=AT)
    world.study.refresh_from_db()
    drawn = allocate(plans.allocation_plan(world.study, plans.material_of(world.study)), b"t" * 32)
    world.seal(explicit=_mirrored(drawn))
    members = StudyMember.objects.filter(study=world.study, role="reader").order_by("label").select_related("study")
    first, second = (Desk(member) for member in members)
    return first, second


def _mirrored(drawn: Allocation) -> Allocation:
    """Give both readers the first one's list; experts and models change sides from case to case."""
    made = []
    for shown in (shown for shown in drawn.presentations if shown.reader == "R1"):
        for reader in ("R1", "R2"):
            arms = MODELS if (shown.position % 2 == 0) == (reader == "R1") else EXPERTS
            candidates = tuple(replace(c, arm=arm) for c, arm in zip(shown.candidates, arms, strict=True))
            made.append(replace(shown, reader=reader, candidates=candidates))
    return replace(drawn, presentations=tuple(made))


def measured(desks: tuple[Desk, Desk], pairs: int, cases: int = CASES) -> tuple[list[float], list[float]]:
    """Return milliseconds of model presentations and of expert presentations, pair by pair, case by case."""
    dice, model, expert = random.Random(5), list[float](), list[float]()
    for _ in range(cases):
        tokens = [desk.session()["current"] for desk in desks]
        for desk in desks:
            pack_ahead(desk.member, 1)
        drawn = Presentation.objects.get(token=tokens[0]).candidates.filter(arm__code="TE").exists()
        sides = [(desks[0], tokens[0], drawn), (desks[1], tokens[1], not drawn)]
        for desk, token, _ in sides * 2:
            taken(desk, token)
        for _ in range(pairs):
            dice.shuffle(sides)
            for desk, token, is_model in sides:
                (model if is_model else expert).append(taken(desk, token))
        for desk, token, _ in sides:
            assert desk.post(token, desk.body(token)).status_code == 201
    return model, expert


def taken(desk: Desk, token: str) -> float:
    """Return the milliseconds until the presentation and its packed volume are there."""
    base = f"/api/v1/presentations/{token}/"
    begin = time.perf_counter_ns()
    shown, packed = desk.client.get(base), desk.client.get(f"{base}candidates/")
    spent = (time.perf_counter_ns() - begin) / 1e6
    assert (shown.status_code, packed.status_code) == (200, 200)
    return spent


@pytest.mark.prove
def test_three_thousand_presentations_take_equally_long(desks: tuple[Desk, Desk]) -> None:
    model, expert = measured(desks, pairs=50)

    assert len(model) + len(expert) == 3000
    area, low, high = auc(model, expert)
    p = paired_p([m - e for m, e in zip(model, expert, strict=True)], seed=1)
    print(f"AUC {area:.3f} [{low:.3f}, {high:.3f}], paired p {p:.3f}, median {sorted(model)[len(model) // 2]:.2f} ms")
    assert not tells_apart(model, expert)
    assert tells_apart([m + 5 for m in model], expert)


@pytest.mark.prove
def test_a_view_that_waits_five_milliseconds_for_models_is_found(
    desks: tuple[Desk, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = packing.packed_candidates

    def slow_for_models(presentation: Any) -> bytes:
        if presentation.candidates.filter(arm__source__kind="model").exists():
            time.sleep(0.005)
        return honest(presentation)

    monkeypatch.setattr(packing, "packed_candidates", slow_for_models)

    assert tells_apart(*measured(desks, pairs=40, cases=6))
