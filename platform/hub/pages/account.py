"""A person's own account: name, time zone, password."""

import zoneinfo

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from hub.requests import PersonRequest


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def account(request: PersonRequest) -> HttpResponse:
    """Show the account; a POST changes the password."""
    form = PasswordChangeForm(request.user, request.POST or None)
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
