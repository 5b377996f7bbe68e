"""`manage.py doctor` says what is wrong and what to do."""

import json

import pytest
from django.core.management import call_command

from hub.management.commands.doctor import examine


@pytest.fixture
def built(settings, tmp_path):
    settings.FRONTEND_DIST = tmp_path / "dist"
    (tmp_path / "dist" / ".vite").mkdir(parents=True)
    (tmp_path / "dist" / ".vite" / "manifest.json").write_text(json.dumps({}))


@pytest.mark.django_db
def test_a_sound_installation_is_called_sound(built, capsys):
    call_command("doctor")

    assert "are sound" in capsys.readouterr().out


@pytest.mark.django_db
def test_an_unbuilt_front_end_is_named_with_its_way_out(settings, tmp_path, capsys):
    settings.FRONTEND_DIST = tmp_path / "nowhere"

    with pytest.raises(SystemExit):
        call_command("doctor")

    assert "FAULT  The front end is not built; build it with: make frontend" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_full_disk_is_named(built, monkeypatch):
    monkeypatch.setattr("hub.management.commands.doctor.LEAST_FREE_BYTES", 2**62)

    assert [sentence for sentence in examine() if "GB are free" in sentence]
