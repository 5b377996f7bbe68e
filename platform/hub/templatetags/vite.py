"""The built front end in a page: `{% vite_entry "src/screens/read/screen.ts" %}` prints its script and its styles."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
Manifest = dict[str, dict[str, Any]]


@register.simple_tag
def vite_entry(name: str) -> SafeString:
    """Return the link and script elements of one entry of the front end."""
    if not settings.FRONTEND_REQUIRED and not manifest_of(settings.FRONTEND_DIST).exists():
        return mark_safe("<!-- the front end is not built -->")
    manifest = load_manifest(settings.FRONTEND_DIST)
    if name not in manifest or not manifest[name].get("isEntry"):
        raise ImproperlyConfigured(f"{name} is not an entry of the built front end; build it with: make frontend")
    chunks = list(_with_imports(manifest, name))
    styles = dict.fromkeys(sheet for chunk in reversed(chunks) for sheet in manifest[chunk].get("css", []))
    others = [manifest[chunk]["file"] for chunk in chunks[1:]]
    return mark_safe(
        _each('<link rel="stylesheet" href="{}{}">', list(styles))
        + _each('<link rel="modulepreload" href="{}{}">', others)
        + format_html('<script type="module" src="{}{}"></script>', settings.STATIC_URL, manifest[name]["file"])
    )


def load_manifest(dist: Path) -> Manifest:
    """Return Vite's manifest, read again only when a build has replaced it."""
    path = manifest_of(dist)
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        raise ImproperlyConfigured("The front end is not built; build it with: make frontend") from None
    return _read(path, changed)


def manifest_of(dist: Path) -> Path:
    """Return where Vite writes the list of what it built."""
    return dist / ".vite" / "manifest.json"


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Manifest:
    manifest: Manifest = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def _with_imports(manifest: Manifest, name: str) -> list[str]:
    found = [name]
    for chunk in found:
        found += [other for other in manifest[chunk].get("imports", []) if other not in found]
    return found


def _each(line: str, files: list[str]) -> SafeString:
    return format_html_join("", line, ((settings.STATIC_URL, file) for file in files))
