"""The blinding proof: two worlds that differ only in who drew which mask give a reader the same bytes.

Both worlds hold the same voxels in the same slots. Arms, source names, model versions, annotators, file names,
times and header texts are permuted. What is equal cannot inform.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.test import Client
from study_world import AT, World

from accounts.models import User
from readerstudy.design.allocation import allocate
from readerstudy.design.plan import Allocation
from readerstudy.models import Arm, Study
from readerstudy.services import plans, studies
from segmentation.models import Source

TOKEN = re.compile(r"\b[0-9a-f]{32}\b")
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
CODE = re.compile(r"(?<=/studies/)[2-9a-z]{10}")
EMAIL = re.compile(r"reader\d@example.org")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")


@dataclass(frozen=True)
class Heard:
    """One answer as a reader's browser received it, tokens and times masked."""

    path: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def test_a_reader_hears_the_same_whoever_drew_the_masks(make_world: Callable[..., World]) -> None:
    first, second = _two_worlds(make_world)

    heard, heard_again = _session(first), _session(second)

    assert [answer.path for answer in heard] == [answer.path for answer in heard_again]
    for one, other in zip(heard, heard_again, strict=True):
        assert one == other, one.path
    assert len(heard) == 7 * 7 + 5  # seven presentations with seven requests each, two sessions, three pages
    assert all(answer.status < 400 for answer in heard)


