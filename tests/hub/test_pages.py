"""Signing in, the first page, the account, and what every answer carries."""

import pytest
from django.conf import settings as site
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import User
from hub.static import is_hashed

PASSWORD = "correct horse battery staple"


def sign_in(client, email, password, **more):
    return client.post("/sign-in/", {"username": email, "password": password, **more})


def test_a_person_signs_in_whatever_the_case_of_the_address(client, person):
    response = sign_in(client, " ANN.reader@example.ORG", PASSWORD)

    assert (response.status_code, response["Location"]) == (302, "/")
    assert client.get("/").status_code == 200


def test_a_wrong_password_and_an_unknown_person_look_alike(client, person):
    wrong = sign_in(client, "ann.reader@example.org", "wrong password").content.decode()
    unknown = sign_in(client, "nobody.here@example.org", "wrong password").content.decode()

    sentence = "This e-mail and password do not fit together."
    assert sentence in wrong
    assert sentence in unknown
    assert client.get("/").status_code == 302


def test_guessing_is_stopped_for_a_while_even_with_the_right_password(client, person, settings):
    for _ in range(settings.SIGN_IN_ATTEMPTS):
        sign_in(client, person.email, "guess")

    response = sign_in(client, person.email, PASSWORD)

    assert "Wait a quarter of an hour" in response.content.decode()
    assert client.get("/").status_code == 302


def test_somebody_guessing_from_elsewhere_does_not_end_a_session(client, person, settings):
    sign_in(client, person.email, PASSWORD)

    for _ in range(settings.SIGN_IN_ATTEMPTS + 1):
        Client(REMOTE_ADDR="192.0.2.9").post("/sign-in/", {"username": person.email, "password": "guess"})

    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_signing_in_leads_to_no_other_site(client, person, elsewhere):
    assert sign_in(client, person.email, PASSWORD, next=elsewhere)["Location"] == "/"


def test_signing_in_leads_back_to_the_page_that_was_asked_for(client, person):
    assert client.get("/account/")["Location"] == "/sign-in/?next=/account/"
    assert sign_in(client, person.email, PASSWORD, next="/account/")["Location"] == "/account/"


def test_signing_in_changes_the_session_s_name(client, person):
    client.get("/sign-in/")
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[site.SESSION_COOKIE_NAME] = session.session_key

    sign_in(client, person.email, PASSWORD)

    assert client.session.session_key != session.session_key


def test_signing_out_takes_a_post_and_ends_the_session_on_the_server(signed_in):
    assert signed_in.get("/sign-out/").status_code == 405

    signed_in.post("/sign-out/")

    assert Session.objects.count() == 0
    assert signed_in.get("/").status_code == 302


def test_a_session_is_written_at_most_once_a_minute(signed_in, django_assert_num_queries, monkeypatch):
    signed_in.get("/account/")
    seen = signed_in.session["seen"]

    signed_in.get("/account/")
    assert signed_in.session["seen"] == seen

    later = timezone.now() + timezone.timedelta(seconds=61)
    monkeypatch.setattr("hub.middleware.timezone.now", lambda: later)
    signed_in.get("/account/")
    assert signed_in.session["seen"] == int(later.timestamp())


def test_a_session_ends_twelve_hours_after_signing_in_however_busy(signed_in, monkeypatch):
    signed_in.get("/account/")
    late = timezone.now() + timezone.timedelta(hours=12, seconds=1)
    monkeypatch.setattr("hub.middleware.timezone.now", lambda: late)

    assert signed_in.get("/account/").status_code == 302


def test_the_browser_s_zone_is_kept_once_and_times_follow_it(signed_in, person):
    assert 'name="time-zone-url"' in signed_in.get("/account/").content.decode()

    response = signed_in.post("/account/time-zone/", {"time_zone": "Europe/Berlin", "from_browser": "1"})

    assert response.status_code == 204
    assert User.objects.get(pk=person.pk).time_zone == "Europe/Berlin"
    assert 'name="time-zone-url"' not in signed_in.get("/account/").content.decode()


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "Europe/Berlin\x00"])
def test_a_zone_that_does_not_exist_is_refused(signed_in, person, zone):
    assert signed_in.post("/account/time-zone/", {"time_zone": zone}).status_code == 422
    assert User.objects.get(pk=person.pk).time_zone == ""


def test_a_new_password_is_checked_and_keeps_the_session(signed_in, client, person):
    new = {"old_password": PASSWORD, "new_password1": "sagittal-plane-77", "new_password2": "sagittal-plane-77"}

    weak = signed_in.post("/account/", {**new, "new_password1": "12345678", "new_password2": "12345678"})
    assert weak.status_code == 422
    assert signed_in.post("/account/", new)["Location"] == "/account/"

    assert signed_in.get("/account/").status_code == 200
    assert User.objects.get(pk=person.pk).check_password("sagittal-plane-77")


def test_somebody_without_work_is_told_what_will_appear(signed_in):
    assert "Nothing to read yet" in signed_in.get("/").content.decode()


def test_every_answer_carries_the_strict_headers(client, db):
    for address in ("/sign-in/", "/nowhere/", "/api/v1/nowhere/", "/static/hub/mark.svg"):
        headers = client.get(address).headers

        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
            "font-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        )
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert not {"Server-Timing", "X-Request-Id", "X-Powered-By"} & set(headers)


def test_pages_are_kept_by_no_cache(client, signed_in):
    for address in ("/", "/account/", "/sign-in/", "/nowhere/"):
        assert "no-store" in signed_in.get(address)["Cache-Control"]


def test_pages_hold_no_inline_script_or_style(client, signed_in):
    for address in ("/", "/account/", "/nowhere/"):
        shown = signed_in.get(address).content.decode()

        assert " style=" not in shown
        assert "<style" not in shown
        assert "<script>" not in shown
        assert " onclick=" not in shown


def test_a_page_names_no_primary_key(signed_in, person):
    assert f'"{person.pk}"' not in signed_in.get("/account/").content.decode()


def test_the_api_s_description_is_for_those_who_run_studies(client, signed_in, person):
    assert Client().get("/api/v1/schema/").status_code == 401
    assert signed_in.get("/api/v1/schema/").status_code == 404


def test_an_unexpected_host_is_refused(client, db):
    assert client.get("/sign-in/", HTTP_HOST="evil.example").status_code == 400


def test_only_assets_named_by_their_content_are_kept_for_ever():
    assert is_hashed("", "/static/assets/desk-Bp35nyS4.css")
    assert is_hashed("", "/static/assets/inter-latin-wght-normal-Dx4kXJAl.woff2")
    assert not is_hashed("", "/static/hub/mark.svg")
    assert not is_hashed("", "/static/.vite/manifest.json")
