"""Bodies that no browser of ours sends: whatever comes, a calm answer, and rows only for what was accepted."""

from __future__ import annotations

import copy
import json
import random
import string
from typing import Any

import pytest
from django.db import transaction
from reader_desk import Desk, stored

from readerstudy.models import Rating

CALM = {200, 201, 400, 404, 409, 413, 415, 422}
ODD_NUMBERS = [0, -1, 11, 7.5, 1e308, -0.0, 2**31, 2**63, 10**19, True, None]
ODD_TEXTS = ["", "7", "A", "__proto__", "\u202e", "x" * 5000, "'; DROP TABLE x; --", "{{7*7}}", "\U0001f9e0", "é" * 300]
ODD_LITERALS = [
    b"NaN",
    b"1e999",
    b"-Infinity",
    b"9" * 30,
    b"0x1f",
    b"'a'",
    b"\xff",
    b'"\\ud800"',
    b'"\\u0000"',
    b"[" * 40,
]
KEYS = ["answers", "candidates", "case", "A", "B", "C", "D", "score", "origin", "comment", "not_assessable", "reason"]


def anything(dice: random.Random, depth: int = 0) -> Any:
    """Return a random JSON value whose keys are often ours."""
    kind = dice.randrange(6 if depth < 4 else 4)
    if kind == 0:
        return dice.choice(ODD_NUMBERS)
    if kind == 1:
        return dice.choice(ODD_TEXTS)
    if kind == 2:
        return dice.randrange(-3, 14)
    if kind == 3:
        return "".join(dice.choices(string.printable, k=dice.randrange(12)))
    if kind == 4:
        return [anything(dice, depth + 1) for _ in range(dice.randrange(4))]
    return {dice.choice(KEYS): anything(dice, depth + 1) for _ in range(dice.randrange(4))}


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) inside a JSON value."""
    if isinstance(value, dict):
        return [(value, key) for key in value] + [p for inner in value.values() for p in places(inner)]
    if isinstance(value, list):
        return [(value, key) for key in range(len(value))] + [p for inner in value for p in places(inner)]
    return []


def changed(good: dict[str, Any], dice: random.Random) -> bytes:
    """Return a good body with one to three faults, in its values or in its bytes."""
    body = copy.deepcopy(good)
    for _ in range(dice.randrange(1, 4)):
        container, key = dice.choice(places(body))
        fate = dice.randrange(3)
        if fate == 0:
            del container[key]
        elif fate == 1:
            container[key] = anything(dice)
        elif isinstance(container, dict):
            container[dice.choice(KEYS)] = anything(dice)
        if not places(body):
            break
    return broken(json.dumps(body).encode(), dice) if dice.random() < 0.4 else json.dumps(body).encode()


def broken(raw: bytes, dice: random.Random) -> bytes:
    """Return bytes with a cut, a flipped bit, a swapped literal or something doubled."""
    place = dice.randrange(len(raw))
    fate = dice.randrange(4)
    if fate == 0:
        return raw[:place]
    if fate == 1:
        return raw[:place] + bytes([raw[place] ^ 1 << dice.randrange(8)]) + raw[place + 1 :]
    if fate == 2:
        return raw.replace(b"7", dice.choice(ODD_LITERALS), 1)
    return raw[:place] + raw[place : place + 9] + raw[place:]


def send_all(desk: Desk, token: str, count: int, seed: int) -> dict[int, int]:
    """Send mutated bodies to every writing route; return how often each status was heard."""
    dice, good = random.Random(seed), desk.body(token)
    draft = {"revision": 3, "content": good["answers"], "active_ms": 9}
    targets = [("read", "post", good)] * 3 + [
        ("draft", "put", draft),
        ("report", "post", {"kind": "other", "text": "t"}),
        ("opened", "post", {"display": {"adapter": "niivue"}}),
    ]
    heard: dict[int, int] = {}
    for number in range(count):
        to, verb, body = dice.choice(targets)
        raw = changed(body, dice)
        with transaction.atomic():
            status = sent(desk, token, to, verb, raw, f"fuzz-key-{seed}-{number}")
            transaction.set_rollback(True)
        heard[status] = heard.get(status, 0) + 1
    return heard


def sent(desk: Desk, token: str, to: str, verb: str, raw: bytes, key: str) -> int:
    """Send one body; what was refused stored nothing, what was accepted stands in the rows as it was sent."""
    before = stored()
    answer = desk.post(token, raw, to=to, verb=verb, key=key)
    told = json.loads(answer.content)  # type: ignore[attr-defined]
    assert answer.status_code in CALM, (answer.status_code, raw)
    if answer.status_code >= 400:
        assert stored() == before, raw
        assert told["code"] and told["detail"] and "Traceback" not in told["detail"]
    elif to == "read":
        kept = Rating.objects.filter(read__token=told["read"], value__isnull=False)
        rows = set(kept.values_list("candidate__letter", "question", "value"))
        assert rows == values_in(json.loads(raw)["answers"]), raw
    return answer.status_code


def values_in(answers: dict[str, Any]) -> set[tuple[str, str, int]]:
    """Return every number of a set of answers, with its letter and question."""
    return {
        (letter, question, value)
        for letter, given in answers.get("candidates", {}).items()
        for question, value in given.items()
        if isinstance(value, int)
    }


def test_a_few_hundred_odd_bodies_are_answered_calmly(desk: Desk, token: str) -> None:
    heard = send_all(desk, token, 200, seed=20260301)

    assert sum(heard.values()) == 200
    assert heard[422] > 40 and heard[400] > 15 and heard.get(201, 0) + heard.get(200, 0) > 3
    assert desk.post(token, desk.body(token)).status_code == 201


@pytest.mark.prove
@pytest.mark.parametrize("seed", range(5))
def test_thousands_of_odd_bodies_are_answered_calmly(desk: Desk, token: str, seed: int) -> None:
    heard = send_all(desk, token, 4_000, seed)

    print(f"seed {seed}: {heard}")
    assert desk.post(token, desk.body(token)).status_code == 201
