"""Small pieces of every page: badges, times, fixed assets."""

from datetime import UTC, datetime

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from hub.templatetags.icons import icon

register = template.Library()
_ICONS = {"done": "circle-check", "attention": "triangle-alert", "problem": "circle-x", "idle": "circle-dashed"}


@register.simple_tag
def badge(state: str, words: str) -> SafeString:
    """Return a status as icon, colour and words; the state is done, attention, problem or idle."""
    if state not in _ICONS:
        raise template.TemplateSyntaxError(f"a badge is {', '.join(_ICONS)}, not {state!r}")
    return format_html('<span class="badge {}">{}{}</span>', state, icon(_ICONS[state]), words)


@register.simple_tag
def moment(at: datetime | None, missing: str = "–") -> SafeString | str:
    """Return a time in the person's zone with UTC as its tooltip; a dash where there is none."""
    if at is None:
        return missing
    utc = at.astimezone(UTC)
    shown = timezone.localtime(at).strftime("%-d %b %Y, %H:%M")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', f"{utc:%Y-%m-%dT%H:%M:%SZ}", f"{utc:%Y-%m-%d %H:%M} UTC", shown
    )


@register.simple_tag
def static_asset(path: str) -> str:
    """Return the address of a file that Vite does not build."""
    return static(path)
