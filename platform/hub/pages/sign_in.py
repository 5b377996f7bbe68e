"""Signing in and out. Failures count per account and per address: guessing is slow, and nobody is locked out."""

import hashlib
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone


class SignInForm(AuthenticationForm):
    """E-mail and password; both wrong ways of filling it in give the same sentence."""

    error_messages = {
        "invalid_login": "This e-mail and password do not fit together. Check both; capitals matter in the password.",
        "inactive": "This e-mail and password do not fit together. Check both; capitals matter in the password.",
        "too_many": "There were too many failed attempts. Wait a quarter of an hour, then try again.",
    }

    def clean(self) -> dict[str, Any]:
        counters = failure_counters(self.request, self.cleaned_data.get("username", ""))
        if any(int(cache.get(counter) or 0) >= settings.SIGN_IN_ATTEMPTS for counter in counters):
            raise ValidationError(self.error_messages["too_many"], code="too_many")
        try:
            return super().clean()
        except ValidationError:
            for counter in counters:
                count_failure(counter)
            raise


def failure_counters(request: HttpRequest | None, email: str) -> list[str]:
    """Return the names of the two counters that a failed attempt raises."""
    address = request.META.get("REMOTE_ADDR", "") if request else ""
    named = (f"account:{email.strip().lower()}", f"address:{address}")
    return ["sign-in:" + hashlib.sha256(name.encode()).hexdigest() for name in named]


def count_failure(counter: str) -> None:
    """Count one failure; the count is forgotten when the window has passed."""
    if not cache.add(counter, 1, settings.SIGN_IN_WINDOW_S):
        cache.incr(counter)


class SignIn(LoginView):
    """The sign-in page."""

    template_name = "hub/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        now = int(timezone.now().timestamp())
        self.request.session.update({"began": now, "seen": now})
        return response


class SignOut(LogoutView):
    """Signing out, by POST only."""

    next_page = "sign-in"
