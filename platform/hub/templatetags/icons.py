"""Icons in a page: `{% icon "name" %}` prints one of Lucide's drawings (ISC licence) as inline SVG."""

import re
from functools import lru_cache
from pathlib import Path

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
FOLDER = Path(__file__).resolve().parents[1] / "icons"
_NAME = re.compile(r"^[a-z0-9-]+$")


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Return the drawing; hidden from screen readers unless it has a label, since a word stands beside it."""
    if label:
        return format_html(
            '<svg class="icon" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>', label, _lines(name)
        )
    return format_html('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', _lines(name))


@lru_cache(maxsize=256)
def _lines(name: str) -> SafeString:
    path = FOLDER / f"{name}.svg"
    if not _NAME.match(name) or not path.is_file():
        raise template.TemplateSyntaxError(f"there is no icon {name!r}; add its file to {FOLDER.name}/")
    drawing = path.read_text(encoding="utf-8")
    return mark_safe(drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.index("</svg>")].strip())
