"""What may go wrong for a person, said once: a stable code and a plain sentence.

The edge (`hub.errors`) turns these into problem+json or a page; nothing below it knows HTTP beyond the status.
"""

from collections.abc import Sequence


class DomainError(Exception):
    """A refusal that a person can understand and act upon.

    Parameters
    ----------
    code : str
        Stable, dotted, lower case: ``gzip.crc``.
    detail : str
        One sentence naming the thing, the values that disagree and the way out.
    title : str
        A few words; the code when empty.
    fields : sequence of (pointer, code, detail)
        JSON pointers of the offending inputs.
    status : int
        HTTP status that fits: 422 content, 409 conflict, 507 storage.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        title: str = "",
        fields: Sequence[tuple[str, str, str]] = (),
        status: int = 422,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.title = title or code
        self.fields = list(fields)
        self.status = status


class NotFound(DomainError):
    """Absent, or not this person's: the two are never told apart."""

    def __init__(self) -> None:
        super().__init__(
            "not_found", "There is nothing here, or it is not yours to see.", title="Not found", status=404
        )


class Conflict(DomainError):
    """The thing changed, or its state does not allow this now."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail, title="Not possible now", status=409)
