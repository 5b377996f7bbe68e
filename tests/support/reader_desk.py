"""A reader at work over HTTP: one client that knows its tokens and what a good answer is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponseBase
from django.test import Client

from accounts.models import User
from readerstudy.models import Draft, Note, Rating, Read, StudyMember


@dataclass
class Desk:
    """One reader's browser."""

    member: StudyMember
    client: Client = field(default_factory=Client)
    sent: int = 0

    def __post_init__(self) -> None:
        user: User = self.member.user
        self.client.force_login(user)

    def session(self) -> dict[str, Any]:
        answer = self.client.get(f"/api/v1/reading/{self.member.token}/")
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found

    def shown(self, token: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(f"/api/v1/presentations/{token}/").json()
        return found

    def answers(self, token: str, **changed: Any) -> dict[str, Any]:
        """Return a complete set of answers, with values of slot A changed or (None) left out."""
        found: dict[str, dict[str, Any]] = {s["letter"]: {"score": 7, "origin": 4} for s in self.shown(token)["slots"]}
        found["A"] |= changed
        return {"candidates": found, "case": {}}

    def body(self, token: str, **changed: Any) -> dict[str, Any]:
        return {"answers": self.answers(token, **changed), "active_ms": 9_000, "wall_ms": 12_000}

    def post(
        self, token: str, body: Any, *, key: str = "", to: str = "read", verb: str = "post", **options: Any
    ) -> HttpResponseBase:
        """Send a body (an object, text or bytes, as it is) with a fresh key unless one is given."""
        self.sent += 1
        headers = {"Idempotency-Key": key or f"{id(self)}-{self.sent}-key"} | options.pop("headers", {})
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        options.setdefault("content_type", "application/json")
        send = getattr(self.client, verb)
        answer: HttpResponseBase = send(f"/api/v1/presentations/{token}/{to}/", content, headers=headers, **options)
        return answer


def stored() -> tuple[int, int, int, int]:
    """Return how many reads, ratings, notes and drafts there are."""
    return Read.objects.count(), Rating.objects.count(), Note.objects.count(), Draft.objects.count()
