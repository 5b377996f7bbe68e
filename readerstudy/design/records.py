"""Frozen dataclasses from plain data and back, strict in both directions.

The plain form has text, integers, booleans, null, lists and objects with text keys: no floats, so that it can be
sealed. Reading refuses unknown keys and wrong types; missing keys take the dataclass's default.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, TypeVar, cast

Record = TypeVar("Record")
Fault = tuple[str, str, str]
Special = Mapping[type, Callable[[object, list[Fault], str], Any]]

LONGEST_TEXT = 20_000
LONGEST_LIST = 10_000


def record_from(
    cls: type[Record], data: object, faults: list[Fault], pointer: str = "", *, special: Special | None = None
) -> Record | None:
    """Return the record of type `cls` that `data` describes; None, and entries in `faults`, if it does not.

    `special` reads the types that are not records, each with a function of (data, faults, pointer).
    """
    before = len(faults)
    if not isinstance(data, Mapping):
        faults.append((pointer, "type", f"{pointer or 'the protocol'} must be an object"))
        return None
    hints = typing.get_type_hints(cls)
    known = {item.name: item for item in fields(cast(Any, cls))}
    for name in sorted(str(name) for name in data if name not in known):
        faults.append((f"{pointer}/{name[:60]}", "unknown", f"there is no setting called “{name[:60]}” here"))
    values: dict[str, Any] = {}
    for name, item in known.items():
        if name in data:
            values[name] = _value(hints[name], data[name], faults, f"{pointer}/{name}", special or {})
        elif item.default is MISSING and item.default_factory is MISSING:
            faults.append((f"{pointer}/{name}", "missing", f"“{pointer}/{name}” is missing"))
    return cls(**values) if len(faults) == before else None


def to_plain(value: object) -> Any:
    """Return the plain form of a record, tuple or scalar.

    Raises
    ------
    TypeError
        If it holds anything else, a float above all.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"a {type(value).__name__} has no plain form")


def _value(kind: Any, data: object, faults: list[Fault], pointer: str, special: Special) -> Any:
    if kind in special:
        return special[kind](data, faults, pointer)
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        if data is None:
            return None
        (kind,) = [part for part in typing.get_args(kind) if part is not type(None)]
        origin = typing.get_origin(kind)
    if origin is tuple:
        return _tuple(typing.get_args(kind), data, faults, pointer, special)
    if is_dataclass(kind):
        return record_from(cast(type[Any], kind), data, faults, pointer, special=special)
    return _scalar(kind, data, faults, pointer)


def _tuple(parts: tuple[Any, ...], data: object, faults: list[Fault], pointer: str, special: Special) -> Any:
    if not isinstance(data, list | tuple) or len(data) > LONGEST_LIST:
        faults.append((pointer, "type", f"{pointer} must be a list"))
        return ()
    if Ellipsis not in parts and len(parts) != len(data):
        faults.append((pointer, "length", f"{pointer} needs {len(parts)} entries, {len(data)} given"))
        return ()
    kinds = [parts[0]] * len(data) if Ellipsis in parts else parts
    pairs = enumerate(zip(kinds, data, strict=True))
    return tuple(_value(kind, item, faults, f"{pointer}/{index}", special) for index, (kind, item) in pairs)


def _scalar(kind: Any, data: object, faults: list[Fault], pointer: str) -> Any:
    if kind is str:
        _check_text(data, faults, pointer)
    elif kind is bool and not isinstance(data, bool):
        faults.append((pointer, "boolean", f"{pointer} must be true or false"))
    elif kind is int and (not isinstance(data, int) or isinstance(data, bool) or abs(data) > 10**9):
        faults.append((pointer, "integer", f"{pointer} must be a whole number"))
    return data


def _check_text(data: object, faults: list[Fault], pointer: str) -> None:
    if not isinstance(data, str):
        faults.append((pointer, "text", f"{pointer} must be a text"))
    elif len(data) > LONGEST_TEXT:
        faults.append((pointer, "too_long", f"{pointer} has {len(data)} characters; at most {LONGEST_TEXT} fit"))
    elif "\x00" in data or any("\ud800" <= letter <= "\udfff" for letter in data):
        faults.append((pointer, "not_storable", f"{pointer} holds characters that cannot be kept"))
