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
    title, status : optional
        A few words, and the HTTP status that fits, where they differ from those of the class.
    fields : sequence of (pointer, code, detail)
        JSON pointers of the offending inputs.
    """

    title: str = "This was refused"
    status: int = 422

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        title: str = "",
        fields: Sequence[tuple[str, str, str]] = (),
        status: int = 0,
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.title = title or type(self).title
        self.fields = list(fields)
        self.status = status or type(self).status

    def __str__(self) -> str:
        return self.detail


class NotFound(DomainError):
    """Absent, or not this person's: the two are never told apart."""

    title = "Not found"
    status = 404

    def __init__(self) -> None:
        super().__init__("not_found", "There is nothing here, or it is not yours to see.")


class Conflict(DomainError):
    """The thing changed, or its state does not allow this now."""

    title = "Not possible now"
    status = 409


class FileRefused(DomainError):
    """A file that is damaged, unsafe or not of a kind that is read here."""

    title = "This file was refused"


class MaskRefused(FileRefused):
    """A readable file whose voxels are not a mask of the study's labels."""

    title = "This mask was refused"


class GridMismatch(DomainError):
    """Two arrays that do not lie on one grid."""

    title = "The grids differ"


class BlobCorrupt(DomainError):
    """A stored file whose bytes no longer have the digest that names it."""

    title = "A stored file is damaged"
    status = 409


class BlobMissing(DomainError):
    """A stored file that is not there."""

    title = "A stored file is missing"
    status = 409


class StorageFull(DomainError):
    """No room for a file: nothing was stored."""

    title = "The storage is full"
    status = 507


class StorageFault(DomainError):
    """The disk refused an operation: nothing was stored."""

    title = "The storage failed"
    status = 500
