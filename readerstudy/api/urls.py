"""Addresses of the reader studies' API, under /api/v1/."""

from django.urls import path

from readerstudy.api import reading

urlpatterns = [
    path("reading/<str:member>/", reading.ReadingView.as_view(), name="reading"),
    path("presentations/<str:token>/", reading.PresentationView.as_view(), name="presentation"),
    path("presentations/<str:token>/volumes/<int:index>/", reading.VolumeView.as_view(), name="presentation-volume"),
    path("presentations/<str:token>/candidates/", reading.CandidatesView.as_view(), name="presentation-candidates"),
    path("presentations/<str:token>/opened/", reading.OpenedView.as_view(), name="presentation-opened"),
    path("presentations/<str:token>/draft/", reading.DraftView.as_view(), name="presentation-draft"),
    path("presentations/<str:token>/read/", reading.ReadView.as_view(), name="presentation-read"),
    path("presentations/<str:token>/report/", reading.ReportView.as_view(), name="presentation-report"),
]
