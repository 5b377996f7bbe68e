"""What the design refuses."""

from __future__ import annotations

from collections.abc import Sequence

from segmentation.errors import DomainError


class ProtocolRefused(DomainError):
    """A plain form that is not a protocol; every fault is listed with its JSON pointer."""

    def __init__(self, fields: Sequence[tuple[str, str, str]]) -> None:
        super().__init__("protocol.invalid", fields[0][2], title="Protocol not valid", fields=fields)


class SealRefused(DomainError):
    """Something that cannot be sealed, or sealed bytes that are not what was committed to."""


class PackingRefused(DomainError):
    """Masks that cannot travel together in one packed volume."""
