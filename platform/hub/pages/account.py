"""A person's own account: name, time zone, password."""

import zoneinfo

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from hub.requests import PersonRequest


class PasswordForm(PasswordChangeForm):
    """Django's form, without taking the keyboard when the page opens."""

    def __init__(self, user: User, data: QueryDict | None = None) -> None:
        super().__init__(user, data)
        self.fields["old_password"].widget.attrs.pop("autofocus", None)
        self.fields["new_password2"].label = "New password again"
        self.fields["new_password2"].help_text = ""


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def account(request: PersonRequest) -> HttpResponse:
    """Show the account; a POST changes the password."""
    form = PasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        messages.success(request, "The new password holds from now on.")
        return redirect("account")
    zones = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    status = 422 if form.errors else 200
    return render(request, "hub/account.html", {"form": form, "zones": zones}, status=status)


@require_POST
@login_required
def time_zone(request: PersonRequest) -> HttpResponse:
    """Remember the time zone that the browser, or the person, names."""
    zone = request.POST.get("time_zone", "")
    if zone not in zoneinfo.available_timezones():
        return HttpResponse(status=422)
    User.objects.filter(pk=request.user.pk).update(time_zone=zone)
    if request.POST.get("from_browser"):
        return HttpResponse(status=204)
    messages.success(request, f"Times are shown in {zone.replace('_', ' ')} from now on.")
    return redirect("account")
