"""Closing, unblinding and publishing: asked for with a reason, confirmed by a second person, never undone."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from audit import chain
from readerstudy.errors import NotInThisState, ReasonNeeded, SecondPersonNeeded
from readerstudy.models import Decision, Study
from readerstudy.selectors.studies import pending_decisions
from segmentation.errors import Conflict

SHORTEST_REASON = 10
ALLOWED_FROM = {
    Decision.Action.CLOSE: {Study.State.SEALED, Study.State.READING},
    Decision.Action.UNBLIND: {Study.State.CLOSED},
    Decision.Action.PUBLISH: {Study.State.UNBLINDED},
}
LEADS_TO = {
    Decision.Action.CLOSE: Study.State.CLOSED,
    Decision.Action.UNBLIND: Study.State.UNBLINDED,
    Decision.Action.PUBLISH: Study.State.PUBLISHED,
}


def request_decision(*, study: Study, action: str, reason: str, by: User, at: datetime) -> Decision:
    """Ask for an irreversible step; it waits for a second person."""
    reason = checked_reason(reason)
    with transaction.atomic():
        study = locked(study)
        _check_state(study, action)
        if pending_decisions(study).filter(action=action).exists():
            raise Conflict("decision.pending", "This step was already asked for and waits for a second person.")
        decision = Decision.objects.create(study=study, action=action, reason=reason, by=by, at=at)
        chain.record(study.stream, f"{action}.requested", actor=by, details={"reason": reason}, at=at)
    return decision


def confirm_decision(*, decision: Decision, reason: str, by: User, at: datetime) -> Study:
    """Carry out what another person asked for."""
    if decision.by_id == by.pk:
        raise SecondPersonNeeded
    with transaction.atomic():
        study = locked(decision.study)
        _check_open(decision)
        _check_state(study, decision.action)
        Decision.objects.create(
            study=study, action=decision.action, reason=reason or decision.reason, by=by, at=at, confirms=decision
        )
        _move(study, decision, by, at)
    return study


def turn_down(*, decision: Decision, reason: str, by: User, at: datetime) -> None:
    """Refuse a request; the person who asked may take it back this way too."""
    with transaction.atomic():
        study = locked(decision.study)
        _check_open(decision)
        Decision.objects.create(
            study=study, action=Decision.Action.REFUSE, reason=checked_reason(reason), by=by, at=at, confirms=decision
        )
        chain.record(
            study.stream, f"{decision.action}.turned_down", actor=by, details={"reason": reason.strip()}, at=at
        )


def checked_reason(reason: str) -> str:
    """Return the reason without surrounding blanks; refuse a token one."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonNeeded
    return reason[:1000]


def locked(study: Study) -> Study:
    """Return the study's row, locked for this transaction (SQLite: IMMEDIATE already holds the database)."""
    return Study.objects.select_for_update().get(pk=study.pk)


def _check_state(study: Study, action: str) -> None:
    if study.state not in ALLOWED_FROM[Decision.Action(action)]:
        raise NotInThisState(f"be moved on by “{Decision.Action(action).label}”", study.get_state_display())


def _check_open(decision: Decision) -> None:
    if Decision.objects.filter(confirms=decision).exists():
        raise Conflict("decision.settled", "This request was already settled; reload the page to see how.")


def _move(study: Study, decision: Decision, by: User, at: datetime) -> None:
    study.state = LEADS_TO[Decision.Action(decision.action)]
    study.save(update_fields=["state"])
    chain.record(
        study.stream,
        f"{decision.action}.confirmed",
        actor=by,
        details={
            "asked_by": decision.by.code,
            "reason": decision.reason,
            "reader_heads": reader_heads(study),
        },
        at=at,
    )


def reader_heads(study: Study) -> dict[str, str]:
    """Return the head of every reader's stream: what the study stream keeps at seal, close and unblinding."""
    heads = (chain.head(member.stream) for member in study.members.filter(role="reader").select_related("study"))
    return {head.stream: f"{head.number}:{head.mac}" for head in heads}
