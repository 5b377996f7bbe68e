"""The audit events of a study, as its designers read them. People appear by label, never by name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit import chain
from audit.models import Event
from readerstudy.models import Study


@dataclass(frozen=True)
class StudyEvent:
    """One event; `stream` is "" for the study itself and a reader's label for a reader's own stream."""

    stream: str
    number: int
    at: datetime
    who: str
    action: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class StreamState:
    """Whether one chain of events is whole: its length, and the first fault in words."""

    stream: str
    events: int
    fault: str


def study_events(study: Study, *, stream: str | None = None, newest: int | None = None) -> list[StudyEvent]:
    """Return events, newest first; `stream` keeps one, `newest` so many."""
    names = _streams(study)
    kept = [name for name, label in names.items() if stream is None or label == stream]
    rows = Event.objects.filter(stream__in=kept).select_related("actor").order_by("-at", "-id")
    labels = _labels(study)
    return [_event(row, names, labels) for row in (rows[:newest] if newest else rows)]


def stream_states(study: Study) -> list[StreamState]:
    """Verify each chain of the study now."""
    faults = {name: chain.verify(name) for name in _streams(study)}
    return [
        StreamState(label, chain.head(name).number, fault.sentence if (fault := faults[name]) else "")
        for name, label in _streams(study).items()
    ]


def _streams(study: Study) -> dict[str, str]:
    known = {study.stream: ""}
    readers = Event.objects.filter(stream__startswith=f"{study.stream}/reader/").order_by("stream")
    for name in readers.values_list("stream", flat=True).distinct():
        known[name] = name.rsplit("/", 1)[1]
    return known


def _labels(study: Study) -> dict[int, str]:
    labels: dict[int, list[str]] = {}
    for user, label in study.members.order_by("label").values_list("user_id", "label"):
        labels.setdefault(user, []).append(label)
    return {user: ", ".join(held) for user, held in labels.items()}


def _event(row: Event, streams: Mapping[str, str], labels: Mapping[int, str]) -> StudyEvent:
    who = labels.get(row.actor_id or 0) or (row.actor.code if row.actor else "the software")
    told = json.loads(bytes(row.body))["details"]
    return StudyEvent(streams[row.stream], row.number, row.at, who, row.action, told)
