"""The channels by which an origin could reach a reader (B1-B38 of the design page "reliability"), one by one.

Beside the exact proof of test_non_interference: whole sessions are scanned byte by byte, and every detector has to
find a leak that is planted for it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from django.test import Client
from lasting_world import lasting_world
from leaks import (
    TOKEN,
    Ear,
    Heard,
    balanced,
    found_words,
    keys_in,
    strange_headers,
    tells_apart,
    words_of_origin,
    words_of_people,
)
from study_world import World
from tampering import unprotected

from readerstudy.models import Candidate
from readerstudy.services.packing import packed_candidates
from segmentation.models import Segmentation
from segmentation.storage import cache_folder


@pytest.fixture(scope="module")
def small_world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("channels")
    with lasting_world(folder, django_db_blocker, cases=5, practice=1, readers=2, shape=(9, 8, 6)) as made:
        yield made


@pytest.fixture
def session(small_world: World, db: None) -> list[Heard]:
    """Everything that R1's browser hears in a whole study, refusals included."""
    return whole_session(small_world, "R1")


def whole_session(world: World, label: str) -> list[Heard]:
    client = Client()
    member = world.readers[label]
    client.force_login(member.user)
    ear = Ear(client)
    place = json.loads(ear.ask("get", f"/api/v1/reading/{member.token}/").body)
    while place["current"]:
        place = _one_case(ear, place)
    for page in ("/", "/account/", f"/studies/{world.study.code}/read/", f"/studies/{world.study.code}/", "/nowhere/"):
        ear.ask("get", page)
    for path in ("/api/v1/schema/", "/api/v1/datasets/", f"/api/v1/reading/{'0' * 32}/", "/admin/"):
        ear.ask("get", path)
    return ear.heard


def _one_case(ear: Ear, place: dict[str, Any]) -> dict[str, Any]:
    base = f"/api/v1/presentations/{place['current']}/"
    shown = json.loads(ear.ask("get", base).body)
    for volume in shown["volumes"]:
        ear.ask("get", volume["url"])
    ear.ask("get", shown["candidates"]["url"])
    ear.ask("post", f"{base}opened/", {"display": {"adapter": "canvas2d"}})
    answers = {"candidates": {slot["letter"]: {"score": 7, "origin": 4} for slot in shown["slots"]}, "case": {}}
    ear.ask("put", f"{base}draft/", {"revision": 2, "content": answers, "active_ms": 5})
    ear.ask("put", f"{base}draft/", {"revision": 1, "content": {}, "active_ms": 5})
    ear.ask("post", f"{base}report/", {"kind": "other", "text": "a note"}, key=f"note-{place['current']}")
    ear.ask("post", f"{base}read/", {"answers": {}, "active_ms": 1, "wall_ms": 1}, key="refused-key-1")
    ear.ask("post", f"{base}read/", "{", key="refused-key-2")
    ear.ask("get", f"{base}?ordering=arm")
    ear.ask("options", base)
    good = {"answers": answers, "active_ms": 9, "wall_ms": 12}
    told: dict[str, Any] = json.loads(ear.ask("post", f"{base}read/", good, key=place["current"]).body)
    ear.ask("post", f"{base}read/", good, key="another-key-" + place["current"][:8])
    return told


# --- B1, B2, B4-B7, B17, B20, B26-B28: names, ids, headers, times -----------------------------------------------------


def test_no_byte_of_a_session_names_a_source_a_person_a_dataset_or_a_file(
    small_world: World, session: list[Heard]
) -> None:
    """[B1, B8, B20, B29]"""
    reader = small_world.readers["R1"].user
    names = words_of_origin() | words_of_people(but=reader)
    # The study world calls its first reader e1, as it calls the arm of the same person E1: the own name may be shown.
    names -= {reader.name.upper()}

    assert found_words(session, names) == []
    assert len(session) > 6 * 12 and len(names) > 60


def test_the_word_scan_finds_a_planted_name(session: list[Heard]) -> None:
    planted = Heard("/planted/", 200, {"Content-Type": "application/json", "X-Trace": "arm=TE"}, b"{}")

    assert found_words([*session, planted], words_of_origin() - {"E1"}) == [("/planted/", "TE")]


