"""Random names for addresses: integer keys never leave the server."""

import secrets

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def public_code() -> str:
    """Return 10 random characters without look-alikes (about 49 bits)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


def opaque_token() -> str:
    """Return 128 random bits as 32 hexadecimal characters: all that a reader's browser ever sees of a row."""
    return secrets.token_hex(16)
