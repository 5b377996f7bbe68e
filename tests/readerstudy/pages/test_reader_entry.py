"""What a reader meets before and after reading, and the preview that designers have of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from browsers import browser
from django.test import Client
from study_world import World

from readerstudy.models import Draft, Note, Read, Viewing

Address = Callable[..., str]


def test_a_reader_is_led_to_the_instructions_of_the_sealed_protocol(world: World, address: Address) -> None:
    world.seal()
    reader = browser(world.experts[0])

    assert reader.get(address())["Location"] == address("instructions")
    page = reader.get(address("instructions")).content.decode()
    assert "Each was made by a human expert or by an AI model." in page
    assert "Begin with practice" in page
    assert "Reports" not in page


def test_before_the_seal_a_reader_finds_nothing(world: World, address: Address) -> None:
    assert browser(world.experts[0]).get(address()).status_code == 404
    assert browser(world.experts[0]).get(address("instructions")).status_code == 404


def test_who_has_read_everything_is_thanked(read_world: World, address: Address) -> None:
    page = browser(read_world.experts[0]).get(address("instructions")).content.decode()

    assert "Thank you" in page
    assert "Continue" not in page


def test_the_instructions_hold_no_word_of_any_source(world: World, address: Address) -> None:
    world.seal()
    page = browser(world.experts[0]).get(address("instructions")).content.decode()

    for source in world.sources.values():
        assert source.name not in page
        assert source.code not in page


def test_a_preview_speaks_the_readers_contract_and_stores_nothing(world: World, pi: Client, address: Address) -> None:
    assert pi.get(address("preview")).status_code == 200
    session = pi.get(f"/api/v1/reading/preview-{world.study.code}/").json()
    token = session["current"]
    shown = pi.get(f"/api/v1/presentations/{token}/").json()
    packed = pi.get(shown["candidates"]["url"])
    image = pi.get(shown["volumes"][0]["url"])

    letters = [slot["letter"] for slot in shown["slots"]]
    answers = {"candidates": {letter: {"score": 8, "origin": 5} for letter in letters}, "case": {}}
    sent = send(pi, f"/api/v1/presentations/{token}/read/", {"answers": answers, "active_ms": 1, "wall_ms": 2})

    assert session["study"]["title"].startswith("Preview, nothing is stored")
    assert packed["Content-Digest"].startswith("sha-256=:")
    assert hashlib.sha256(b"".join(image)).hexdigest() == shown["volumes"][0]["sha256"]
    assert sent.status_code == 201
    assert sent.json()["current"] == f"preview-{world.study.code}-2"
    assert not any(model.objects.exists() for model in (Read, Draft, Viewing, Note))


def send(client: Client, path: str, body: object) -> Any:
    return client.post(
        path, json.dumps(body), content_type="application/json", headers={"Idempotency-Key": "preview-key-1"}
    )


def test_a_preview_has_the_keys_of_a_real_reading(world: World, pi: Client) -> None:
    previewed = pi.get(f"/api/v1/reading/preview-{world.study.code}/").json()
    case = pi.get(f"/api/v1/presentations/{previewed['current']}/").json()
    world.seal()
    reader = browser(world.experts[0])
    real = reader.get(f"/api/v1/reading/{world.readers['R1'].token}/").json()
    presentation = reader.get(f"/api/v1/presentations/{real['current']}/").json()

    assert shape(previewed) == shape(real)
    assert shape(case) == shape(presentation)


def shape(value: object) -> object:
    """Return the keys of an answer, all the way down."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items() if key not in ("current", "previous", "draft")}
    return shape(value[0]) if isinstance(value, list) and value and isinstance(value[0], dict) else None


def test_answers_in_a_preview_are_judged_by_the_instrument(world: World, pi: Client) -> None:
    token = f"preview-{world.study.code}-1"
    empty = {"answers": {"candidates": {}, "case": {}}, "active_ms": 1, "wall_ms": 2}

    refused = send(pi, f"/api/v1/presentations/{token}/read/", empty)

    assert refused.status_code == 422
    assert refused.json()["code"] == "answers.invalid"


def test_a_preview_without_arms_says_what_is_missing(world: World, pi: Client, address: Address) -> None:
    pi.post(address("protocol", "arms"), {})

    page = pi.get(address("preview"))

    assert page.status_code == 409
    assert "There is nothing to preview yet" in page.content.decode()