def test_every_header_is_on_the_list_and_the_same_over_presentations(session: list[Heard]) -> None:
    """[B4, B6, B17, B37]"""
    assert strange_headers(session) - {"Set-Cookie blindread_csrf", "Set-Cookie blindread_session"} == set()
    by_kind: dict[tuple[str, int], set[tuple[tuple[str, str], ...]]] = {}
    for answer in session:
        fixed = {n: v for n, v in answer.headers.items() if n not in ("Content-Length", "Content-Digest")}
        key = (TOKEN.sub("TOKEN", answer.path), answer.status)
        by_kind.setdefault(key, set()).add(tuple(sorted(fixed.items())))
    several = {key: found for key, found in by_kind.items() if len(found) > 1}
    assert several == {}


def test_nothing_of_a_readers_session_is_kept_by_a_browser_or_a_cache(session: list[Heard]) -> None:
    """[B17, B18]"""
    assert {answer.headers["Cache-Control"] for answer in session} == {"private, no-store"}


@pytest.mark.parametrize("name", ["ETag", "Last-Modified", "Content-Encoding", "Server-Timing", "X-Arm", "Age"])
def test_the_header_scan_finds_a_planted_one(session: list[Heard], name: str) -> None:
    planted = Heard("/planted/", 200, {name: "1"}, b"")

    assert strange_headers([*session, planted]) >= {name}


@pytest.mark.parametrize("accepted", ["gzip", "br", "zstd", "deflate, gzip;q=1.0, *;q=0.5"])
def test_no_answer_is_compressed_on_the_way(small_world: World, db: None, accepted: str) -> None:
    """[B6, B7]"""
    client = Client(headers={"Accept-Encoding": accepted})
    client.force_login(small_world.readers["R1"].user)
    token = small_world.presentations("R1")[0].token

    answers = [client.get(f"/api/v1/presentations/{token}/{part}") for part in ("", "candidates/", "volumes/0/")]

    assert all("Content-Encoding" not in answer.headers for answer in answers)
    assert answers[1].content[:10] == bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])


# Every path of every JSON that a reader may receive; anything else fails. Numbers are counts, never keys.
ALLOWED_JSON = re.compile(
    r"""/(code|title|detail|token|read|current|previous|upcoming\[\]|practice|number|of|opened_at|saved_at|submitted_at|at
    |revision|content/.*|draft|draft/.*|submitted|submitted/.*
    |fields\[\]/(pointer|code|detail)|current/(revision|content/.*)
    |study/(title|code|instructions)|instrument/.*|display/.*|policy/.*
    |progress/(done|planned|practice_done|practice_planned)
    |volumes\[\]/(sequence|url|sha256|window\[\])|candidates/(url|base|bytes_per_voxel|shape\[\])
    |slots\[\]/(letter|colour\[\]|line_style))""",
    re.VERBOSE,
)
COUNTS = re.compile(
    r"/(number|of|revision|draft/.*|submitted/.*|content/.*|progress/\w+|instrument/.*|display/.*|policy/.*"
    r"|candidates/(base|bytes_per_voxel|shape\[\])|slots\[\]/colour\[\]|volumes\[\]/window\[\]|current/.*)"
)


def test_json_holds_only_what_is_on_the_list_and_no_row_key(session: list[Heard]) -> None:
    """[B2, B27, B28]"""
    for answer in session:
        if not answer.is_json or answer.path == "/api/v1/datasets/":
            continue
        for path, leaf in keys_in(json.loads(answer.body)):
            assert ALLOWED_JSON.fullmatch(path), (answer.path, path)
            if isinstance(leaf, int) and not isinstance(leaf, bool):
                assert COUNTS.fullmatch(path), (answer.path, path)


