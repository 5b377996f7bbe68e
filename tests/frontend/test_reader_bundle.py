"""The scripts that a reader's browser loads hold no word of origin: question wording arrives as data (B21)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

DIST = Path(__file__).resolve().parents[2] / "frontend" / "dist"
MANIFEST = DIST / ".vite" / "manifest.json"
ENTRY = "src/screens/read/screen.ts"
WORDS = re.compile(
    r"\b(arms?|armCode|annotators?|sources?Kind|source_kind|sourceName|model_?versions?|modelVersion|provenance"
    r"|segmentation_?id|unblind\w*|brats|nn-?unet\w*|expert[ _]?\d|reference[_ ]standard|ground[_ ]truth)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def manifest() -> dict[str, dict[str, Any]]:
    if not MANIFEST.exists():
        pytest.skip("the front end is not built here (make frontend)")
    found: dict[str, dict[str, Any]] = json.loads(MANIFEST.read_text(encoding="utf-8"))
    if ENTRY not in found:
        pytest.skip("this build has no reading screen")
    return found


def reached(manifest: dict[str, dict[str, Any]], start: str, *, dynamic: bool) -> set[str]:
    """Return the files that a script loads at once, or (`dynamic`) may load at all."""
    todo, seen = [start], set[str]()
    while todo:
        name = todo.pop()
        if name in seen:
            continue
        seen.add(name)
        chunk = manifest[name]
        todo += chunk.get("imports", []) + (chunk.get("dynamicImports", []) if dynamic else [])
    return {manifest[name]["file"] for name in seen}


def told(files: set[str]) -> dict[str, set[str]]:
    """Return the words of origin in each file."""
    texts = {name: (DIST / name).read_text(encoding="utf-8") for name in files}
    return {name: found for name, text in texts.items() if (found := set(WORDS.findall(text)))}


def test_what_the_reading_screen_loads_at_once_holds_no_word_of_origin(manifest: dict[str, dict[str, Any]]) -> None:
    files = {name for name in reached(manifest, ENTRY, dynamic=False) if name.endswith(".js")}

    assert files and told(files) == {}


def test_nor_do_its_workers_and_what_it_loads_later(manifest: dict[str, dict[str, Any]]) -> None:
    files = {name for name in reached(manifest, ENTRY, dynamic=True) if name.endswith(".js")}
    files |= {path.relative_to(DIST).as_posix() for path in DIST.rglob("*.worker-*.js")}

    # NiiVue itself says "arm" once; it is the one library that the screen loads later.
    library = manifest["src/viewer/niivue/renderer.ts"]["file"]
    found = told(files)
    assert found.pop(library, set()) <= {"arm"}
    assert found == {}


def test_the_reading_screen_loads_no_other_screen_and_ships_no_source_map(manifest: dict[str, dict[str, Any]]) -> None:
    others = {chunk["file"] for name, chunk in manifest.items() if name.startswith("src/screens/") and name != ENTRY}

    assert not reached(manifest, ENTRY, dynamic=True) & others
    assert list(DIST.rglob("*.map")) == []
    assert "sourceMappingURL" not in (DIST / manifest[ENTRY]["file"]).read_text(encoding="utf-8")


@pytest.mark.parametrize("planted", ['{arm:"TE"}', "e.model_version", "// nnUNetTrainer", "Expert 1"])
def test_the_scan_finds_a_planted_word(planted: str) -> None:
    assert WORDS.search(f"const a={planted};")