def test_the_proof_would_notice_a_leak(make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    from readerstudy.selectors import presentations

    honest = presentations.blinded

    def leaking(presentation: Any) -> Any:
        shown = honest(presentation)
        arm = presentation.candidates.order_by("slot").first().arm
        return replace(shown, of=shown.of + (arm.source.kind == Source.Kind.MODEL))

    first, second = _two_worlds(make_world)
    monkeypatch.setattr(presentations, "blinded", leaking)

    assert _session(first) != _session(second)


def _two_worlds(make_world: Callable[..., World]) -> tuple[World, World]:
    """Return two worlds sealed from one list of slots; in the second every mask belongs to another arm."""
    first = make_world(readers=0)
    second = _twin(first)
    for number, world in enumerate((first, second), start=1):
        # Two accounts, so that the first session leaves no trace on the pages of the second.
        reader = User.objects.create_user(f"reader{number}@example.org", "correct horse", name="reader")
        studies.add_member(study=world.study, user=reader, role="reader", by=world.pi, at=AT)
        world.study.refresh_from_db()
    material = plans.material_of(first.study)
    listed = allocate(plans.allocation_plan(first.study, material), b"s" * 32)
    first.seal(explicit=listed)
    second.seal(explicit=_renamed(listed, _permutation(first.study)))
    return first, second


def _permutation(study: Study) -> dict[str, str]:
    codes = sorted(arm.code for arm in study.arms.all())
    return dict(zip(codes, codes[2:] + codes[:2], strict=True))


def _renamed(listed: Allocation, permutation: dict[str, str]) -> Allocation:
    return replace(
        listed,
        presentations=tuple(
            replace(
                shown,
                candidates=tuple(replace(c, arm=permutation[c.arm]) for c in shown.candidates),
            )
            for shown in listed.presentations
        ),
    )


def _twin(world: World) -> World:
    """Return a second study over the same voxels, each mask now from the source that the permutation names."""
    from segmentation.models import Case, Dataset, Segmentation, SegmentationMask

    dataset = Dataset.objects.create(name="twin", created_by=world.pi)
    permutation = _permutation(world.study)
    sources = {
        code: Source.objects.create(
            dataset=dataset,
            kind=source.kind,
            name=f"{source.name} of the twin",
            version=source.version and "9.9-final",
            annotator=source.annotator,
            training_subjects=source.training_subjects,
        )
        for code, source in world.sources.items()
    }
    code_of = {source.pk: code for code, source in world.sources.items()}
    cases = []
    for case in world.cases:
        twin = Case.objects.create(dataset=dataset, subject=case.subject, name=case.name, site=case.site)
        volume = case.volumes.get()
        volume.pk, volume.case = None, twin
        volume.save()
        cases.append(twin)
        # Written in another order, so that row keys and times differ from the first world's.
        for segmentation in case.segmentations.order_by("-pk"):
            mask = segmentation.masks.get()
            kept = Segmentation.objects.create(
                case=twin,
                source=sources[permutation[code_of[segmentation.source_id]]],
                label_map=segmentation.label_map,
                provenance={"file": "another_name_final_v2.nii.gz"},
            )
            SegmentationMask.objects.create(
                segmentation=kept,
                volume=volume,
                blob_sha256=mask.blob_sha256,
                content_sha256=mask.content_sha256,
                voxels_by_label=mask.voxels_by_label,
            )
    study = studies.create_study(title=world.study.title, datasets=[dataset], by=world.pi, at=AT)
    studies.add_member(study=study, user=world.second, role="coordinator", by=world.pi, at=AT)
    arms: list[Arm] = studies.set_arms(study=study, arms=list(sources.items()), by=world.pi, at=AT)
    assert len(arms) == 5
    studies.set_cases(study=study, cases=cases[1:], practice=cases[:1], by=world.pi, at=AT)
    study.refresh_from_db()
    practice = {"practice": {"count": 1}, "reports_to": "the PI", "ethics_reference": "IRB 7"}
    studies.edit_protocol(study=study, changes=practice, revision=study.protocol_revision, by=world.pi, at=AT)
    study.refresh_from_db()
    return World(dataset, study, world.pi, world.second, world.experts, sources, cases)


def _session(world: World) -> list[Heard]:
    """Read the whole study over HTTP and return everything that was heard, pages after the end included."""
    client = Client()
    member = world.study.members.get(role="reader")
    client.force_login(member.user)
    ear = _Ear(client, world.study.code)
    session = ear.get(f"/api/v1/reading/{member.token}/")
    while token := session["current"]:
        session = _read(ear, token)
    ear.get(f"/api/v1/reading/{member.token}/")
    for page in ("/", f"/studies/{world.study.code}/read/", "/account/"):
        ear.page(page)
    return ear.heard


def _read(ear: _Ear, token: str) -> dict[str, Any]:
    base = f"/api/v1/presentations/{token}/"
    shown = ear.get(base)
    for volume in shown["volumes"]:
        ear.page(volume["url"])
    ear.page(shown["candidates"]["url"])
    ear.send("post", f"{base}opened/", {"display": {"adapter": "canvas2d"}})
    answers = {"candidates": {slot["letter"]: {"score": 7, "origin": 4} for slot in shown["slots"]}, "case": {}}
    ear.send("put", f"{base}draft/", {"revision": 1, "content": answers, "active_ms": 5})
    ear.send("post", f"{base}report/", {"kind": "other", "text": "a note"}, key=f"note-{token}")
    return ear.send("post", f"{base}read/", {"answers": answers, "active_ms": 9, "wall_ms": 12}, key=token)


class _Ear:
    """A reader's browser that remembers every byte, with tokens, digests of tokens and times masked."""

    def __init__(self, client: Client, study: str) -> None:
        self.client, self.study, self.heard = client, study, list[Heard]()

    def get(self, path: str) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.page(path))
        return parsed

    def page(self, path: str) -> bytes:
        return self._hear(path, self.client.get(path))

    def send(self, verb: str, path: str, body: dict[str, Any], key: str = "") -> dict[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        answer = getattr(self.client, verb)(path, json.dumps(body), content_type="application/json", headers=headers)
        parsed: dict[str, Any] = json.loads(self._hear(path, answer))
        return parsed

    def _hear(self, path: str, answer: Any) -> bytes:
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        headers = tuple(sorted((name, self._masked(value)) for name, value in answer.headers.items()))
        shown = body if answer.headers["Content-Type"].startswith("application/octet") else self._text(body)
        self.heard.append(Heard(self._masked(path), answer.status_code, headers, shown))
        return bytes(body)

    def _text(self, body: bytes) -> bytes:
        return re.sub(r'csrf[^>]*value="[^"]+"|content="[\w]{64}"', "CSRF", self._masked(body.decode())).encode()

    def _masked(self, text: str) -> str:
        for pattern, mask in ((TOKEN, "TOKEN"), (INSTANT, "INSTANT"), (CODE, "CODE"), (EMAIL, "EMAIL")):
            text = pattern.sub(mask, text)
        return text.replace(self.study, "CODE")