def test_tokens_are_random_and_each_readers_own(small_world: World, db: None) -> None:
    """[B2, B3, B30, B38]"""
    tokens = {label: [row.token for row in small_world.presentations(label)] for label in ("R1", "R2")}
    candidates = list(Candidate.objects.order_by("pk").values_list("token", flat=True))
    everything = [*tokens["R1"], *tokens["R2"], *candidates]

    assert len(set(everything)) == len(everything) and not set(tokens["R1"]) & set(tokens["R2"])
    assert all(TOKEN.fullmatch(token) for token in everything)
    bits = np.unpackbits(np.frombuffer(bytes.fromhex("".join(everything)), np.uint8))
    assert abs(bits.mean() - 0.5) < 5 * 0.5 / np.sqrt(len(bits))
    # A version or variant nibble, a counter or a clock would stand still at some place.
    assert all(len({token[place] for token in everything}) > 4 for place in range(32))


def test_tokens_are_in_no_order_of_slots_or_rows(small_world: World, db: None) -> None:
    """[B2, B27]"""
    from scipy.stats import spearmanr

    rows = Candidate.objects.order_by("pk").values_list("token", "arm__source__kind")
    first = [int(token[:8], 16) for token, _ in rows]
    model = [kind == "model" for _, kind in rows]

    assert spearmanr(first, range(len(first))).pvalue > 1e-4
    assert spearmanr(first, model).pvalue > 1e-4


# --- B5, B9, B10, B12, B35: the packed volume -------------------------------------------------------------------------


def test_the_packed_volume_depends_on_voxels_and_slots_alone(small_world: World, db: None) -> None:
    """[B5, B7-B10] Equal masks under two sources give equal bytes, equal length included."""
    presentation = small_world.presentations("R1")[1]
    before = packed_candidates(presentation)
    with unprotected("segmentation_segmentation"):
        Segmentation.objects.update(provenance={"file": "totally_other_name.nii.gz", "descrip": "nnU-Net v2"})
    for path in (cache_folder() / "packed").rglob("*"):
        if path.is_file():
            path.unlink()

    assert packed_candidates(presentation) == before
    assert b"nnU-Net" not in before


def test_a_damaged_packed_file_is_packed_again_and_never_shown(small_world: World, db: None) -> None:
    presentation = small_world.presentations("R1")[2]
    honest = packed_candidates(presentation)
    newest = max((p for p in (cache_folder() / "packed").rglob("*") if p.is_file()), key=lambda p: p.stat().st_mtime_ns)

    for damage in (b"", newest.read_bytes()[:40], newest.read_bytes()[:-1] + b"\x00", b"x" * 200):
        newest.write_bytes(damage)
        assert packed_candidates(presentation) == honest


# --- B13-B15 and the positive controls of the statistics --------------------------------------------------------------


def _colours(bias: float, seed: int, pairs: int = 1500) -> dict[tuple[str, int], int]:
    dice = np.random.default_rng(seed)
    model = dice.random(pairs) < bias
    return {
        ("model", 0): int(model.sum()), ("model", 1): int((~model).sum()),
        ("annotator", 0): int((~model).sum()), ("annotator", 1): int(model.sum()),
    }  # fmt: skip


def test_a_colour_bias_of_sixty_to_forty_is_found_and_none_is_not() -> None:
    """[112]"""
    assert not any(balanced(_colours(0.6, seed)) for seed in range(20))
    assert all(balanced(_colours(0.5, seed)) for seed in range(20))


def test_a_delay_of_five_milliseconds_and_a_size_that_knows_the_source_are_found() -> None:
    """[112] Times as a busy server gives them (log-normal, median 12 ms); sizes of one case differ by a few bytes."""
    dice = np.random.default_rng(4)
    case = dice.lognormal(np.log(12), 0.4, 1500)
    honest = [case + dice.normal(0, 1.5, 1500) for _ in range(2)]
    sizes = dice.integers(3_000, 90_000, 1500).astype(float)

    assert not tells_apart(honest[0].tolist(), honest[1].tolist())
    assert tells_apart((honest[0] + 5).tolist(), honest[1].tolist())
    # The pooled AUC of such sizes is at chance; within a case they tell model from expert every time.
    assert tells_apart((sizes - dice.integers(1, 40, 1500)).tolist(), sizes.tolist())
