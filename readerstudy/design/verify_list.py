"""Check a published reading list with Python 3.11 or newer alone: ``python verify_list.py published.json``.

The published file holds what was committed to before the first read, and what opens it: the sealed bytes, the
nonce, the secret seed, and the source of the allocation algorithm. This script imports nothing of Blindread. It
checks, in this order and stopping at the first fault, that

1. SHA-256(nonce ‖ sealed bytes) is the commitment (compare it with the one that was shown or registered);
2. the seed is the one committed to inside the sealed bytes;
3. every algorithm file has the digest written inside the sealed bytes, so no other algorithm can be slipped in;
4. that algorithm (it imports the standard library only), run on the sealed plan and the seed, draws the sealed
   list again, row by row;
5. with ``--ratings ratings.csv`` (columns reader, set_no, case, letter, source), every rating belongs to a
   candidate of the list: this reader, place, case and letter show this arm.

``--commitment HEX`` is the commitment as you know it from elsewhere. Exit status 0: everything holds.
"""

import argparse
import csv
import hashlib
import importlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any


def main() -> int:
    """Return 0 if the published list holds, 1 with one sentence if not."""
    parser = argparse.ArgumentParser(description="Check a published reading list.")
    parser.add_argument("published", type=Path)
    parser.add_argument("--commitment", help="the commitment as it was shown before the first read")
    parser.add_argument("--ratings", type=Path, help="ratings table to match with the list")
    given = parser.parse_args()
    try:
        sealed = check(json.loads(given.published.read_text(encoding="utf-8")), given.commitment)
        matched = check_ratings(sealed["allocation"], given.ratings) if given.ratings else None
    except (Broken, KeyError, ValueError, OSError) as fault:
        print(f"NOT VERIFIED: {fault}")
        return 1
    print(f"VERIFIED: {len(sealed['allocation'])} presentations, drawn by {sealed['algorithm']['version']}")
    if matched is not None:
        print(f"VERIFIED: {matched} ratings belong to the list")
    return 0


class Broken(Exception):
    """The first thing that does not hold."""


def check(published: dict[str, Any], known: str | None = None) -> dict[str, Any]:
    """Return the sealed content if commitment, seed, algorithm and list hold; raise Broken if not."""
    nonce, seed = bytes.fromhex(published["nonce"]), bytes.fromhex(published["seed"])
    text = published["sealed"].encode()
    promised = known or published["commitment"]
    if hashlib.sha256(nonce + text).hexdigest() != promised.strip().lower():
        raise Broken("the sealed bytes and nonce do not give the commitment")
    sealed: dict[str, Any] = json.loads(text)
    if hashlib.sha256(seed).hexdigest() != sealed["seed_commitment"]:
        raise Broken("the seed is not the one that was committed to")
    sources, digests = published["algorithm"], sealed["algorithm"]["files"]
    if {name: hashlib.sha256(code.encode()).hexdigest() for name, code in sources.items()} != digests:
        raise Broken("the algorithm's source is not the one that was sealed")
    for drawn, row in zip(regenerate(sources, sealed["plan"], seed), sealed["allocation"], strict=True):
        if drawn != row:
            raise Broken(f"reader {row['reader']}, place {row['position']} is not what the seed gives")
    return sealed


def regenerate(sources: dict[str, str], plan: dict[str, Any], seed: bytes) -> list[dict[str, Any]]:
    """Return the rows that the algorithm draws from the plan and the seed."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "published_algorithm"
        package.mkdir()
        for name, code in sources.items():
            (package / Path(name).name).write_text(code, encoding="utf-8", newline="")
        sys.path.insert(0, folder)
        try:
            algorithm = importlib.import_module("published_algorithm.allocation")
            records = importlib.import_module("published_algorithm.plan")
        finally:
            sys.path.remove(folder)
        drawn: list[dict[str, Any]] = records.rows(algorithm.allocate(records.plan_from(plan), seed))
        return drawn


def check_ratings(rows: list[dict[str, Any]], table: Path) -> int:
    """Return how many ratings match a candidate of the list; raise Broken at the first that does not."""
    arms = {
        (row["reader"], str(row["position"]), row["case"], candidate["letter"]): candidate["arm"]
        for row in rows
        for candidate in row["candidates"]
    }
    with table.open(encoding="utf-8-sig", newline="") as lines:
        ratings = [row for row in csv.DictReader(lines) if row["letter"]]
    for number, row in enumerate(ratings, start=1):
        place = (row["reader"], row["set_no"], row["case"], row["letter"])
        if arms.get(place) != row["source"]:
            raise Broken(f"rating {number} ({' '.join(place)}, {row['source']}) is not in the list")
    return len(ratings)


if __name__ == "__main__":
    sys.exit(main())
