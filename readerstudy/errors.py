"""What may go wrong in a reader study, in words that a clinician understands."""

from __future__ import annotations

from segmentation.errors import Conflict, DomainError


class AllocationAltered(DomainError):
    """A stored row no longer matches the sealed bytes."""

    def __init__(self, where: str) -> None:
        super().__init__(
            "allocation.altered",
            f"{where} no longer matches the sealed allocation, so it is not shown; "
            "your earlier answers are safe, please tell the study team",
            title="The sealed list was altered",
            status=409,
        )


class CaseDamaged(DomainError):
    """A stored file behind a presentation is missing or altered; whose it is stays unsaid."""

    def __init__(self) -> None:
        super().__init__(
            "case.damaged",
            "A stored file of this case is damaged, so the case is not shown; "
            "your earlier answers are safe, please tell the study team.",
            title="A stored file is damaged",
            status=409,
        )


class NotReading(Conflict):
    """Answers are taken only while the study is being read."""

    def __init__(self, state: str) -> None:
        super().__init__(
            "study.not_reading",
            f"This study is {state}; answers are taken only while it is being read. Nothing was changed.",
        )


class NotOpen(Conflict):
    """Out of turn."""

    def __init__(self) -> None:
        super().__init__(
            "presentation.not_open",
            "This case is not the one that is open now; go on with the current case. Nothing was changed.",
        )


class AlreadySubmitted(Conflict):
    """Submitted before, under another key."""

    def __init__(self) -> None:
        super().__init__(
            "presentation.submitted",
            "This case was already submitted; the first answers stand.",
        )


class KeyReused(DomainError):
    """One idempotency key, two different requests."""

    def __init__(self) -> None:
        super().__init__(
            "key.reused",
            "This request reuses the key of an earlier, different one; the earlier one stands. Reload the page.",
            title="Request key used twice",
        )


class DraftStale(Conflict):
    """A newer draft was written elsewhere."""

    def __init__(self, revision: int, content: object) -> None:
        super().__init__(
            "draft.stale",
            "Newer answers to this case were saved from another window; both are kept, choose which to go on with.",
        )
        self.extra = {"current": {"revision": revision, "content": content}}


class NotInThisState(Conflict):
    """The study's state does not allow the step."""

    def __init__(self, step: str, state: str) -> None:
        super().__init__("study.state", f"A study that is {state} cannot {step}. Nothing was changed.")


class SecondPersonNeeded(Conflict):
    """The same person cannot ask and confirm."""

    def __init__(self) -> None:
        super().__init__(
            "decision.second_person",
            "You asked for this step yourself; another PI, coordinator or analyst of the study has to confirm it.",
        )


class ReasonNeeded(DomainError):
    """An irreversible step without a reason."""

    def __init__(self) -> None:
        super().__init__(
            "decision.reason",
            "Please give the reason (at least 10 characters); it stands in the audit trail for ever.",
            fields=[("/reason", "required", "at least 10 characters")],
        )


class SealRefused(DomainError):
    """What still blocks the seal, each with its way out."""

    def __init__(self, problems: list[tuple[str, str, str]]) -> None:
        count = len(problems)
        things = "thing blocks" if count == 1 else "things block"
        super().__init__(
            "seal.refused",
            f"{count} {things} the seal: " + " ".join(sentence for _, _, sentence in problems),
            title="The study cannot be sealed yet",
            fields=problems,
        )


class ReportNotComputed(DomainError):
    """An analysis that these answers do not allow."""

    title = "This analysis could not be computed"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            "analysis.not_computed",
            f"The {name} analysis could not be computed from these answers ({reason}); the tables are complete.",
        )
