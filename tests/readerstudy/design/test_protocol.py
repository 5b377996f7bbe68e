"""The protocol's plain form, what it refuses, and what blocks its seal."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from readerstudy.design.checks import problems
from readerstudy.design.errors import ProtocolRefused
from readerstudy.design.plan import PlannedCase
from readerstudy.design.planning import plan_for, volume_thirds
from readerstudy.design.protocol import (
    PALETTE,
    Analysis,
    Display,
    Endpoint,
    Practice,
    Protocol,
    ProtocolArm,
    ProtocolReader,
    Statistics,
    Unblinding,
    WindowPreset,
    protocol_from,
    to_dict,
)
from readerstudy.design.seal import canonical
from readerstudy.design.templates import acceptability


def complete() -> Protocol:
    return replace(
        acceptability(),
        arms=(
            *(ProtocolArm(code=f"E{i}", name=f"Expert {i}", kind="expert", training="clean") for i in (1, 2, 3)),
            ProtocolArm(code="BraTS", name="Adult model"),
            ProtocolArm(code="TE", name="Transfer encoder"),
        ),
        readers=tuple(ProtocolReader(label=f"R{i}", own_arm=f"E{i}") for i in (1, 2, 3)),
        display=Display(windows=(WindowPreset(sequence="T2", centre="400", width="800"),)),
    )


def test_a_protocol_survives_its_canonical_bytes() -> None:
    assert protocol_from(json.loads(canonical(to_dict(complete())))) == complete()


def test_settings_that_are_left_out_take_their_defaults() -> None:
    protocol = protocol_from({"title": "Short"})

    assert protocol == Protocol(title="Short")
    assert (protocol.slots, protocol.palette) == (3, PALETTE)


def test_the_palette_is_the_colour_blind_safe_one_with_three_line_styles() -> None:
    assert [colour.rgb for colour in PALETTE] == [(230, 159, 0), (86, 180, 233), (204, 121, 167)]
    assert [colour.line_style for colour in PALETTE] == ["solid", "long_dash", "short_dash"]


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"titel": "x"}, "/titel", "unknown"),
        ({"title": 7}, "/title", "text"),
        ({"title": "a\x00b"}, "/title", "not_storable"),
        ({"slots": 2.5}, "/slots", "integer"),
        ({"slots": True}, "/slots", "integer"),
        ({"never_own": "yes"}, "/never_own", "boolean"),
        ({"arms": {"code": "E1"}}, "/arms", "type"),
        ({"arms": [{"name": "x"}]}, "/arms/0/code", "missing"),
        ({"palette": [{"name": "o", "rgb": [1, 2], "line_style": "solid"}]}, "/palette/0/rgb", "length"),
        ({"display": {"windows": [{"name": "x"}]}}, "/display/windows/0/sequence", "missing"),
        ({"instrument": {}}, "/instrument/questions", "missing"),
        ({"instrument": None}, "/instrument", "type"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_place(change: dict[str, Any], pointer: str, code: str) -> None:
    with pytest.raises(ProtocolRefused) as refused:
        protocol_from({"title": "Study", **change})

    assert (pointer, code) in [(field[0], field[1]) for field in refused.value.fields]


@pytest.mark.parametrize("data", [None, [], "x", 3])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(ProtocolRefused):
        protocol_from(data)


def test_a_complete_protocol_has_nothing_that_blocks_its_seal() -> None:
    assert problems(complete()) == []


def test_the_bare_template_still_needs_arms_and_readers() -> None:
    assert {problem.code for problem in problems(acceptability())} == {
        "protocol.too_few_arms",
        "protocol.no_readers",
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": " "}, "protocol.missing_text"),
        ({"instructions": ""}, "protocol.missing_text"),
        ({"slots": 5}, "protocol.too_few_sources"),
        ({"slots": 4}, "protocol.palette"),
        ({"slots": 0}, "protocol.slots"),
        ({"palette": (PALETTE[0], PALETTE[0], PALETTE[1])}, "protocol.repeated"),
        ({"never_own": False}, "protocol.own"),
        ({"readers": (ProtocolReader(label="R1", own_arm="TE"),)}, "protocol.own_arm"),
        ({"readers": (ProtocolReader(label="R1", own_arm="E9"),)}, "protocol.own_arm"),
        ({"readers": (ProtocolReader(label="R1"), ProtocolReader(label="R1"))}, "protocol.repeated"),
        ({"readers": (ProtocolReader(label="R1", excluded_arms=("XX",)),)}, "protocol.excluded_arm"),
        ({"arms": (ProtocolArm(code="TE", training="overlap"), ProtocolArm(code="B"))}, "protocol.training_overlap"),
        ({"statistics": Statistics(analyses=())}, "protocol.primary_analysis"),
        ({"statistics": Statistics(alpha="5%")}, "protocol.alpha"),
        ({"statistics": Statistics(alpha="NaN")}, "protocol.alpha"),
        ({"endpoint": Endpoint(name="x", comparison="equivalence")}, "protocol.margin"),
        ({"endpoint": Endpoint(name="x", average="median")}, "protocol.unknown_choice"),
        ({"unblinding": Unblinding(persons=1)}, "protocol.unblinding"),
        ({"practice": Practice(count=-1)}, "protocol.number"),
    ],
)
def test_what_blocks_the_seal_is_named(change: dict[str, Any], code: str) -> None:
    found = problems(replace(complete(), **change))

    assert code in {problem.code for problem in found}
    assert all(problem.sentence.endswith((".", "?")) and problem.field.startswith("/") for problem in found)


def test_two_primary_analyses_are_one_too_many() -> None:
    analyses = (Analysis(code="a", primary=True), Analysis(code="b", primary=True))

    found = problems(replace(complete(), statistics=Statistics(analyses=analyses)))

    assert [problem.code for problem in found] == ["protocol.primary_analysis"]


def test_the_plan_takes_readers_arms_and_counts_from_the_protocol() -> None:
    protocol = replace(complete(), practice=Practice(count=1))
    cases = [PlannedCase("a"), PlannedCase("b")]

    plan = plan_for(protocol, cases=cases, available=[("a", "TE")], practice_cases=[PlannedCase("p")])

    assert [(reader.label, reader.own) for reader in plan.readers] == [("R1", "E1"), ("R2", "E2"), ("R3", "E3")]
    assert (plan.slots, plan.practice, plan.session_size, len(plan.arms)) == (3, 1, 25, 5)


def test_volume_thirds_follow_rank_and_are_equal_in_size() -> None:
    thirds = volume_thirds({"a": 900, "b": 10, "c": 500, "d": 20, "e": 30, "f": 1000})

    assert thirds == {"b": "small", "d": "small", "e": "medium", "c": "medium", "a": "large", "f": "large"}
