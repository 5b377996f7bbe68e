"""Is everything as it was sealed and submitted? Yields every fault with its place; the first one is enough to stop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from audit.models import Event
from readerstudy.design.seal import faults
from readerstudy.digests import RatingRow, answers_sha256
from readerstudy.models import Rating, Read, Seal
from readerstudy.selectors.sealed import matches_seal


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where."""

    where: str
    sentence: str


def verify_seals() -> Iterator[Fault]:
    """Check every seal: commitment, the audit event that announced it, the drawn list, the stored rows."""
    for seal in Seal.objects.select_related("study").order_by("pk"):
        where = f"study {seal.study.code}, seal {seal.number}"
        wrong = faults(
            sealed=bytes(seal.sealed_bytes), nonce=bytes(seal.nonce), seed=bytes(seal.seed), promised=seal.commitment
        )
        yield from (Fault(where, sentence) for sentence in wrong)
        if not _announced(seal):
            yield Fault(where, "the audit trail holds no event with this commitment")
        yield from _verify_rows(seal, where)


def verify_reads() -> Iterator[Fault]:
    """Check every read against its audit event, and every such event against its read."""
    told = _told_reads()
    for read in Read.objects.select_related("presentation__reader__study").order_by("pk").iterator(2000):
        where = f"{read.presentation.reader.stream}, read {read.token}"
        promised = told.pop(read.token, None)
        if promised is None:
            yield Fault(where, "the audit trail knows no such read")
        elif promised != answers_sha256(_rows_of(read)):
            yield Fault(where, "the ratings differ from the digest recorded at submission")
    for token, _ in sorted(told.items()):
        yield Fault(f"read {token}", "the audit trail tells of this read, but its row is missing")


def _announced(seal: Seal) -> bool:
    events = Event.objects.filter(stream=seal.study.stream, action="study.sealed").values_list("body", flat=True)
    return any(json.loads(bytes(body))["details"]["commitment"] == seal.commitment for body in events)


def _verify_rows(seal: Seal, where: str) -> Iterator[Fault]:
    sealed = json.loads(bytes(seal.sealed_bytes))["allocation"]
    stored = seal.presentations.select_related("reader__study", "case", "seal").order_by("reader__label", "position")
    if len(stored) != len(sealed):
        yield Fault(where, f"{len(sealed)} presentations were sealed, {len(stored)} are stored")
    for presentation in stored:
        if not matches_seal(presentation):
            yield Fault(
                f"{where}, reader {presentation.reader.label}, place {presentation.position}",
                "the stored presentation differs from the sealed one",
            )


def _told_reads() -> dict[str, str]:
    bodies = Event.objects.filter(action="read.submitted").values_list("body", flat=True)
    details = (json.loads(bytes(body))["details"] for body in bodies.iterator(2000))
    return {detail["read"]: detail["answers_sha256"] for detail in details}


def _rows_of(read: Read) -> list[RatingRow]:
    rows_ = Rating.objects.filter(read=read).values_list("candidate__letter", "question", "value", "text")
    return [(letter or "", question, value, text) for letter, question, value, text in rows_]
