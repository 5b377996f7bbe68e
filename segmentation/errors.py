"""Refusals that a person reads: a stable code, a short title and one plain sentence.

The site catches :class:`DomainError` once, at its edge, and answers with problem+json. Nothing here knows
Django.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One refused field of a request: where it is (JSON pointer), a stable code, one sentence."""

    pointer: str
    code: str
    detail: str


class DomainError(Exception):
    """A refusal with a stable code and one sentence for a clinician.

    Parameters
    ----------
    code : str
        Stable, dotted, lower case, such as ``gzip.crc``; clients and tests rely on it.
    detail : str
        One sentence that names the thing, the two values that disagree and the way out.
    title, status : optional
        Heading and HTTP status, where they differ from those of the class.
    fields : tuple of FieldError
        The single fields at fault, for a form.
    """

    title: str = "This was refused"
    status: int = 422

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        title: str | None = None,
        fields: tuple[FieldError, ...] = (),
        status: int | None = None,
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.title = title or type(self).title
        self.fields = fields
        self.status = status or type(self).status

    def __str__(self) -> str:
        return f"{self.detail} [{self.code}]"


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
