"""Audit events as sentences. An action that has none of its own is shown by its name, never left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from readerstudy.models import StudyMember
from readerstudy.selectors.events import StudyEvent

Details = Mapping[str, Any]


def in_words(event: StudyEvent) -> str:
    """Return what happened, without the person."""
    told = _SENTENCES.get(event.action)
    return told(event.details) if told else event.action.replace(".", " ").replace("_", " ")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _cases(details: Details) -> str:
    practice = f" and {details['practice']} for practice" if details["practice"] else ""
    return f"chose {_counted(details['cases'], 'case')}{practice}"


def _edited(details: Details) -> str:
    parts = ", ".join(name.replace("_", " ") for name in details["fields"])
    return f"changed the protocol to revision {details['revision']} ({parts})"


def _described(details: Details) -> str:
    own = f"drew {details['own_arm']}" if details["own_arm"] else "drew none of the arms"
    return f"described reader {details['label']}: {own}"


def _confirmed(what: str) -> Callable[[Details], str]:
    return lambda details: f"confirmed: {what}. Reason: “{details['reason']}”"


_ROLES: dict[str, str] = dict(StudyMember.Role.choices)
_SENTENCES: dict[str, Callable[[Details], str]] = {
    "study.created": lambda d: f"made the study “{d['title']}”",
    "member.added": lambda d: f"added {d['label']} as {_ROLES.get(d['role'], d['role'])}",
    "member.removed": lambda d: f"removed {d['label']}",
    "reader.described": _described,
    "arms.set": lambda d: f"set the arms: {', '.join(d['arms'])}" if d["arms"] else "removed all arms",
    "cases.set": _cases,
    "protocol.edited": _edited,
    "study.dry_run": lambda d: f"marked the dry run of protocol revision {d['revision']} as passed",
    "study.sealed": lambda d: f"sealed the study; commitment {d['commitment'][:16]}…",
    "reading.started": lambda d: "opened the first case: the reading began",
    "study.exported": lambda d: f"exported {'everything' if d['what'] == 'bundle' else d['what']}",
    "read.submitted": lambda d: "submitted a read",
    "note.filed": lambda d: f"reported to the study team: {d['kind'].replace('_', ' ')}",
    "close.requested": lambda d: f"asked to close the reading. Reason: “{d['reason']}”",
    "close.confirmed": _confirmed("the reading is closed"),
    "close.turned_down": lambda d: f"turned down closing the reading. Reason: “{d['reason']}”",
    "unblind.requested": lambda d: f"asked to unblind. Reason: “{d['reason']}”",
    "unblind.confirmed": _confirmed("the study is unblinded"),
    "unblind.turned_down": lambda d: f"turned down unblinding. Reason: “{d['reason']}”",
    "publish.requested": lambda d: f"asked to mark the study as published. Reason: “{d['reason']}”",
    "publish.confirmed": _confirmed("the study is published"),
    "publish.turned_down": lambda d: f"turned down publishing. Reason: “{d['reason']}”",
}
