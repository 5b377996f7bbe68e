"""The seal: canonical bytes, commitment, tampering, and the standalone verifier."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from readerstudy.design import seal, verify_list
from readerstudy.design.allocation import allocate
from readerstudy.design.errors import SealRefused
from readerstudy.design.plan import AllocationPlan
from readerstudy.design.protocol import to_dict
from readerstudy.design.templates import acceptability

SEED, NONCE = bytes(range(32)), bytes(range(100, 132))
PlanMaker = Callable[..., AllocationPlan]


@dataclass(frozen=True)
class Sealed:
    content: bytes
    promised: str


@pytest.fixture(scope="module")
def sealed(paper_plan: PlanMaker) -> Sealed:
    plan = paper_plan({"E1": 60})
    content = seal.sealed_bytes(
        study="abcdefghjk",
        protocol=to_dict(acceptability("Ärzte und Modelle")),
        plan=plan,
        allocation=allocate(plan, SEED),
        masks=[(case, arm, hashlib.sha256(f"{case}{arm}".encode()).hexdigest()) for case, arm in plan.available],
        volumes=[(case.code, "T2", "0" * 64) for case in plan.cases],
        software="0.1.0",
        seed_commitment=seal.commit_to_seed(SEED),
    )
    return Sealed(content, seal.commitment(NONCE, content))


def published(sealed: Sealed) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(
        seal.publication(sealed=sealed.content, nonce=NONCE, seed=SEED, promised=sealed.promised)
    )
    return loaded


def run_alone(folder: Path, content: dict[str, Any], *more: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of the script in an empty folder, isolated from the project and its packages."""
    script = Path(shutil.copy(verify_list.__file__, folder / "verify_list.py"))
    (folder / "published.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, "-I", "-S", str(script), str(folder / "published.json"), *more]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)


def test_canonical_bytes_are_sorted_compact_utf8() -> None:
    assert seal.canonical({"b": [1, True, None], "a": "é"}) == '{"a":"é","b":[1,true,null]}'.encode()


@pytest.mark.parametrize("value", [0.5, {"a": [1.0]}, {1: "a"}, {"a": b"x"}, {"a": {1, 2}}, "\ud800"])
def test_what_has_no_stable_form_is_refused(value: object) -> None:
    with pytest.raises(SealRefused):
        seal.canonical(value)


def test_the_commitment_is_sha256_over_nonce_and_bytes(sealed: Sealed) -> None:
    assert sealed.promised == hashlib.sha256(NONCE + sealed.content).hexdigest()
    assert seal.verify(nonce=NONCE, sealed=sealed.content, promised=sealed.promised)
    assert seal.faults(sealed=sealed.content, nonce=NONCE, seed=SEED, promised=sealed.promised) == []


def test_any_changed_byte_breaks_the_commitment(sealed: Sealed) -> None:
    for place in range(0, len(sealed.content), 997):
        changed = bytearray(sealed.content)
        changed[place] ^= 1
        assert not seal.verify(nonce=NONCE, sealed=bytes(changed), promised=sealed.promised)


def test_another_nonce_breaks_the_commitment(sealed: Sealed) -> None:
    assert not seal.verify(nonce=bytes(32), sealed=sealed.content, promised=sealed.promised)


def test_another_seed_is_noticed(sealed: Sealed) -> None:
    found = seal.faults(sealed=sealed.content, nonce=NONCE, seed=bytes(32), promised=sealed.promised)

    assert found[0] == "the seed is not the one that was committed to"


def test_a_list_that_the_seed_does_not_give_is_noticed_even_if_committed_to(sealed: Sealed) -> None:
    content = json.loads(sealed.content)
    first = content["allocation"][0]["candidates"]
    first[0]["colour"], first[1]["colour"] = first[1]["colour"], first[0]["colour"]
    forged = seal.canonical(content)

    found = seal.faults(sealed=forged, nonce=NONCE, seed=SEED, promised=seal.commitment(NONCE, forged))

    assert found == ["the sealed list is not the one that the seed gives"]


def test_a_candidate_without_mask_digest_cannot_be_sealed(paper_plan: PlanMaker) -> None:
    plan = paper_plan()

    with pytest.raises(SealRefused, match="no digest"):
        seal.sealed_bytes(
            study="abcdefghjk",
            protocol={},
            plan=plan,
            allocation=allocate(plan, SEED),
            masks=[("c000", "TE", "0" * 64)],
            volumes=[],
            software="0.1.0",
            seed_commitment=seal.commit_to_seed(SEED),
        )


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_seed_and_nonce_have_256_bits(length: int) -> None:
    with pytest.raises(SealRefused):
        seal.commit_to_seed(bytes(length))
    with pytest.raises(SealRefused):
        seal.commitment(bytes(length), b"")


def test_the_sealed_bytes_hold_neither_seed_nor_nonce(sealed: Sealed) -> None:
    assert SEED.hex().encode() not in sealed.content
    assert NONCE.hex().encode() not in sealed.content


# --- the standalone script


def test_the_script_verifies_a_published_list_without_blindread(sealed: Sealed, tmp_path: Path) -> None:
    done = run_alone(tmp_path, published(sealed), "--commitment", sealed.promised)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "VERIFIED: 300 presentations, drawn by blindread-allocation/1\n"


def test_the_script_stays_under_100_lines_of_code_and_imports_the_standard_library() -> None:
    text = Path(verify_list.__file__).read_text(encoding="utf-8")
    code = text.split('"""', 2)[2].strip().splitlines()

    assert len(code) < 100
    for line in code:
        if line.startswith(("import ", "from ")):
            assert line.split()[1].split(".")[0] in sys.stdlib_module_names


def swap_first_arms(content: dict[str, Any]) -> None:
    inside = json.loads(content["sealed"])
    candidates = inside["allocation"][0]["candidates"]
    candidates[0]["arm"], candidates[1]["arm"] = candidates[1]["arm"], candidates[0]["arm"]
    content["sealed"] = seal.canonical(inside).decode()


def recommit(content: dict[str, Any]) -> None:
    whole = bytes.fromhex(content["nonce"]) + content["sealed"].encode()
    content["commitment"] = hashlib.sha256(whole).hexdigest()


def forge_row(content: dict[str, Any]) -> None:
    swap_first_arms(content)
    recommit(content)


def forge_seed(content: dict[str, Any]) -> None:
    content["seed"] = bytes(32).hex()


def forge_algorithm(content: dict[str, Any]) -> None:
    content["algorithm"]["allocation.py"] += "\n"


def add_a_file(content: dict[str, Any]) -> None:
    content["algorithm"]["random.py"] = ""


@pytest.mark.parametrize(
    ("forge", "words"),
    [
        (swap_first_arms, "do not give the commitment"),
        (forge_row, "reader R1, place 1 is not what the seed gives"),
        (forge_seed, "the seed is not the one"),
        (forge_algorithm, "the algorithm's source"),
        (add_a_file, "the algorithm's source"),
    ],
)
def test_the_script_names_the_first_thing_that_does_not_hold(
    sealed: Sealed, tmp_path: Path, forge: Callable[[dict[str, Any]], None], words: str
) -> None:
    content = published(sealed)
    forge(content)

    done = run_alone(tmp_path, content)

    assert done.returncode == 1
    assert words in done.stdout


def test_the_script_matches_every_rating_with_the_list(sealed: Sealed, tmp_path: Path) -> None:
    row = json.loads(sealed.content)["allocation"][7]
    candidate = row["candidates"][1]
    rating = {
        "reader": row["reader"],
        "set_no": row["position"],
        "case": row["case"],
        "letter": candidate["letter"],
        "source": candidate["arm"],
        "likert": 8,
    }
    table = tmp_path / "ratings.csv"

    def verdict(**change: str) -> str:
        with table.open("w", newline="", encoding="utf-8") as lines:
            writer = csv.DictWriter(lines, rating)
            writer.writeheader()
            writer.writerow(rating | change)
        return run_alone(tmp_path, published(sealed), "--ratings", str(table)).stdout

    assert "VERIFIED: 1 ratings belong to the list" in verdict()
    assert "is not in the list" in verdict(source="nobody")
