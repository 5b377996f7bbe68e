"""The one canonical text form of what is hashed: sorted keys, UTF-8, no floats."""

import json
from typing import Any


def canonical_bytes(value: Any) -> bytes:
    """Return `value` as canonical JSON: sorted keys, no spaces, UTF-8.

    Raises
    ------
    TypeError
        For a float anywhere: two machines may print it differently.
    """
    refuse_floats(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def refuse_floats(value: Any, path: str = "") -> None:
    """Raise TypeError naming the first float inside `value`."""
    if isinstance(value, float):
        raise TypeError(f"{path or '/'} is a float; hashed content holds integers and text only")
    if isinstance(value, dict):
        for key, inner in value.items():
            refuse_floats(inner, f"{path}/{key}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            refuse_floats(inner, f"{path}/{index}")
