"""What the tags print."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.template import TemplateSyntaxError
from django.utils import timezone

from hub.templatetags.desk import badge, moment
from hub.templatetags.icons import FOLDER, icon
from hub.templatetags.vite import vite_entry

MANIFEST = {
    "src/screens/read/screen.ts": {
        "file": "assets/read-AAAAAAAA.js",
        "isEntry": True,
        "imports": ["_viewer.js"],
        "css": ["assets/read-BBBBBBBB.css"],
    },
    "_viewer.js": {
        "file": "assets/viewer-CCCCCCCC.js",
        "imports": ["_kernel.js"],
        "css": ["assets/viewer-DDDDDDDD.css"],
    },
    "_kernel.js": {"file": "assets/kernel-EEEEEEEE.js", "imports": ["_viewer.js"]},
}


@pytest.fixture
def dist(settings, tmp_path):
    settings.FRONTEND_DIST = tmp_path
    (tmp_path / ".vite").mkdir()
    (tmp_path / ".vite" / "manifest.json").write_text(json.dumps(MANIFEST))
    return tmp_path


def test_an_entry_brings_the_styles_and_chunks_of_what_it_imports(dist):
    assert vite_entry("src/screens/read/screen.ts") == (
        '<link rel="stylesheet" href="/static/assets/viewer-DDDDDDDD.css">'
        '<link rel="stylesheet" href="/static/assets/read-BBBBBBBB.css">'
        '<link rel="modulepreload" href="/static/assets/viewer-CCCCCCCC.js">'
        '<link rel="modulepreload" href="/static/assets/kernel-EEEEEEEE.js">'
        '<script type="module" src="/static/assets/read-AAAAAAAA.js"></script>'
    )


@pytest.mark.parametrize("name", ["src/screens/none/screen.ts", "_viewer.js"])
def test_what_is_no_entry_is_refused_by_name(dist, name):
    with pytest.raises(ImproperlyConfigured, match=f"{name} is not an entry of the built front end"):
        vite_entry(name)


def test_an_unbuilt_front_end_is_said_with_its_way_out(settings, tmp_path):
    settings.FRONTEND_DIST, settings.FRONTEND_REQUIRED = tmp_path, True

    with pytest.raises(ImproperlyConfigured, match="build it with: make frontend"):
        vite_entry("src/ui/desk.ts")


def test_a_new_build_is_noticed_without_a_restart(dist):
    vite_entry("src/screens/read/screen.ts")
    newer = json.dumps(MANIFEST).replace("AAAAAAAA", "ZZZZZZZZ")
    (dist / ".vite" / "manifest.json").write_text(newer)

    assert "read-ZZZZZZZZ.js" in vite_entry("src/screens/read/screen.ts")


def test_every_bundled_icon_can_be_drawn():
    drawings = sorted(FOLDER.glob("*.svg"))

    assert len(drawings) > 50
    for drawing in drawings:
        shown = icon(drawing.stem)
        assert shown.startswith('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><')
        assert "style=" not in shown


def test_a_labelled_icon_speaks_its_label_safely():
    assert 'role="img" aria-label="&lt;b&gt;"' in icon("check", "<b>")


@pytest.mark.parametrize("name", ["no-such-icon", "../urls", "LICENSE"])
def test_an_unknown_icon_is_refused(name):
    with pytest.raises(TemplateSyntaxError, match="there is no icon"):
        icon(name)


def test_a_badge_is_icon_and_words_and_takes_known_states_only():
    assert "All <read>" not in badge("done", "All <read>")
    with pytest.raises(TemplateSyntaxError, match="a badge is done, attention, problem, idle"):
        badge("great", "x")


def test_a_time_is_shown_in_the_person_s_zone_with_utc_beside_it():
    at = datetime(2026, 7, 1, 22, 5, tzinfo=UTC)

    with timezone.override(ZoneInfo("Europe/Berlin")):
        shown = moment(at)

    assert shown == '<time datetime="2026-07-01T22:05:00Z" title="2026-07-01 22:05 UTC">2 Jul 2026, 00:05</time>'
    assert moment(None) == "–"
