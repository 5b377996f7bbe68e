"""The seal: the exact bytes that fix a study, and the commitment to them that is shown before the first read.

Inside the sealed bytes: the protocol, the plan (codes of readers, arms and cases, strata, which masks exist), the
allocation drawn from it, the digests of all masks and volumes, the versions of software and algorithm, the
digests of the algorithm's own source files, the commitment to the seed, and the commitment of the seal that an
amendment replaces. Outside: seed and nonce (secret until publication), names of people, tokens.

The bytes hold codes only, so they can be published whole after unblinding. Until then only the commitment
SHA-256(nonce ‖ bytes) is shown; the nonce keeps small designs from being found by trying them all.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .allocation import ALGORITHM, ALGORITHM_FILES, allocate
from .errors import SealRefused
from .plan import Allocation, AllocationPlan, plan_from, plan_to_dict, rows

FORMAT = "blindread-seal/1"
NONCE_BYTES = 32
SEED_BYTES = 32


def canonical(value: object) -> bytes:
    """Return canonical JSON: sorted keys, no spaces, UTF-8; text, integers, booleans, null, lists, objects.

    Raises
    ------
    SealRefused
        If there is a float anywhere, a key that is not text, text that is not Unicode, or any other type.
    """
    _refuse_unstable(value, "")
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def sealed_bytes(
    *,
    study: str,
    protocol: Mapping[str, Any],
    plan: AllocationPlan,
    allocation: Allocation,
    masks: Iterable[tuple[str, str, str]],
    volumes: Iterable[tuple[str, str, str]],
    software: str,
    seed_commitment: str,
    replaces: str | None = None,
    reason: str = "",
) -> bytes:
    """Return the exact bytes to hash, to store and, one day, to publish.

    Parameters
    ----------
    study : str
        The study's code.
    protocol : mapping
        Plain form of the protocol (`protocol.to_dict`).
    plan, allocation : AllocationPlan, Allocation
        What was drawn from, and what was drawn.
    masks : iterable of (case, arm, sha256)
        Digest of the stored file behind every (case, arm) of the plan.
    volumes : iterable of (case, sequence, sha256)
        Digest of every volume shown.
    software : str
        Version of the software that sealed.
    seed_commitment : str
        `commit_to_seed(seed)`.
    replaces, reason : str
        Commitment of the seal that this amendment replaces, and why.

    Raises
    ------
    SealRefused
        If a shown candidate has no mask digest, or something cannot be written canonically.
    """
    digests = sorted(masks)
    _refuse_without_digest(allocation, {(case, arm) for case, arm, _ in digests})
    return canonical(
        {
            "format": FORMAT,
            "study": study,
            "software": software,
            "algorithm": {"version": ALGORITHM, "files": algorithm_digests()},
            "seed_commitment": seed_commitment,
            "protocol": dict(protocol),
            "plan": plan_to_dict(plan),
            "allocation": rows(allocation),
            "masks": [{"case": case, "arm": arm, "sha256": digest} for case, arm, digest in digests],
            "volumes": [{"case": case, "sequence": name, "sha256": digest} for case, name, digest in sorted(volumes)],
            "replaces": replaces,
            "reason": reason,
        }
    )


def commit_to_seed(seed: bytes) -> str:
    """Return SHA-256 of the 32-byte seed as hexadecimal text; the seed itself stays secret until the end."""
    return hashlib.sha256(_of_length(seed, SEED_BYTES, "seed")).hexdigest()


def commitment(nonce: bytes, sealed: bytes) -> str:
    """Return SHA-256(nonce ‖ sealed) as hexadecimal text; the nonce has 32 bytes."""
    return hashlib.sha256(_of_length(nonce, NONCE_BYTES, "nonce") + sealed).hexdigest()


def verify(*, nonce: bytes, sealed: bytes, promised: str) -> bool:
    """Return whether these bytes under this nonce are what was promised before the first read."""
    return hmac.compare_digest(commitment(nonce, sealed), promised)


def faults(*, sealed: bytes, nonce: bytes, seed: bytes, promised: str) -> list[str]:
    """Return what is wrong with a seal, in sentences; an empty list if all of it holds.

    Checks the commitment, the seed against its commitment and, where this software still has the algorithm
    of the seal, that plan and seed give the sealed allocation.
    """
    if not verify(nonce=nonce, sealed=sealed, promised=promised):
        return ["the sealed bytes are not those that were committed to"]
    content = json.loads(sealed)
    found = []
    if commit_to_seed(seed) != content["seed_commitment"]:
        found.append("the seed is not the one that was committed to")
    if content["algorithm"]["version"] != ALGORITHM:
        found.append(f"the list was drawn by {content['algorithm']['version']}, this software has {ALGORITHM}")
    elif rows(allocate(plan_from(content["plan"]), seed)) != content["allocation"]:
        found.append("the sealed list is not the one that the seed gives")
    return found


def algorithm_digests() -> dict[str, str]:
    """Return SHA-256 of each source file of the allocation algorithm, by file name."""
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in algorithm_sources().items()}


def algorithm_sources() -> dict[str, str]:
    """Return the source files of the allocation algorithm, by file name, line ends as "\\n"."""
    folder = Path(__file__).parent
    return {name: (folder / name).read_text(encoding="utf-8") for name in ALGORITHM_FILES}


def publication(*, sealed: bytes, nonce: bytes, seed: bytes, promised: str) -> bytes:
    """Return the JSON file that is published after unblinding and that `verify_list.py` checks."""
    return json.dumps(
        {
            "format": "blindread-publication/1",
            "commitment": promised,
            "nonce": nonce.hex(),
            "seed": seed.hex(),
            "sealed": sealed.decode(),
            "algorithm": algorithm_sources(),
        },
        ensure_ascii=False,
        indent=1,
    ).encode()


def _of_length(secret: bytes, length: int, thing: str) -> bytes:
    if len(secret) != length:
        raise SealRefused("seal.secret", f"the {thing} has {len(secret)} bytes; {length} are needed")
    return secret


def _refuse_without_digest(allocation: Allocation, known: set[tuple[str, str]]) -> None:
    for shown in allocation.presentations:
        for candidate in shown.candidates:
            if (shown.case, candidate.arm) not in known:
                raise SealRefused(
                    "seal.mask_digest",
                    f"case {shown.case} shows arm {candidate.arm}, whose mask has no digest; verify it first",
                )


def _refuse_unstable(value: object, place: str) -> None:
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise SealRefused("seal.key", f"the key {key!r} at {place or '/'} is not text")
            _refuse_unstable(key, place)
            _refuse_unstable(item, f"{place}/{key}")
    elif isinstance(value, Sequence) and isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _refuse_unstable(item, f"{place}/{index}")
    elif isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            raise SealRefused("seal.text", f"the text at {place or '/'} is not Unicode")
    elif value is not None and not isinstance(value, int):
        raise SealRefused(
            "seal.type", f"{place or '/'} holds a {type(value).__name__}; write numbers as whole or as text"
        )
