"""The addresses of the site."""

from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView

from hub.pages import errors
from hub.pages.account import account, time_zone
from hub.pages.home import home
from hub.pages.sign_in import SignIn, SignOut

urlpatterns = [
    path("", home, name="home"),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("account/", account, name="account"),
    path("account/time-zone/", time_zone, name="time-zone"),
    path("studies/", include("readerstudy.pages.urls")),
    path("datasets/", include("segmentation.pages.urls")),
    path("api/v1/", include("readerstudy.api.urls")),
    path("api/v1/", include("segmentation.api.urls")),
    path("api/v1/schema/", SpectacularJSONAPIView.as_view(), name="schema"),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.failed
